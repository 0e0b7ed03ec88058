"""The loops of ``contract.rows``: growing pairs of active inputs by what can change one row of the second step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from .sparse import Ints, compiled

if TYPE_CHECKING:
    from .rows import Row

Beside = tuple[Ints, Ints, Ints]


def search() -> Callable[[Row, int], None]:
    """The search for the wrong sets of a row, which ends after about so many: compiled where numba is installed."""
    firing = (_false, _beside, _triples, _fourth, _joined, _apart, _edges, _ceil, _far)
    return compiled(_search, *firing, _missing, _cut, _grow, _value, _owned, _owns, _write)


def _search(row: Row, few: int) -> None:
    """Both kinds of wrong sets of the row at hand."""
    stop = row.counters[2] + few
    _false(row, stop)
    if row.weights.min() < 0:
        _missing(row, stop)


def _ceil(number: int, parts: int) -> int:
    return -(-number // parts)


def _owned(row: Row, a: int, b: int) -> bool:
    """Whether the row owns the gate {a, b}."""
    key = min(a, b) * row.inputs + max(a, b)
    place = np.searchsorted(row.keys, key)
    return bool(place < len(row.keys) and row.keys[place] == key)


def _owns(row: Row, a: int, b: int, c: int, d: int) -> bool:
    """Whether the row owns a gate inside {a, b, c, d}; -1 is no input."""
    if _owned(row, a, b) or (c >= 0 and (_owned(row, a, c) or _owned(row, b, c))):
        return True
    return d >= 0 and (_owned(row, a, d) or _owned(row, b, d) or _owned(row, c, d))


def _write(row: Row, a: int, b: int, c: int, d: int, wanted: bool) -> None:
    """Keeps a set on which the row should fire and does not, or fires; the latter if it owns no gate inside."""
    if not wanted and _owns(row, a, b, c, d):
        return
    place = row.counters[2]
    row.counters[2] += 1
    if place < len(row.wrong):
        row.wrong[place, 0], row.wrong[place, 1] = a, b
        if c >= 0:
            row.wrong[place, 2] = c
        if d >= 0:
            row.wrong[place, 3] = d


def _grow(row: Row, level: int, a: int, b: int, c: int) -> tuple[int, int, int]:
    """f and p of {a, b} or {a, b, c} (c = -1: none), and how many inputs would change them: ``grown[level]``.

    Each neuron with one of the inputs passes on, each with more counts; ``hit`` is 0 again afterwards.
    """
    row.counters[0] += 1
    mark, count, f, p = row.counters[0], 0, 0, 0
    group = (a, b, c)
    for x in group:
        if x >= 0:
            for t in range(row.fired.pointer[x], row.fired.pointer[x + 1]):
                row.hit[row.fired.columns[t]] += 1
    for x in group:
        if x < 0:
            continue
        for t in range(row.fired.pointer[x], row.fired.pointer[x + 1]):
            r = row.fired.columns[t]
            hits, w, row.hit[r] = row.hit[r], row.weights[r], 0
            if hits > 1:
                f += w
                p += max(w, 0)
            elif hits == 1 and w != 0:
                for s in range(row.members.pointer[r], row.members.pointer[r + 1]):
                    y = row.members.columns[s]
                    if row.seen[level, y] != mark:
                        row.seen[level, y] = mark
                        row.gain[level, y] = row.rise[level, y] = 0
                        row.part[y] = 0 if level == 0 else row.part[y]
                        row.grown[level, count] = y
                        count += y != x
                    row.gain[level, y] += w
                    row.rise[level, y] += max(w, 0)
                    if level == 0 and x == a:
                        row.part[y] += max(w, 0)
    return f, p, count


def _value(row: Row, a: int, b: int, c: int, d: int) -> int:
    """f of {a, b, c, d}."""
    f = 0
    for x in (a, b, c, d):
        for t in range(row.fired.pointer[x], row.fired.pointer[x + 1]):
            row.hit[row.fired.columns[t]] += 1
    for x in (a, b, c, d):
        for t in range(row.fired.pointer[x], row.fired.pointer[x + 1]):
            r = row.fired.columns[t]
            f += row.weights[r] if row.hit[r] > 1 else 0
            row.hit[r] = 0
    return f


def _edges(row: Row, need: int, sign: int) -> tuple[Ints, Ints]:
    """All pairs a < b with p >= need >= 1, and their p, for the weights sign * w; for w without the owned gates."""
    pairs, strength, size = np.zeros((64, 2), np.int64), np.zeros(64, np.int64), 0
    start = np.zeros(row.inputs, np.bool_)
    for r in range(len(row.weights)):
        if sign * row.weights[r] > 0:
            start[row.members.columns[row.members.pointer[r] : row.members.pointer[r + 1]]] = True
    for a in range(row.inputs):
        if not start[a]:
            continue
        row.counters[0] += 1
        mark, count = row.counters[0], 0
        for t in range(row.fired.pointer[a], row.fired.pointer[a + 1]):
            r = row.fired.columns[t]
            w = sign * row.weights[r]
            if w <= 0:
                continue
            for s in range(row.members.pointer[r + 1] - 1, row.members.pointer[r] - 1, -1):
                b = row.members.columns[s]
                if b <= a:
                    break
                if row.seen[2, b] != mark:
                    row.seen[2, b], row.gain[2, b], row.grown[2, count] = mark, 0, b
                    count += 1
                row.gain[2, b] += w
        while size + count > len(strength):
            pairs = np.concatenate((pairs, np.zeros_like(pairs)))
            strength = np.concatenate((strength, np.zeros_like(strength)))
        for t in range(count):
            b = row.grown[2, t]
            if row.gain[2, b] >= need and (sign < 0 or not _owned(row, a, b)):
                pairs[size, 0], pairs[size, 1], strength[size] = a, b, row.gain[2, b]
                size += 1
    return pairs[:size], strength[:size]


def _false(row: Row, stop: int) -> None:
    """Sets on which the row fires although it owns no gate inside."""
    need = _ceil(row.level, 3 if row.k == 3 else 6)
    pairs, strength = _edges(row, need, 1)
    near = _beside(row, pairs, strength) if row.k == 4 else (strength, strength, strength)
    values = np.zeros(len(pairs), np.int64)
    for e in range(len(pairs)):
        values[e] = _triples(row, pairs[e, 0], pairs[e, 1], need, near, stop)
        if row.counters[2] >= stop:
            return
    if row.k == 4:
        _apart(row, pairs, strength, values, stop)


def _beside(row: Row, pairs: Ints, strength: Ints) -> Beside:
    """The pairs by input, the strongest first: pointers, the other input, p."""
    pointer = np.zeros(row.inputs + 2, np.int64)
    for x in pairs.ravel():
        pointer[x + 2] += 1
    pointer = np.cumsum(pointer)
    others, power = np.zeros(2 * len(pairs), np.int64), np.zeros(2 * len(pairs), np.int64)
    for e in np.argsort(-strength, kind="mergesort"):
        for side in range(2):
            place = pointer[pairs[e, side] + 1]
            others[place], power[place] = pairs[e, 1 - side], strength[e]
            pointer[pairs[e, side] + 1] += 1
    return pointer, others, power


def _triples(row: Row, a: int, b: int, weakest: int, near: Beside, stop: int) -> int:
    """Grows a pair that is no owned gate, the strongest of its set, by linked inputs; returns its f."""
    f, p, count = _grow(row, 0, a, b, -1)
    row.counters[1] += 1
    if f >= row.level:
        _write(row, a, b, -1, -1, False)
        return f
    mark, need = row.counters[0], row.level if row.k == 3 else _ceil(row.level, 2)
    for t in range(count):
        c = row.grown[0, t]
        rise = row.rise[0, c]
        if rise == 0 or p + rise < need or max(row.part[c], rise - row.part[c]) > p:
            continue
        row.counters[1] += 1
        if f + row.gain[0, c] >= row.level:
            _write(row, a, b, c, -1, False)
        elif row.k == 4 and not _owns(row, a, b, c, -1):
            if p + 2 * rise + weakest > row.level:
                _fourth(row, a, b, c)
            else:
                _joined(row, a, b, c, p, mark, near)
        if row.counters[2] >= stop:
            break
    return f


def _fourth(row: Row, a: int, b: int, c: int) -> None:
    """Every further input that is linked to the three."""
    f, _, count = _grow(row, 1, a, b, c)
    row.counters[1] += count
    for t in range(count):
        d = row.grown[1, t]
        if row.rise[1, d] > 0 and f + row.gain[1, d] >= row.level:
            _write(row, a, b, c, d, False)


def _joined(row: Row, a: int, b: int, c: int, p: int, mark: int, near: Beside) -> None:
    """Every further input that brings a, b no more than c does, and with c makes one of the pairs at hand."""
    pointer, others, power = near
    rise = row.rise[0, c]
    for t in range(pointer[c], pointer[c + 1]):
        d, more = others[t], 0
        if p + 2 * rise + power[t] < row.level:
            break
        if row.seen[0, d] == mark:
            more = row.rise[0, d]
        if more <= rise and power[t] <= p and p + rise + more + power[t] >= row.level and d not in (a, b):
            row.counters[1] += 1
            if _value(row, a, b, c, d) >= row.level:
                _write(row, a, b, c, d, False)


def _apart(row: Row, pairs: Ints, strength: Ints, values: Ints, stop: int) -> None:
    """Two disjoint pairs whose neurons together make the row fire."""
    strong = np.flatnonzero((2 * strength >= row.level) & (values < row.level))
    if len(strong) == 0:
        return
    others, power = _edges(row, row.level - values[strong].max(), 1)
    for e in strong:
        a, b = pairs[e]
        for s in range(len(others)):
            c, d = others[s]
            if values[e] + power[s] >= row.level and _far(a, b, c, d):
                row.counters[1] += 1
                if _value(row, a, b, c, d) >= row.level:
                    _write(row, a, b, c, d, False)
        if row.counters[2] >= stop:
            return


def _far(a: int, b: int, c: int, d: int) -> bool:
    """Whether two pairs have no input in common."""
    return a not in (c, d) and b not in (c, d)


def _missing(row: Row, stop: int) -> None:
    """Sets on which the row is silent although it owns a gate inside; a row without negative weights has none."""
    lowest = np.iinfo(np.int64).max
    for key in row.keys:
        a, b = key // row.inputs, key % row.inputs
        f, _, count = _grow(row, 0, a, b, -1)
        lowest = min(lowest, f)
        row.counters[1] += 1 + count
        if f < row.level:
            _write(row, a, b, -1, -1, True)
        for t in range(count):
            c = row.grown[0, t]
            if f + row.gain[0, c] < row.level:
                _write(row, a, b, c, -1, True)
            elif row.k == 4 and 3 * (row.rise[0, c] - row.gain[0, c]) > f - row.level:
                g, _, more = _grow(row, 1, a, b, c)
                row.counters[1] += more
                for s in range(more):
                    if g + row.gain[1, row.grown[1, s]] < row.level:
                        _write(row, a, b, c, row.grown[1, s], True)
        if row.counters[2] >= stop:
            return
    if row.k == 4 and len(row.keys):
        _cut(row, max(_ceil(lowest - row.level + 1, 3), 1), stop)


def _cut(row: Row, need: int, stop: int) -> None:
    """Owned gates switched off by the neurons of a disjoint pair, and those that the pair shares with the gate."""
    pairs, power = _edges(row, need, -1)
    for key in row.keys:
        a, b = key // row.inputs, key % row.inputs
        f, _, _ = _grow(row, 0, a, b, -1)
        mark = row.counters[0]
        for s in range(len(pairs)):
            c, d = pairs[s]
            if not _far(a, b, c, d):
                continue
            lost = power[s]
            for x in (c, d):
                lost += row.rise[0, x] - row.gain[0, x] if row.seen[0, x] == mark else 0
            if lost > f - row.level:
                row.counters[1] += 1
                if _value(row, a, b, c, d) < row.level:
                    _write(row, a, b, c, d, True)
        if row.counters[2] >= stop:
            return
