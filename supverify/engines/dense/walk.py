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
TRIED = 2  # of them, before a split is thought of
HUGE = 1e300  # the limit of a side that needs no bound


class Part(NamedTuple):
    """An output on a cell: ``rows`` (neurons x inputs), ``columns`` (its transpose), and its weights.

    ``picks[ends[0] : ends[1]]`` are the neurons of weight > 0, those behind it up to ``ends[2]`` of weight < 0;
    ``masses`` their absolute weights, in a row of its own for each of the two signs. ``limits`` are what the output,
    and its negative, may not exceed, ``sides`` those of the two that limit at all; ``slack`` is kept to them where a
    cell is closed, ``blur`` is how far a computed output may be off.
    """

    rows: Reals
    columns: Reals
    weights: Reals
    masses: Reals
    picks: Words
    ends: Words
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
    shut: Reals  # 0 for an open input, else -HUGE
    outputs: Reals
    candidates: Words
    scratch: Words


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
        np.zeros(inputs),
        np.zeros(inputs),
        np.zeros(inputs + 1, np.int64),
        np.zeros(neurons + 1, np.int64),
    )


def jensen(rows: Reals, sizes: Reals, picks: Words, sums: Reals, budget: int, gains: Reals) -> float:
    """Fills ``gains`` with what each input adds to the upper form of the picked neurons; returns its constant."""
    ground, inputs, last, each = 0.0, rows.shape[1], len(picks) - len(picks) % 4, 1.0 / budget
    for j in range(inputs):
        gains[j] = 0.0
    for t in range(0, last, 4):  # four neurons at a time: the gains are read and written less often
        p, q, r, s = picks[t], picks[t + 1], picks[t + 2], picks[t + 3]
        one, two, three, four = rows[p], rows[q], rows[r], rows[s]
        a, b, c, d = each * sums[p], each * sums[q], each * sums[r], each * sums[s]
        u, v, w, x = sizes[p], sizes[q], sizes[r], sizes[s]
        ground += u * max(a, 0.0) + v * max(b, 0.0) + w * max(c, 0.0) + x * max(d, 0.0)
        for j in range(inputs):
            upper = u * max(a + one[j], 0.0) + v * max(b + two[j], 0.0)
            gains[j] += upper + w * max(c + three[j], 0.0) + x * max(d + four[j], 0.0)
    for t in range(last, len(picks)):
        one, a, u = rows[picks[t]], each * sums[picks[t]], sizes[picks[t]]
        ground += u * max(a, 0.0)
        for j in range(inputs):
            gains[j] += u * max(a + one[j], 0.0)
    for j in range(inputs):
        gains[j] -= ground
    return ground * budget


def product(rows: Reals, sizes: Reals, picks: Words, shares: Reals, sums: Reals, scratch: Words) -> None:
    """Adds to ``sums`` the picked neurons' rows times their sizes and shares."""
    count = 0
    for r in picks:
        scratch[count] = r
        count += shares[r] > 0.0
    last = count - count % 4
    for t in range(0, last, 4):
        p, q, r, s = scratch[t], scratch[t + 1], scratch[t + 2], scratch[t + 3]
        one, two, three, four = rows[p], rows[q], rows[r], rows[s]
        u, v, w, x = sizes[p] * shares[p], sizes[q] * shares[q], sizes[r] * shares[r], sizes[s] * shares[s]
        for j in range(len(sums)):
            sums[j] += u * one[j] + v * two[j] + w * three[j] + x * four[j]
    for t in range(last, count):
        u, one = sizes[scratch[t]] * shares[scratch[t]], rows[scratch[t]]
        for j in range(len(sums)):
            sums[j] += u * one[j]


def weighted(sizes: Reals, values: Reals) -> float:
    """The sum of max(value, 0) times its size."""
    total = 0.0
    for r in range(len(values)):
        total += sizes[r] * max(values[r], 0.0)
    return total


def sloped(sizes: Reals, shares: Reals, values: Reals) -> float:
    """The sum of size times share times value."""
    total = 0.0
    for r in range(len(values)):
        total += sizes[r] * shares[r] * values[r]
    return total


def value_with(weights: Reals, sums: Reals, more: Reals) -> float:
    """What the hidden layer adds to the output with one more input on."""
    total = 0.0
    for r in range(len(sums)):
        total += weights[r] * max(sums[r] + more[r], 0.0)
    return total


