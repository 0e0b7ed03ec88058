"""Which outputs of a channel network close at the root: those whose heaviest inputs weigh too little.

The score of an input in an output is the sum of its positive gains in the rows of that output. If the least need of
a row is n, then B inputs meet at most (the B largest scores) / n of the rows, which is what a leaf adds up or more.
"""

from __future__ import annotations

import numpy as np

from ..contract.sparse import Flags, Ints
from .cover import Rows
from .scores import MANY, Scores, Tick, expanded, scan
from .shape import NEVER, Parts

LARGEST_NEED = 1 << 30


def covering(parts: Parts, i: int) -> tuple[Rows, Ints]:
    """The rows of output i, at least one, and what each of them needs."""
    real = np.flatnonzero(parts.weights[i])
    if not len(real):
        nothing = np.zeros((1, parts.inputs), dtype=np.int64)
        return Rows(nothing, nothing[0, :1], parts.exactly, parts.relu, parts.finest), np.ones(1, dtype=np.int64)
    signs, rows = parts.signs[i][real], parts.rows[i][real]
    needs = np.where(signs < 0, 1 - parts.thresholds[rows], parts.thresholds[rows])
    gains = expanded(parts, rows, 0, parts.inputs) * signs[:, None]
    return Rows(gains, parts.weights[i][real], parts.exactly, parts.relu, parts.finest), needs


def scored(parts: Parts, outputs: range, *, fast: bool, tick: Tick) -> Scores:
    """The scores of these outputs, for at most k active inputs or fewer; of many outputs roughly, from above."""
    chosen = np.arange(outputs.start, outputs.stop)
    cap = _cap(parts, chosen) if fast and len(chosen) * parts.rows.shape[1] * parts.inputs > MANY else 0
    return scan(parts, chosen, cap, fast=fast, tick=tick)


def closed(parts: Parts, outputs: Ints, scores: Scores, *, fast: bool, tick: Tick) -> Flags:
    """Which of these outputs, whose scores these are, surely close at the root."""
    found = _decided(parts, outputs, scores)
    if scores.cap and not found.all():
        left = outputs[~found]
        found[~found] = _decided(parts, left, scan(parts, left, 0, fast=fast, tick=tick))
    return found


def _cap(parts: Parts, outputs: Ints) -> int:
    """A gain that k inputs may have in every row and not reach half a goal."""
    weights, goals = parts.weights[outputs], parts.goals[outputs, 0]
    least = np.where(weights > 0, parts.needs()[outputs], LARGEST_NEED).min(axis=1)
    sums = np.maximum(weights.sum(axis=1), 1)
    caps = np.where(goals == NEVER, LARGEST_NEED, goals.clip(0, LARGEST_NEED) * least.clip(0) // (2 * parts.k * sums))
    return int(caps.min()) if parts.k else 0


def _decided(parts: Parts, outputs: Ints, scores: Scores) -> Flags:
    weights, clauses, goals = parts.weights[outputs], parts.clauses[outputs], parts.goals[outputs]
    needs, real, sizes = parts.needs()[outputs], weights > 0, (clauses >= 0).sum(axis=1)
    signs, rows = parts.signs[outputs], parts.rows[outputs]
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
