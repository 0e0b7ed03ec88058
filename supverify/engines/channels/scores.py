"""Scores of inputs in outputs for ``channels.root``: the k largest of each output, and those of its own inputs.

They come from G = W1 C in blocks of inputs, never from a dense product; numpy for small networks, compiled loops and
both cores for large ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from ..contract.sparse import Ints, Sparse, compiled, owners
from .shape import Parts, ranges

Tick = Callable[[str, int, int], None]
Table = npt.NDArray[Any]  # int16, int32 or int64, whatever holds every score

CELLS = 1 << 24  # entries of G in one block
MANY = 1 << 32  # scores from which small gains are counted as a cap
EXPANDED = 1 << 21  # products of two weights formed at a time


@dataclass
class Scores:
    """What the root has to know of each of some outputs, and of each hidden neuron, from all inputs.

    ``top``: the k largest scores of inputs outside its clause; ``own``: those of its clause; ``at[i, q]``: the gain
    of clause input q in each row. ``low`` and ``high``: the smallest and largest gain of each neuron. ``cap``: what
    smaller gains are counted as in ``top``.
    """

    top: Ints
    own: Ints
    at: Ints
    low: Ints
    high: Ints
    cap: int

    def of(self, places: Ints) -> Scores:
        """The scores of some of the outputs, by their places."""
        return replace(self, top=self.top[places], own=self.own[places], at=self.at[places])


def scan(parts: Parts, outputs: Ints, cap: int, *, fast: bool, tick: Tick) -> Scores:
    """The scores, block of inputs by block; with a cap other than 0 ``top`` counts gains below it as the cap."""
    cells = CELLS << 2 if cap else CELLS
    width = max(64, min(parts.inputs, cells // (parts.neurons + 1)))
    starts = range(0, parts.inputs, width)
    job = _Job(parts, outputs, cap, fast, _kind(parts), *_places(parts, outputs))
    blocks = []
    threads = (os.cpu_count() or 1) if fast and len(starts) > 1 else 1
    with ThreadPoolExecutor(threads) as pool:
        run = pool.map if threads > 1 else map
        for block in run(lambda start: job.block(start, min(start + width, parts.inputs)), starts):
            blocks.append(block)
            tick("channels: inputs weighed", min(len(blocks) * width, parts.inputs), parts.inputs)
    top, low, high = reduce(_merged, blocks)
    own = (np.maximum(job.at, 0) * parts.weights[outputs][:, None, :]).sum(axis=2)
    return Scores(top + cap * parts.weights[outputs].sum(axis=1)[:, None], own, job.at, low, high, cap)


def _kind(parts: Parts) -> Any:
    """The narrowest type that holds every score."""
    bound = parts.largest_gain() * int(parts.weights.sum(axis=1).max())
    return np.int16 if bound < 1 << 15 else np.int32 if bound < 1 << 31 else np.int64


def _places(parts: Parts, outputs: Ints) -> tuple[Ints, Ints, Ints]:
    """The places of the clauses' inputs in the order of the inputs, these inputs, and room for their gains."""
    clauses = parts.clauses[outputs]
    order = np.argsort(clauses, axis=None, kind="stable")
    at = np.zeros((len(outputs), clauses.shape[1], parts.rows.shape[1]), dtype=np.int64)
    return order, clauses.ravel()[order], at


Block = tuple[Ints, Ints, Ints]
"""The largest scores of outputs, the smallest and the largest gain of neurons."""


def _merged(one: Block, two: Block) -> Block:
    top = np.sort(np.column_stack([one[0], two[0]]), axis=1)[:, -one[0].shape[1] :]
    return top, np.minimum(one[1], two[1]), np.maximum(one[2], two[2])


