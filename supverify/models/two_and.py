"""One network for any 2-AND problem, from random codes: inputs, hidden neurons and outputs all in superposition.

Derived from Adler & Shavit 2025 (their output channels) with clipped 0/1 matrices and exact steps. For m inputs,
M outputs and G distinct pairs:

    C   n x m   input code, w0 ones in each column; x0 = C y
    R   n x G   read sets, w1 ones in each column: the hidden neurons that serve a pair; equal pairs share one
    A   n x m   A[r, j] = 1 iff hidden neuron r serves a pair that contains input j: j is a member of r
    C1  n x M   output code, w2 ones in each column
    W1 = min(1, A C^T),  W2 = min(1, C1 R^T)    n x n each, R with one column for each output

    u = relu(2 w0 - W1 x0),  h = relu(1 - u);  v = relu(w1 - W2 h),  x1 = relu(1 - v)

Invariants: a member adds exactly w0 to its row of W1 x0, so h is 1 on R_i when both inputs of output i are active;
then W2 h >= w1 in every row that output i owns. By L1(k) h fires only where two members are active, by L2(k) a row
of x1 fires only if a true output owns it (``exactness``): x1 is the OR-code of the true outputs, exactly.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

import numpy as np

from supverify.kernel.claim import TwoAnd
from supverify.kernel.network import Network

from .codes import Bits, Counts, decoder, linear, supports, threshold, union
from .construction import Construction
from .exactness import FalseRead, Pair, crowded_rows, false_reads, overlaps, undecodable
from .plan import Plan, Shape, narrowest, plan_two_and
from .resample import Codes, Design, Faults, Progress, Search

KEPT = 2  # the codes that a judge still knows: the best so far, and those tried last


def build_two_and(
    problem: TwoAnd, *, k: int, seed: int = 0, neurons: int | None = None, progress: Progress | None = None
) -> Construction:
    """The network, exact on every input with at most k ones, of the first width from ``neurons`` on that is found."""
    gates = Gates(problem, k)
    search = Search(gates.design, rng=np.random.default_rng(seed), progress=progress)
    found = search.widening(neurons or narrowest(gates.plan, gates.shape.mendable))
    if neurons is None:
        found = search.narrowing(found)
    network, decoded = gates.networks(found.codes, found.design.weights)
    return Construction(
        network=network,
        decoded=decoded,
        code=supports(found.codes[2]),
        problem=problem,
        k=k,
        seed=seed,
        weights=found.design.weights,
        attempts=search.attempts,
    )


@dataclass(frozen=True)
class Gates:
    """The distinct pairs of a problem, one gate each, and how codes (C, R, C1) for them are judged."""

    problem: TwoAnd
    k: int

    @cached_property
    def pairs(self) -> tuple[Pair, ...]:
        """The pair of each output, ascending."""
        return tuple((min(pair), max(pair)) for pair in self.problem.pairs)

    @cached_property
    def distinct(self) -> tuple[Pair, ...]:
        """The pair of each gate."""
        return tuple(dict.fromkeys(self.pairs))

    @cached_property
    def gate_of(self) -> list[int]:
        """The gate of each output."""
        place = {pair: g for g, pair in enumerate(self.distinct)}
        return [place[pair] for pair in self.pairs]

    @property
    def counts(self) -> tuple[int, int, int]:
        """The columns of C, R and C1."""
        return self.problem.inputs, len(self.distinct), len(self.pairs)

    @cached_property
    def shape(self) -> Shape:
        """What the plan needs to know."""
        influence = tuple(np.bincount(np.ravel(self.distinct), minlength=self.problem.inputs).tolist())
        return Shape(self.problem.inputs, len(self.pairs), len(self.distinct), influence, self.k)

    def plan(self, neurons: int) -> Plan:
        """The weights to try at a width."""
        return plan_two_and(self.shape, neurons)

    def design(self, neurons: int) -> Design:
        """The search at a width."""
        weights = self.plan(neurons).weights
        return Design(neurons, weights, self.counts, Judge(self, weights))

    def members(self, R: Bits) -> Bits:
        """A (n x m): the inputs of the gates that each hidden neuron serves."""
        members = np.zeros((self.problem.inputs, len(R)), dtype=np.bool_)
        for served, (a, b) in zip(np.ascontiguousarray(R.T), self.distinct, strict=True):
            members[a] |= served
            members[b] |= served
        return members.T

    def reads(self, R: Bits, C1: Bits) -> Bits:
        """W2 (n x n): the hidden neurons that each neuron of the output code reads."""
        return union(C1, R[:, self.gate_of].T)

    def owned(self, C1: Bits) -> dict[Pair, Bits]:
        """The rows of the output code that the outputs of each pair own."""
        rows = {pair: np.zeros(len(C1), dtype=np.bool_) for pair in self.distinct}
        for i, pair in enumerate(self.pairs):
            rows[pair] |= C1[:, i]
        return rows

    def networks(self, codes: Codes, weights: tuple[int, ...]) -> tuple[Network, Network]:
        """The network with its outputs in superposition, and the one that ends with the decoder."""
        C, R, C1 = codes
        w0, w1, w2 = weights
        hidden = threshold(union(self.members(R), C.T), 2 * w0)
        layers = (linear(C), *hidden, *threshold(self.reads(R, C1), w1))
        m = self.problem.inputs
        return Network(m, layers), Network(m, (*layers, decoder(C1, w2)))


@dataclass(frozen=True)
class _Served:
    """What R (n x G) and C1 (n x M) decide without C: the failures of L2(k), and of decodability."""

    gates: Gates
    R: Bits
    C1: Bits
    level: int

    @cached_property
    def members(self) -> Bits:
        return self.gates.members(self.R)

    @cached_property
    def hidden(self) -> list[int]:
        return undecodable(self.C1, self.gates.pairs, self.gates.k)

    @cached_property
    def false(self) -> list[FalseRead]:
        """One more than there are columns suffice: so many end the search at a width."""
        gates = self.gates
        every = false_reads(self.members, gates.reads(self.R, self.C1), gates.owned(self.C1), self.level, gates.k)
        return list(islice(every, 1 + sum(gates.counts)))

    def blamed(self, false: Iterable[FalseRead]) -> Iterable[int]:
        """For each false read, the owner of that row whose read set meets the firing neurons most."""
        for read in false:
            owners = np.flatnonzero(self.C1[read.row])
            firing = self.members[:, read.active].sum(axis=1) > 1
            shared = self.R[firing][:, [self.gates.gate_of[i] for i in owners]].sum(axis=0)
            yield int(owners[np.argmax(shared)])


class Judge:
    """All violations of L1(k), L2(k) and decodability of codes (counting stops at one for each column).

    Most draws leave R and C1 as they were, of the best codes or of the last ones: what those decide is kept.
    """

    def __init__(self, gates: Gates, weights: tuple[int, ...]) -> None:
        self.gates, self.weights = gates, weights
        self.known: list[_Served] = []

    def __call__(self, codes: Codes) -> Faults:
        gates, served = self.gates, self._served(*codes[1:])
        foreign = overlaps(served.members, codes[0])
        crowded = crowded_rows(served.members, foreign, self.weights[0], gates.k)
        room = 1 + sum(gates.counts) - len(crowded) - len(served.hidden)
        false = served.false[:room] if room > 0 else []
        blamed = frozenset(served.blamed(false))
        return Faults(
            len(crowded) + len(served.hidden) + len(false),
            (
                _crowding(foreign, crowded, gates.k),
                frozenset(gates.gate_of[i] for i in blamed),
                blamed.union(served.hidden),
            ),
        )

    def _served(self, R: Bits, C1: Bits) -> _Served:
        found = next((known for known in self.known if known.R is R and known.C1 is C1), None)
        found = found or _Served(self.gates, R, C1, self.weights[1])
        self.known = [found, *(known for known in self.known if known is not found)][:KEPT]
        return found


def _crowding(foreign: Counts, rows: list[int], k: int) -> frozenset[int]:
    """The inputs that crowd the rows most: for each row the k - 1 non-members that meet it most."""
    largest = np.argsort(-foreign[rows], axis=1, kind="stable")[:, : max(k - 1, 1)]
    return frozenset(int(j) for r, some in zip(rows, largest, strict=True) for j in some if foreign[r, j])