def wrong(part: Part, output: float, by: float) -> bool:
    """Whether an output lies outside its window by more than ``by`` (more than -by: it may)."""
    return bool(output > part.limits[0] + by or -output > part.limits[1] + by)


def answer(form: Reals, best: Words, budget: int, exactly: bool) -> int:
    """The best answer to a form: its ``budget`` largest coefficients, the earlier of two equal ones; how many."""
    taken, least = 0, -HUGE if exactly else 0.0
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
    return taken


def locate(columns: Reals, sums: Reals, chosen: Words, point: Reals) -> None:
    """Puts into ``point`` the sums of the neurons where also the chosen inputs are on."""
    odd = len(chosen) % 2
    if odd:
        column = columns[chosen[0]]
        for r in range(len(point)):
            point[r] = sums[r] + column[r]
    else:
        for r in range(len(point)):
            point[r] = sums[r]
    for t in range(odd, len(chosen), 2):  # two at a time, as in ``jensen``
        one, two = columns[chosen[t]], columns[chosen[t + 1]]
        for r in range(len(point)):
            point[r] += one[r] + two[r]


def gather(part: Part, game: Play, chosen: Words) -> None:
    """Adds to the history's sums what holds at ``point``, where the chosen inputs are on; leaves activity there."""
    point, active, total, scalars, gains = game.point, game.active, game.total, game.scalars, game.gains
    for r in range(len(point)):
        total[r] += point[r]
        point[r] = 1.0 if point[r] > 0.0 else 0.0
        active[r] += point[r]
    for side in part.sides:
        found = scalars[side, 0]
        for j in chosen:
            found += gains[side, j]
        scalars[side, 1] += found


def remember(part: Part, room: Levels, game: Play, depth: int, chosen: Words) -> None:
    """One more answer of the history, which ``point`` is at."""
    t = room.counts[depth, 3]
    kept = room.sets[depth, t]
    room.sizes[depth, t] = len(chosen)
    room.counts[depth, 3] = t + 1
    for u in range(len(chosen)):
        kept[u] = chosen[u]
    gather(part, game, chosen)
    steepen(part, game, game.point)


def steepen(part: Part, game: Play, shares: Reals) -> None:
    """Adds to the slopes of each side those of the neurons that are active, or as often as they are."""
    for side in part.sides:
        picks = part.picks[part.ends[1 - side] : part.ends[2 - side]]
        product(part.rows, part.masses[1 - side], picks, shares, game.slopes[side], game.scratch)


def clear(game: Play) -> None:
    """The sums of an empty history."""
    slopes, active, total = game.slopes, game.active, game.total
    for side in range(2):
        game.scalars[side, 1] = 0.0
        for j in range(slopes.shape[1]):
            slopes[side, j] = 0.0
    for r in range(len(active)):
        active[r] = total[r] = 0.0


def restart(part: Part, room: Levels, game: Play, depth: int) -> None:
    """The history's sums again from its sets, after some of them have changed."""
    clear(game)
    for t in range(room.counts[depth, 3]):
        chosen = room.sets[depth, t, : room.sizes[depth, t]]
        locate(part.columns, room.sums[depth], chosen, game.point)
        gather(part, game, chosen)
    steepen(part, game, game.active)


def measure(part: Part, room: Levels, game: Play, depth: int, budget: int) -> int:
    """The forms under the slopes of the history, and their best answers; returns a side that is open, or -1."""
    share, sums, shut, scalars = 1.0 / room.counts[depth, 3], room.sums[depth], game.shut, game.scalars
    worst, open_side = 0.0, -1
    for side in part.sides:
        form, gains, slopes, best = game.forms[side], game.gains[side], game.slopes[side], game.best[side]
        constant = scalars[side, 0] - share * sloped(part.masses[1 - side], game.active, sums)
        for j in range(len(form)):
            form[j] = gains[j] - share * slopes[j] + shut[j]
        taken = answer(form, best, budget, part.exactly)
        game.found[side], scalars[side, 2] = taken, constant
        for t in range(taken):
            constant += form[best[t]]
        scalars[side, 3] = constant
        over = constant - part.limits[side] + part.slack
        if over > worst:
            worst, open_side = over, side
    return open_side


def hopeless(part: Part, room: Levels, game: Play, depth: int, side: int) -> bool:
    """Whether the average answer shows that no slopes bring the bound of a side under its limit."""
    found = game.scalars[side, 1] - weighted(part.masses[1 - side], game.total)
    return bool(found > (part.limits[side] - part.slack) * room.counts[depth, 3])
