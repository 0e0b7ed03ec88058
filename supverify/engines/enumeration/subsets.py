"""Active sets of one size in the documented order, batch by batch, each with the sum of its columns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import comb

import numpy as np
import numpy.typing as npt

from .ranks import subsets_from

Word = npt.NDArray[np.int64]

TABLE = 1 << 22  # numbers in the table of the sums of two columns


@dataclass(frozen=True)
class Piece:
    """The rows ``begin`` to ``end`` of a batch share all but their tails, which are those from ``tail`` on."""

    begin: int
    end: int
    tail: int


@dataclass(frozen=True)
class Tails:
    """The sets of the last ``size`` active inputs."""

    inputs: int
    size: int

    @cached_property
    def sets(self) -> Word:
        """All of them, in lexicographic order."""
        sets = np.array(list(combinations(range(self.inputs), self.size)), dtype=np.int64)
        return sets.reshape(comb(self.inputs, self.size), self.size)

    @cached_property
    def begins(self) -> Word:
        """For each input the place of the first set with no input below it."""
        if not self.size:
            return np.zeros(self.inputs + 1, dtype=np.int64)
        return np.searchsorted(self.sets[:, 0], np.arange(self.inputs + 1)).astype(np.int64)

    def batches(self, first: tuple[int, ...], count: int, rows: int) -> Iterator[tuple[Word, list[Piece]]]:
        """``first`` and the sets of its size behind it, ``count`` in all, at most ``rows`` at a time."""
        size, kept = len(first), len(first) - self.size
        active, pieces, filled = np.empty((min(rows, count), size), dtype=np.int64), list[Piece](), 0
        begin = self._place(first[kept:])
        for prefix in subsets_from(first[:kept], self.inputs):
            begin = int(self.begins[prefix[-1] + 1]) if begin is None and prefix else begin or 0
            while begin < len(self.sets) and count:
                taken = min(len(active) - filled, len(self.sets) - begin)
                active[filled : filled + taken, :kept] = prefix
                active[filled : filled + taken, kept:] = self.sets[begin : begin + taken]
                pieces.append(Piece(filled, filled + taken, begin))
                filled, begin, count = filled + taken, begin + taken, count - taken
                if filled == len(active):
                    yield active, pieces
                    active, pieces, filled = np.empty((min(rows, count), size), dtype=np.int64), [], 0
            if not count:
                return
            begin = None

    def _place(self, tail: tuple[int, ...]) -> int | None:
        """The place of one of the sets."""
        low, high = 0, len(self.sets)
        for i, j in enumerate(tail):
            column = self.sets[low:high, i]
            low, high = low + int(np.searchsorted(column, j)), low + int(np.searchsorted(column, j, side="right"))
        return low


class Sums:
    """``start`` plus the sums of the active columns (inputs x width)."""

    def __init__(self, start: Word, columns: Word) -> None:
        self.start, self.columns = start, columns
        self.tables: dict[int, tuple[Tails, Word]] = {}

    def _table(self, size: int) -> tuple[Tails, Word]:
        inputs, width = self.columns.shape
        tail = min(size, 2 if comb(inputs, 2) * width <= TABLE else 1)
        if tail not in self.tables:
            tails = Tails(inputs, tail)
            self.tables[tail] = tails, self.columns[tails.sets].sum(axis=1)
        return self.tables[tail]

    def batches(self, first: tuple[int, ...], count: int, rows: int) -> Iterator[tuple[Word, Word]]:
        """``first`` and those behind it, ``count`` in all: the active sets, and their sums (rows x width)."""
        tails, table = self._table(len(first))
        kept = len(first) - tails.size
        for active, pieces in tails.batches(first, count, rows):
            values = np.empty((len(active), len(self.start)), dtype=np.int64)
            for piece in pieces:
                base = self.start + self.columns[active[piece.begin, :kept]].sum(axis=0)
                rest = table[piece.tail : piece.tail + piece.end - piece.begin]
                np.add(rest, base, out=values[piece.begin : piece.end])
            yield active, values
