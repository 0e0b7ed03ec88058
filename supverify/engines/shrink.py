"""Smaller counterexamples: fewest active inputs, then lexicographic."""

from __future__ import annotations

from collections.abc import Iterator

from supverify.kernel.check import Replayer
from supverify.kernel.claim import Claim


def shrink(claim: Claim, active: tuple[int, ...]) -> tuple[int, ...]:
    """A counterexample from which no single removal and no single lowering of an input leaves one.

    ``active`` ascends and is a counterexample of ``claim``. The order is (number of active inputs, then
    lexicographic); the result is a local minimum of it, enumeration alone finds the global one.
    """
    current, replayer = active, Replayer(claim)
    while True:
        smaller = next((other for other in _smaller(claim, current) if replayer.wrong(other)), None)
        if smaller is None:
            return current
        current = smaller


def _smaller(claim: Claim, active: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
    """The inputs one step below ``active`` in the order, smallest first."""
    if claim.mode == "at-most":
        yield from (active[:i] + active[i + 1 :] for i in reversed(range(len(active))))
    for i, j in enumerate(active):
        rest = active[:i] + active[i + 1 :]
        yield from (tuple(sorted((*rest, lower))) for lower in range(j) if lower not in rest)
