"""Claim: what a network is said to compute, and on which inputs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from itertools import combinations, pairwise
from math import ceil, comb, floor
from typing import Literal

from .codec import encode
from .errors import Malformed, Rejected
from .network import Network

Clause = tuple[int, ...]
Target = tuple[Clause, ...]
Window = tuple[int | None, int | None]


@dataclass(frozen=True)
class TwoAnd:
    """Output i is y_a AND y_b for ``pairs[i]`` = (a, b), a != b (Adler & Shavit 2025, 2-AND)."""

    inputs: int
    pairs: tuple[tuple[int, int], ...]
    kind: Literal["2-and"] = "2-and"

    def __post_init__(self) -> None:
        for i, (a, b) in enumerate(self.pairs):
            if a == b or not (0 <= a < self.inputs and 0 <= b < self.inputs):
                raise Malformed(f"problem.pairs[{i}]", f"two different inputs in 0..{self.inputs - 1}", (a, b))
        if not self.pairs:
            raise Malformed("problem.pairs", "at least one pair", "none")

    def targets(self) -> tuple[Target, ...]:
        """For each output, the AND clauses whose OR it is."""
        return tuple((tuple(sorted(pair)),) for pair in self.pairs)


@dataclass(frozen=True)
class Permutation:
    """Output i is y_j for j = ``order[i]`` (Adler & Shavit 2025, Neural Permutation)."""

    order: tuple[int, ...]
    kind: Literal["permutation"] = "permutation"

    def __post_init__(self) -> None:
        if not self.order or sorted(self.order) != list(range(len(self.order))):
            raise Malformed("problem.order", f"each of 0..{len(self.order) - 1} once", self.order)

    @property
    def inputs(self) -> int:
        """The length of the permutation."""
        return len(self.order)

    def targets(self) -> tuple[Target, ...]:
        """For each output, the AND clauses whose OR it is."""
        return tuple(((j,),) for j in self.order)


@dataclass(frozen=True)
class Conjunctions:
    """Output i is the AND of the inputs in ``clauses[i]``, one or more, ascending: what circuits of ANDs compute."""

    inputs: int
    clauses: tuple[Clause, ...]
    kind: Literal["and"] = "and"

    def __post_init__(self) -> None:
        for i, clause in enumerate(self.clauses):
            if not clause or any(a >= b for a, b in pairwise((-1, *clause, self.inputs))):
                raise Malformed(f"problem.clauses[{i}]", f"ascending inputs, some of 0..{self.inputs - 1}", clause)
        if not self.clauses:
            raise Malformed("problem.clauses", "at least one clause", "none")

    def targets(self) -> tuple[Target, ...]:
        """For each output, the AND clauses whose OR it is."""
        return tuple((clause,) for clause in self.clauses)


Problem = TwoAnd | Permutation | Conjunctions


@dataclass(frozen=True)
class Cell:
    """The inputs y with y = 1 on ``on``, y = 0 on ``off``, and at most (or exactly) ``budget`` further ones."""

    on: frozenset[int]
    off: frozenset[int]
    budget: int

    def forced(self, clause: Clause) -> Cell:
        """The cell with all of the clause, none of which is off, on; the budget has to suffice."""
        on = self.on.union(clause)
        return Cell(on, self.off, self.budget + len(self.on) - len(on))

    def split(self, j: int, inputs: int) -> tuple[Cell, Cell]:
        """The cells with input j on, and off; raises Rejected unless j is open and some budget is left."""
        if j in self.on or j in self.off or not 0 <= j < inputs or self.budget == 0:
            raise Rejected(str(self), "a split on an open input with budget left", f"a split on input {j}")
        return Cell(self.on | {j}, self.off, self.budget - 1), Cell(self.on, self.off | {j}, self.budget)

    def __str__(self) -> str:
        return f"cell(on {sorted(self.on)}, off {sorted(self.off)}, budget {self.budget})"


@dataclass(frozen=True)
class Criterion:
    """How an output a is read, t the threshold and s the slack.

    ``readout``: a > t iff true (a >= t unless ``strict``); ``separated``: a >= t + s if true, a <= t - s if not;
    ``linear``: a is within s of its truth 0 or 1; ``code``: a is its truth.
    """

    kind: Literal["readout", "separated", "linear", "code"] = "readout"
    threshold: Fraction = Fraction(1, 2)
    slack: Fraction = Fraction(0)
    strict: bool = True

    def __post_init__(self) -> None:
        if self.slack < 0 or (self.slack and self.kind in ("readout", "code")):
            raise Malformed("criterion.slack", "0, or more for separated and linear", str(self.slack))

    def windows(self, scale: int) -> tuple[Window, Window]:
        """The [low, high] in which z = scale * a is right for a false output, and for a true one."""
        level, slack = self.threshold * scale, self.slack * scale
        if self.kind == "readout":
            first = floor(level) + 1 if self.strict else ceil(level)
            return (None, first - 1), (first, None)
        if self.kind == "separated":
            return (None, floor(level - slack)), (ceil(level + slack), None)
        return (ceil(-slack), floor(slack)), (ceil(scale - slack), floor(scale + slack))


@dataclass(frozen=True)
class Claim:
    """The network computes the problem, read by the criterion, on every input with at most (exactly) k ones.

    ``code`` (None: one network output for each problem output): row r lists the problem outputs whose OR the
    network's output r is, the compressed form in which outputs stay in superposition.
    """

    network: Network
    problem: Problem
    k: int
    criterion: Criterion = Criterion()
    mode: Literal["at-most", "exactly"] = "at-most"
    code: tuple[tuple[int, ...], ...] | None = None
    format: Literal["supverify-claim-1"] = "supverify-claim-1"

    def __post_init__(self) -> None:
        count = len(self.problem.targets())
        shape = (self.problem.inputs, count if self.code is None else len(self.code))
        if (self.network.inputs, self.network.outputs) != shape:
            got = f"{self.network.inputs} and {self.network.outputs}"
            raise Malformed("claim.network", f"{shape[0]} inputs and {shape[1]} outputs", got)
        if not 0 <= self.k <= self.problem.inputs:
            raise Malformed("claim.k", f"0 <= k <= {self.problem.inputs}", self.k)
        if not all(0 <= i < count for row in self.code or () for i in row):
            raise Malformed("claim.code", f"outputs of the problem, 0..{count - 1}", self.code)

    @property
    def domain(self) -> Cell:
        """Every input that the claim speaks of."""
        return Cell(frozenset(), frozenset(), self.k)

    @cached_property
    def windows(self) -> tuple[Window, Window]:
        """Where an output of the network, in integers, is right if it should be false, and if true."""
        return self.criterion.windows(self.network.scale)

    def targets(self) -> tuple[Target, ...]:
        """For each network output, the AND clauses whose OR it has to be."""
        single = self.problem.targets()
        if self.code is None:
            return single
        return tuple(tuple(clause for i in row for clause in single[i]) for row in self.code)

    def sizes(self, cell: Cell) -> range:
        """How many open inputs may be active in the cell."""
        return range(cell.budget if self.mode == "exactly" else 0, cell.budget + 1)

    def population(self, cell: Cell) -> int:
        """The number of inputs in the cell."""
        free = self.network.inputs - len(cell.on) - len(cell.off)
        return sum(comb(free, size) for size in self.sizes(cell))

    def members(self, cell: Cell) -> Iterator[Clause]:
        """The active sets of the cell: fewest active first, then lexicographic in the open inputs."""
        free = [j for j in range(self.network.inputs) if j not in cell.on and j not in cell.off]
        for size in self.sizes(cell):
            for extra in combinations(free, size):
                yield tuple(sorted((*cell.on, *extra)))

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the claim's canonical JSON: what binds a certificate to it."""
        text = json.dumps(encode(self), sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()
