"""Row search: one row of small integer weights whose sums lie between given bounds at every point.

A point is a set of columns, its sum the sum of their weights. First real weights are projected on the bounds one
point after the other (the relaxation method of Agmon and Motzkin), then they are rounded and repaired by integer
moves that lessen the total violation (min-conflicts). The search may fail; it never claims more than it counted.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from .compile import Floats, Ints, compiled, random_below

MOVES, TABU = 3000, 3
SETTLED = 1e-3  # a pass that moves the weights by less in all is the last
FREE = 1 << 40  # no bound


class Points(NamedTuple):
    """Point p has the columns ``columns[pointers[p]:pointers[p + 1]]`` and the bounds ``low[p]``, ``high[p]``."""

    pointers: Ints
    columns: Ints
    low: Ints
    high: Ints


class _Search(NamedTuple):
    """The points, the points of each column, and the state of the search: ``bad[:n]`` lists the violated points."""

    points: Points
    back: Ints
    touched: Ints
    smallest: int
    largest: int
    weights: Ints
    totals: Ints
    bad: Ints
    places: Ints
    resting: Ints
    state: Ints


class Turned(NamedTuple):
    """The points of each column: ``touched[back[t]:back[t + 1]]``."""

    back: Ints
    touched: Ints


def turned(points: Points, columns: int) -> Turned:
    """The points by column; rows with the same points can share it."""
    order = np.argsort(points.columns, kind="stable")
    back = np.searchsorted(points.columns[order], np.arange(columns + 1)).astype(np.int64)
    return Turned(back, np.repeat(np.arange(len(points.low)), np.diff(points.pointers))[order])


def search_row(
    weights: Ints,
    points: Points,
    *,
    smallest: int,
    largest: int,
    state: Ints,
    passes: int = 50,
    by_column: Turned | None = None,
) -> int:
    """Moves ``weights`` (n), in smallest..largest, towards the bounds of all points; the violation that is left.

    At most ``passes`` projections on all points come first; ``by_column`` is ``turned(points, n)`` for a caller who
    has it.
    """
    real = weights.astype(np.float64)
    compiled(_project)(real, points, float(smallest), float(largest), passes)
    weights[:] = np.rint(real).astype(np.int64)
    count, columns = len(points.low), by_column or turned(points, len(weights))
    search = _Search(
        points=points,
        back=columns.back,
        touched=columns.touched,
        smallest=smallest,
        largest=largest,
        weights=weights,
        totals=np.zeros(count, dtype=np.int64),
        bad=np.zeros(count, dtype=np.int64),
        places=np.full(count, -1, dtype=np.int64),
        resting=np.zeros(len(weights), dtype=np.int64),
        state=state,
    )
    left: int = compiled(_polish, random_below, _violation, _start, _best_move, _change, _apply, _list)(search)
    return left


def _project(weights: Floats, points: Points, smallest: float, largest: float, passes: int) -> None:
    """Cyclic projections on low + 1 <= sum <= high - 1: the unit of room is what rounding uses up."""
    for _ in range(passes):
        moved = 0.0
        for p in range(len(points.low)):
            support = points.columns[points.pointers[p] : points.pointers[p + 1]]
            total = 0.0
            for t in support:
                total += weights[t]
            excess = min(total - points.low[p] - 1.0, 0.0) + max(total - points.high[p] + 1.0, 0.0)
            if excess != 0.0 and len(support) > 0:
                for t in support:
                    weights[t] = min(max(weights[t] - excess / len(support), smallest), largest)
                moved += abs(excess)
        if moved < SETTLED:
            break


def _polish(search: _Search) -> int:
    """Min-conflicts with a short tabu list; ends with the best weights seen and returns their violation."""
    left, count = _start(search)
    least, best = left, search.weights.copy()
    for move in range(MOVES):
        if count == 0:
            break
        p = search.bad[random_below(search.state, count)]
        step = 1 if search.totals[p] < search.points.low[p] else -1
        t, change = _best_move(search, p, step, move)
        if t >= 0:
            search.weights[t] += step
            search.resting[t] = move + TABU + random_below(search.state, 5)
            left += change
            count = _apply(search, t, step, count)
            if left < least:
                least = left
                best[:] = search.weights
    search.weights[:] = best
    return least


def _violation(total: int, low: int, high: int) -> int:
    return max(low - total, 0) + max(total - high, 0)


def _start(search: _Search) -> tuple[int, int]:
    """The sums of all points; the total violation and the number of violated points."""
    points, left, count = search.points, 0, 0
    for p in range(len(points.low)):
        for t in points.columns[points.pointers[p] : points.pointers[p + 1]]:
            search.totals[p] += search.weights[t]
        left += _violation(search.totals[p], points.low[p], points.high[p])
        count = _list(search, p, count)
    return left, count


def _best_move(search: _Search, p: int, step: int, move: int) -> tuple[int, int]:
    """The column of point p whose weight is best moved by ``step``, and the change of the violation."""
    best, least, ties = -1, FREE, 1
    for t in search.points.columns[search.points.pointers[p] : search.points.pointers[p + 1]]:
        if search.smallest <= search.weights[t] + step <= search.largest and search.resting[t] <= move:
            change = _change(search, t, step)
            ties = 1 if change < least else ties + (change == least)
            if change < least or (change == least and random_below(search.state, ties) == 0):
                best, least = t, change
    return best, least


def _change(search: _Search, t: int, step: int) -> int:
    """How the violation changes when the weight of column t moves by ``step``."""
    low, high, change = search.points.low, search.points.high, 0
    for p in search.touched[search.back[t] : search.back[t + 1]]:
        total = search.totals[p]
        change += _violation(total + step, low[p], high[p]) - _violation(total, low[p], high[p])
    return change


def _apply(search: _Search, t: int, step: int, count: int) -> int:
    """Adds ``step`` to the sums of the points with column t; returns the new number of violated points."""
    for p in search.touched[search.back[t] : search.back[t + 1]]:
        search.totals[p] += step
        count = _list(search, p, count)
    return count


def _list(search: _Search, p: int, count: int) -> int:
    """Keeps ``bad[:count]`` the violated points; ``places`` says where each stands, -1 for the others."""
    violated = not search.points.low[p] <= search.totals[p] <= search.points.high[p]
    place = search.places[p]
    if violated and place < 0:
        search.bad[count], search.places[p] = p, count
        return count + 1
    if not violated and place >= 0:
        last = search.bad[count - 1]
        search.bad[place], search.places[last] = last, place
        search.places[p] = -1
        return count - 1
    return count
