"""Which outputs of a channel network close at the root: those whose heaviest inputs weigh too little.

The score of an input in an output is the sum of its positive gains in the rows of that output. If the least need of
a row is n, then B inputs meet at most (the B largest scores) / n of the rows, which is what a leaf adds up or more.
Scores come from G = W1 C in blocks of inputs, never from a dense product; numpy for small networks, compiled loops
and both cores for large ones.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from .channels_cover import Rows
from .channels_shape import NEVER, Parts, ranges
from .contract_sparse import Flags, Ints, Sparse, compiled, owners

Tick = Callable[[str, int, int], None]
Table = npt.NDArray[Any]  # int16, int32 or int64, whatever holds every score

CELLS = 1 << 24  # entries of G in one block
EXPANDED = 1 << 21  # products of two weights formed at a time
LARGEST_NEED = 1 << 30


@dataclass
class Scores:
    """What the root has to know of each of some outputs, and of each hidden neuron, from all inputs.

    ``top``: the k largest scores of inputs outside its clause; ``own``: those of its clause; ``at[i, q]``: the gain
    of clause input q in each row. ``low`` and ``high``: the smallest and largest gain of each neuron.
    """

    top: Ints
    own: Ints
    at: Ints
    low: Ints
    high: Ints


def covering(parts: Parts, i: int) -> tuple[Rows, Ints]:
    """The rows of output i, at least one, and what each of them needs."""
    real = np.flatnonzero(parts.weights[i])
    if not len(real):
        nothing = np.zeros((1, parts.inputs), dtype=np.int64)
        return Rows(nothing, nothing[0, :1], parts.exactly, parts.relu, parts.finest), np.ones(1, dtype=np.int64)
    signs, rows = parts.signs[i][real], parts.rows[i][real]
    needs = np.where(signs < 0, 1 - parts.thresholds[rows], parts.thresholds[rows])
    gains = _expand(parts, rows, 0, parts.inputs) * signs[:, None]
    return Rows(gains, parts.weights[i][real], parts.exactly, parts.relu, parts.finest), needs


def closed(parts: Parts, outputs: range, *, fast: bool, tick: Tick) -> Flags:
    """Which of these outputs surely close at the root."""
    scores = scan(parts, outputs, fast=fast, tick=tick)
    part = slice(outputs.start, outputs.stop)
    weights, clauses, goals = parts.weights[part], parts.clauses[part], parts.goals[part]
    needs, real, sizes = parts.needs()[part], weights > 0, (clauses >= 0).sum(axis=1)
    signs, rows = parts.signs[part], parts.rows[part]
    low = np.where(signs < 0, -np.append(scores.high, 0)[rows], np.append(scores.low, 0)[rows])
    high = np.where(signs < 0, -np.append(scores.low, 0)[rows], np.append(scores.high, 0)[rows])
    fits = (goals[:, 1] == NEVER) & (goals[:, 2] == NEVER) & (~real | (low >= 0)).all(axis=1)
    fits &= (sizes <= 2) | (sizes > parts.k)
    left = needs - scores.at.sum(axis=1)
    if parts.relu:
        fine = -(weights * np.maximum(1 - left, 0)).sum(axis=1) < goals[:, 3]
    else:
        fine = (weights * (left > 0)).sum(axis=1) < goals[:, 3]
    possible = sizes <= parts.k
    ok: Flags = fits & (fine | ~possible)
    others = [*scores.own.T[1:]]  # a is off, b may be on
    ok &= np.where(possible, _below(parts, goals, needs, real, high, [scores.top, *others], parts.k), True)
    ok &= np.where(~possible, _below(parts, goals, needs, real, high, [scores.top, *scores.own.T], parts.k), True)
    one = needs - scores.at[:, 0]
    ok &= np.where(possible & (sizes == 2), _below(parts, goals, one, real, high, [scores.top], parts.k - 1), True)
    return ok


def _below(parts: Parts, goals: Ints, needs: Ints, real: Flags, high: Ints, scores: list[Ints], budget: int) -> Flags:
    """Whether the ``budget`` largest scores stay below the goal for false outputs, at rows with these needs."""
    if budget < 0:
        return np.ones(len(goals), dtype=np.bool_)
    least = np.where(real, needs, LARGEST_NEED).min(axis=1)
    table = np.column_stack([*scores, np.zeros((len(goals), max(budget, 1)), dtype=np.int64)])
    sums = np.sort(table, axis=1)[:, table.shape[1] - budget :].sum(axis=1).astype(object)
    goal = goals[:, 0].clip(None, NEVER).astype(object)
    # sums / least < goal, with each fraction rounded upwards to a multiple of 1 / finest
    under = np.asarray(sums * (parts.finest + least) < goal * least * parts.finest, dtype=np.bool_)
    if parts.relu:  # convex, so below the line up to need / budget
        under &= (~real | (high * max(budget, 1) <= needs)).all(axis=1)
    return np.asarray((goals[:, 0] == NEVER) | ((least >= 1) & under))


def scan(parts: Parts, outputs: range, *, fast: bool, tick: Tick) -> Scores:
    """The scores, block of inputs by block."""
    kind = _kind(parts)
    width = max(64, min(parts.inputs, CELLS // (parts.neurons + 1)))
    starts = range(0, parts.inputs, width)
    job = _Job(parts, outputs, kind, fast)
    found: list[Scores] = []
    threads = (os.cpu_count() or 1) if fast and len(starts) > 1 else 1
    with ThreadPoolExecutor(threads) as pool:
        run = pool.map if threads > 1 else map
        for scores in run(lambda start: job.block(start, min(start + width, parts.inputs)), starts):
            found.append(scores)
            tick("channels: inputs weighed", min(len(found) * width, parts.inputs), parts.inputs)
    return reduce(_merged, found)


def _kind(parts: Parts) -> Any:
    """The narrowest type that holds every score."""
    values = np.abs(parts.first.values).max(initial=1) * np.abs(parts.code.values).max(initial=1)
    bound = int(values) * int(np.diff(parts.first.pointer).max(initial=1)) * int(parts.weights.sum(axis=1).max())
    return np.int16 if bound < 1 << 15 else np.int32 if bound < 1 << 31 else np.int64


def _merged(one: Scores, two: Scores) -> Scores:
    top = np.sort(np.column_stack([one.top, two.top]), axis=1)[:, -one.top.shape[1] :]
    low, high = np.minimum(one.low, two.low), np.maximum(one.high, two.high)
    return Scores(top, one.own + two.own, one.at + two.at, low, high)


@dataclass(frozen=True)
class _Job:
    parts: Parts
    outputs: range
    kind: Any
    fast: bool

    def block(self, start: int, stop: int) -> Scores:
        """The scores of the inputs from ``start`` to ``stop``."""
        parts, part = self.parts, slice(self.outputs.start, self.outputs.stop)
        table = np.zeros((parts.neurons + 1, stop - start), dtype=self.kind)
        if self.fast:
            first, code = parts.first, parts.code
            begin, end = _inside(code, start, stop)
            compiled(multiply)(table, *first, begin, end, code.columns - start, code.values)
        else:
            table[:-1] = _expand(parts, np.arange(parts.neurons), start, stop)
        rows, signs, weights = parts.rows[part], parts.signs[part], parts.weights[part]
        clauses = parts.clauses[part] - start
        inside = (clauses >= 0) & (clauses < stop - start)
        at = table[rows[:, None, :], np.where(inside, clauses, 0)[:, :, None]].astype(np.int64)
        at *= signs[:, None, :] * inside[:, :, None]
        own = (np.maximum(at, 0) * weights[:, None, :]).sum(axis=2)
        low, high = table[:-1].min(axis=1).astype(np.int64), table[:-1].max(axis=1).astype(np.int64)
        if (low < 0).any() or (signs < 0).any():
            table = np.concatenate([np.maximum(table, 0), np.maximum(-table, 0)])
            rows = rows + (parts.neurons + 1) * (signs < 0)
        best = compiled(best_scores) if self.fast else best_scores_numpy
        top = best(table, rows, weights.astype(self.kind), np.where(inside, clauses, -1), max(parts.k, 1))
        return Scores(top.astype(np.int64), own, at, low, high)


def _inside(code: Sparse, start: int, stop: int) -> tuple[Ints, Ints]:
    """Where in each row of the code the columns from ``start`` to ``stop`` lie."""
    height, width = len(code.pointer) - 1, 1 + int(max(code.columns.max(initial=0), stop))
    keys, rows = owners(code) * width + code.columns, np.arange(height) * width
    return np.searchsorted(keys, rows + start), np.searchsorted(keys, rows + stop)


def _expand(parts: Parts, neurons: Ints, start: int, stop: int) -> Table:
    """These rows of G = W1 C for the inputs from ``start`` to ``stop``."""
    first, code, width = parts.first, parts.code, stop - start
    begin, end = (code.pointer[:-1], code.pointer[1:]) if width == parts.inputs else _inside(code, start, stop)
    lengths = np.diff(first.pointer)[neurons]
    ones = bool((first.values == 1).all() and (code.values == 1).all())
    table = np.zeros((len(neurons), width), dtype=np.int64)
    entries = ranges(first.pointer[neurons], lengths)
    sources, where = first.columns[entries], np.repeat(np.arange(len(neurons)), lengths)
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
    table: Table, pointer: Ints, sources: Ints, weights: Ints, begin: Ints, end: Ints, columns: Ints, values: Ints
) -> None:
    """Adds the product of two sparse matrices to the table."""
    for r in range(len(pointer) - 1):
        for e in range(pointer[r], pointer[r + 1]):
            weight = weights[e]
            for f in range(begin[sources[e]], end[sources[e]]):
                table[r, columns[f]] += weight * values[f]


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
