"""The words of a walk, written by compiled code."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .walk import Levels, Reals, Words

SPLIT, LEAF, COMMA, POINT, NONE, SPACE, ZERO = (ord(letter) for letter in "SL,.- 0")


class Report(NamedTuple):
    """What walks leave behind: words, inputs found (their number first), shares decided."""

    text: npt.NDArray[np.uint8]
    status: Words
    found: Words
    doubts: Words
    counts: Words  # characters, doubts, nodes, the cell to go on with once the text has more room
    decided: Reals
    stop: Words  # whether to, and after how many cells


def put(report: Report, letter: int) -> None:
    """One more character."""
    report.text[report.counts[0]] = letter
    report.counts[0] += 1


def put_number(report: Report, number: int) -> None:
    """A number in decimal digits."""
    unit = 1
    while unit * 10 <= number:
        unit *= 10
    while unit:
        put(report, ZERO + number // unit % 10)
        unit //= 10


def put_split(report: Report, j: int) -> None:
    """The word that splits on input j."""
    put(report, SPLIT)
    put_number(report, j)
    put(report, SPACE)


def put_leaf(report: Report, room: Levels, depth: int) -> None:
    """A leaf with the sets of the history."""
    put(report, LEAF)
    for t in range(room.counts[depth, 3]):
        if t:
            put(report, COMMA)
        if room.sizes[depth, t] == 0:
            put(report, NONE)
        for u in range(room.sizes[depth, t]):
            if u:
                put(report, POINT)
            put_number(report, room.sets[depth, t, u])
    put(report, SPACE)


def put_exact(report: Report) -> None:
    """A leaf on which the bounds are exact."""
    put(report, LEAF)
    put(report, SPACE)
