"""Every pair of active inputs through an ideal hidden step: exact, and only where something can fire.

Two active inputs a, b fire the neurons P_ab = {r : a, b in S_r}. Where P_ab has fewer neurons than any row of the
second step needs to reach its level, nothing fires, as for the empty input; which pairs have more is counted along
the rows of a. Gates are looked at whatever they share, for they have to be true (derived).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from .hidden import Tick, in_blocks
from .shape import Shape, Undecided
from .sparse import Flags, Ints, Sparse, compiled, listing, transposed

PORTION = 64  # inputs of one task
FEW = 64  # wrong pairs that are kept of one task


class Tail(NamedTuple):
    """What follows an ideal hidden step, as the loops read it.

    ``members`` S_r of each hidden neuron, ``fired`` the hidden neurons of each input; ``columns`` W2 and ``decoder``
    D by their columns; ``gates`` for each input its partners b > a, the place of an entry being the gate's number.
    """

    members: Sparse
    fired: Sparse
    columns: Sparse
    levels: Ints
    decoder: Sparse
    bias: Ints
    windows: Ints
    gates: Sparse
    truths: Sparse


class _Pad(NamedTuple):
    """Scratch of one task, all 0 between two pairs but for the lists.

    Lists: ``inputs``, ``both`` (hidden neurons), ``rows``, ``on`` (rows that fire), ``outputs``. Numbers: ``counts``
    by input, ``sums`` by row, ``totals`` by output. Flags: ``summed`` row, ``read`` output, ``true`` output.
    """

    inputs: Ints
    both: Ints
    rows: Ints
    on: Ints
    outputs: Ints
    counts: Ints
    sums: Ints
    totals: Ints
    summed: Flags
    read: Flags
    true: Flags


def _pad(parts: Shape) -> _Pad:
    hidden, second, last = parts.widths
    sizes = (parts.inputs, hidden, second, second, last, parts.inputs, second, last)
    inputs, both, rows, on, outputs, counts, sums, totals = (np.zeros(size, dtype=np.int64) for size in sizes)
    summed, read, true = (np.zeros(size, dtype=np.bool_) for size in (second, last, last))
    return _Pad(inputs, both, rows, on, outputs, counts, sums, totals, summed, read, true)


@dataclass(frozen=True)
class Pairs:
    """The scan: ``wrong`` pairs (V x 2), the rows of x1 ``shown`` by each gate alone, how many pairs were visited."""

    wrong: Ints
    shown: Sparse
    visited: int


def tail(parts: Shape, members: Sparse) -> Tail:
    """The arrays for what follows the hidden step."""
    hidden, second, _ = parts.widths
    first, partner = parts.gates[:, 0], parts.gates[:, 1].copy()
    pointer = np.searchsorted(first, np.arange(parts.inputs + 1)).astype(np.int64)
    return Tail(
        members=members,
        fired=transposed(members, parts.inputs),
        columns=transposed(parts.behind.weights, hidden),
        levels=parts.behind.levels,
        decoder=transposed(parts.decoder, second),
        bias=parts.bias,
        windows=parts.windows,
        gates=Sparse(pointer, partner, np.ones(len(partner), dtype=np.int64)),
        truths=parts.truths,
    )


def check_silence(parts: Shape) -> None:
    """Raises Undecided unless nothing fires, and every output is false, while no hidden neuron does."""
    low, high = parts.windows[:2]
    if (parts.behind.levels < 1).any() or ((parts.bias < low) | (parts.bias > high)).any():
        raise Undecided("an output is not false, or a second neuron fires, when no hidden neuron does")


def least(parts: Shape) -> int:
    """The fewest hidden neurons that make some row of the second step fire."""
    weights, levels = parts.behind.weights, parts.behind.levels
    fewest = len(parts.hidden.levels) + 1
    for r, level in enumerate(levels.tolist()):
        row = weights.values[weights.pointer[r] : weights.pointer[r + 1]]
        sums = np.cumsum(-np.sort(-row[row > 0]))
        fewest = min(fewest, int(np.searchsorted(sums, level)) + 1) if len(sums) and sums[-1] >= level else fewest
    return fewest


def scan_pairs(parts: Shape, tail: Tail, tick: Tick) -> Pairs:
    """Every pair of active inputs that can fire anything, and every gate alone."""
    scan, need = compiled(_scan, _count, _meet, _evaluate, _wrong, _push), least(parts)

    def task(first: int, last: int) -> tuple[Ints, Ints, Ints, int]:
        found: tuple[Ints, Ints, Ints, int] = scan(first, last, tail, _pad(parts), need)
        return found

    found = list(in_blocks(task, parts.inputs, PORTION, "contract: pairs of inputs", tick))
    lists = [part[1][a:b] for part in found for a, b in zip(part[2][:-1], part[2][1:], strict=True)]
    wrong, visited = np.concatenate([part[0] for part in found]), sum(int(part[3]) for part in found)
    return Pairs(wrong, listing(lists), visited)


def _scan(first: int, last: int, tail: Tail, pad: _Pad, need: int) -> tuple[Ints, Ints, Ints, int]:
    """The pairs with the smaller input in first..last-1: wrong ones, the rows shown by gates, and the visits."""
    wrong, found, visited = np.zeros((FEW, 2), np.int64), 0, 0
    shown, size, start = np.zeros(64, np.int64), 0, tail.gates.pointer[first]
    ends = np.zeros(tail.gates.pointer[last] - start + 1, np.int64)
    for a in range(first, last):
        count = _count(a, tail, pad)
        for gate in range(tail.gates.pointer[a], tail.gates.pointer[a + 1]):
            b = tail.gates.columns[gate]
            lit = _evaluate(_meet(a, b, tail, pad), tail, pad)
            while size + lit > len(shown):
                shown = np.concatenate((shown, np.zeros_like(shown)))
            shown[size : size + lit] = np.sort(pad.on[:lit])
            size = ends[gate - start + 1] = size + lit
            if _wrong(gate, lit, tail, pad) and found < FEW:
                wrong[found, 0], wrong[found, 1], found = a, b, found + 1
            pad.counts[b] = 0  # visited already
            visited += 1
        for t in range(count):
            b = pad.inputs[t]
            if pad.counts[b] >= need:
                visited += 1
                lit = _evaluate(_meet(a, b, tail, pad), tail, pad)
                if lit and _wrong(-1, lit, tail, pad) and found < FEW:
                    wrong[found, 0], wrong[found, 1], found = a, b, found + 1
            pad.counts[b] = 0
    return wrong[:found], shown[:size], ends, visited


def _count(a: int, tail: Tail, pad: _Pad) -> int:
    """How many neurons each input b > a shares with a; lists those that share some, and returns their number."""
    count = 0
    for t in range(tail.fired.pointer[a], tail.fired.pointer[a + 1]):
        r = tail.fired.columns[t]
        for s in range(tail.members.pointer[r], tail.members.pointer[r + 1]):
            b = tail.members.columns[s]
            if b > a:
                count = _push(pad.inputs, count, b, pad.counts[b] == 0)
                pad.counts[b] += 1
    return count


def _push(places: Ints, count: int, place: int, new: bool) -> int:
    """Lists a place if it is new."""
    if new:
        places[count] = place
        return count + 1
    return count


def _meet(a: int, b: int, tail: Tail, pad: _Pad) -> int:
    """P_ab in ``pad.both``, and how many neurons it has."""
    count, s, t = 0, tail.fired.pointer[a], tail.fired.pointer[b]
    while s < tail.fired.pointer[a + 1] and t < tail.fired.pointer[b + 1]:
        p, q = tail.fired.columns[s], tail.fired.columns[t]
        if p == q:
            pad.both[count] = p
            count += 1
        s += p <= q
        t += q <= p
    return count


def _evaluate(count: int, tail: Tail, pad: _Pad) -> int:
    """The rows of the second step that fire with the hidden neurons both[:count], in ``on``, and their number."""
    touched = lit = 0
    for t in range(count):
        r = pad.both[t]
        for s in range(tail.columns.pointer[r], tail.columns.pointer[r + 1]):
            row = tail.columns.columns[s]
            touched = _push(pad.rows, touched, row, not pad.summed[row])
            pad.summed[row] = True
            pad.sums[row] += tail.columns.values[s]
    for t in range(touched):
        row = pad.rows[t]
        if pad.sums[row] >= tail.levels[row]:
            pad.on[lit] = row
            lit += 1
        pad.sums[row], pad.summed[row] = 0, False
    return lit


def _wrong(gate: int, lit: int, tail: Tail, pad: _Pad) -> bool:
    """Whether an output is outside its window when the rows on[:lit] fire and just ``gate`` is true (-1: none)."""
    touched, wrong = 0, False
    first, last = (tail.truths.pointer[gate], tail.truths.pointer[gate + 1]) if gate >= 0 else (0, 0)
    for t in range(first, last):
        i = tail.truths.columns[t]
        touched = _push(pad.outputs, touched, i, not pad.read[i])
        pad.read[i] = pad.true[i] = True
    for t in range(lit):
        for s in range(tail.decoder.pointer[pad.on[t]], tail.decoder.pointer[pad.on[t] + 1]):
            i = tail.decoder.columns[s]
            touched = _push(pad.outputs, touched, i, not pad.read[i])
            pad.read[i] = True
            pad.totals[i] += tail.decoder.values[s]
    for t in range(touched):
        i = pad.outputs[t]
        z = tail.bias[i] + pad.totals[i]
        side = 2 if pad.true[i] else 0
        wrong |= z < tail.windows[side] or z > tail.windows[side + 1]
        pad.totals[i], pad.read[i], pad.true[i] = 0, False, False
    return wrong
