"""Whether every output is read off the OR-code of the true gates, for k >= 3: one output at a time, exactly.

The second step shows U(y), the union of the rows of the gates inside y; output i is c_i + sum of D_ir over U(y).
Call a gate a neighbour if one of its rows has D_ir > 0. Leave of an input y only those inputs that are in neighbours
inside y (and, where output i is to be true, in the gate that makes it so): U loses no row with D_ir > 0, so the
output does not fall, and it remains as true or as false as it was. So the largest output is attained where the active
inputs are a union of neighbours (and that gate), and those unions are all tried; likewise the smallest, with -D.

Most outputs need no trial: inside y there are at most t neighbours, so no output exceeds c_i and the t largest sums
that neighbours add by themselves. t is C(k, 2); less if the neighbours have no triangle, or no cycle (derived).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from math import comb

import numpy as np

from .hidden import Tick
from .shape import Shape, Undecided
from .sparse import Sparse, transposed

PORTION = 64  # outputs between two looks at the clock
MOST_UNIONS = 200_000  # tried for one output

Pair = tuple[int, int]
Inputs = frozenset[int]


@dataclass(frozen=True)
class Reader:
    """Gates, the rows that each shows (and which gates show each row), and the decoder's rows."""

    gates: list[Pair]
    shown: list[list[int]]
    showing: list[list[int]]
    number: dict[Pair, int]
    k: int


def misread(parts: Shape, shown: Sparse, k: int, tick: Tick) -> tuple[int, ...] | None:
    """A set of at most k inputs on which an output is outside its window, or None if there is none.

    Rests on a second step that shows exactly the rows of the true gates. Raises Undecided where there are too many
    unions to try.
    """
    gates = [(int(a), int(b)) for a, b in parts.gates]
    reader = Reader(
        gates=gates,
        shown=_lists(shown),
        showing=_lists(transposed(shown, parts.widths[1])),
        number={gate: i for i, gate in enumerate(gates)},
        k=k,
    )
    rows, wanted = parts.decoder, _lists(parts.wanted)
    low_false, high_false, low_true, high_true = parts.windows.tolist()
    for i, bias in enumerate(parts.bias.tolist()):
        entries = slice(rows.pointer[i], rows.pointer[i + 1])
        reads = dict(zip(rows.columns[entries].tolist(), rows.values[entries].tolist(), strict=True))
        for sign, false_room, true_room in (
            (1, high_false - bias, high_true - bias),
            (-1, bias - low_false, bias - low_true),
        ):
            signed = {r: sign * d for r, d in reads.items()}
            found = _exceeds(reader, signed, wanted[i], (), false_room)
            for gate in wanted[i]:
                found = found or _exceeds(reader, signed, [], gates[gate], true_room)
            if found is not None:
                return tuple(sorted(found))
        if i % PORTION == PORTION - 1 or i + 1 == len(parts.bias):
            tick("contract: outputs", i + 1, len(parts.bias))
    return None


def _lists(matrix: Sparse) -> list[list[int]]:
    return [part.tolist() for part in np.split(matrix.columns, matrix.pointer[1:-1])]


def _exceeds(
    reader: Reader, reads: dict[int, int], without: list[int], start: tuple[int, ...], room: int
) -> Inputs | None:
    """Inputs with ``start`` and with no gate of ``without`` on which the rows read sum to more than ``room``."""
    sums: dict[int, int] = defaultdict(int)
    for row, weight in reads.items():
        if weight > 0:
            for gate in reader.showing[row]:
                sums[gate] += weight
    barred = set(without)
    near = {reader.gates[gate]: weight for gate, weight in sums.items() if gate not in barred}
    inside = reader.number.get((start[0], start[1])) if start else None
    base = sum(reads.get(row, 0) for row in reader.shown[inside]) if inside is not None else 0
    if max(base, sum(weight for weight in reads.values() if weight > 0)) <= room:
        return None
    if start and base > room:
        return frozenset(start)
    if start:
        near.pop((start[0], start[1]), None)
    most = sorted(near.values(), reverse=True)[: _most_inside(near, reader.k)]
    if base + sum(most) <= room:
        return None
    return _Unions(reader, reads, barred, near, frozenset(start), base, room).first()


def _most_inside(near: dict[Pair, int], k: int) -> int:
    """How many of these gates there can be inside k inputs, at most."""
    beside: dict[int, set[int]] = defaultdict(set)
    for a, b in near:
        beside[a].add(b)
        beside[b].add(a)
    if len(near) < len(beside) and _acyclic(near):
        return k - 1
    triangle = any(not beside[a].isdisjoint(beside[b]) for a, b in near)
    return comb(k, 2) if triangle else k * k // 4


def _acyclic(pairs: dict[Pair, int]) -> bool:
    parent: dict[int, int] = {}

    def root(x: int) -> int:
        while parent.setdefault(x, x) != x:
            x = parent[x]
        return x

    for a, b in pairs:
        p, q = root(a), root(b)
        if p == q:
            return False
        parent[p] = q
    return True


@dataclass(frozen=True)
class _Unions:
    """Unions of neighbours (and ``start``), of at most k inputs, with no ``barred`` gate inside.

    One whose neighbours are connected (by ``start`` too) grows from gate to gate by a shared input. The others are
    two disjoint gates with no neighbour between, whose sums add up to no less than theirs together.
    """

    reader: Reader
    reads: dict[int, int]
    barred: set[int]
    near: dict[Pair, int]
    start: Inputs
    base: int
    room: int

    def first(self) -> Inputs | None:
        """The first that exceeds the room."""
        beside: dict[int, list[Pair]] = defaultdict(list)
        for pair in self.near:
            for x in pair:
                beside[x].append(pair)
        seen, waiting = {self.start}, [self.start]
        while waiting:
            group = waiting.pop()
            gates = _gates_inside(self.reader, group)
            if not self.barred.isdisjoint(gates):
                continue
            if (
                sum(self.reads.get(row, 0) for row in {row for gate in gates for row in self.reader.shown[gate]})
                > self.room
            ):
                return group
            for pair in (*(pair for x in group for pair in beside[x]), *self._apart(group)):
                grown = group.union(pair)
                if len(grown) <= self.reader.k and grown not in seen:
                    seen.add(grown)
                    waiting.append(grown)
            if len(seen) > MOST_UNIONS:
                raise Undecided(f"more than {MOST_UNIONS} unions of gates to try for an output")
        return None

    def _apart(self, group: Inputs) -> Iterator[Pair]:
        """The neighbours, to begin with or beside a first gate, that can make up what is missing."""
        if not group:
            yield from self.near
        elif len(group) == 2 and self.reader.k >= 4:
            low, high = sorted(group)
            reached = self.base if self.start else self.near[low, high]
            yield from (pair for pair, weight in self.near.items() if reached + weight > self.room)


def _gates_inside(reader: Reader, group: Inputs) -> list[int]:
    inside = sorted(group)
    pairs = ((a, b) for i, a in enumerate(inside) for b in inside[i + 1 :])
    return [reader.number[pair] for pair in pairs if pair in reader.number]
