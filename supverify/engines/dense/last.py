"""The inputs of a cell with at most one more input on, each evaluated, in compiled code."""

from __future__ import annotations

from .walk import Levels, Part, Play, Reals, Words, jensen, value_with, weighted, wrong
from .words import Report

FEW = 8  # times so many inputs of which each is evaluated alone


def note(inputs: Words, room: Levels, depth: int, last: int) -> None:
    """Writes down the inputs on the path, and one more unless it is -1: how many, then which."""
    inputs[0] = depth
    for t in range(depth):
        inputs[t + 1] = room.path[t]
    if last >= 0:
        inputs[0] += 1
        inputs[depth + 1] = last


def judge(part: Part, room: Levels, report: Report, cell: int, depth: int, last: int, output: float) -> bool:
    """Whether the output is wrong on the path with one more input (-1: none); a doubt is written down."""
    if wrong(part, output, part.blur):
        note(report.found[cell], room, depth, last)
        return True
    if wrong(part, output, -part.blur):
        if report.counts[1] < len(report.doubts):
            note(report.doubts[report.counts[1]], room, depth, last)
            report.doubts[report.counts[1], -1] = cell
        report.counts[1] += 1
    return False


def follow(part: Part, game: Play, sums: Reals, candidates: Words) -> None:
    """Puts into ``outputs`` what the output is with one of the candidates on."""
    outputs, gains = game.outputs, game.gains
    if len(candidates) * FEW < len(outputs):
        for j in candidates:
            outputs[j] = part.constant + value_with(part.weights, sums, part.columns[j])
        return
    above, below = part.picks[: part.ends[1]], part.picks[part.ends[1] : part.ends[2]]
    ground = part.constant  # the upper forms of the last input are exact
    ground += jensen(part.rows, part.masses[0], above, sums, 1, gains[0])
    ground -= jensen(part.rows, part.masses[1], below, sums, 1, gains[1])
    for j in range(len(outputs)):
        outputs[j] = ground + gains[0, j] - gains[1, j]


def last_input(
    part: Part, room: Levels, game: Play, report: Report, cell: int, depth: int, candidates: Words
) -> bool:
    """Whether an input of a cell with at most (exactly) one of the candidates on is wrong."""
    sums = room.sums[depth]
    if not part.exactly:
        output = part.constant + weighted(part.weights, sums)
        if judge(part, room, report, cell, depth, -1, output):
            return True
    follow(part, game, sums, candidates)
    bad = False
    for j in candidates:
        bad = bad or judge(part, room, report, cell, depth, j, game.outputs[j])
    return bad
