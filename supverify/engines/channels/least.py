"""The first wrong input of one output of a channel network, in lexicographic order, among those of the least size.

Input after input: the first one with which the others can still be completed, as ``channels.tree.walk`` decides. It
finds sets of at most so many inputs, and there are none of fewer. Where a claim speaks of exactly k inputs, fewer
would not do, and a plain depth-first search takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache

import numpy as np

from ..compiled import stamp
from ..contract.sparse import Ints
from . import tree
from .cover import Rows, enclose, first_from, largest
from .root import covering
from .shape import NEVER, UNIT, Parts, suits
from .tree import CLOSED, WRONG, shift, walk

Least = Callable[..., Ints]

NONE, MORE = -1, -2  # instead of inputs: there are none; a walk has too many words to tell


@cache
def compiled() -> Least:
    """``least``, compiled."""
    import numba
    from numba.extending import register_jitable

    tree.prepare()
    for function in (exactly, least):
        register_jitable(function)
    version = stamp(least, walk, enclose, suits)  # the last for the constants of its file

    def run(rows: Rows, need: Ints, mask: Ints, goal: int, size: int, last: int, limit: int) -> Ints:
        return least(rows, need, mask, goal, size, last, limit) if version else need

    fast: Least = numba.njit(cache=True, nogil=True)(run)
    return fast


def wrong_inputs(parts: Parts, i: int, search: Least, most: int, words: int) -> Iterator[tuple[int, ...]]:
    """The first wrong input of just k ones in each kind of cell: all of the clause on, or its first few.

    Those whose first one lies behind ``most`` may be left out; a walk of more than ``words`` raises TimeoutError.
    """
    (rows, need), goals, size = covering(parts, i), parts.goals[i].tolist(), parts.k
    clause = [j for j in parts.clauses[i].tolist() if j >= 0]
    for on in range(min(len(clause), size) + 1):
        mask = np.ones(parts.inputs, dtype=np.int64)
        mask[clause[: on + 1]] = 0
        left, truth = need - rows.gains[:, clause[:on]].sum(axis=1), int(on == len(clause))
        for low, goal in enumerate((goals[truth], goals[2 + truth])):
            if goal == NEVER:
                continue
            asked, lacks = (rows._replace(gains=-rows.gains), 1 - left) if low else (rows, left)
            if parts.relu and low:
                chosen = _shortfall(rows, left, mask, goal, size - on)
            else:
                last = parts.inputs if on and clause[0] <= most else most
                chosen = search(asked, lacks, mask, goal, size - on, last, words)
            if MORE in chosen:
                raise TimeoutError(f"more than {words} words to find the smallest wrong input")
            if NONE not in chosen:
                yield tuple(sorted([*clause[:on], *chosen.tolist()]))


def least(rows: Rows, need: Ints, mask: Ints, goal: int, size: int, last: int, limit: int) -> Ints:
    """The first ``size`` open inputs that meet rows of weight ``goal``, the smallest of them at most ``last``.

    [NONE] if there are none, [MORE] if a walk has more than ``limit`` words.
    """
    precise = Rows(rows.gains, rows.weights, rows.exactly, rows.relu, UNIT)
    if rows.exactly:
        return exactly(precise, need, mask, goal, size)
    goals, clause = np.array([goal, goal, NEVER, NEVER]), np.full(1, NONE)  # an AND of nothing is true
    coefficients, reached = np.zeros(len(mask), dtype=np.int64), np.zeros(len(need), dtype=np.bool_)
    chosen, mask, gains = np.full(size + 1, NONE), mask.copy(), rows.gains * mask
    rest = Rows(gains, rows.weights, rows.exactly, rows.relu, rows.finest)
    for count in range(size):
        free, answer = size - count, CLOSED
        constant = enclose(precise, need, mask, free, coefficients, reached)
        bar = goal * UNIT - constant - largest(coefficients, free - 1)
        j = first_from(0, coefficients, mask, bar)
        while answer == CLOSED and j >= 0 and (count > 0 or j <= last):
            chosen[count], mask[: j + 1], gains[:, : j + 1] = j, 0, 0
            answer = walk(rest, need - rows.gains[:, j], clause, goals, free - 1, limit)[0]
            j = first_from(j + 1, coefficients, mask, bar)
        if answer != WRONG:
            return np.full(1, NONE if answer == CLOSED else MORE)
        need = need - rows.gains[:, chosen[count]]
    enough = enclose(precise, need, mask, 0, coefficients, reached) >= goal * UNIT
    return chosen[:size] if enough else np.full(1, NONE)


def exactly(rows: Rows, need: Ints, mask: Ints, goal: int, size: int) -> Ints:
    """``least`` by a depth-first search, wherever it begins."""
    need, depth, fresh = need.copy(), 0, True
    coefficients = np.zeros((size + 1, len(mask)), dtype=np.int64)
    masks, reached = np.zeros((size + 1, len(mask)), dtype=np.int64), np.zeros(len(need), dtype=np.bool_)
    chosen, bars = np.full(size + 1, -1, dtype=np.int64), np.zeros(size + 1, dtype=np.int64)
    masks[0] = mask
    while depth >= 0:
        free, j = size - depth, -1
        if fresh:
            constant = enclose(rows, need, masks[depth], free, coefficients[depth], reached)
            if free == 0 and constant >= goal * UNIT:
                return chosen[:size]
            bars[depth], chosen[depth] = goal * UNIT - constant - largest(coefficients[depth], max(free - 1, 0)), -1
        else:
            shift(need, rows.gains, chosen[depth], 1)
        if free > 0:
            j = first_from(chosen[depth] + 1, coefficients[depth], masks[depth], bars[depth])
        fresh = j >= 0
        if fresh:
            chosen[depth] = j
            shift(need, rows.gains, j, -1)
            masks[depth + 1] = masks[depth]
            masks[depth + 1, : j + 1] = 0
        depth += 1 if fresh else -1
    return np.full(1, NONE)


def _shortfall(rows: Rows, need: Ints, mask: Ints, goal: int, size: int) -> Ints:
    """The same for a sum of plain ReLUs that is too small; ``size`` is at most 1, for k is at most 2."""
    sums = rows.gains * mask if size else np.zeros((len(need), 1), dtype=np.int64)
    values = (rows.weights[:, None] * np.maximum(1 - need[:, None] + sums, 0)).sum(axis=0)
    bad = np.flatnonzero((-values >= goal) & ((mask == 1) | (size == 0)))
    return bad[:size] if len(bad) else np.full(1, NONE)
