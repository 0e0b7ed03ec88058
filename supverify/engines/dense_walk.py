"""Branch and bound over supports for one output of a network with one hidden layer, compiled by numba.

On a cell the output is constant + sum of relu(p_r) - sum of relu(q_r), each p_r and q_r (weighted neurons) a start plus
the columns of the active inputs. ``side`` 0 bounds it from above: relu(p) by Jensen's inequality, relu(q) from below by
slopes; side 1 bounds its negative, with the parts exchanged. Slopes come from fictitious play: the share of the
best answers so far at which a neuron is active, until a bound closes, or until the average answer shows that no
slope can. Then the heaviest input is split off, and the play goes on without it. A cell with one input left is exact.

All of it is floating point and untrusted: whoever checks the words recomputes every bound in integers.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Reals = npt.NDArray[np.float64]
Words = npt.NDArray[np.int64]

PROVED, WRONG, STOPPED = 0, 1, 2
PLAYED = 6  # best answers that slopes are read off, at most
HUGE = 1e300  # the limit of a side that needs no bound


class Part(NamedTuple):
    """An output on a cell: ``columns[0]`` (inputs x neurons of weight > 0, weighted), ``columns[1]`` (those < 0).

    ``limits`` are what the output, and its negative, may not exceed; ``slack`` is kept to them where a cell is closed,
    ``blur`` is how far a computed output may be off.
    """

    columns: tuple[Reals, Reals]
    constant: float
    limits: Reals
    slack: float
    blur: float
    exactly: bool


class Levels(NamedTuple):
    """What is known of the cells on the way from the root, one more input on at each level."""

    sums: tuple[Reals, Reals]
    opens: Words
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
    active: tuple[Reals, Reals]
    total: tuple[Reals, Reals]
    point: tuple[Reals, Reals]
    scalars: Reals  # side: base, average of what the answers gain, constant and maximum of the form
    best: Words
    found: Words  # side: how many inputs the best answer has
    alive: npt.NDArray[np.bool_]


def levels(inputs: int, parts: tuple[Reals, Reals], budget: int) -> Levels:
    """Room for a walk."""
    depth = budget + 1
    return Levels(
        (np.zeros((depth, parts[0].shape[1])), np.zeros((depth, parts[1].shape[1]))),
        np.zeros((depth, inputs), np.int64),
        np.zeros((depth, 4), np.int64),
        np.zeros((depth, inputs), np.int64),
        np.zeros((depth, PLAYED, depth), np.int64),
        np.zeros((depth, PLAYED), np.int64),
        np.zeros((inputs, inputs), np.int64),
        np.zeros(inputs, np.int64),
        np.zeros(depth, np.int64),
    )


def play(inputs: int, parts: tuple[Reals, Reals], budget: int) -> Play:
    """Room for the forms of one cell."""
    positive, negative = parts[0].shape[1], parts[1].shape[1]
    return Play(
        np.zeros((2, inputs)),
        np.zeros((2, inputs)),
        np.zeros((2, inputs)),
        (np.zeros(positive), np.zeros(negative)),
        (np.zeros(positive), np.zeros(negative)),
        (np.zeros(positive), np.zeros(negative)),
        np.zeros((2, 4)),
        np.zeros((2, budget + 1), np.int64),
        np.zeros(2, np.int64),
        np.zeros(inputs, np.bool_),
    )


def jensen(columns: Reals, start: Reals, budget: int, opens: Words, gains: Reals, scratch: Reals) -> float:
    """Fills ``gains`` with what each open input adds to the upper form; returns the form's constant."""
    ground = 0.0
    for r in range(len(start)):
        scratch[r] = start[r] / budget
        ground += max(scratch[r], 0.0)
    for q in range(len(opens)):
        column, total = columns[opens[q]], 0.0
        for r in range(len(start)):
            total += max(scratch[r] + column[r], 0.0)
        gains[q] = total - ground
    return ground * budget


def product(columns: Reals, weights: Reals, opens: Words, sums: Reals) -> None:
    """Adds to ``sums`` the product of ``weights`` with the column of each open input."""
    for q in range(len(opens)):
        column, total = columns[opens[q]], 0.0
        for r in range(len(weights)):
            total += weights[r] * column[r]
        sums[q] += total


def excess(one: Reals, other: Reals) -> float:
    """sum of relu(one) - sum of relu(other)."""
    total = 0.0
    for r in range(len(one)):
        total += max(one[r], 0.0)
    for r in range(len(other)):
        total -= max(other[r], 0.0)
    return total


