"""Which neurons of a block's output code fire without a true output: every k-sparse input is looked at.

Hidden neuron r fires iff two of its members are active, not both of them loners: active loners count as one. Row r'
of the output code fires iff it reads ``level`` firing neurons or more (derived; ``exactness`` has L2(k) without
loners). A set whose last input makes no further neuron fire has no failures that the set without it lacks, as the
rows that may fire only grow.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from ..codes import Bits
from ..compact.compile import Flags, Ints, Words, compiled
from ..exactness import Pair


class FalseReads(NamedTuple):
    """``rows[v]`` fires falsely where just ``active[v]`` (padded with -1) is on, and then ``firing[v]`` (n1) fire."""

    active: Ints
    rows: Ints
    firing: Bits


class _Scan(NamedTuple):
    """Bits of 64 neurons to a word: ``masks`` of an input, ``reads`` of a row; ``keys`` a * m + b of owned pairs."""

    masks: Words
    lone: Flags
    reads: Words
    keys: Ints
    owned: Flags
    level: int
    found_active: Ints
    found_rows: Ints
    state: Words


def false_reads(
    members: Bits, lone: Bits, reads: Bits, owned: dict[Pair, Bits], level: int, *, k: int, limit: int
) -> FalseReads:
    """The failures of L2(k), or about ``limit`` of them; none at all means that there is none.

    ``members`` is n1 x m, ``lone`` (m) marks the loners, ``reads`` is n2 x n1, and ``owned[a, b]`` (n2, a < b) are
    the rows that the outputs of that pair own, which may fire.
    """
    inputs = members.shape[1]
    pairs = sorted(owned)
    scan = _Scan(
        masks=_words(members.T),
        lone=lone,
        reads=_words(reads),
        keys=np.array([a * inputs + b for a, b in pairs], dtype=np.int64),
        owned=np.array([owned[pair] for pair in pairs]),
        level=level,
        found_active=np.full((limit + len(reads), max(k, 1)), -1, dtype=np.int64),
        found_rows=np.zeros(limit + len(reads), dtype=np.int64),
        state=np.zeros((k + 1, 4, -(-len(members) // 64)), dtype=np.uint64),
    )
    found = int(compiled(_visit_all, _extend, _judge, _may_fire, _ones)(scan, k, limit)) if k > 1 else 0
    active = scan.found_active[:found]
    return FalseReads(active, scan.found_rows[:found], fired(members, lone, active))


def fired(members: Bits, lone: Bits, active: Ints) -> Bits:
    """The hidden neurons (V x n1) that fire when the inputs in a row of ``active`` (V x k, padded with -1) are on."""
    on = np.zeros((len(active), members.shape[1]), dtype=np.float32)
    for column in active.T:
        on[np.flatnonzero(column >= 0), column[column >= 0]] = 1
    weights = members.T.astype(np.float32)
    alone = np.minimum(1, on[:, lone] @ weights[lone])
    firing: Bits = on[:, ~lone] @ weights[~lone] + alone > 1
    return firing


def _words(matrix: Bits) -> Words:
    """The rows of a matrix, 64 bits to a word."""
    rows, width = matrix.shape
    padded = np.zeros((rows, -(-width // 64) * 64), dtype=np.uint8)
    padded[:, :width] = matrix
    return np.packbits(padded, axis=1, bitorder="little").view(np.uint64)


def _visit_all(scan: _Scan, k: int, limit: int) -> int:
    """Every set of at most k inputs, each extended by larger inputs only; the number of failures written down."""
    inputs, found, depth = len(scan.masks), 0, 0
    group, following = np.zeros(k, dtype=np.int64), np.zeros(k + 1, dtype=np.int64)
    while depth >= 0 and found < limit:
        j = following[depth]
        if depth == k or j == inputs:
            depth -= 1
            continue
        following[depth] = j + 1
        group[depth] = j
        if _extend(scan.masks, scan.state, depth, j, scan.lone[j]) >= scan.level:
            found = _judge(scan, group[: depth + 1], found)
        depth += 1
        following[depth] = j + 1
    return found


def _extend(masks: Words, state: Words, depth: int, j: int, lone: bool) -> int:
    """The state with input j: who has a light member on, two of them, a loner, and who fires.

    How many fire, or 0 where these are just those that fire without input j.
    """
    changed, total = False, 0
    for w in range(masks.shape[1]):
        mask = masks[j, w]
        once, twice, alone = state[depth, 0, w], state[depth, 1, w], state[depth, 2, w]
        if lone:
            alone |= mask
        else:
            twice |= once & mask
            once |= mask
        firing = twice | (once & alone)
        state[depth + 1, 0, w], state[depth + 1, 1, w] = once, twice
        state[depth + 1, 2, w], state[depth + 1, 3, w] = alone, firing
        changed |= firing != state[depth, 3, w]
        total += _ones(firing)
    return total if changed else 0


def _judge(scan: _Scan, group: Ints, found: int) -> int:
    """Writes down the rows that fire falsely when ``group`` is active; how many there are now."""
    depth = len(group)
    for r in range(len(scan.reads)):
        read = 0
        for w in range(scan.reads.shape[1]):
            read += _ones(scan.state[depth, 3, w] & scan.reads[r, w])
        if read >= scan.level and not _may_fire(scan, group, r):
            scan.found_active[found, :depth] = group
            scan.found_rows[found] = r
            found += 1
    return found


def _may_fire(scan: _Scan, group: Ints, r: int) -> bool:
    """Whether an output of a pair in ``group`` (ascending) owns row r."""
    for q in range(len(group)):
        for p in range(q):
            key = group[p] * len(scan.masks) + group[q]
            place = int(np.searchsorted(scan.keys, key))
            if place < len(scan.keys) and scan.keys[place] == key and scan.owned[place, r]:
                return True
    return False


def _ones(word: np.uint64) -> int:
    """How many bits are set."""
    word -= (word >> np.uint64(1)) & np.uint64(0x5555555555555555)
    word = (word & np.uint64(0x3333333333333333)) + ((word >> np.uint64(2)) & np.uint64(0x3333333333333333))
    word = (word + (word >> np.uint64(4))) & np.uint64(0x0F0F0F0F0F0F0F0F)
    word += word >> np.uint64(8)
    word += word >> np.uint64(16)
    word += word >> np.uint64(32)
    return int(word & np.uint64(127))
