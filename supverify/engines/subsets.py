"""All active sets of one size, batch by batch, each with the sum of its columns."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

Word = npt.NDArray[np.int64]

TABLE = 1 << 22  # numbers in the table of the sums of two columns


def subsets(inputs: int, size: int, rows: int, *, tail: int = 1) -> Iterator[tuple[Word, list[tuple[int, int, int]]]]:
    """The ascending active sets in lexicographic order, at most ``rows`` at a time: an array rows x size, and pieces.

    The sets of a piece (first row, end row, tail) share all but their last ``tail`` inputs, and these run through
    the rows of ``combinations(range(inputs), tail)`` from the number ``tail`` on.
    """
    tail = min(size, tail)
    tails = np.array(list(combinations(range(inputs), tail)), dtype=np.int64).reshape(comb(inputs, tail), tail)
    begins = np.searchsorted(tails[:, 0], np.arange(inputs + 1)) if tail else np.zeros(inputs + 1, dtype=np.int64)
    active, pieces, filled = np.empty((rows, size), dtype=np.int64), [], 0
    for prefix in combinations(range(inputs), size - tail):
        begin = int(begins[prefix[-1] + 1]) if prefix else 0
        while begin < len(tails):
            taken = min(rows - filled, len(tails) - begin)
            active[filled : filled + taken, : size - tail] = prefix
            active[filled : filled + taken, size - tail :] = tails[begin : begin + taken]
            pieces.append((filled, filled + taken, begin))
            filled, begin = filled + taken, begin + taken
            if filled == rows:
                yield active, pieces
                active, pieces, filled = np.empty((rows, size), dtype=np.int64), [], 0
    if filled:
        yield active[:filled], pieces


def sums(start: Word, columns: Word, size: int, rows: int) -> Iterator[tuple[Word, Word]]:
    """The active sets with ``start`` plus the sum of their columns, batch by batch: rows x size and rows x width."""
    inputs, width = columns.shape
    pairs = size >= 2 and comb(inputs, 2) * width <= TABLE
    tail = min(size, 2 if pairs else 1)
    chosen = np.array(list(combinations(range(inputs), tail)), dtype=np.int64).reshape(comb(inputs, tail), tail)
    table = columns[chosen].sum(axis=1)
    for active, pieces in subsets(inputs, size, rows, tail=tail):
        values = np.empty((len(active), width), dtype=np.int64)
        for begin, end, first in pieces:
            base = start + columns[active[begin, : size - tail]].sum(axis=0)
            np.add(table[first : first + end - begin], base, out=values[begin:end])
        yield active, values
