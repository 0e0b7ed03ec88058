"""The first wrong input of one output of a channel network, in lexicographic order, among those of the least size.

Input after input: the first one with which the others can still be completed, as ``channels.tree.walk`` decides. It
finds sets of at most so many inputs, and there are none of fewer. Where a claim speaks of exactly k inputs, fewer
would not do, and a plain depth-first search takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from ..contract.sparse import Ints
from . import tree
from .cover import Rows, enclose, largest
from .root import covering
from .shape import NEVER, UNIT, Parts

NOTHING = np.full(1, -1, dtype=np.int64)


def wrong_inputs(parts: Parts, i: int, walk: tree.Walk, most: int, words: int) -> Iterator[tuple[int, ...]]:
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
            elif parts.exactly:
                chosen = tree.least(asked._replace(finest=UNIT), lacks, mask, goal, size - on)
            else:
                last = parts.inputs if on and clause[0] <= most else most
                chosen = _first(asked, lacks, mask, goal, size - on, walk, last, words)
            if -1 not in chosen:
                yield tuple(sorted([*clause[:on], *chosen.tolist()]))


def _first(rows: Rows, need: Ints, mask: Ints, goal: int, size: int, walk: tree.Walk, last: int, words: int) -> Ints:
    """The first ``size`` inputs that meet rows of weight ``goal``, the smallest of them at most ``last``; or [-1]."""
    chosen: list[int] = []
    goals, clause = np.array([goal, goal, NEVER, NEVER], dtype=np.int64), NOTHING  # an AND of nothing is true
    coefficients, reached = np.zeros(len(mask), dtype=np.int64), np.zeros(len(need), dtype=np.bool_)
    while True:
        free = size - len(chosen)
        constant = enclose(rows._replace(finest=UNIT), need, mask, free, coefficients, reached)
        if free == 0:
            return np.array(chosen, dtype=np.int64) if constant >= goal * UNIT else NOTHING
        bar = goal * UNIT - constant - largest(coefficients, free - 1)
        for j in np.flatnonzero((coefficients >= bar) & (mask == 1)).tolist():
            if not chosen and j > last:
                return NOTHING
            mask[: j + 1] = 0
            rest = rows._replace(gains=rows.gains * mask)
            answer, _, _ = walk(rest, need - rows.gains[:, j], clause, goals, free - 1, words)
            if answer == tree.LIMIT:
                raise TimeoutError(f"more than {words} words to find the smallest wrong input")
            if answer == tree.WRONG:
                chosen, need = [*chosen, j], need - rows.gains[:, j]
                break
        else:
            return NOTHING


def _shortfall(rows: Rows, need: Ints, mask: Ints, goal: int, size: int) -> Ints:
    """The same for a sum of plain ReLUs that is too small; ``size`` is at most 1, for k is at most 2."""
    sums = rows.gains * mask if size else np.zeros((len(need), 1), dtype=np.int64)
    values = (rows.weights[:, None] * np.maximum(1 - need[:, None] + sums, 0)).sum(axis=0)
    bad = np.flatnonzero((-values >= goal) & ((mask == 1) | (size == 0)))
    return bad[:size] if len(bad) else NOTHING
