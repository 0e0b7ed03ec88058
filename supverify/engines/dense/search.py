"""Walks over whole cells, one after the other, in compiled code that writes the words of the evidence."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import NamedTuple

import numpy as np

from ..compiled import stamp
from .node import begin, expand, failing, forget, heaviest, split_off, together
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
    value,
    value_with,
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
    """Cell t: its output, the inputs that are on and off (rows filled up with -1), its budget, and what a walk on it
    has to show: the two limits, slack and blur of a ``Part``."""

    outputs: Words
    on: Words
    off: Words
    budgets: Words
    limits: Reals
    margins: Reals


def note(inputs: Words, room: Levels, depth: int, last: int) -> None:
    """Writes down the inputs on the path, and one more unless it is -1: how many, then which."""
    inputs[0] = depth
    for t in range(depth):
        inputs[t + 1] = room.path[t]
    if last >= 0:
        inputs[0] += 1
        inputs[depth + 1] = last


def judge(part: Part, room: Levels, report: Report, cell: int, depth: int, last: int) -> bool:
    """Evaluates the path with one more input (-1: none); True if it is wrong, a doubt is written down."""
    sums = room.sums[depth]
    output = value(part, sums) if last < 0 else value_with(part, sums, part.columns[last])
    if wrong(part, output, part.blur):
        note(report.found[cell], room, depth, last)
        return True
    if wrong(part, output, -part.blur):
        if report.counts[1] < len(report.doubts):
            note(report.doubts[report.counts[1]], room, depth, last)
            report.doubts[report.counts[1], -1] = cell
        report.counts[1] += 1
    return False


def last_input(part: Part, room: Levels, report: Report, cell: int, depth: int, candidates: Words) -> bool:
    """Whether an input of a cell with at most (exactly) one of the candidates on is wrong."""
    bad = not part.exactly and judge(part, room, report, cell, depth, -1)
    for j in candidates:
        bad = bad or judge(part, room, report, cell, depth, j)
    return bad


def descend(part: Part, room: Levels, depth: int, child: int) -> None:
    """The next level: a child of the cell, with one of the inputs split off on and those before it off."""
    j = room.splits[depth, child]
    room.path[depth] = j
    above, below, column = room.sums[depth], room.sums[depth + 1], part.columns[j]
    for r in range(len(column)):
        below[r] = above[r] + column[r]
    for q in range(room.opens.shape[1]):
        room.opens[depth + 1, q] = room.opens[depth, q]
    for u in range(child + 1):
        room.opens[depth + 1, room.splits[depth, u]] = False
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
            if outcome == STOPPED and last_input(part, room, report, cell, depth, room.path[:0]):
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
        followers = room.followers[child, : room.following[child]]
        if last_input(part, room, report, cell, depth + 1, followers):
            return WRONG
        put_exact(report)
        report.decided[cell] += members(room.counts[depth + 1, 0], 1, part.exactly)
    return PROVED


def start(network: Hidden, cells: Cells, cell: int, room: Levels) -> None:
    """Level 0 at the root of a cell: the sums with the inputs that are on, and the open inputs."""
    sums, opens = room.sums[0], room.opens[0]
    for r in range(len(sums)):
        sums[r] = network.start[r]
    for j in range(len(opens)):
        opens[j] = True
    room.counts[0, 0] = len(opens)
    for j in cells.on[cell]:
        if j >= 0:
            opens[j] = False
            room.counts[0, 0] -= 1
            for r in range(len(sums)):
                sums[r] += network.columns[j, r]
    for j in cells.off[cell]:
        if j >= 0:
            opens[j] = False
            room.counts[0, 0] -= 1


def decide(part: Part, room: Levels, game: Play, budget: int, cell: int, report: Report) -> int:
    """The walk on the cell at level 0; one with at most one input to go is exact."""
    if report.counts[0] + room_of_cell(room, budget) > len(report.text):
        return FULL
    if budget > 1:
        return walk(part, room, game, budget, cell, report)
    if part.exactly and budget == 0 and judge(part, room, report, cell, 0, -1):
        return WRONG
    opens = np.flatnonzero(room.opens[0]) if budget else room.path[:0]
    if last_input(part, room, report, cell, 0, opens):
        return WRONG
    put_exact(report)
    report.decided[cell] += members(room.counts[0, 0], budget, part.exactly)
    return PROVED


def _walks(network: Hidden, cells: Cells, exactly: bool, report: Report) -> None:
    """Walks over the cells, which ascend in their outputs: after a wrong input on to the next output."""
    output, failed, inputs, most = -1, -1, len(network.columns), max(2, cells.budgets.max())
    room, game = levels(len(network.start), inputs, most), play(len(network.start), inputs, most)
    sizes, weights = network.weights[0], network.weights[0]
    picks = (np.flatnonzero(weights > 0.0), np.flatnonzero(weights < 0.0))
    for cell in range(len(cells.outputs)):
        if cells.outputs[cell] != output:
            output = cells.outputs[cell]
            weights = network.weights[output]
            sizes, picks = np.abs(weights), (np.flatnonzero(weights > 0.0), np.flatnonzero(weights < 0.0))
        if output != failed:
            slack, blur = cells.margins[cell]
            limits, constant = cells.limits[cell], network.bias[output]
            sides, rows, columns = np.flatnonzero(limits < HUGE), network.rows, network.columns
            part = Part(rows, columns, weights, sizes, picks, constant, limits, sides, slack, blur, exactly)
            start(network, cells, cell, room)
            report.status[cell] = decide(part, room, game, cells.budgets[cell], cell, report)
            failed = output if report.status[cell] == WRONG else failed
        report.ends[cell] = report.counts[0]
        if report.status[cell] >= STOPPED and output != failed:
            break


PARTS = (
    answer, begin, clear, decide, descend, expand, failing, forget, found_here, gather, heaviest, hopeless, jensen,
    judge, last_input, levels, locate, measure, members, note, play, product, put, put_exact, put_leaf, put_number,
    put_split, remember, restart, room_of_cell, split_off, start, together, value, value_with, walk, wrong,
)  # fmt: skip


@cache
def walks() -> Callable[..., None]:
    """The compiled walks; the functions it calls stay plain Python for everybody else."""
    import numba
    from numba.extending import register_jitable

    for function in (*PARTS, _walks):
        register_jitable(fastmath=True, error_model="numpy")(function)
    version = stamp(_walks, expand, put, jensen)

    def run(network: Hidden, cells: Cells, exactly: bool, report: Report) -> None:
        if version:
            _walks(network, cells, exactly, report)

    compiled: Callable[..., None] = numba.njit(cache=True, nogil=True, fastmath=True, error_model="numpy")(run)
    return compiled
