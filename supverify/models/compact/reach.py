"""Which k-sparse inputs an output neuron gets wrong, k = 3 or 4: a complete search, one neuron at a time.

Hidden neuron r fires when two of its members S_r are active; P_ab lists the hidden neurons that a and b share, and
A(y), the union of P_ab over the active pairs, those that fire. Output neuron q fires when its weights on A(y) sum to
the threshold T or more, and should fire when a gate that it owns is true. Let p(ab) be the sum of its positive
weights on P_ab, so the sum on A(y) is at most that of p over the pairs of y.

False firing on y, which holds no gate of q: the largest p(ab) of its pairs is at least T / C(k, 2), so every pair is
listed for which this is true. For k = 3 it is extended by every c that reaches T. For
k = 4 by c and d: let g(c) be what c adds to the sum by sharing with a or b, g(c) >= g(d). Then p(ab) + g(c) + g(d) +
p(cd) >= T and p(cd) <= p(ab) make g(c) >= T / 2 - p(ab); if nothing is shared, p(ab) + p(cd) >= T decides. Missing
firing on y, which holds a gate of q: for k = 3 the third input is tried in turn, for k = 4 no weight is negative, so
nothing takes firing away (derived).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .channels import Members
from .compile import Flags, Ints, compiled

MOST = 4  # the largest k
THREADS = 2


@dataclass(frozen=True)
class Wrong:
    """Wrong outputs: when just ``active`` (V x k, padded with -1) is on, ``rows`` (V) have to be ``wanted`` (V)."""

    active: Ints
    rows: Ints
    wanted: Flags


class _Reach(NamedTuple):
    """What the loops read and write: ``Members``, the rows asked about with the gates they own, and scratch.

    ``sums`` are three arrays of sums by input, ``listed`` what is not 0 in each; ``found`` counts the wrong inputs of
    each row, of which at most ``wrong.shape[1]`` are kept; wrong[.., k] says whether the row should fire.
    """

    starts: Ints
    members: Ints
    places: Ints
    neurons: Ints
    weights: Ints
    threshold: int
    k: int
    asked: Ints
    owned_starts: Ints
    owned: Ints
    sums: Ints
    listed: Ints
    fires: Ints
    found: Ints
    wrong: Ints


def reached(
    members: Members, gates: Ints, code: Flags, weights: Ints, threshold: int, *, k: int, rows: Ints, most: int
) -> Wrong:
    """The wrong outputs among ``rows`` on all k-sparse inputs, k = 3 or 4, up to ``most`` of each; none means exact.

    ``gates`` (G x 2), a < b; ``code`` (G x n) which output neurons own a gate; ``weights`` (n x n) integers, not
    negative for k = 4.
    """
    parts = [_part(members, gates, code, weights, threshold, k, rows[i::THREADS], most) for i in range(THREADS)]
    loop = compiled(_all, _total, _note, _share, _clear, _owns, _missing, _fourth, _extend, _apart, _pairs, _one_row)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(loop, parts))
    kept = [(p.asked[at], w) for p in parts for at in range(len(p.asked)) for w in p.wrong[at, : p.found[at]]]
    found = np.array([w for _, w in kept], dtype=np.int64).reshape(len(kept), k + 1)
    return Wrong(found[:, :k], np.array([r for r, _ in kept], dtype=np.int64), found[:, k] == 1)


def _part(
    members: Members, gates: Ints, code: Flags, weights: Ints, threshold: int, k: int, rows: Ints, most: int
) -> _Reach:
    inputs, neurons = len(members.places) - 1, len(members.starts) - 1
    owned_by = np.nonzero(code.T[rows])
    return _Reach(
        starts=members.starts,
        members=members.members,
        places=members.places,
        neurons=members.neurons,
        weights=weights,
        threshold=threshold,
        k=k,
        asked=rows,
        owned_starts=np.searchsorted(owned_by[0], np.arange(len(rows) + 1)).astype(np.int64),
        owned=gates[owned_by[1]],
        sums=np.zeros((3, inputs), dtype=np.int64),
        listed=np.zeros((3, inputs), dtype=np.int64),
        fires=np.zeros(neurons, dtype=np.int64),
        found=np.zeros(len(rows), dtype=np.int64),
        wrong=np.full((len(rows), most, k + 1), -1, dtype=np.int64),
    )


def _all(reach: _Reach) -> None:
    for at in range(len(reach.asked)):
        _one_row(reach, at, reach.weights[reach.asked[at]])


def _one_row(reach: _Reach, at: int, weights: Ints) -> None:
    """Every wrong input of one output neuron."""
    _missing(reach, at, weights)
    least = (2 * reach.threshold + reach.k * (reach.k - 1) - 1) // (reach.k * (reach.k - 1))
    largest = _pairs(reach, at, weights, least, 0)
    if reach.k == 4 and 2 * largest >= reach.threshold:
        _apart(reach, at, weights, reach.threshold - largest)


def _missing(reach: _Reach, at: int, weights: Ints) -> None:
    """The owned gates that do not fire, alone or beside a third input."""
    for i in range(reach.owned_starts[at], reach.owned_starts[at + 1]):
        a, b = reach.owned[i]
        alone = _total(reach, weights, (a, b, -1, -1))
        if alone < reach.threshold:
            _note(reach, at, (a, b, -1, -1), True)
        if alone < reach.threshold:
            continue
        count = _share(reach, -weights, a, b, -1, 0, 0)
        count = _share(reach, -weights, b, a, -1, 0, count)
        for p in range(count):
            c = reach.listed[0, p]
            beside = (a, b, c, -1)
            if alone - reach.sums[0, c] < reach.threshold and _total(reach, weights, beside) < reach.threshold:
                _note(reach, at, beside, True)
        _clear(reach, 0, count)


def _pairs(reach: _Reach, at: int, weights: Ints, least: int, scratch: int) -> int:
    """Extends every pair of p(ab) >= ``least`` that is no owned gate; the largest p(ab) of these."""
    largest = 0
    for a in range(len(reach.places) - 1):
        if reach.found[at] == reach.wrong.shape[1]:
            break
        count = _share(reach, weights, a, -1, -1, scratch, 0)
        for i in range(count):
            b = reach.listed[scratch, i]
            p = reach.sums[scratch, b]
            if b > a and p >= least and not _owns(reach, at, a, b):
                largest = max(largest, p)
                _extend(reach, at, weights, a, b, p)
        _clear(reach, scratch, count)
    return largest


def _extend(reach: _Reach, at: int, weights: Ints, a: int, b: int, p: int) -> None:
    """False firing on sets with the pair {a, b} and inputs that share with it; p is its p(ab)."""
    if p >= reach.threshold and _total(reach, weights, (a, b, -1, -1)) >= reach.threshold:
        _note(reach, at, (a, b, -1, -1), False)
        return
    count = _share(reach, weights, a, b, -1, 1, 0)
    count = _share(reach, weights, b, a, -1, 1, count)
    for i in range(count):
        c = reach.listed[1, i]
        sure = p + reach.sums[1, c]
        close = sure >= reach.threshold or (reach.k == 4 and 2 * sure >= reach.threshold)
        if not close or _owns(reach, at, a, c) or _owns(reach, at, b, c):
            continue
        if sure >= reach.threshold and _total(reach, weights, (a, b, c, -1)) >= reach.threshold:
            _note(reach, at, (a, b, c, -1), False)
        elif reach.k == 4:
            _fourth(reach, at, weights, (a, b, c), sure, count)
    _clear(reach, 1, count)


def _fourth(reach: _Reach, at: int, weights: Ints, triple: tuple[int, int, int], sure: int, shared: int) -> None:
    """False firing on the triple, which has the sum ``sure``, and a fourth input that adds no more than c did."""
    a, b, c = triple
    count = _share(reach, weights, c, a, b, 2, 0)
    for i in range(shared):
        d = reach.listed[1, i]
        if reach.sums[2, d] == 0:
            reach.listed[2, count] = d
            reach.sums[2, d] = 1  # listed; what it is too much only makes the bound weaker
            count += 1
    for i in range(count):
        d = reach.listed[2, i]
        if d in triple or sure + reach.sums[1, d] + reach.sums[2, d] < reach.threshold:
            continue
        owned = _owns(reach, at, a, d) or _owns(reach, at, b, d) or _owns(reach, at, c, d)
        if not owned and _total(reach, weights, (a, b, c, d)) >= reach.threshold:
            _note(reach, at, (a, b, c, d), False)
    _clear(reach, 2, count)


def _apart(reach: _Reach, at: int, weights: Ints, least: int) -> None:
    """False firing on two pairs that share nothing with each other, the smaller of which has p >= ``least``."""
    first, second, sums, count = [0], [0], [0], 0
    for a in range(len(reach.places) - 1):
        near = _share(reach, weights, a, -1, -1, 0, 0)
        for i in range(near):
            b = reach.listed[0, i]
            if b > a and reach.sums[0, b] >= least and not _owns(reach, at, a, b):
                first.append(a)
                second.append(b)
                sums.append(reach.sums[0, b])
                count += 1
        _clear(reach, 0, near)
    for p in range(1, count + 1):
        for q in range(1, p):
            if sums[p] + sums[q] >= reach.threshold:
                y = (first[p], second[p], first[q], second[q])
                apart = y[0] not in y[2:] and y[1] not in y[2:]
                owned = False
                for i in range(4):
                    for j in range(i):
                        owned |= _owns(reach, at, y[i], y[j])
                if apart and not owned and _total(reach, weights, y) >= reach.threshold:
                    _note(reach, at, y, False)


def _share(reach: _Reach, weights: Ints, a: int, but: int, nor: int, scratch: int, count: int) -> int:
    """Adds to the sum of each input the positive weights that it shares with a, where neither but nor nor is in."""
    for i in range(reach.places[a], reach.places[a + 1]):
        r = reach.neurons[i]
        if weights[r] <= 0:
            continue
        taken = False
        if but >= 0:
            for j in range(reach.starts[r], reach.starts[r + 1]):
                taken |= reach.members[j] in (but, nor)
        if not taken:
            for j in range(reach.starts[r], reach.starts[r + 1]):
                x = reach.members[j]
                if x != a:
                    if reach.sums[scratch, x] == 0:
                        reach.listed[scratch, count] = x
                        count += 1
                    reach.sums[scratch, x] += weights[r]
    return count


def _clear(reach: _Reach, scratch: int, count: int) -> None:
    for i in range(count):
        reach.sums[scratch, reach.listed[scratch, i]] = 0


def _owns(reach: _Reach, at: int, a: int, b: int) -> bool:
    """Whether {a, b} is a gate of this output neuron."""
    low, high = min(a, b), max(a, b)
    for i in range(reach.owned_starts[at], reach.owned_starts[at + 1]):
        if reach.owned[i, 0] == low and reach.owned[i, 1] == high:
            return True
    return False


def _total(reach: _Reach, weights: Ints, active: tuple[int, int, int, int]) -> int:
    """The sum of the weights on the hidden neurons that fire."""
    total = 0
    for x in active:
        if x >= 0:
            for i in range(reach.places[x], reach.places[x + 1]):
                r = reach.neurons[i]
                reach.fires[r] += 1
                if reach.fires[r] == 2:
                    total += weights[r]
    for x in active:
        if x >= 0:
            for i in range(reach.places[x], reach.places[x + 1]):
                reach.fires[reach.neurons[i]] = 0
    return total


def _note(reach: _Reach, at: int, active: tuple[int, int, int, int], wanted: bool) -> None:
    place = reach.found[at]
    if place < reach.wrong.shape[1]:
        for i in range(reach.k):
            reach.wrong[at, place, i] = active[i]
        reach.wrong[at, place, reach.k] = wanted
        reach.found[at] += 1
