"""Leaves of a certificate, many in one call of compiled code: whether the bounds of each close in 64-bit integers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from ..compiled import stamp
from .dense_leaf import (
    AMBIGUOUS,
    CLOSED,
    EXACT,
    FLAT,
    JENSEN,
    OPEN,
    THROUGH,
    Cell,
    Fixed,
    Room,
    Words,
    above,
    active,
    below,
    below_either,
    jensen,
    linear,
    lower,
    nearest,
    room_for,
    top,
    upper,
)


class Leaves(NamedTuple):
    """Leaf t: inputs on and off (rows filled up with -1), budget, sets (leaf x set x input, also with what is on),
    their number, the output, a sign, and the ``end`` that sign * output does not exceed, in the last layer's unit."""

    on: Words
    off: Words
    budgets: Words
    points: Words
    counts: Words
    outputs: Words
    signs: Words
    ends: Words


def modes(net: Fixed, room: Room, cell: Cell, layer: int, first: int, rough: bool) -> bool:
    """How the forms of a layer's neurons go through its ReLU; False if that is not certain for one.

    ``rough``: by the weakest forms, where nothing but the maximum of their sum is asked for.
    """
    certain = True
    for r in range(net.widths[layer]):
        radius, exactly = net.radius[first + r], net.exactly
        low = net.rows[r] if layer == 0 else room.low_lanes[r]
        high = net.rows[r] if layer == 0 else room.high_lanes[r]
        if not net.relu[layer]:
            one, other = THROUGH, cell.steps
        elif cell.budget <= 1:
            one, other = JENSEN, EXACT
        elif rough:
            one, other = JENSEN, room.slopes[first + r]
        else:
            one = upper(room.high[r], high, radius, cell, exactly)
            other = lower(room.low[r], low, radius, net.units[layer], cell, exactly, room.slopes[first + r])
            certain &= one != AMBIGUOUS and other != AMBIGUOUS
            certain &= other == cell.steps or room.unsure[first + r] == 0
        room.modes[0, r], room.modes[1, r] = one, other
    return certain


def weighted(net: Fixed, room: Room, cell: Cell, layer: int, first: int, place: int, sign: int, total: Words) -> int:
    """Adds the upper form of sign * (the row of weights at ``place``) to ``total``; returns its constant."""
    constant = 0
    for r in range(net.widths[layer]):
        w = sign * net.weights[place + r]
        if w > 0:
            lanes = net.rows[r] if layer == 0 else room.high_lanes[r]
            constant += above(w, room.high[r], lanes, cell, room.modes[0, r], total)
        elif w < 0:
            lanes = net.rows[r] if layer == 0 else room.low_lanes[r]
            slope, more = room.modes[1, r], room.unsure[first + r]
            if more and slope >= 0 and slope < cell.steps:
                constant += below_either(w, room.low[r], lanes, cell, slope, more, total)
            else:
                constant += below(w, room.low[r], lanes, cell, slope, total)
    return constant


def advance(net: Fixed, room: Room, cell: Cell, layer: int, first: int, bias: int) -> None:
    """The forms of the next layer's sums from those of this one's."""
    inputs, parts, width = net.rows.shape[1], max(cell.budget, 1) * cell.steps, net.widths[layer + 1]
    for q in range(width):
        place, shift = net.places[layer] + q * net.widths[layer], net.shifts[layer + 1]
        room.next_high[q, :] = 0
        room.next_low[q, :] = 0
        free = net.bias[bias + q] * parts
        high = free + weighted(net, room, cell, layer, first, place, 1, room.next_high[q, :inputs])
        low = free - weighted(net, room, cell, layer, first, place, -1, room.next_low[q, :inputs])
        room.next_high[q, inputs], room.next_low[q, inputs] = nearest(high, parts, shift), nearest(low, parts, shift)
        for j in range(inputs):
            room.next_high[q, j] = nearest(room.next_high[q, j], parts, shift)
            room.next_low[q, j] = -nearest(room.next_low[q, j], parts, shift)
    for q in range(width):
        room.high[q], room.low[q] = room.next_high[q, inputs], room.next_low[q, inputs]
        for j in range(inputs):
            room.high_lanes[q, j], room.low_lanes[q, j] = room.next_high[q, j], room.next_low[q, j]


def closes(net: Fixed, room: Room, cell: Cell, output: int, sign: int, end: int, rough: bool) -> int:
    """Whether sign * output is shown to be below ``end`` on the cell: CLOSED, OPEN or AMBIGUOUS."""
    for r in range(net.widths[0]):
        total = net.start[r]
        for j in cell.on:
            total += net.columns[j, r] if j >= 0 else 0
        room.low[r] = room.high[r] = total
    layer, first, bias, last = 0, 0, 0, len(net.widths) - 2
    while layer < last:
        if not modes(net, room, cell, layer, first, False):
            return AMBIGUOUS
        advance(net, room, cell, layer, first, bias)
        first += net.widths[layer]
        bias += net.widths[layer + 1]
        layer += 1
    if not modes(net, room, cell, layer, first, rough):
        return AMBIGUOUS
    room.lanes[:] = 0
    parts, place = max(cell.budget, 1) * cell.steps, net.places[last] + output * net.widths[last]
    constant = sign * net.bias[bias + output] * parts
    constant += weighted(net, room, cell, last, first, place, sign, room.lanes)
    most = constant + top(room.lanes, 1, cell, net.exactly) + net.radius[first + net.widths[last] + output] * parts
    return CLOSED if most < end * parts else OPEN


def read(net: Fixed, room: Room, cell: Cell, leaf: Leaves, t: int) -> int:
    """One reading of a leaf; with points first a rough one, which does without most of the work."""
    room.unsure[:] = 0
    if len(cell.points) and cell.budget > 1:
        active(net, cell, room)
    output, sign, end = leaf.outputs[t], leaf.signs[t], leaf.ends[t]
    if len(cell.points) or cell.budget <= 1:
        found = closes(net, room, cell, output, sign, end, True)
        if found == CLOSED or cell.budget <= 1:
            return found
    return closes(net, room, cell, output, sign, end, False)


def _checked(net: Fixed, leaf: Leaves, status: Words) -> None:
    """Fills ``status`` with CLOSED for the leaves that close; of the others the kernel may close some."""
    room, inputs = room_for(net), net.rows.shape[1]
    for t in range(len(status)):
        opens = np.ones(inputs, np.bool_)
        for closed in (leaf.on[t], leaf.off[t]):
            for j in closed:
                if j >= 0:
                    opens[j] = False
        budget, count = leaf.budgets[t], leaf.counts[t]
        points = leaf.points[t, :count]
        status[t] = OPEN
        for reading in range(1 if count or budget <= 1 else 2):
            steps = count if count else FLAT if reading else 1
            if status[t] != CLOSED:
                status[t] = read(net, room, Cell(leaf.on[t], opens, budget, steps, points), leaf, t)


PARTS = (
    above, active, advance, below, below_either, closes, jensen, linear, lower, modes, nearest, read, room_for, top,
    upper, weighted,
)  # fmt: skip


@cache
def checked() -> Callable[[Fixed, Leaves, Words], None]:
    """The compiled check; the functions it calls stay plain Python for everybody else."""
    import numba
    from numba.extending import register_jitable

    for function in (*PARTS, _checked):
        register_jitable(function)
    version = stamp(_checked, top)

    def run(net: Fixed, leaf: Leaves, status: Words) -> None:
        if version:
            _checked(net, leaf, status)

    compiled: Callable[[Fixed, Leaves, Words], None] = numba.njit(cache=True, nogil=True)(run)
    return compiled
