"""Branch and bound over supports for one output of a network with one hidden layer, compiled by numba.

On a cell the output is constant + sum of v_r relu(z_r). ``side`` 0 bounds it from above: neurons with v_r > 0 by
Jensen's inequality, those with v_r < 0 by slopes from below; side 1 bounds its negative, with the parts exchanged.
Slopes come from fictitious play: the share of the best answers so far at which a neuron is active, until a bound
closes, or until the average answer shows that no slope can. Then the heaviest input is split off, and the play goes
on without it. A cell with one input left is exact.

All of it is floating point and untrusted: whoever checks the words recomputes every bound in integers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]
Words = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]

PROVED, WRONG, STOPPED = 0, 1, 2
PLAYED = 6  # best answers that slopes are read off, at most
HUGE = 1e300  # the limit of a side that needs no bound


class Part(NamedTuple):
    """An output on a cell: ``rows`` (neurons x inputs), ``columns`` (its transpose), and its weights.

    ``picks`` are the neurons of weight > 0, and of weight < 0, ``sizes`` the absolute weights. ``limits`` are what
    the output, and its negative, may not exceed, ``sides`` those of the two that limit at all; ``slack`` is kept to
    them where a cell is closed, ``blur`` is how far a computed output may be off.
    """

    rows: Reals
    columns: Reals
    weights: Reals
    sizes: Reals
    picks: tuple[Words, Words]
    constant: float
    limits: Reals
    sides: Words
    slack: float
    blur: float
    exactly: bool


class Levels(NamedTuple):
    """What is known of the cells on the way from the root, one more input on at each level."""

    sums: Reals
    opens: Flags
    counts: Words  # level: open inputs, inputs split off, of them done, sets
    splits: Words
    sets: Words
    sizes: Words
    followers: Words
    following: Words
    path: Words


class Play(NamedTuple):
    """The forms of the cell at hand, for both sides, and the history of best answers."""

    gains: Reals
    slopes: Reals
    forms: Reals
    active: Reals
    total: Reals
    point: Reals
    scalars: Reals  # side: base, sum of what the answers gain, constant and maximum of the form
    best: Words
    found: Words  # side: how many inputs the best answer has
    alive: Flags


def levels(neurons: int, inputs: int, budget: int) -> Levels:
    """Room for a walk."""
    depth = budget + 1
    return Levels(
        np.zeros((depth, neurons)),
        np.zeros((depth, inputs), np.bool_),
        np.zeros((depth, 4), np.int64),
        np.zeros((depth, inputs), np.int64),
        np.zeros((depth, PLAYED, depth), np.int64),
        np.zeros((depth, PLAYED), np.int64),
        np.zeros((inputs, inputs), np.int64),
        np.zeros(inputs, np.int64),
        np.zeros(depth, np.int64),
    )


def play(neurons: int, inputs: int, budget: int) -> Play:
    """Room for the forms of one cell."""
    return Play(
        np.zeros((2, inputs)),
        np.zeros((2, inputs)),
        np.zeros((2, inputs)),
        np.zeros(neurons),
        np.zeros(neurons),
        np.zeros(neurons),
        np.zeros((2, 4)),
        np.zeros((2, budget + 1), np.int64),
        np.zeros(2, np.int64),
        np.zeros(inputs, np.bool_),
    )


def jensen(rows: Reals, sizes: Reals, picks: Words, sums: Reals, budget: int, gains: Reals) -> float:
    """Fills ``gains`` with what each input adds to the upper form of the picked neurons; returns its constant."""
    ground, inputs, last = 0.0, rows.shape[1], len(picks) - len(picks) % 2
    for j in range(inputs):
        gains[j] = 0.0
    for t in range(0, last, 2):  # two neurons at a time: the sums are read and written half as often
        one, two = rows[picks[t]], rows[picks[t + 1]]
        a, v = sums[picks[t]] / budget, sizes[picks[t]]
        b, w = sums[picks[t + 1]] / budget, sizes[picks[t + 1]]
        ground += v * max(a, 0.0) + w * max(b, 0.0)
        for j in range(inputs):
            gains[j] += v * max(a + one[j], 0.0) + w * max(b + two[j], 0.0)
    for t in range(last, len(picks)):
        one, a, v = rows[picks[t]], sums[picks[t]] / budget, sizes[picks[t]]
        ground += v * max(a, 0.0)
        for j in range(inputs):
            gains[j] += v * max(a + one[j], 0.0)
    for j in range(inputs):
        gains[j] -= ground
    return ground * budget


def product(rows: Reals, sizes: Reals, picks: Words, shares: Reals, sums: Reals) -> None:
    """Adds to ``sums`` the picked neurons' rows times their sizes and shares."""
    for r in picks:
        weight, row = sizes[r] * shares[r], rows[r]
        if weight > 0.0:
            for j in range(len(sums)):
                sums[j] += weight * row[j]


