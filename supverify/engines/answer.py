"""What an engine returns: an opinion, the evidence for it, and whom one has to believe for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from supverify.kernel.claim import Claim
from supverify.kernel.verdict import Status

Progress = Callable[[str, int, int], None]
"""Called with what is being done, how much of it is done, and how much there is."""


@dataclass(frozen=True, kw_only=True)
class Statistics:
    """Exact counts over every input of a claim.

    An entry is one output on one input. ``false_positives`` and ``false_negatives`` split the wrong entries by
    their truth; ``ties`` are entries equal to the threshold; ``min_margin`` is the smallest distance from the
    threshold towards the right side, negative if some entry lies on the wrong one, in units of the output;
    ``max_deviation`` (criteria ``linear`` and ``code``) is the largest distance of an entry from its truth 0 or 1.
    In floating point both are those of the finite entries.
    ``wrong_per_size[s]`` counts the wrong inputs with s ones, ``wrong_per_output[i]`` the inputs on which output i is
    wrong, and ``first_per_output[i]`` is the first of them: fewest active, then lexicographic.
    """

    inputs_covered: int
    wrong_inputs: int
    wrong_entries: int
    false_positives: int
    false_negatives: int
    ties: int
    min_margin: Fraction
    wrong_per_size: tuple[int, ...]
    wrong_per_output: tuple[int, ...]
    first_per_output: tuple[tuple[int, ...] | None, ...]
    max_deviation: Fraction | None = None

    def failing(self) -> list[int]:
        """The outputs that are wrong somewhere, those that fail on the earliest input first."""
        places = ((y, i) for i, y in enumerate(self.first_per_output) if y is not None)
        return [i for _, _, i in sorted((len(y), y, i) for y, i in places)]


@dataclass(frozen=True, kw_only=True)
class Answer:
    """One engine's opinion; ``evidence`` is certificate text, ``detail`` one line for people."""

    engine: str
    status: Status = Status.UNKNOWN
    seconds: float = 0.0
    oracles: frozenset[str] = frozenset()
    counterexample: tuple[int, ...] | None = None
    evidence: str | None = None
    statistics: Statistics | None = None
    detail: str = ""


class Engine(Protocol):
    """Decides claims; never raises for a claim that is too hard, but answers UNKNOWN."""

    @property
    def name(self) -> str:
        """What it is called on the command line and in reports."""
        ...

    def run(self, claim: Claim, *, seconds: float | None, progress: Progress | None) -> Answer:
        """The opinion on ``claim`` after at most about ``seconds``."""
        ...