@dataclass(frozen=True)
class _Job:
    """Blocks of inputs; the clauses' ends in the order of the inputs, and ``at``, which is filled block by block."""

    parts: Parts
    outputs: Ints
    cap: int
    fast: bool
    kind: Any
    order: Ints
    ends: Ints
    at: Ints

    def block(self, start: int, stop: int) -> Block:
        """The scores of the inputs from ``start`` to ``stop``."""
        parts = self.parts
        table = np.zeros((parts.neurons + 1, stop - start), dtype=self.kind)
        if self.fast:
            first, code = parts.first, parts.code
            begin, end = _inside(code, start, stop)
            columns = (code.columns - start).astype(np.uint32)
            compiled(multiply)(table, *first, begin, end, columns, code.values, bool((code.values == 1).all()))
        else:
            table[:-1] = expanded(parts, np.arange(parts.neurons), start, stop)
        rows, signs, weights = parts.rows[self.outputs], parts.signs[self.outputs], parts.weights[self.outputs]
        clauses = parts.clauses[self.outputs] - start
        inside = slice(*np.searchsorted(self.ends, [start, stop]))
        which, place = np.divmod(self.order[inside], clauses.shape[1])
        self.at[which, place] = table[rows[which], clauses[which, place][:, None]] * signs[which]
        low, high = table[:-1].min(axis=1).astype(np.int64), table[:-1].max(axis=1).astype(np.int64)
        if (low < 0).any() or (signs < 0).any():
            table = np.concatenate([np.maximum(table, 0), np.maximum(-table, 0)])
            rows = rows + (parts.neurons + 1) * (signs < 0)
        clauses = np.where((clauses >= 0) & (clauses < stop - start), clauses, -1)
        count = max(parts.k, 1)
        if self.cap:
            top = compiled(best_excess)(table, rows, weights, clauses, count, self.cap)
        else:
            best = compiled(best_scores) if self.fast else best_scores_numpy
            top = best(table, rows, weights.astype(self.kind), clauses, count)
        return top.astype(np.int64), low, high


def _inside(code: Sparse, start: int, stop: int) -> tuple[Ints, Ints]:
    """Where in each row of the code the columns from ``start`` to ``stop`` lie."""
    height, width = len(code.pointer) - 1, 1 + int(max(code.columns.max(initial=0), stop))
    keys, rows = owners(code) * width + code.columns, np.arange(height) * width
    return np.searchsorted(keys, rows + start), np.searchsorted(keys, rows + stop)


