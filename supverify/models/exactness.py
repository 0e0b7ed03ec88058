"""When codes compute exactly on every k-sparse input: complete checks, each naming all that is wrong.

Intended neurons always fire, because a clipped union contains each member's code whole. What has to be excluded is
false firing, and that two true outputs hide a third one from the decoder.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from .codes import Bits, Counts, product, supports, union

Pair = tuple[int, int]


def overlaps(members: Bits, code: Bits) -> Counts:
    """g[r, j] = how much of column j of ``code`` (n0 x m) lies in the union U_r of the columns of row r's members.

    ``members`` is n1 x m; where j is itself a member of row r, g[r, j] = 0 instead.
    """
    met = product(union(members, code.T), code)
    met[members] = 0
    return met


def largest_sums(numbers: Counts, k: int) -> Counts:
    """The sum of the k largest numbers in each row (all of them if there are fewer)."""
    sums: Counts = -np.sort(-numbers, axis=1)[:, : max(k, 0)].sum(axis=1)
    return sums


def crowded_rows(members: Bits, foreign: Counts, weight: int, k: int) -> list[int]:
    """The rows r that reach 2 * weight with fewer than two active members, for some k-sparse input: condition L1(k).

    A member contributes exactly ``weight``, a non-member j ``foreign[r, j]``; so row r is right iff
    weight + (its k - 1 largest) < 2 weight, if it has members, and (its k largest) < 2 weight.
    """
    alone = largest_sums(foreign, k) >= 2 * weight
    beside = largest_sums(foreign, k - 1) >= weight
    return [int(r) for r in np.flatnonzero(alone | (members.any(axis=1) & beside))]


@dataclass(frozen=True)
class FalseRead:
    """Neuron ``row`` of the output code fires on ``active`` although no true output owns it."""

    active: tuple[int, ...]
    row: int


def false_reads(members: Bits, reads: Bits, owned: Mapping[Pair, Bits], level: int, k: int) -> Iterator[FalseRead]:
    """Every false firing of a row of ``reads`` (n2 x n1) on at most k active inputs: the failures of L2(k).

    Hidden neuron r fires iff at least two of its ``members`` (n1 x m) are active, a row iff it reads ``level`` firing
    neurons or more; ``owned[a, b]`` (a < b) are the rows that the outputs of that pair own, which may fire.
    """
    needs = [level]
    # A neuron that s + 1 active inputs fire is fired by at least s - 1 of their s-subsets: a row that reads ``need``
    # firing neurons reads (s - 1) need / (s + 1) or more for some subset, so the supersets of those are all it takes.
    for size in range(k - 1, 1, -1):
        needs.insert(0, -(-(size - 1) * needs[0] // (size + 1)))
    growth = _Growth(members, reads, owned)
    nothing: Counts = np.zeros(len(reads), np.int64)  # shared, for nobody writes to it
    sets: dict[tuple[int, ...], Counts] = {(j,): nothing for j in range(members.shape[1])}
    for need in needs if k > 1 else ():
        sets = growth.supersets(sets, need)
        for active, counts in sets.items():
            yield from (FalseRead(active, int(r)) for r in np.flatnonzero(counts >= level))


class _Growth:
    """Sets of active inputs, each with how many firing neurons every row reads: -1 for rows not to be looked at."""

    def __init__(self, members: Bits, reads: Bits, owned: Mapping[Pair, Bits]) -> None:
        self.members, self.owned = members, owned
        self.weights = reads.astype(np.float32), members.astype(np.float32)

    def supersets(self, sets: Mapping[tuple[int, ...], Counts], need: int) -> dict[tuple[int, ...], Counts]:
        """The sets with one more input in which a row that no true output owns reads ``need`` firing neurons."""
        grown: dict[tuple[int, ...], Counts] = {}
        for active, before in sets.items():
            for j, counts in self._added(active, np.flatnonzero(before >= 0), need):
                larger = tuple(sorted((*active, j)))
                counts[self._owned_rows(larger) | (counts < need)] = -1
                if counts.max() >= 0:
                    grown[larger] = np.maximum(counts, grown.get(larger, -1))
        return grown

    def _added(self, active: tuple[int, ...], rows: Counts, need: int) -> Iterator[tuple[int, Counts]]:
        """For each input that makes some row read ``need`` firing neurons: the input, and all rows' counts."""
        hits = self.members[:, active].sum(axis=1)
        once, twice = np.flatnonzero(hits == 1), np.flatnonzero(hits > 1)
        reachable = len(twice) + self.members[once].sum(axis=0) >= need
        reachable[list(active)] = False
        if len(active) == 1:
            reachable[: active[0]] = False  # that pair grows from its smaller input
        others = np.flatnonzero(reachable)
        if not len(others):
            return
        reads, members = self.weights
        counts = reads[np.ix_(rows, once)] @ members[np.ix_(once, others)]
        counts += reads[np.ix_(rows, twice)].sum(axis=1, keepdims=True)
        for place in np.flatnonzero((counts >= need).any(axis=0)):
            everywhere = np.full(len(reads), -1, dtype=np.int64)
            everywhere[rows] = counts[:, place]
            yield int(others[place]), everywhere

    def _owned_rows(self, active: tuple[int, ...]) -> Bits:
        rows = np.zeros(len(self.weights[0]), dtype=np.bool_)
        for pair in combinations(active, 2):
            if pair in self.owned:
                rows |= self.owned[pair]
        return rows


def undecodable(code: Bits, clauses: Sequence[Iterable[int]], k: int) -> list[int]:
    """The outputs whose column of ``code`` (n2 x M) lies in the columns of others that can be true without it.

    Output i is true iff all inputs in ``clauses[i]`` are active, of which there are at most k.
    """
    owners, columns = supports(code), [frozenset(rows) for rows in supports(code.T)]
    needed = [frozenset(clause) for clause in clauses]

    def covered(i: int, rows: frozenset[int], active: frozenset[int]) -> bool:
        if not rows:
            return True
        grown = ((j, active | needed[j]) for j in owners[min(rows)])
        fitting = ((j, more) for j, more in grown if len(more) <= k and not needed[i] <= more)
        return any(covered(i, rows - columns[j], more) for j, more in fitting)

    return [i for i, column in enumerate(columns) if covered(i, column, frozenset())]