def value(part: Part, sums: Reals) -> float:
    """The output, from the sums of the hidden layer."""
    total = part.constant
    for r in range(len(sums)):
        total += part.weights[r] * max(sums[r], 0.0)
    return total


def value_with(part: Part, sums: Reals, more: Reals) -> float:
    """The output with one more input on."""
    total = part.constant
    for r in range(len(sums)):
        total += part.weights[r] * max(sums[r] + more[r], 0.0)
    return total


def wrong(part: Part, output: float, by: float) -> bool:
    """Whether an output lies outside its window by more than ``by`` (more than -by: it may)."""
    return bool(output > part.limits[0] + by or -output > part.limits[1] + by)


def answer(game: Play, side: int, budget: int, exactly: bool) -> None:
    """The best answer to the form of a side: its ``budget`` largest coefficients, the earlier of two equal ones."""
    form, best, taken = game.forms[side], game.best[side], 0
    least = -HUGE if exactly else 0.0
    for q in range(len(form)):
        if form[q] > least:
            taken = min(taken + 1, budget)
            t = taken - 1
            while t > 0 and form[best[t - 1]] < form[q]:
                best[t] = best[t - 1]
                t -= 1
            best[t] = q
            if taken == budget:
                least = form[best[taken - 1]]
    game.found[side] = taken
    game.scalars[side, 3] = game.scalars[side, 2]
    for t in range(taken):
        game.scalars[side, 3] += form[best[t]]


def locate(part: Part, room: Levels, game: Play, depth: int, chosen: Words) -> None:
    """Puts into ``point`` the sums of the neurons where also the chosen inputs are on."""
    point, sums = game.point, room.sums[depth]
    for r in range(len(point)):
        point[r] = sums[r]
    for j in chosen:
        column = part.columns[j]
        for r in range(len(point)):
            point[r] += column[r]


def gather(part: Part, room: Levels, game: Play, depth: int, chosen: Words) -> None:
    """Adds to the history's sums what holds where the chosen inputs are on; leaves activity in ``point``."""
    locate(part, room, game, depth, chosen)
    point, active, total = game.point, game.active, game.total
    for r in range(len(point)):
        total[r] += point[r]
        point[r] = 1.0 if point[r] > 0.0 else 0.0
        active[r] += point[r]
    for side in part.sides:
        game.scalars[side, 1] += game.scalars[side, 0]
        for j in chosen:
            game.scalars[side, 1] += game.gains[side, j]


def remember(part: Part, room: Levels, game: Play, depth: int, chosen: Words) -> None:
    """One more answer of the history."""
    t = room.counts[depth, 3]
    room.sizes[depth, t] = len(chosen)
    for u in range(len(chosen)):
        room.sets[depth, t, u] = chosen[u]
    room.counts[depth, 3] += 1
    gather(part, room, game, depth, chosen)
    for side in part.sides:
        product(part.rows, part.sizes, part.picks[1 - side], game.point, game.slopes[side])


def clear(game: Play) -> None:
    """The sums of an empty history."""
    for side in range(2):
        game.scalars[side, 1] = 0.0
        for j in range(len(game.alive)):
            game.slopes[side, j] = 0.0
    for r in range(len(game.active)):
        game.active[r] = game.total[r] = 0.0


def restart(part: Part, room: Levels, game: Play, depth: int) -> None:
    """The history's sums again from its sets, after some of them have changed."""
    clear(game)
    for t in range(room.counts[depth, 3]):
        gather(part, room, game, depth, room.sets[depth, t, : room.sizes[depth, t]])
    for side in part.sides:
        product(part.rows, part.sizes, part.picks[1 - side], game.active, game.slopes[side])


def measure(part: Part, room: Levels, game: Play, depth: int, budget: int) -> int:
    """The forms under the slopes of the history, and their best answers; returns a side that is open, or -1."""
    share, sums = 1.0 / room.counts[depth, 3], room.sums[depth]
    worst, open_side = 0.0, -1
    for side in part.sides:
        constant, form = game.scalars[side, 0], game.forms[side]
        gains, slopes = game.gains[side], game.slopes[side]
        for r in part.picks[1 - side]:
            constant -= share * game.active[r] * part.sizes[r] * sums[r]
        game.scalars[side, 2] = constant
        for j in range(len(form)):
            form[j] = gains[j] - share * slopes[j] if game.alive[j] else -HUGE
        answer(game, side, budget, part.exactly)
        over = game.scalars[side, 3] - part.limits[side] + part.slack
        if over > worst:
            worst, open_side = over, side
    return open_side


def hopeless(part: Part, room: Levels, game: Play, depth: int, side: int) -> bool:
    """Whether the average answer shows that no slopes bring the bound of a side under its limit."""
    found, share = game.scalars[side, 1], 1.0 / room.counts[depth, 3]
    for r in part.picks[1 - side]:
        found -= part.sizes[r] * max(game.total[r], 0.0)
    return bool(share * found > part.limits[side] - part.slack)
