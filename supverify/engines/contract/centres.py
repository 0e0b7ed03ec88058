"""Networks of one step, each neuron with a centre: x1_r(y) = [input c_r is active, and one of its partners N_r].

With g_j what input j adds to row r and T >= 1 its level, c_r is an input with the largest g and N_r = {j : g_c + g_j
>= T}. On every y with at most k >= 2 ones the row fires as said iff

    (a) the centre, the smallest partner and the k - 2 most negative others reach T,
    (b) the centre and the k - 1 largest positive others that are no partners do not,
    (c) the k largest positive inputs without the centre do not.

So row r shows the pairs {c_r, j}, j in N_r. The OR-code of gates is exact iff each row shows the gates of its output
and no other pair. A decoded output that is to be true iff {a, b} is active is right if its window holds all sums of
weights that can occur: with {a, b} active the rows that show it are 1 and the others either, else the rows with
centre a, or those with centre b, are 0 (derived; sufficient).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .hidden import Tick, product
from .shape import Shape, Undecided
from .sparse import Ints, Sparse

PORTION = 64  # rows between two looks at the clock


@dataclass(frozen=True)
class Centre:
    """The row is 1 iff ``input`` and one of ``partners`` is active."""

    input: int
    partners: frozenset[int]

    def shows(self, gate: tuple[int, int]) -> bool:
        """Whether the row is 1 when the gate is true."""
        a, b = gate
        return (a == self.input and b in self.partners) or (b == self.input and a in self.partners)


def centres(parts: Shape, k: int, tick: Tick) -> list[Centre]:
    """The centre of every row; raises Undecided where a row has none, or fires otherwise."""
    matrix = parts.hidden.weights
    for linear in reversed(parts.linear):
        matrix = product(matrix, linear, parts.inputs)
    found = []
    for r, level in enumerate(parts.hidden.levels.tolist()):
        entries = slice(matrix.pointer[r], matrix.pointer[r + 1])
        found.append(_centre(matrix.columns[entries], matrix.values[entries], level, k))
        if r % PORTION == 0:
            tick("contract: neurons", r + 1, len(parts.hidden.levels))
    return found


def _centre(inputs: Ints, adds: Ints, level: int, k: int) -> Centre:
    """The centre of one row from what its inputs add; others add 0."""
    if level < 1 or not len(adds):
        raise Undecided("a neuron of the only step has no centre")
    c = int(np.argmax(adds))
    others = np.delete(adds, c)
    partner = adds[c] + others >= level
    alone = adds[c] + _largest(others[~partner], k - 1) < level
    without = _largest(others, k) < level
    with_one = not partner.any() or adds[c] + others[partner].min() - _largest(-others, k - 2) >= level
    if not (alone and without and with_one):
        raise Undecided("a neuron of the only step has no centre")
    return Centre(int(inputs[c]), frozenset(np.delete(inputs, c)[partner].tolist()))


def _largest(numbers: Ints, count: int) -> int:
    """The largest sum of at most so many of the numbers."""
    best = np.sort(np.maximum(numbers, 0))[::-1][: max(count, 0)]
    return int(best.sum())


def strange_pairs(parts: Shape, rows: list[Centre]) -> Iterator[tuple[int, int]]:
    """Pairs of inputs on which an OR-code is wrong: shown and not wanted, or wanted and not shown."""
    wanted = _lists(parts.wanted)
    gates = [(int(a), int(b)) for a, b in parts.gates]
    for r, centre in enumerate(rows):
        asked = {gates[i] for i in wanted[r]}
        shown = {(min(centre.input, j), max(centre.input, j)) for j in centre.partners}
        yield from sorted(asked ^ shown)


def check_window(parts: Shape) -> None:
    """Raises Undecided unless 0 is right for a false output and 1 for a true one."""
    low_false, high_false, low_true, high_true = parts.windows.tolist()
    if not (low_false <= 0 <= high_false and low_true <= 1 <= high_true):
        raise Undecided("an output of the only step may be outside its window")


def check_decoder(parts: Shape, rows: list[Centre]) -> None:
    """Raises Undecided unless every decoded output is in its window on every input with at most k ones."""
    low_false, high_false, low_true, high_true = parts.windows.tolist()
    gates, wanted, matrix = parts.gates.tolist(), _lists(parts.wanted), parts.decoder
    for i, bias in enumerate(parts.bias.tolist()):
        if len(wanted[i]) != 1:
            raise Undecided("an output behind the only step is no single gate")
        gate = (gates[wanted[i][0]][0], gates[wanted[i][0]][1])
        entries = slice(matrix.pointer[i], matrix.pointer[i + 1])
        reads = [
            (rows[r], w)
            for r, w in zip(matrix.columns[entries].tolist(), matrix.values[entries].tolist(), strict=True)
        ]
        sure = bias + sum(w for row, w in reads if row.shows(gate))
        rest = [w for row, w in reads if not row.shows(gate)]
        true = sure + sum(min(w, 0) for w in rest), sure + sum(max(w, 0) for w in rest)
        false = [[w for row, w in reads if row.input != end] for end in gate]
        least = bias + min(sum(min(w, 0) for w in some) for some in false)
        most = bias + max(sum(max(w, 0) for w in some) for some in false)
        if not (low_true <= true[0] and true[1] <= high_true and low_false <= least and most <= high_false):
            raise Undecided("an output behind the only step may leave its window")


def _lists(matrix: Sparse) -> list[list[int]]:
    return [part.tolist() for part in np.split(matrix.columns, matrix.pointer[1:-1])]
