"""Subsets by their place in the documented order: the k-subsets of 0..n-1, ascending tuples, lexicographic."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb


def subset(rank: int, inputs: int, size: int) -> tuple[int, ...]:
    """The subset at place ``rank`` (from 0) of those with ``size`` of the ``inputs``."""
    chosen: list[int] = []
    low = 0
    for missing in range(size, 0, -1):
        # Those that go on with an input below j come first: comb(inputs - low, missing) - comb(inputs - j, missing).
        behind = comb(inputs - low, missing) - rank
        first, last = low, inputs - missing
        while first < last:
            middle = (first + last + 1) // 2
            first, last = (middle, last) if comb(inputs - middle, missing) >= behind else (first, middle - 1)
        rank -= comb(inputs - low, missing) - comb(inputs - first, missing)
        chosen.append(first)
        low = first + 1
    return tuple(chosen)


def subsets_from(first: tuple[int, ...], inputs: int) -> Iterator[tuple[int, ...]]:
    """``first`` and all subsets of its size behind it, in order."""
    yield first
    for kept in range(len(first) - 1, -1, -1):
        head = first[:kept]
        yield from (head + rest for rest in combinations(range(first[kept] + 1, inputs), len(first) - kept))
