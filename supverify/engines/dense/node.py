"""One cell of the walk: fictitious play until it closes, inputs split off where it does not."""

from __future__ import annotations

import numpy as np

from .walk import (
    HUGE,
    PLAYED,
    PROVED,
    STOPPED,
    TRIED,
    WRONG,
    Levels,
    Part,
    Play,
    Words,
    answer,
    clear,
    hopeless,
    jensen,
    locate,
    measure,
    remember,
    restart,
    weighted,
    wrong,
)


def forget(room: Levels, depth: int, input_off: int) -> None:
    """Takes the sets with an input that is split off out of the history; if none is left, one without it."""
    kept, last, sets, sizes = 0, room.counts[depth, 3] - 1, room.sets[depth], room.sizes[depth]
    for t in range(last + 1):
        size, inside = sizes[t], False
        for u in range(size):
            inside |= sets[t, u] == input_off
        if not inside:
            for u in range(size):
                sets[kept, u] = sets[t, u]
            sizes[kept] = size
            kept += 1
    if not kept:
        size = 0
        for u in range(sizes[last]):
            if sets[last, u] != input_off:
                sets[0, size] = sets[last, u]
                size += 1
        sizes[0] = size
        kept = 1
    room.counts[depth, 3] = kept


def heaviest(game: Play, side: int) -> int:
    """The open input with the largest coefficient."""
    if game.found[side]:
        return int(game.best[side, 0])
    return int(np.argmax(game.forms[side]))


def followers(part: Part, game: Play, one: int, inputs: Words) -> int:
    """Writes down the open inputs with which ``one`` may be on and the output wrong, as the forms have it."""
    count = 0
    for other in range(len(game.shut)):
        both = False
        for side in part.sides:
            form = game.forms[side]
            both |= game.scalars[side, 2] + form[one] + form[other] > part.limits[side] - part.slack
        if both and game.shut[other] == 0.0:
            inputs[count] = other
            count += 1
    return count


def split_off(part: Part, room: Levels, game: Play, depth: int, budget: int, side: int) -> None:
    """Splits off the heaviest input of the best answer; with two to go, notes the inputs it could be wrong with."""
    t, j = room.counts[depth, 1], heaviest(game, side)
    room.splits[depth, t] = j
    room.counts[depth, 1] += 1
    game.shut[j] = -HUGE
    if budget == 2:
        room.following[t] = followers(part, game, j, room.followers[t])
    forget(room, depth, j)
    restart(part, room, game, depth)


def begin(part: Part, room: Levels, game: Play, depth: int, budget: int) -> None:
    """The upper forms of a cell, the best answer to the first of them, and an empty history."""
    for t in range(1, 4):
        room.counts[depth, t] = 0
    shut, opens = game.shut, room.opens[depth]
    for j in range(len(shut)):
        shut[j] = 0.0 if opens[j] else -HUGE
    clear(game)
    for side in part.sides:
        picks = part.picks[part.ends[side] : part.ends[side + 1]]
        base = jensen(part.rows, part.masses[side], picks, room.sums[depth], budget, game.gains[side])
        game.scalars[side, 0] = base + (part.constant if side == 0 else -part.constant)
    first = part.sides[0]
    form, gains = game.forms[first], game.gains[first]
    for j in range(len(form)):
        form[j] = gains[j] + shut[j]
    game.found[first] = answer(form, game.best[first], budget, part.exactly)
    locate(part.columns, room.sums[depth], game.best[first, : game.found[first]], game.point)


def failing(part: Part, room: Levels, game: Play, depth: int, budget: int) -> int:
    """Measures; a side that is open, -1 if there is none, WRONG + 1 if its best answer is wrong (in ``best[0]``).

    ``point`` is then at the best answer.
    """
    side = measure(part, room, game, depth, budget)
    if side >= 0:
        chosen = game.best[side, : game.found[side]]
        locate(part.columns, room.sums[depth], chosen, game.point)
        output = part.constant + weighted(part.weights, game.point)
        if (not part.exactly or len(chosen) == budget) and wrong(part, output, part.blur):
            for t in range(len(chosen)):
                game.best[0, t] = chosen[t]
            game.found[0] = len(chosen)
            return WRONG + 1
    return side


def expand(part: Part, room: Levels, game: Play, depth: int, budget: int) -> int:
    """Splits inputs off the cell until what is left of it closes: PROVED, or WRONG with the input in ``best[0]``.

    STOPPED if nothing is left and the cell still does not close: one input too close to call.
    """
    begin(part, room, game, depth, budget)
    side, fresh = part.sides[0], True
    chosen = game.best[side, : game.found[side]]
    while True:
        if fresh:
            remember(part, room, game, depth, chosen)
        side = failing(part, room, game, depth, budget)
        if side < 0:
            return PROVED
        if side > WRONG:
            return WRONG
        left = room.counts[depth, 0] - room.counts[depth, 1]
        if left == 0 or (part.exactly and left < budget):
            return PROVED if part.exactly else STOPPED
        played = room.counts[depth, 3]
        fresh = played < TRIED or (played < PLAYED and not hopeless(part, room, game, depth, side))
        chosen = game.best[side, : game.found[side]]
        if not fresh:
            split_off(part, room, game, depth, budget, side)
