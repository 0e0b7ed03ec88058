"""Verdict: what is known of a claim, and whom one has to believe for it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum


class Status(IntEnum):
    """REFUTED < UNKNOWN < PROVED, so that combining verdicts is ``min``."""

    REFUTED = 0
    UNKNOWN = 1
    PROVED = 2


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """The answer to one claim.

    ``oracles`` names the tools outside the kernel that the answer relies on (empty: kernel only);
    ``counterexample`` holds the active inputs of a refutation; ``reason`` is one line for people.
    """

    status: Status = Status.UNKNOWN
    oracles: frozenset[str] = frozenset()
    counterexample: tuple[int, ...] | None = None
    reason: str = ""
