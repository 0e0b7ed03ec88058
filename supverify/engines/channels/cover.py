"""How much of an output's rows a few inputs can meet: the bound of a cell, and where to split it; in numpy.

``need`` is what each row still lacks, ``mask`` 1 for an input that may be chosen, else 0. A
row of need n > 0 counts at most min(gain, n) / n for each chosen input, exactly [gain >= n] for a single one, and
nothing where its best inputs together do not meet n: the bounds of the kernel's leaf. Here they are added up in units
of 1 / UNIT and rounded upwards, so a cell that closes here closes there. ``channels.tree`` says the same in loops.
"""

from __future__ import annotations

from math import lcm
from typing import NamedTuple

import numpy as np

from ..contract.sparse import Flags, Ints
from .shape import NEVER, UNIT


class Rows(NamedTuple):
    """The rows of an output that are asked to be met: their gains (rows x inputs) and weights, and how to count them.

    With ``relu`` a row counts relu(1 - need + its gains). Where the needs of the rows have a common multiple above
    ``finest`` the kernel rounds upwards, by less than 1 / finest.
    """

    gains: Ints
    weights: Ints
    exactly: bool
    relu: bool
    finest: int


def enclose(rows: Rows, need: Ints, mask: Ints, budget: int, coefficients: Ints, reached: Flags) -> int:
    """The weight of the rows that are met already, and into ``coefficients`` what each further input can add.

    ``reached``: the rows that ``budget`` inputs can meet.
    """
    gains, weights, relu = rows.gains, rows.weights, rows.relu
    coefficients[:] = 0
    constant, fine, crude = 0, 1, np.zeros(len(mask), dtype=np.int64)
    for r, n in enumerate(need.tolist()):
        weight = int(weights[r]) * UNIT
        reached[r] = False
        if n <= 0:
            constant += weight * (1 - n) if relu else weight
        if budget == 0 or (n <= 0 and not relu):
            continue
        row = np.maximum(gains[r], 0) * mask
        best = int(row.max())
        if n > 0 and best < n and (best * budget < n or largest(row, budget) < n):
            continue
        reached[r] = True
        if relu:
            gain = np.maximum(1 - n + budget * gains[r], 0) - max(1 - n, 0)
            coefficients += np.maximum(gain, 0) * mask * (weight // budget)
        elif budget == 1:
            coefficients += (row >= n) * weight
        else:
            fine = min(lcm(fine, n), UNIT)
            row = np.minimum(row, n) * weights[r]
            coefficients += row * -(-UNIT // n)
            crude += row
    if fine > rows.finest:
        coefficients += crude * (UNIT // rows.finest)
    return constant


def shortfall(rows: Rows, need: Ints, mask: Ints, budget: int, coefficients: Ints) -> int:
    """``enclose`` for minus the sum of plain ReLUs; exact for a budget of at most 1, and never asked for more."""
    gains, weights = rows.gains, rows.weights
    ground = np.maximum(1 - need, 0)
    coefficients[:] = 0
    if budget:
        lost = ground[:, None] - np.maximum(1 - need[:, None] + gains, 0)
        coefficients += np.maximum((weights[:, None] * lost).sum(axis=0) * UNIT, 0) * mask
    return -int((weights * ground).sum()) * UNIT


def largest(values: Ints, count: int) -> int:
    """The sum of the ``count`` largest of these numbers, of which none is negative."""
    if count < 2:
        return int(values.max()) if count else 0
    positive = values[values > 0]  # most are 0, and a partition of equal numbers is slow
    if count < len(positive):
        positive = np.partition(positive, len(positive) - count)[len(positive) - count :]
    return int(positive.sum())


def choose(
    rows: Rows, need: Ints, mask: Ints, budget: int, slack: int, margin: int, coefficients: Ints, reached: Flags
) -> int:
    """The input to split on: the heaviest of the heavy ones, or of those that can serve the rarest row, if fewer.

    Heavy: without them the cell closes. Serving a row that the goal needs: without them the row is out of reach.
    """
    gains, weights = rows.gains, rows.weights
    if slack <= 0:  # exactly so many inputs: one that takes least away
        harm = (weights[:, None] * np.minimum(gains, 0)).sum(axis=0)
        return int(np.argmax(np.where(mask == 1, harm, -NEVER)))
    chosen = (coefficients * budget + margin >= slack) & (mask == 1)
    fewest, total = int(chosen.sum()), int((weights * reached).sum()) * UNIT
    for r in np.flatnonzero(reached & (need > 0)).tolist():
        if total - int(weights[r]) * UNIT < slack:
            serving = (gains[r] * budget >= need[r]) & (mask == 1)
            if int(serving.sum()) < fewest:
                chosen, fewest = serving, int(serving.sum())
    return int(np.argmax(np.where(chosen, coefficients, -1)))


def first_from(start: int, coefficients: Ints, mask: Ints, bar: int) -> int:
    """The first open input from ``start`` on that can add as much as ``bar``, or -1."""
    fit = np.flatnonzero((coefficients[start:] >= bar) & (mask[start:] == 1))
    return start + int(fit[0]) if len(fit) else -1
