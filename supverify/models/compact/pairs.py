"""Which 2-sparse inputs an output neuron gets wrong: every pair of inputs that share enough hidden neurons.

A hidden neuron fires when two of its members are active, so two inputs fire those that they share and fewer fire
none. No weight reaches the threshold alone, so only pairs that share two hidden neurons can make an output neuron
fire; a gate shares its whole channel. All of these are visited (derived).
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import numpy as np

from .channels import Members
from .compile import Flags, Ints, compiled
from .reach import THREADS, Wrong


class Close(NamedTuple):
    """Pairs of inputs that share two hidden neurons or more, and which: ``shared[starts[p]:starts[p + 1]]``.

    ``gate`` is the gate that a pair is, or -1.
    """

    pairs: Ints
    starts: Ints
    shared: Ints
    gate: Ints


def close_pairs(members: Members, gates: Ints) -> Close:
    """All of them, a < b; ``gates`` (G x 2) in ascending order."""
    inputs = len(members.places) - 1
    lists = (members.starts, members.members, members.places, members.neurons)
    counts, listed = np.zeros(inputs, dtype=np.int64), np.zeros(inputs, dtype=np.int64)
    loop = compiled(_list, _near)
    nothing = np.zeros((0, 2), dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)
    found, total = loop(*lists, counts, listed, *nothing)
    pairs, starts = np.zeros((found, 2), dtype=np.int64), np.zeros(found + 1, dtype=np.int64)
    shared = np.zeros(total, dtype=np.int64)
    loop(*lists, counts, listed, pairs, starts, shared)
    keys, wanted = gates[:, 0] * inputs + gates[:, 1], pairs[:, 0] * inputs + pairs[:, 1]
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return Close(pairs, starts, shared, np.where(keys[places] == wanted, places, -1))


def wrong_pairs(close: Close, code: Flags, weights: Ints, threshold: int, *, rows: Ints, most: int) -> Wrong:
    """The wrong outputs among ``rows`` on all 2-sparse inputs, up to ``most`` of each row; none means exact.

    ``code`` (G x n), ``weights`` (n x n) below ``threshold``.
    """
    parts = [rows[i::THREADS] for i in range(THREADS)]
    wrong = [np.full((len(part), most), -1, dtype=np.int64) for part in parts]
    with ThreadPoolExecutor(THREADS) as pool:
        scan = compiled(_scan)
        list(pool.map(lambda part, found: scan(*close[1:], code, weights, threshold, part, found), parts, wrong))
    kept = [
        (q, p)
        for part, found in zip(parts, wrong, strict=True)
        for q, row in zip(part, found, strict=True)
        for p in row
    ]
    found = np.array([(q, p) for q, p in kept if p >= 0], dtype=np.int64).reshape(-1, 2)
    gate = close.gate[found[:, 1]]
    return Wrong(close.pairs[found[:, 1]], found[:, 0], (gate >= 0) & code[gate, found[:, 0]])


def _list(
    starts: Ints,
    members: Ints,
    places: Ints,
    neurons: Ints,
    counts: Ints,
    listed: Ints,
    pairs: Ints,
    pair_starts: Ints,
    shared: Ints,
) -> tuple[int, int]:
    """How many close pairs there are, and neurons they share; writes them where there is room for them."""
    found, total = 0, 0
    for a in range(len(places) - 1):
        own = neurons[places[a] : places[a + 1]]
        near = _near(a, own, starts, members, counts, listed)
        for i in range(near):
            b = listed[i]
            if counts[b] > 1:
                if len(pairs):
                    pairs[found] = a, b
                    place = total
                    for r in own:
                        for s in neurons[places[b] : places[b + 1]]:
                            if r == s:
                                shared[place] = r
                                place += 1
                    pair_starts[found + 1] = place
                found += 1
                total += counts[b]
            counts[b] = 0
    return found, total


def _near(a: int, own: Ints, starts: Ints, members: Ints, counts: Ints, listed: Ints) -> int:
    """Counts how many neurons each input after a shares with it."""
    near = 0
    for r in own:
        for i in range(starts[r], starts[r + 1]):
            b = members[i]
            if b > a:
                if counts[b] == 0:
                    listed[near] = b
                    near += 1
                counts[b] += 1
    return near


def _scan(
    starts: Ints, shared: Ints, gate: Ints, code: Flags, weights: Ints, threshold: int, rows: Ints, wrong: Ints
) -> None:
    for at in range(len(rows)):
        q, place = rows[at], 0
        for p in range(len(gate)):
            total = 0
            for i in range(starts[p], starts[p + 1]):
                total += weights[q, shared[i]]
            wanted = gate[p] >= 0 and code[gate[p], q]
            if wanted != (total >= threshold) and place < wrong.shape[1]:
                wrong[at, place] = p
                place += 1
