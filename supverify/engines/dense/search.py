"""Walks over whole cells, one after the other, in compiled code that writes the words of the evidence."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from ..compiled import stamp
from .last import follow, judge, last_input, note
from .node import begin, expand, failing, followers, forget, heaviest, split_off
from .walk import (
    HUGE,
    PLAYED,
    PROVED,
    STOPPED,
    WRONG,
    Levels,
    Part,
    Play,
    Reals,
    Words,
    answer,
    clear,
    gather,
    hopeless,
    jensen,
    levels,
    locate,
    measure,
    play,
    product,
    remember,
    restart,
    sloped,
    steepen,
    value_with,
    weighted,
    wrong,
)
from .words import Report, put, put_exact, put_leaf, put_number, put_split

FULL = 3  # the text has no room left: to be called again with more
DOUBTS = 64  # inputs too close to call that are handed back for an exact evaluation


class Hidden(NamedTuple):
    """A network with one hidden layer: relu(start + rows times the input), then weights and bias.

    ``columns`` is ``rows`` (neurons x inputs) transposed.
    """

    start: Reals
    rows: Reals
    columns: Reals
    weights: Reals
    bias: Reals


class Cells(NamedTuple):
    """Cell t: its output, the inputs that are on and off, its budget, and what a walk on it has to show.

    ``splits`` are the words before it: inputs to split on. Rows of inputs are filled up with -1. ``limits`` and
    ``margins``: the two limits, slack and blur of a ``Part``.
    """

    outputs: Words
    splits: Words
    on: Words
    off: Words
    budgets: Words
    limits: Reals
    margins: Reals


def descend(part: Part, room: Levels, depth: int, child: int) -> None:
    """The next level: a child of the cell, with one of the inputs split off on and those before it off."""
    j = room.splits[depth, child]
    room.path[depth] = j
    above, below, column = room.sums[depth], room.sums[depth + 1], part.columns[j]
    for r in range(len(column)):
        below[r] = above[r] + column[r]
    opens, before = room.opens[depth + 1], room.opens[depth]
    for q in range(len(opens)):
        opens[q] = before[q]
    for u in range(child + 1):
        opens[room.splits[depth, u]] = False
    room.counts[depth + 1, 0] = room.counts[depth, 0] - child - 1


def members(opens: int, budget: int, exactly: bool) -> float:
    """The number of inputs in a cell."""
    total, term = 0.0, 1.0
    for size in range(budget + 1):
        if not exactly or size == budget:
            total += term
        term = term * (opens - size) / (size + 1)
    return total


def found_here(room: Levels, game: Play, found: Words, depth: int) -> int:
    """Writes down the wrong input that ``expand`` has found."""
    note(found, room, depth, -1)
    for u in range(game.found[0]):
        found[0] += 1
        found[found[0]] = game.best[0, u]
    return WRONG


def room_of_cell(room: Levels, budget: int) -> int:
    """More characters than one cell takes: its leaf and those above it, and the splits below it that are exact.

    A number and what follows it are less than 16.
    """
    return 16 * (PLAYED * (budget + 2) * (budget + 1) + 2 * len(room.following) + 2)


def walk(part: Part, room: Levels, game: Play, budget: int, cell: int, report: Report) -> int:
    """Writes the words for the cell at level 0; PROVED, WRONG, STOPPED when told to, or FULL."""
    depth, fresh = 0, True
    while depth >= 0:
        rest = budget - depth
        if fresh:
            report.counts[2] += 1
            if report.stop[0] or report.counts[2] > report.stop[1]:
                return STOPPED
            if report.counts[0] + room_of_cell(room, budget) > len(report.text):
                return FULL
            outcome = expand(part, room, game, depth, rest)
            if outcome == WRONG:
                return found_here(room, game, report.found[cell], depth)
            if outcome == STOPPED and last_input(part, room, game, report, cell, depth, room.path[:0]):
                return WRONG
        fresh = False
        child = room.counts[depth, 2]
        if child == room.counts[depth, 1]:
            put_leaf(report, room, depth)
            report.decided[cell] += members(room.counts[depth, 0] - child, rest, part.exactly)
            depth -= 1
            continue
        room.counts[depth, 2] += 1
        descend(part, room, depth, child)
        put_split(report, room.path[depth])
        if rest > 2:
            depth, fresh = depth + 1, True
            continue
        candidates = room.followers[child, : room.following[child]]
        if last_input(part, room, game, report, cell, depth + 1, candidates):
            return WRONG
        put_exact(report)
        report.decided[cell] += members(room.counts[depth + 1, 0], 1, part.exactly)
    return PROVED


def start(network: Hidden, cells: Cells, cell: int, room: Levels, report: Report) -> None:
    """Level 0 at the root of a cell: the sums with the inputs that are on, and the open inputs."""
    sums, opens = room.sums[0], room.opens[0]
    for r in range(len(sums)):
        sums[r] = network.start[r]
    for j in range(len(opens)):
        opens[j] = True
    for j in cells.on[cell]:
        if j >= 0:
            opens[j], column = False, network.columns[j]
            for r in range(len(sums)):
                sums[r] += column[r]
    for j in cells.off[cell]:
        if j >= 0:
            opens[j] = False
    count = 0
    for j in range(len(opens)):
        count += opens[j]
    room.counts[0, 0] = count
    for j in cells.splits[cell]:
        if j >= 0:
            put_split(report, j)


def decide(part: Part, room: Levels, game: Play, budget: int, cell: int, report: Report) -> int:
    """The walk on the cell at level 0; one with at most one input to go is exact."""
    if budget > 1:
        return walk(part, room, game, budget, cell, report)
    output = part.constant + weighted(part.weights, room.sums[0])
    if part.exactly and budget == 0 and judge(part, room, report, cell, 0, -1, output):
        return WRONG
    count = 0
    for j in range(len(game.outputs) if budget else 0):
        game.candidates[count] = j
        count += room.opens[0, j]
    if last_input(part, room, game, report, cell, 0, game.candidates[:count]):
        return WRONG
    put_exact(report)
    report.decided[cell] += members(room.counts[0, 0], budget, part.exactly)
    return PROVED


def sorted_out(weights: Reals, picks: Words, ends: Words, masses: Reals) -> None:
    """Fills ``picks``, ``ends`` and ``masses`` of a ``Part``."""
    place = 0
    for side in range(2):
        for r in range(len(weights)):
            size = weights[r] if side == 0 else -weights[r]
            masses[side, r] = max(size, 0.0)
            picks[place] = r
            place += size > 0.0
        ends[side + 1] = place


class Output(NamedTuple):
    """Room for what a ``Part`` holds of an output."""

    picks: Words
    ends: Words
    masses: Reals
    sides: Words


def walk_all(
    network: Hidden, cells: Cells, exactly: bool, once: bool, report: Report, room: Levels, game: Play, own: Output
) -> None:
    """Walks over the cells, which ascend in their outputs: after a wrong input on to the next output unless ``once``.

    Where the text is full, nothing of the cell is left in the report but that it is the one to go on with.
    """
    output, failed, need, sides = -1, -1, room_of_cell(room, len(room.path) - 1), own.sides
    for cell in range(report.counts[3], len(cells.outputs)):
        if cells.outputs[cell] != output:
            output = cells.outputs[cell]
            sorted_out(network.weights[output], own.picks, own.ends, own.masses)
        if output == failed:
            continue
        report.counts[3] = cell
        if report.counts[0] + need > len(report.text):
            report.status[cell] = FULL
            break
        characters, doubts, nodes = report.counts[0], report.counts[1], report.counts[2]
        limits, count = cells.limits[cell], 0
        for side in range(2):
            sides[count] = side
            count += limits[side] < HUGE
        weights, constant = network.weights[output], network.bias[output]
        slack, blur = cells.margins[cell, 0], cells.margins[cell, 1]
        shape = network.rows, network.columns, weights, own.masses, own.picks, own.ends
        part = Part(*shape, constant, limits, sides[:count], slack, blur, exactly)
        start(network, cells, cell, room, report)
        report.status[cell] = decide(part, room, game, cells.budgets[cell], cell, report)
        if report.status[cell] == FULL:
            report.counts[0], report.counts[1], report.counts[2] = characters, doubts, nodes
            report.decided[cell] = 0.0
        if report.status[cell] == WRONG and not once:
            failed = output
        elif report.status[cell] != PROVED:
            break


def _walks(network: Hidden, cells: Cells, exactly: bool, once: bool, report: Report) -> None:
    neurons, inputs, most = len(network.start), len(network.columns), max(2, cells.budgets.max())
    room, game = levels(neurons, inputs, most), play(neurons, inputs, most)
    picks, ends, sides = np.zeros(neurons + 1, np.int64), np.zeros(3, np.int64), np.zeros(3, np.int64)
    walk_all(network, cells, exactly, once, report, room, game, Output(picks, ends, np.zeros((2, neurons)), sides))


OUTER: tuple[Callable[..., Any], ...] = (levels, play, _walks)
INNER: tuple[Callable[..., Any], ...] = (
    answer, begin, clear, decide, descend, expand, failing, follow, followers, forget, found_here, gather, heaviest,
    hopeless, jensen, judge, last_input, locate, measure, members, note, product, put, put_exact, put_leaf,
    put_number, put_split, remember, restart, room_of_cell, sloped, sorted_out, split_off, start, steepen,
    value_with, walk, walk_all, weighted, wrong,
)  # fmt: skip


@cache
def walks() -> Callable[..., None]:
    """The compiled walks; the functions it calls stay plain Python for everybody else."""
    import numba
    from numba.extending import register_jitable

    options: dict[str, Any] = {"fastmath": True, "error_model": "numpy"}
    for function in OUTER:
        register_jitable(**options)(function)
    for function in INNER:  # allocate nothing: without counting references they take a third of the time less
        register_jitable(**options, _nrt=False)(function)
    version = stamp(_walks, expand, last_input, put, jensen)

    def run(network: Hidden, cells: Cells, exactly: bool, once: bool, report: Report) -> None:
        if version:
            _walks(network, cells, exactly, once, report)

    compiled: Callable[..., None] = numba.njit(cache=True, nogil=True, **options)(run)
    return compiled