def excess_with(one: Reals, more: Reals, other: Reals, further: Reals) -> float:
    """The same with one more input on."""
    total = 0.0
    for r in range(len(one)):
        total += max(one[r] + more[r], 0.0)
    for r in range(len(other)):
        total -= max(other[r] + further[r], 0.0)
    return total


def answer(game: Play, side: int, opens: int, budget: int, exactly: bool) -> None:
    """The best answer to the form of a side: its ``budget`` largest coefficients, the earlier of two equal ones."""
    form, best, taken = game.forms[side], game.best[side], 0
    least = -HUGE if exactly else 0.0
    for q in range(opens):
        if form[q] > least and game.alive[q]:
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
    """Puts into ``point`` the neurons where also the inputs at the places ``chosen`` are on."""
    for side in range(2):
        point, columns = game.point[side], part.columns[side]
        point[:] = room.sums[side][depth]
        for place in chosen:
            column = columns[room.opens[depth, place]]
            for r in range(len(point)):
                point[r] += column[r]


def gather(part: Part, room: Levels, game: Play, depth: int, chosen: Words) -> None:
    """Adds to the history's sums what holds where the inputs at the places ``chosen`` are on; activity in ``point``."""
    locate(part, room, game, depth, chosen)
    for side in range(2):
        point, active, total = game.point[side], game.active[side], game.total[side]
        for r in range(len(point)):
            total[r] += point[r]
            point[r] = 1.0 if point[r] > 0.0 else 0.0
            active[r] += point[r]
        game.scalars[side, 1] += game.scalars[side, 0]
        for place in chosen:
            game.scalars[side, 1] += game.gains[side, place]


def remember(part: Part, room: Levels, game: Play, depth: int, chosen: Words) -> None:
    """One more answer of the history: the inputs at the places ``chosen``."""
    n, t = room.counts[depth, 0], room.counts[depth, 3]
    room.sizes[depth, t] = len(chosen)
    for u in range(len(chosen)):
        room.sets[depth, t, u] = chosen[u]
    room.counts[depth, 3] += 1
    gather(part, room, game, depth, chosen)
    for side in range(2):
        if part.limits[1 - side] < HUGE:
            product(part.columns[side], game.point[side], room.opens[depth, :n], game.slopes[1 - side])


def restart(part: Part, room: Levels, game: Play, depth: int) -> None:
    """The history's sums again from its sets, after some of them have changed."""
    n = room.counts[depth, 0]
    game.scalars[:, 1] = 0.0
    game.slopes[:] = 0.0
    for side in range(2):
        game.active[side][:] = 0.0
        game.total[side][:] = 0.0
    for t in range(room.counts[depth, 3]):
        gather(part, room, game, depth, room.sets[depth, t, : room.sizes[depth, t]])
    for side in range(2):
        if part.limits[1 - side] < HUGE:
            product(part.columns[side], game.active[side], room.opens[depth, :n], game.slopes[1 - side])


def measure(part: Part, room: Levels, game: Play, depth: int, budget: int) -> int:
    """The forms under the slopes of the history, and their best answers; returns a side that is open, or -1."""
    n, share = room.counts[depth, 0], 1.0 / room.counts[depth, 3]
    worst, open_side = 0.0, -1
    for side in range(2):
        if part.limits[side] < HUGE:
            active, start, constant = game.active[1 - side], room.sums[1 - side][depth], game.scalars[side, 0]
            for r in range(len(active)):
                constant -= share * active[r] * start[r]
            game.scalars[side, 2] = constant
            for q in range(n):
                game.forms[side, q] = game.gains[side, q] - share * game.slopes[side, q]
            answer(game, side, n, budget, part.exactly)
            over = game.scalars[side, 3] - part.limits[side] + part.slack
            if over > worst:
                worst, open_side = over, side
    return open_side


def hopeless(part: Part, room: Levels, game: Play, depth: int, side: int) -> bool:
    """Whether the average answer shows that no slopes bring the bound of a side under its limit."""
    share = 1.0 / room.counts[depth, 3]
    value, total = share * game.scalars[side, 1], game.total[1 - side]
    for r in range(len(total)):
        value -= share * max(total[r], 0.0)
    return bool(value > part.limits[side] - part.slack)


def wrong(part: Part, value: float, by: float) -> bool:
    """Whether an output lies outside its window by more than ``by`` (more than -by: it may)."""
    return bool(value > part.limits[0] + by or -value > part.limits[1] + by)


