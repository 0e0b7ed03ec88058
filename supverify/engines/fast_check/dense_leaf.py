"""The kernel's bounds of a leaf in 64-bit integers, compiled by numba: a second reading of ``kernel.bounds``.

The network is one of rounded integers, and ``radius`` says of each neuron by how much, at most, a form here is off
the kernel's wherever the kernel evaluates it (at no more active inputs than the budget, an input maybe repeatedly).
What depends on the sign of a number within its radius is AMBIGUOUS, and left to the kernel; a bound closes here only
if it still does with its radius added, so what closes here closes there.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Words = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

OPEN, CLOSED, AMBIGUOUS = 0, 1, -1
ZERO, THROUGH, JENSEN = 0, 1, 2  # how an upper form goes through a ReLU
EXACT = -2  # how a lower one does, unless by its slope
FLAT = 16  # as in the kernel


class Fixed(NamedTuple):
    """Rounded integers: the sums of the first layer are start + rows times the input, ``columns`` rows transposed.

    ``weights`` and ``bias`` hold the further layers one after the other, ``widths`` all layers' neurons, ``places``
    where the weights of each begin, ``radius`` and ``relu`` (of the layer's sums) from the first layer on; the sums
    of layer i are divided by 2^shifts[i], and then stand for themselves times 2^units[i].
    """

    start: Words
    rows: Words
    columns: Words
    weights: Words
    bias: Words
    radius: Words
    widths: Words
    places: Words
    relu: Flags
    shifts: Words
    units: Words
    exactly: bool


class Cell(NamedTuple):
    """A cell with its reading: ``steps`` 1 is steep, FLAT flat unless there are ``points`` (as many as steps)."""

    on: Words
    opens: Flags
    budget: int
    steps: int
    points: Words  # rows of active inputs, filled up with -1; none: the slopes are steep or flat


class Room(NamedTuple):
    """Forms of the layer at hand: constants, and lanes of upper and lower forms; spare ones for the next layer."""

    low: Words
    high: Words
    low_lanes: Words
    high_lanes: Words
    next_low: Words
    next_high: Words
    slopes: Words
    unsure: Words
    modes: Words
    lanes: Words
    values: Words


def room_for(net: Fixed) -> Room:
    """Room for the leaves of a network; the lanes of the first layer are the network's rows."""
    most, inputs, deep = net.widths.max(), net.rows.shape[1], len(net.widths) > 2
    tall = most if deep else 0
    return Room(
        np.zeros(most, np.int64),
        np.zeros(most, np.int64),
        np.zeros((tall, inputs), np.int64),
        np.zeros((tall, inputs), np.int64),
        np.zeros((tall, inputs + 1), np.int64),
        np.zeros((tall, inputs + 1), np.int64),
        np.zeros(net.widths.sum(), np.int64),
        np.zeros(net.widths.sum(), np.int64),
        np.zeros((2, most), np.int64),
        np.zeros(inputs, np.int64),
        np.zeros((2, most), np.int64),
    )


def nearest(number: int, parts: int, shift: int) -> int:
    """``number`` / (parts 2^shift) to the nearest integer, upwards from the middle."""
    if shift < 0:
        number <<= -shift
    else:
        parts <<= shift
    return (2 * number + parts) // (2 * parts)


def active(net: Fixed, cell: Cell, room: Room) -> None:
    """Counts the points at which each neuron is active for certain, and those at which it may or may not be."""
    room.slopes[:] = 0
    room.unsure[:] = 0
    for p in range(len(cell.points)):
        now, following = room.values[0], room.values[1]
        for r in range(net.widths[0]):
            now[r] = net.start[r]
        for j in cell.points[p]:
            if j >= 0:
                for r in range(net.widths[0]):
                    now[r] += net.columns[j, r]
        first, bias = 0, 0
        for layer in range(len(net.widths) - 1):
            for r in range(net.widths[layer]):
                radius = net.radius[first + r]
                positive = now[r] - radius > 0
                room.slopes[first + r] += positive
                room.unsure[first + r] += not positive and now[r] + radius > 0
                now[r] = max(now[r], 0) if net.relu[layer] else now[r]
            first += net.widths[layer]
            if layer + 2 == len(net.widths):
                break
            for q in range(net.widths[layer + 1]):
                place, total = net.places[layer] + q * net.widths[layer], net.bias[bias + q]
                for r in range(net.widths[layer]):
                    total += net.weights[place + r] * now[r]
                following[q] = nearest(total, 1, net.shifts[layer + 1])
            bias += net.widths[layer + 1]
            for q in range(net.widths[layer + 1]):
                now[q] = following[q]


def top(lanes: Words, sign: int, cell: Cell, exactly: bool) -> int:
    """The sum of the budget's best lanes, times ``sign``, of open inputs."""
    best, taken, total = np.zeros(max(cell.budget, 1), np.int64), 0, 0
    for j in range(len(lanes)):
        x = sign * lanes[j]
        if cell.opens[j] and (x > 0 or exactly) and (taken < cell.budget or (taken and x > best[taken - 1])):
            taken = min(taken + 1, cell.budget)
            t = taken - 1
            while t > 0 and best[t - 1] < x:
                best[t] = best[t - 1]
                t -= 1
            best[t] = x
    for t in range(taken):
        total += best[t]
    return total


def upper(constant: int, lanes: Words, radius: int, cell: Cell, exactly: bool) -> int:
    """How the upper form of a neuron goes through its ReLU."""
    if cell.budget > 1:
        most = constant + top(lanes, 1, cell, exactly)
        if most + radius <= 0:
            return ZERO
        least = constant - top(lanes, -1, cell, exactly)
        if most - radius <= 0 or -radius <= least < radius:
            return AMBIGUOUS
        if least >= radius:
            return THROUGH
    return JENSEN


def lower(constant: int, lanes: Words, radius: int, unit: int, cell: Cell, exactly: bool, counted: int) -> int:
    """The slope, in ``cell.steps``, of the lower form of a ReLU; AMBIGUOUS where its radius leaves it open."""
    least = constant - top(lanes, -1, cell, exactly)
    if least >= radius:
        return cell.steps
    if least >= -radius and radius > 0:
        return AMBIGUOUS
    if len(cell.points):
        return counted
    most = constant + top(lanes, 1, cell, exactly)
    if cell.steps == 1:
        sure = least + most > 2 * radius
        return 1 if sure else 0 if least + most + 2 * radius <= 0 else AMBIGUOUS
    if most + radius <= 0:
        return 0
    if most - radius <= 0:
        return AMBIGUOUS
    if unit > 4:
        return 0  # most stands for more than 16
    one, other = 16 << max(-unit, 0), max(unit, 0)
    slope = one // ((most - radius) << other)
    return min(slope, FLAT) if slope == one // ((most + radius) << other) else AMBIGUOUS


def linear(weight: int, lanes: Words, total: Words) -> None:
    """Adds weight times the lanes."""
    for j in range(len(total)):
        total[j] += weight * lanes[j]


def jensen(weight: int, constant: int, lanes: Words, budget: int, total: Words) -> int:
    """Adds weight times what each lane adds to budget * relu; returns weight times the constant."""
    ground = max(constant, 0)
    for j in range(len(total)):
        total[j] += weight * (max(constant + budget * lanes[j], 0) - ground)
    return weight * budget * ground


def above(w: int, constant: int, lanes: Words, cell: Cell, mode: int, total: Words) -> int:
    """Adds w times the upper form of relu to ``total``, in 1 / (budget * steps); returns w times its constant."""
    budget = max(cell.budget, 1)
    if mode == ZERO:
        return 0
    if mode == JENSEN:
        return jensen(w * cell.steps, constant, lanes, budget, total)
    linear(w * budget * cell.steps, lanes, total)
    return w * budget * cell.steps * constant


def below_either(w: int, constant: int, lanes: Words, cell: Cell, slope: int, more: int, total: Words) -> int:
    """Adds what w (negative) times a lower form adds at most, its slope being anything up to ``more`` larger."""
    one, other = w * cell.budget * slope, w * cell.budget * (slope + more)
    for j in range(len(total)):
        total[j] += max(one * lanes[j], other * lanes[j])
    return max(one * constant, other * constant)


def below(w: int, constant: int, lanes: Words, cell: Cell, slope: int, total: Words) -> int:
    """The same for the lower form, with its slope."""
    budget = max(cell.budget, 1)
    if slope == EXACT:
        return jensen(w * cell.steps, constant, lanes, budget, total)
    linear(w * budget * slope, lanes, total)
    return w * budget * slope * constant
