"""Inputs of a claim, all of them or a seeded sample, followed through its network exactly, batch by batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations, islice, pairwise
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt

from ...engines.arrays import arrays, clauses, truths
from ...kernel.claim import Claim, Clause
from ...report.pictures.data import Covered

Integers = npt.NDArray[Any]  # float64 that are integers below 2^53, or Python integers
Flags = npt.NDArray[np.bool_]
Active = npt.NDArray[np.int64]

INPUTS = 200_000  # that are all gone through
SAMPLE = 20_000  # of what is more
WORK, SLOW_WORK = 1 << 34, 1 << 25  # products of weights and values: in float64, and in Python integers
DENSEST = 1 << 25  # weights of dense layers that are kept in memory
FLOAT_FITS = 1 << 53
BATCH = 1024


@dataclass(frozen=True)
class Part:
    """Active sets of one size, a row each, and how many of that size there are."""

    active: Active
    of: int

    @property
    def covered(self) -> Covered:
        """As a picture says it."""
        return Covered(size=self.active.shape[1], inputs=len(self.active), of=self.of)


@dataclass(frozen=True)
class Batch:
    """What happens on some inputs of one size, a row each.

    ``sums[i]`` belong to the layer from which no linear layer is left, then to each one behind it, before its ReLU.
    ``truth``: what each output should be; ``gates``: which gates are true; ``relu``: the last layer has one.
    """

    part: int
    active: Active
    sums: tuple[Integers, ...]
    truth: Flags
    gates: Flags
    relu: bool

    @property
    def outputs(self) -> Integers:
        """The network's outputs."""
        return np.maximum(self.sums[-1], 0) if self.relu else self.sums[-1]


class Trace:
    """The inputs gone through and what happens on them; raises MemoryError for layers too large if dense.

    Half of a sample are random inputs, half have a true gate of the problem among their ones.
    """

    def __init__(self, claim: Claim, *, inputs: int = INPUTS, seed: int = 0) -> None:
        if sum(a * b for a, b in pairwise(claim.network.widths)) > DENSEST:
            raise MemoryError(f"more than {DENSEST} weights in dense layers")
        self.claim, self.arrays = claim, arrays(claim)
        exact = self.arrays.bound < FLOAT_FITS
        kind: Any = np.float64 if exact else object
        self._start, self._columns = self.arrays.start.astype(kind), self.arrays.columns.astype(kind)
        self._layers = [(m.dense().T.astype(kind), m.bias.astype(kind)) for m in self.arrays.layers]
        self._relus = [self.arrays.relu, *(matrix.relu for matrix in self.arrays.layers)]
        self.gates = sorted({clause for target in claim.problem.targets() for clause in target})
        each = len(self._start) + sum(weights.size for weights, _ in self._layers)
        most = min(inputs, (WORK if exact else SLOW_WORK) // each)
        if claim.population(claim.domain) > most:
            most = max(1, min(most, SAMPLE))
        self.parts = tuple(_parts(claim, most, np.random.default_rng(seed)))

    @property
    def covered(self) -> tuple[Covered, ...]:
        """How many inputs of each size."""
        return tuple(part.covered for part in self.parts)

    @property
    def offset(self) -> int:
        """The layer of the network that the first sums belong to."""
        return len(self.claim.network.layers) - 1 - len(self.arrays.layers)

    def batches(self) -> Iterator[Batch]:
        """Everything, in the order of the parts."""
        for i, part in enumerate(self.parts):
            for begin in range(0, len(part.active), BATCH):
                active = part.active[begin : begin + BATCH]
                truth = truths(self.arrays.clauses, active, self.claim.network.inputs, self.arrays.outputs).T
                yield Batch(i, active, tuple(self._sums(active)), truth, self._true(active), self._relus[-1])

    def alone(self, layer: int) -> Integers:
        """The sums of that layer (of a batch's) on the ones of each gate alone, gates x units."""
        found = []
        for begin in range(0, len(self.gates), BATCH):
            gates = self.gates[begin : begin + BATCH]
            ones = np.zeros((len(gates), self.claim.network.inputs), dtype=self._start.dtype)
            for row, gate in zip(ones, gates, strict=True):
                row[list(gate)] = 1
            *_, sums = islice(self._follow(self._start + ones @ self._columns), layer + 1)
            found.append(sums)
        return np.concatenate(found)

    def _sums(self, active: Active) -> Iterator[Integers]:
        return self._follow(self._start + self._columns[active].sum(axis=1))

    def _follow(self, sums: Integers) -> Iterator[Integers]:
        yield sums
        for relu, (weights, bias) in zip(self._relus, self._layers, strict=False):
            sums = (np.maximum(sums, 0) if relu else sums) @ weights + bias
            yield sums

    def _true(self, active: Active) -> Flags:
        """Which gates are true, inputs x gates."""
        longest = max(map(len, self.gates))
        rows = [(*gate, *gate[-1:] * (longest - len(gate)), i) for i, gate in enumerate(self.gates)]
        table = np.array(rows, dtype=np.int64)
        return truths(table, active, self.claim.network.inputs, len(self.gates)).T


def _parts(claim: Claim, most: int, rng: np.random.Generator) -> Iterator[Part]:
    """The active sets of each size; where there are more than ``most``, large sizes share what small ones leave."""
    inputs, sizes = claim.network.inputs, claim.sizes(claim.domain)
    for left, size in zip(range(len(sizes), 0, -1), sizes, strict=True):
        of, share = comb(inputs, size), most // left
        if of <= share:
            active = np.array(list(combinations(range(inputs), size)), dtype=np.int64).reshape(of, size)
        else:
            active = _sample(claim, size, max(share, 2), rng)
        most -= len(active)
        yield Part(active, of)


def _sample(claim: Claim, size: int, count: int, rng: np.random.Generator) -> Active:
    """Different active sets of that size, ascending, about as many as ``count``."""
    inputs = claim.network.inputs
    known = [clause for clause in {tuple(row[:-1]) for row in clauses(claim).tolist()} if len(set(clause)) <= size]
    random = _subsets(inputs, size, count // 2 if known else count, rng)
    if not known:
        return np.unique(random, axis=0)
    chosen = sorted(known)
    picked = rng.integers(len(chosen), size=len(random)).tolist()
    held = [_holding(chosen[c], row) for c, row in zip(picked, random, strict=True)]
    return np.unique(np.concatenate([random, np.array(held, dtype=np.int64).reshape(-1, size)]), axis=0)


def _holding(clause: Clause, row: Active) -> list[int]:
    """The clause, and of the row as many others as there is room for."""
    ones = sorted(set(clause))
    return sorted([*ones, *[j for j in row.tolist() if j not in ones][: len(row) - len(ones)]])


def _subsets(inputs: int, size: int, count: int, rng: np.random.Generator) -> Active:
    """Uniform subsets of that size, a row each, ascending; some may be the same."""
    if 2 * size * size > inputs:
        order = [np.sort(rng.permutation(inputs)[:size]) for _ in range(count)]
        return np.array(order, dtype=np.int64).reshape(count, size)
    found = np.empty((0, size), dtype=np.int64)
    while len(found) < count:  # more than half of the draws have no input twice
        drawn = np.sort(rng.integers(inputs, size=(count, size)), axis=1)
        found = np.concatenate([found, drawn[(np.diff(drawn, axis=1) > 0).all(axis=1)]])
    return found[:count]