def forget(room: Levels, depth: int, place: int) -> None:
    """Takes the sets with an input that is split off out of the history; if none is left, one without it."""
    kept, last = 0, room.counts[depth, 3] - 1
    for t in range(last + 1):
        size, inside = room.sizes[depth, t], False
        for u in range(size):
            inside |= room.sets[depth, t, u] == place
        if not inside:
            room.sets[depth, kept, :size] = room.sets[depth, t, :size]
            room.sizes[depth, kept] = size
            kept += 1
    if not kept:
        size = 0
        for u in range(room.sizes[depth, last]):
            if room.sets[depth, last, u] != place:
                room.sets[depth, 0, size] = room.sets[depth, last, u]
                size += 1
        room.sizes[depth, 0] = size
        kept = 1
    room.counts[depth, 3] = kept


def split_off(part: Part, room: Levels, game: Play, depth: int, budget: int, side: int) -> None:
    """Splits off the heaviest input of the best answer; with two to go, notes the inputs it could be wrong with."""
    n, t = room.counts[depth, 0], room.counts[depth, 1]
    place = game.best[side, 0] if game.found[side] else heaviest(game, side, n)
    room.splits[depth, t] = place
    room.counts[depth, 1] += 1
    game.alive[place] = False
    if budget == 2:
        count = 0
        for q in range(n):
            if game.alive[q] and together(part, game, place, q):
                room.followers[t, count] = room.opens[depth, q]
                count += 1
        room.following[t] = count
    forget(room, depth, place)
    restart(part, room, game, depth)


def heaviest(game: Play, side: int, n: int) -> int:
    """The place of the open input with the largest coefficient."""
    place = -1
    for q in range(n):
        if game.alive[q] and (place < 0 or game.forms[side, q] > game.forms[side, place]):
            place = q
    return place


def together(part: Part, game: Play, one: int, other: int) -> bool:
    """Whether the forms allow the output to be wrong when two inputs are on."""
    for side in range(2):
        if part.limits[side] < HUGE:
            form = game.forms[side]
            if game.scalars[side, 2] + form[one] + form[other] > part.limits[side] - part.slack:
                return True
    return False


def begin(part: Part, room: Levels, game: Play, depth: int, budget: int) -> None:
    """The upper forms of a cell, and an empty history."""
    n = room.counts[depth, 0]
    room.counts[depth, 1:] = 0
    game.alive[:n] = True
    game.slopes[:] = 0.0
    game.scalars[:, 1] = 0.0
    for side in range(2):
        game.active[side][:] = 0.0
        game.total[side][:] = 0.0
        if part.limits[side] < HUGE:
            start, opens = room.sums[side][depth], room.opens[depth, :n]
            base = jensen(part.columns[side], start, budget, opens, game.gains[side], game.point[side])
            game.scalars[side, 0] = base + (part.constant if side == 0 else -part.constant)


def failing(part: Part, room: Levels, game: Play, depth: int, budget: int) -> int:
    """Measures; a side that is open, -1 if there is none, WRONG + 1 if its best answer is wrong."""
    side = measure(part, room, game, depth, budget)
    if side >= 0:
        chosen = game.best[side, : game.found[side]]
        if not part.exactly or len(chosen) == budget:
            locate(part, room, game, depth, chosen)
            if wrong(part, part.constant + excess(game.point[0], game.point[1]), part.blur):
                game.best[0, : len(chosen)] = chosen
                game.found[0] = len(chosen)
                return WRONG + 1
    return side


def expand(part: Part, room: Levels, game: Play, depth: int, budget: int) -> int:
    """Splits inputs off the cell until what is left of it closes: PROVED, or WRONG with the input in ``best[0]``.

    STOPPED if nothing is left and the cell still does not close: one input too close to call.
    """
    n = room.counts[depth, 0]
    begin(part, room, game, depth, budget)
    remember(part, room, game, depth, game.best[0, :0])
    while True:
        side = failing(part, room, game, depth, budget)
        if side < 0:
            return PROVED
        if side > WRONG:
            return WRONG
        left = n - room.counts[depth, 1]
        if left == 0 or (part.exactly and left < budget):
            return PROVED if part.exactly else STOPPED
        if room.counts[depth, 3] == PLAYED or hopeless(part, room, game, depth, side):
            split_off(part, room, game, depth, budget, side)
        else:
            remember(part, room, game, depth, game.best[side, : game.found[side]].copy())
