"""A Las Vegas search for codes: draw, judge completely, redraw some of the columns that failed, until none fails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from .codes import Bits, draw, redraw

Codes = tuple[Bits, ...]
Progress = Callable[[str, int, int], None]
DRAWS = 10_000  # after so many, divided by the number of columns, no narrower width is tried
NARROWEST = 4


@dataclass(frozen=True)
class Faults:
    """How many faults there are, and for each code the columns that a redraw may mend."""

    count: int
    columns: tuple[frozenset[int], ...]


@dataclass(frozen=True)
class Design:
    """Codes to be found at one width: code c has counts[c] columns with weights[c] ones each."""

    neurons: int
    weights: tuple[int, ...]
    counts: tuple[int, ...]
    judge: Callable[[Codes], Faults]

    @property
    def patience(self) -> int:
        """How many draws in a row may fail to mend anything before more neurons are given."""
        return 10 + 2000 // sum(self.counts)


@dataclass(frozen=True)
class Found:
    """Codes without a fault."""

    codes: Codes
    design: Design


class Search:
    """Draws codes at one width after the other; ``attempts`` counts the draws that the search went on with."""

    def __init__(
        self, design_at: Callable[[int], Design], *, rng: np.random.Generator, progress: Progress | None = None
    ) -> None:
        self.design_at, self.rng, self.progress, self.attempts = design_at, rng, progress, 0

    def widening(self, neurons: int) -> Found:
        """Faultless codes of the first width from ``neurons`` on, in steps of an eighth, at which patience lasts.

        It ends with probability 1: with n^2 far above the number of ones, random columns do not meet at all.
        """
        neurons = max(neurons, NARROWEST)
        while True:
            found = self.at(neurons)
            if found:
                return found
            neurons += max(1, neurons // 8)

    def narrowing(self, found: Found) -> Found:
        """Faultless codes of narrower widths, in steps of an eighth, while they are found and draws are left."""
        while self.attempts < DRAWS // sum(found.design.counts) and found.design.neurons > NARROWEST:
            neurons = found.design.neurons
            narrower = self.at(max(NARROWEST, neurons - max(1, neurons // 8)))
            if not narrower:
                break
            found = narrower
        return found

    def at(self, neurons: int) -> Found | None:
        """Faultless codes of this width, or None when patience ends."""
        design = self.design_at(neurons)
        columns = sum(design.counts)
        for codes, faults in _improving(design, self.rng):
            self.attempts += 1
            if self.progress:
                self.progress(f"codes for {neurons} neurons", max(0, columns - faults.count), columns)
            if not faults.count:
                return Found(codes, design)
        return None


def _improving(design: Design, rng: np.random.Generator) -> Iterator[tuple[Codes, Faults]]:
    """The best codes so far after each draw; ends when patience does, or at once with more faults than columns."""
    shapes = list(zip(design.weights, design.counts, strict=True))
    codes = tuple(draw(rng, length=design.neurons, weight=w, count=count) for w, count in shapes)
    faults, idle = design.judge(codes), 0
    while idle <= design.patience and faults.count <= sum(design.counts):
        yield codes, faults
        tried = _redrawn(codes, faults, design, rng)
        judged = design.judge(tried)
        idle = 0 if judged.count < faults.count else idle + 1
        if judged.count <= faults.count:
            codes, faults = tried, judged


def _redrawn(codes: Codes, faults: Faults, design: Design, rng: np.random.Generator) -> Codes:
    """The codes with a random share of the named columns drawn again, at least one on average."""
    total = sum(map(len, faults.columns))
    share = max(1 / max(total, 1), rng.random() ** 2)
    tried = []
    for code, weight, columns in zip(codes, design.weights, faults.columns, strict=True):
        chosen = [j for j in sorted(columns) if rng.random() < share]
        if chosen:  # a code in which nothing is drawn stays the same object, so that a judge may know it again
            code = code.copy()
            redraw(code, chosen, weight, rng)
        tried.append(code)
    return tuple(tried)