def expanded(parts: Parts, neurons: Ints, start: int, stop: int) -> Table:
    """These rows of G = W1 C for the inputs from ``start`` to ``stop``."""
    first, code, width = parts.first, parts.code, stop - start
    begin, end = (code.pointer[:-1], code.pointer[1:]) if width == parts.inputs else _inside(code, start, stop)
    lengths = np.diff(first.pointer)[neurons]
    table = np.zeros((len(neurons), width), dtype=np.int64)
    entries = ranges(first.pointer[neurons], lengths)
    sources, where = first.columns[entries], np.repeat(np.arange(len(neurons)), lengths)
    ones = bool((first.values[entries] == 1).all() and (code.values == 1).all())
    counts = (end - begin)[sources]
    cuts = [0, *(np.flatnonzero(np.diff(np.cumsum(counts) // EXPANDED)) + 1), len(entries)]
    for one, two in pairwise(cuts):
        part = slice(int(one), int(two))
        places = ranges(begin[sources[part]], counts[part])
        keys = np.repeat(where[part] * width - start, counts[part]) + code.columns[places]
        values = None if ones else np.repeat(first.values[entries[part]], counts[part]) * code.values[places]
        top, bottom = int(where[one]) if len(where) else 0, int(where[two - 1]) + 1 if two > one else 0
        sums = np.bincount(keys - top * width, weights=values, minlength=max(bottom - top, 0) * width)
        table[top:bottom] += sums.reshape(-1, width).astype(np.int64)
    return table


def multiply(
    table: Table,
    pointer: Ints,
    sources: Ints,
    weights: Ints,
    begin: Ints,
    end: Ints,
    columns: Table,
    values: Ints,
    ones: bool,
) -> None:
    """Adds the product of two sparse matrices to the table; ``ones``: whether the second has no other values."""
    for r in range(len(pointer) - 1):
        row = table[r]
        for e in range(pointer[r], pointer[r + 1]):
            weight, source = weights[e], sources[e]
            if ones and weight == 1:
                for f in range(begin[source], end[source]):
                    row[columns[f]] += 1
            else:
                for f in range(begin[source], end[source]):
                    row[columns[f]] += weight * values[f]


def best_scores(table: Table, rows: Ints, weights: Table, clauses: Ints, count: int) -> Table:
    """For each output the ``count`` largest sums of weighted rows of the table, ascending; its clause is left out."""
    top, score = np.zeros((len(rows), count), dtype=table.dtype), np.zeros(table.shape[1], dtype=table.dtype)
    for i in range(len(rows)):
        score[:] = 0
        for t in range(rows.shape[1]):
            weight, row = weights[i, t], table[rows[i, t]]
            if weight == 1:
                for x in range(len(score)):
                    score[x] += row[x]
            elif weight > 1:
                for x in range(len(score)):
                    score[x] += weight * row[x]
        for a in clauses[i]:
            if a >= 0:
                score[a] = 0
        best = top[i]
        for x in range(len(score)):
            if score[x] > best[0]:
                place = 0
                while place + 1 < count and best[place + 1] < score[x]:
                    best[place] = best[place + 1]
                    place += 1
                best[place] = score[x]
    return top


def best_excess(table: Table, rows: Ints, weights: Ints, clauses: Ints, count: int, cap: int) -> Ints:
    """``best_scores`` of what the entries of the table exceed the cap by."""
    pointer = np.zeros(len(table) + 1, dtype=np.int64)
    for r in range(len(table)):
        large = 0
        for x in range(table.shape[1]):
            large += table[r, x] > cap
        pointer[r + 1] = pointer[r] + large
    columns, place = np.zeros(pointer[-1], dtype=np.int64), 0
    for r in range(len(table)):
        for x in range(table.shape[1]):
            if table[r, x] > cap:
                columns[place] = x
                place += 1
    top, score = np.zeros((len(rows), count), dtype=np.int64), np.zeros(table.shape[1], dtype=np.int64)
    for i in range(len(rows)):
        for t in range(rows.shape[1]):
            for e in range(pointer[rows[i, t]], pointer[rows[i, t] + 1]):
                score[columns[e]] += weights[i, t] * (table[rows[i, t], columns[e]] - cap)
        for a in clauses[i]:
            if a >= 0:
                score[a] = 0
        for t in range(rows.shape[1]):
            for e in range(pointer[rows[i, t]], pointer[rows[i, t] + 1]):
                value, score[columns[e]], place = score[columns[e]], 0, 0
                if value > top[i, 0]:
                    while place + 1 < count and top[i, place + 1] < value:
                        top[i, place] = top[i, place + 1]
                        place += 1
                    top[i, place] = value
    return top


def best_scores_numpy(table: Table, rows: Ints, weights: Table, clauses: Ints, count: int) -> Table:
    """``best_scores`` in numpy, some outputs at a time."""
    top, width = np.zeros((len(rows), count), dtype=table.dtype), table.shape[1]
    step = max(1, (1 << 18) // width)
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        scores = np.zeros((len(rows[part]), width), dtype=table.dtype)
        for t in range(rows.shape[1]):
            weight = weights[part, t, None]
            scores += table[rows[part, t]] if (weight == 1).all() else table[rows[part, t]] * weight
        for column in clauses[part].T:
            where = np.flatnonzero(column >= 0)
            scores[where, column[where]] = 0
        if width > count:
            scores = np.partition(scores, width - count, axis=1)[:, width - count :]
        top[part, count - scores.shape[1] :] = np.sort(scores, axis=1)
    return top
