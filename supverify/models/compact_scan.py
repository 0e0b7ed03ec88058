"""Which k-sparse inputs a compact network gets wrong: a complete search over the inputs that can matter.

Take a k-sparse input y, the hidden neurons A(y) with two active members, and the gates that are true. Dropping an
active input that changes neither leaves the network's outputs and the truth as they are, so only *essential* inputs
need a look: those in which every active input is needed for some neuron or gate. Then every active input shares a
neuron with another active one, hence for k <= 3 the active inputs are connected by shared neurons. An input with
|A(y)| < width is silent by ``silent_below`` and makes no gate true, since a gate's channel has ``width`` neurons.
Everything else is visited (derived).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .compact_compile import Flags, Ints, Words, compiled

LARGEST_K = 3


@dataclass(frozen=True)
class Wrong:
    """Wrong outputs: when just ``active`` (V x k, padded with -1) is on, ``rows`` (V) have to be ``wanted`` (V)."""

    active: Ints
    rows: Ints
    wanted: Flags


class _Scan(NamedTuple):
    """What the loops read (masks to threshold), their scratch (totals, marks), and what they found.

    Marks: 0 untouched, 1 should be silent, 2 should fire, 3 may do either.
    """

    masks: Words
    keys: Ints
    channels: Ints
    loose: Flags
    pointers: Ints
    rows: Ints
    values: Ints
    threshold: int
    totals: Ints
    marks: Ints
    found: Ints
    wrong_active: Ints
    wrong_rows: Ints
    wrong_wanted: Flags


def silent_below(weights: Ints, threshold: int, width: int) -> bool:
    """Whether fewer than ``width`` active hidden neurons reach the threshold in no row of ``weights``."""
    largest = np.sort(np.maximum(weights, 0), axis=1)[:, ::-1][:, : width - 1]
    return bool((largest.sum(axis=1) < threshold).all())


def wrong_outputs(
    members: Ints,
    gates: Ints,
    channels: Ints,
    loose: Flags,
    weights: Ints,
    threshold: int,
    *,
    k: int,
    limit: int,
) -> Wrong:
    """The wrong outputs on all k-sparse inputs, k <= 3, or about ``limit`` of them; none at all means exact.

    ``members`` (m x n) 0/1; ``gates`` (G x 2), a < b, in ascending order; ``channels`` (G x width) their neurons;
    ``weights`` (n x n): neuron r' fires iff the weights of the active hidden neurons sum to ``threshold`` or more,
    and should fire iff r' is in the channel of a true gate. Where a ``loose`` gate (G) is true the firing hidden
    neurons outside its channel may pass or not. Rests on ``silent_below``.
    """
    neurons = weights.shape[0]
    hidden, rows = np.nonzero(weights.T)
    scan = _Scan(
        masks=_masks(members),
        keys=gates[:, 0] * len(members) + gates[:, 1],
        channels=channels,
        loose=loose,
        pointers=np.searchsorted(hidden, np.arange(neurons + 1)).astype(np.int64),
        rows=np.ascontiguousarray(rows),
        values=weights[rows, hidden],
        threshold=threshold,
        totals=np.zeros(neurons, dtype=np.int64),
        marks=np.zeros(neurons, dtype=np.int64),
        found=np.zeros(1, dtype=np.int64),
        wrong_active=np.full((limit + neurons, k), -1, dtype=np.int64),
        wrong_rows=np.zeros(limit + neurons, dtype=np.int64),
        wrong_wanted=np.zeros(limit + neurons, dtype=np.bool_),
    )
    compiled(_visit_all, _neighbours, _visit, _judge, _own, _touch, _free, _gate, _ones)(scan, k, limit)
    found = int(scan.found[0])
    return Wrong(scan.wrong_active[:found], scan.wrong_rows[:found], scan.wrong_wanted[:found])


def _masks(members: Ints) -> Words:
    """The neurons of each input as a set of bits, 64 to a word."""
    inputs, neurons = members.shape
    padded = np.zeros((inputs, -(-neurons // 64) * 64), dtype=np.uint8)
    padded[:, :neurons] = members
    return np.packbits(padded, axis=1, bitorder="little").view(np.uint64)


def _visit_all(scan: _Scan, k: int, limit: int) -> None:
    """Every connected pair from its smaller end, every connected triple from a centre that shares with both."""
    inputs, words = scan.masks.shape
    neighbours = np.zeros(inputs, dtype=np.int64)
    shared = np.zeros((inputs, words), dtype=np.uint64)
    mask, group = np.zeros(words, dtype=np.uint64), np.zeros(3, dtype=np.int64)
    for a in range(inputs):
        group[0] = a
        for p in range(_neighbours(a, scan.masks, neighbours, shared)):
            b = group[1] = neighbours[p]
            if b > a and k >= 2:
                _visit(scan, group[:2], shared[p])
                if scan.found[0] >= limit:  # one visit adds at most a row for each neuron: there is room for that
                    return
            for q in range(p if k >= 3 else 0):
                group[2] = neighbours[q]
                for w in range(words):
                    mask[w] = shared[p, w] | shared[q, w] | (scan.masks[b, w] & scan.masks[group[2], w])
                _visit(scan, group, mask)
                if scan.found[0] >= limit:
                    return


def _neighbours(a: int, masks: Words, neighbours: Ints, shared: Words) -> int:
    """The inputs that share a neuron with input a, the neurons shared, and how many such inputs there are."""
    count = 0
    for b in range(len(masks)):
        some = np.uint64(0)
        for w in range(masks.shape[1]):
            shared[count, w] = masks[a, w] & masks[b, w]
            some |= shared[count, w]
        if some and b != a:
            neighbours[count] = b
            count += 1
    return count


def _ones(mask: Words) -> int:
    """How many bits are set in the words of ``mask``."""
    total = 0
    for word in mask:
        x = word
        x -= (x >> np.uint64(1)) & np.uint64(0x5555555555555555)
        x = (x & np.uint64(0x3333333333333333)) + ((x >> np.uint64(2)) & np.uint64(0x3333333333333333))
        x = (x + (x >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
        x += x >> np.uint64(8)
        x += x >> np.uint64(16)
        x += x >> np.uint64(32)
        total += int(x & np.uint64(127))
    return total


def _visit(scan: _Scan, group: Ints, mask: Words) -> None:
    """Compares outputs and truth when ``group`` is active and the neurons in ``mask`` fire."""
    if _ones(mask) < scan.channels.shape[1]:
        return
    touched = 0
    rows = scan.wrong_rows[scan.found[0] :]  # the next free entries also list the neurons that are touched
    for w in range(len(mask)):
        for bit in range(64):
            if mask[w] >> np.uint64(bit) & np.uint64(1):
                hidden = 64 * w + bit
                for t in range(scan.pointers[hidden], scan.pointers[hidden + 1]):
                    r = scan.rows[t]
                    touched = _touch(scan, r, rows, touched)
                    scan.totals[r] += scan.values[t]
    touched = _own(scan, group, rows, touched)
    if len(group) == 2 and _free(scan, group):
        for t in range(touched):
            r = rows[t]
            if scan.marks[r] == 1 and mask[r >> 6] >> np.uint64(r & 63) & np.uint64(1):
                scan.marks[r] = 3
    _judge(scan, group, rows, touched)


def _touch(scan: _Scan, r: int, rows: Ints, touched: int) -> int:
    """Lists neuron r unless it is listed already."""
    if scan.marks[r] == 0:
        scan.marks[r] = 1
        rows[touched] = r
        return touched + 1
    return touched


def _own(scan: _Scan, group: Ints, rows: Ints, touched: int) -> int:
    """Marks the neurons in the channels of the gates inside ``group`` with 2."""
    for p in range(len(group)):
        for q in range(p):
            gate = _gate(scan, group[p], group[q])
            if gate >= 0:
                for r in scan.channels[gate]:
                    touched = _touch(scan, r, rows, touched)
                    scan.marks[r] = 2
    return touched


def _gate(scan: _Scan, a: int, b: int) -> int:
    """The gate {a, b}, or -1."""
    key = min(a, b) * len(scan.masks) + max(a, b)
    place = int(np.searchsorted(scan.keys, key))
    return place if place < len(scan.keys) and scan.keys[place] == key else -1


def _free(scan: _Scan, pair: Ints) -> bool:
    """Whether the pair is a loose gate."""
    gate = _gate(scan, pair[0], pair[1])
    return gate >= 0 and scan.loose[gate]


def _judge(scan: _Scan, group: Ints, rows: Ints, touched: int) -> None:
    """Writes down the wrong ones of the touched neurons and clears the scratch."""
    for t in range(touched):
        r = rows[t]
        wanted = scan.marks[r] == 2
        if wanted != (scan.totals[r] >= scan.threshold) and scan.marks[r] != 3:
            place = scan.found[0]  # never beyond rows[t], so nothing unread is overwritten
            scan.wrong_active[place, : len(group)] = group
            scan.wrong_active[place, len(group) :] = -1
            scan.wrong_rows[place] = r
            scan.wrong_wanted[place] = wanted
            scan.found[0] += 1
        scan.totals[r] = scan.marks[r] = 0
