"""A code shaped for a permutation: few columns that a row does not own lie in the rows that this row reads.

Simulated annealing on single ones of the code. Row r is owned by the inputs whose outputs have r in their column; it
reads the union U_r of their columns. Every input that row r does not own and that has 1 + x ones in U_r costs
prices[r] x^2, and every other row that two columns share FORBIDDEN.
"""

from __future__ import annotations

from math import exp
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .compact.compile import Flags, Ints, compiled, random_below

FORBIDDEN = 30
HOT, WARM, COLD = 1.5, 0.4, 0.1  # temperatures: of a code that was drawn, of one to be mended, at the end
GRAIN = 1 << 20

Small = npt.NDArray[np.int32]
Tiny = npt.NDArray[np.int8]


class _Shape(NamedTuple):
    """The code and all its sums, kept up to date by ``_toggle``.

    ``columns`` (m x w) the rows of each input or -1; ``order``, ``inverse`` the permutation; ``reads`` (n x n) how
    many columns owned by row r have row t; ``met`` (n x m) ones of column j in U_r; ``owned`` (n x m); ``users[t,
    :counts[t]]`` the columns with row t, ``places[t, j]`` where j stands there; ``shared`` (m x m) common rows.
    """

    columns: Ints
    order: Ints
    inverse: Ints
    reads: Small
    met: Small
    owned: Flags
    users: Small
    counts: Ints
    places: Small
    shared: Tiny
    prices: Ints


def shaped_code(start: Ints, order: Ints, prices: Ints, *, heat: float, moves: int, state: Ints) -> Ints:
    """The columns (m x w) after ``moves`` tries to move a one, from ``start``, which stays as it is."""
    (count, weight), neurons = start.shape, len(prices)
    shape = _Shape(
        columns=np.full((count, weight), -1, dtype=np.int64),
        order=order,
        inverse=np.argsort(order),
        reads=np.zeros((neurons, neurons), dtype=np.int32),
        met=np.zeros((neurons, count), dtype=np.int32),
        owned=np.zeros((neurons, count), dtype=np.bool_),
        users=np.zeros((neurons, count), dtype=np.int32),
        counts=np.zeros(neurons, dtype=np.int64),
        places=np.zeros((neurons, count), dtype=np.int32),
        shared=np.zeros((count, count), dtype=np.int8),
        prices=prices,
    )
    helpers = random_below, _price, _bump, _serve, _add, _remove
    compiled(_anneal, *helpers)(shape, start, heat, moves, state)
    return np.sort(shape.columns, axis=1)


def _anneal(shape: _Shape, start: Ints, heat: float, moves: int, state: Ints) -> int:
    count, weight = start.shape
    cost = 0
    for i in range(count):
        for slot in range(weight):
            cost += _add(shape, i, slot, start[i, slot])
    for move in range(moves):
        if cost == 0:
            break
        i, slot = random_below(state, count), random_below(state, weight)
        old, new = shape.columns[i, slot], random_below(state, len(shape.counts))
        known = False
        for t in shape.columns[i]:
            known |= t == new
        if not known:
            change = _remove(shape, i, slot) + _add(shape, i, slot, new)
            now = heat * (COLD / heat) ** (move / moves)
            if change <= 0 or random_below(state, GRAIN) < GRAIN * exp(-change / now):
                cost += change
            else:
                _remove(shape, i, slot)
                _add(shape, i, slot, old)
    return cost


def _price(met: int) -> int:
    return (met - 1) * (met - 1) if met > 1 else 0


def _bump(shape: _Shape, r: int, j: int, step: int) -> int:
    """One more (or less) one of column j in U_r; returns the change of the cost."""
    before = shape.met[r, j]
    shape.met[r, j] = before + step
    return 0 if shape.owned[r, j] else shape.prices[r] * (_price(before + step) - _price(before))


def _serve(shape: _Shape, r: int, t: int, step: int) -> int:
    """One more (or less) column owned by row r has row t."""
    change = 0
    shape.reads[r, t] += step
    if shape.reads[r, t] == (1 if step > 0 else 0):
        for j in shape.users[t, : shape.counts[t]]:
            change += _bump(shape, r, j, step)
    return change


def _add(shape: _Shape, i: int, slot: int, t: int) -> int:
    """Column i gets row t; returns the change of the cost."""
    change: int = 0
    for j in shape.users[t, : shape.counts[t]]:
        shape.shared[i, j] += 1
        shape.shared[j, i] += 1
        if shape.shared[i, j] > 1:
            change += FORBIDDEN
    shape.users[t, shape.counts[t]] = i
    shape.places[t, i] = shape.counts[t]
    shape.counts[t] += 1
    for r in range(len(shape.counts)):
        if shape.reads[r, t] > 0:
            change += _bump(shape, r, i, 1)
    for r in shape.columns[shape.inverse[i]]:
        if r >= 0:
            change += _serve(shape, r, t, 1)
    shape.columns[i, slot] = t
    p = shape.order[i]
    change -= shape.prices[t] * _price(shape.met[t, p])
    shape.owned[t, p] = True
    for q in shape.columns[p]:
        if q >= 0:
            change += _serve(shape, t, q, 1)
    return change


def _remove(shape: _Shape, i: int, slot: int) -> int:
    """Column i loses the row in ``slot``: the steps of ``_add``, backwards."""
    change: int = 0
    t, p = shape.columns[i, slot], shape.order[i]
    for q in shape.columns[p]:
        if q >= 0:
            change += _serve(shape, t, q, -1)
    shape.owned[t, p] = False
    change += shape.prices[t] * _price(shape.met[t, p])
    shape.columns[i, slot] = -1
    for r in shape.columns[shape.inverse[i]]:
        if r >= 0:
            change += _serve(shape, r, t, -1)
    for r in range(len(shape.counts)):
        if shape.reads[r, t] > 0:
            change += _bump(shape, r, i, -1)
    shape.counts[t] -= 1
    last, place = shape.users[t, shape.counts[t]], shape.places[t, i]
    shape.users[t, place] = last
    shape.places[t, last] = place
    for j in shape.users[t, : shape.counts[t]]:
        if shape.shared[i, j] > 1:
            change -= FORBIDDEN
        shape.shared[i, j] -= 1
        shape.shared[j, i] -= 1
    return change
