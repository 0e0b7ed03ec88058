"""Circuits of ANDs: a stack of networks in superposition, each reading the OR-code of the one before it.

Level 1 is built for the inputs (``two_and``), each further level for the gates of the level before
(``compose_level``). What a level needs from the one before, each a claim of its own (derived):

    code      its output is exactly the OR-code of the true gates, on every input with at most k ones
    readout   no possible set of true gates hides another gate: the next level can be built at all
    count     no more than so many gates are true at once

and what it does with it: ``on true gates``, the level alone, fed with the OR-code of the gates as they should be.
Code of level 1 and ``on true gates`` of every further level give the code end to end, input by input; the claims
"end to end" say it of the whole network and are verified without that argument.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import pairwise

import numpy as np

from supverify.kernel.claim import Claim, Conjunctions, Criterion, TwoAnd
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network

from .builders import build
from .codes import decoder, supports, threshold
from .compose_level import Active, Level, bits, possible_sets, truths
from .construction import Construction
from .exactness import Pair
from .resample import Progress
from .two_and import Gates

MOST_INPUTS = 1 << 20


@dataclass(frozen=True)
class Circuit:
    """Levels of 2-ANDs: gate i of a level is the AND of the pair ``levels[l][i]`` of gates before it (l = 0: inputs).

    Raises Malformed unless there is a level, and each one is a 2-AND problem over the one before.
    """

    inputs: int
    levels: tuple[tuple[Pair, ...], ...]

    def __post_init__(self) -> None:
        if self.inputs > MOST_INPUTS:
            raise Malformed("circuit.inputs", f"at most {MOST_INPUTS}", self.inputs)
        if not self.levels:
            raise Malformed("circuit.levels", "at least one level", "none")
        for level in range(1, len(self.levels) + 1):
            try:
                self.step(level)
            except Malformed as fault:
                place = fault.place.replace("problem.pairs", f"circuit.levels[{level - 1}]")
                raise Malformed(place, fault.expected, fault.got) from fault

    def step(self, level: int) -> TwoAnd:
        """The level, counted from 1, as a problem over the gates before it."""
        before = len(self.levels[level - 2]) if level > 1 else self.inputs
        return TwoAnd(before, self.levels[level - 1])

    @cached_property
    def clauses(self) -> tuple[tuple[Active, ...], ...]:
        """For each level, the inputs (level 0) included, the inputs whose AND each gate is."""
        found = [tuple(Active((j,)) for j in range(self.inputs))]
        for pairs in self.levels:
            found.append(tuple(found[-1][a] | found[-1][b] for a, b in pairs))
        return tuple(found)

    def problem(self, level: int | None = None) -> Conjunctions:
        """What the circuit computes: the gates of a level (None: the last) as ANDs of inputs."""
        clauses = self.clauses[len(self.levels) if level is None else level]
        return Conjunctions(self.inputs, tuple(tuple(sorted(clause)) for clause in clauses))


@dataclass(frozen=True, kw_only=True)
class Composition:
    """The network of a circuit; ``levels[l]`` is the stack of the levels up to l + 1, and what is claimed of it.

    ``counts[l]``: the most gates of level l + 1 that at most k inputs make true.
    """

    circuit: Circuit
    k: int
    seed: int
    levels: tuple[Construction, ...]
    counts: tuple[int, ...]

    @property
    def network(self) -> Network:
        """The whole network, its outputs in superposition."""
        return self.levels[-1].network

    @property
    def decoded(self) -> Network:
        """The whole network with the decoder of the last level."""
        return self.levels[-1].decoded

    @property
    def neurons(self) -> tuple[int, ...]:
        """The widest ReLU layer of each level."""
        ends = [0, *(len(level.network.layers) for level in self.levels)]
        widths = [len(layer.bias) if layer.relu else 0 for layer in self.network.layers]
        return tuple(max(widths[start:end]) for start, end in pairwise(ends))

    def claims(self) -> dict[str, Claim]:
        """The claims of each level, then those of the whole network: "level 1: code", ..., "end to end: readout"."""
        named: dict[str, Claim] = {}
        for number, level in enumerate(self.levels, start=1):
            last = number == len(self.levels)
            if number > 1:
                named[f"level {number}: on true gates"] = self.on_true_gates(number)
            if not last:
                named[f"level {number}: count"] = self.at_most(number, self.counts[number - 1])
            place = "end to end" if last else f"level {number}"
            named |= {f"{place}: {criterion}": claim for criterion, claim in level.claims().items()}
        return named

    def on_true_gates(self, level: int) -> Claim:
        """That the level alone (from 2 on), fed with the OR-code of the true gates before it, computes its gates."""
        before, stack = self.levels[level - 2], self.levels[level - 1]
        clauses = self.circuit.problem(level - 1).clauses
        weights, bias = tuple((1,) * len(clause) for clause in clauses), tuple(1 - len(clause) for clause in clauses)
        ideal = (Layer(clauses, weights, bias, relu=True), *threshold(bits(before.code, len(clauses)), 1))
        own = stack.network.layers[len(before.network.layers) :]
        network = Network(self.circuit.inputs, (*ideal, *own))
        return Claim(network, self.circuit.problem(level), self.k, Criterion("code"), code=stack.code)

    def at_most(self, level: int, count: int) -> Claim:
        """That no more than ``count`` outputs of the stack up to the level are ever read as true.

        Its network adds up the decoded outputs and has one output, relu(sum - count), which nothing makes true.
        """
        *layers, read = self.levels[level - 1].decoded.layers
        gates = tuple(range(len(read.bias)))
        excess = Layer((gates,), ((1,) * len(gates),), (-count,), relu=True)
        network = Network(self.circuit.inputs, (*layers, replace(read, relu=True), excess))
        return Claim(network, self.circuit.problem(level), self.k, Criterion("code"), code=((),))

    def of(self, network: Network, decoded: Network) -> Composition:
        """The same of other weights, such as those read from a file: its claims are then about these networks.

        Both have the layers of the networks that they replace, and every level is cut out of ``network``.
        """
        levels = [_cut(level, network) for level in self.levels[:-1]]
        return replace(self, levels=(*levels, replace(self.levels[-1], network=network, decoded=decoded)))


def compose(
    circuit: Circuit,
    *,
    k: int,
    seed: int = 0,
    first: Construction | None = None,
    progress: Progress | None = None,
) -> Composition:
    """The network of ``circuit``, exact on every input with at most k ones; the same seed gives the same network.

    ``first``: level 1 as another builder made it for ``circuit.step(1)`` and this k (None: ``build``). Raises
    Malformed for one made for something else, for a k that is not in 0..inputs, for a seed below 0, and for a circuit
    too large to be built: one of whose levels needs more than 2^13 neurons, or has more than 2^16 sets of gates that
    are true together.
    """
    if seed < 0:
        raise Malformed("compose: seed", "at least 0", seed)
    if first is not None and (first.problem, first.k) != (circuit.step(1), k):
        raise Malformed("compose: first", f"a construction of level 1 for k = {k}", f"another, for k = {first.k}")
    stacks = [first or build(circuit.step(1), k=k, seed=seed, progress=progress)]
    for number in range(2, len(circuit.levels) + 1):
        stacks.append(_stacked(circuit, stacks[-1], number, np.random.default_rng([seed, number]), progress))
    counts = tuple(_most_true(clauses, k) for clauses in circuit.clauses[1:])
    return Composition(circuit=circuit, k=k, seed=seed, levels=tuple(stacks), counts=counts)


def _stacked(
    circuit: Circuit, below: Construction, number: int, rng: np.random.Generator, progress: Progress | None
) -> Construction:
    """The stack with one more level, which reads what the stack ``below`` it puts out."""
    before, after = circuit.clauses[number - 1 : number + 1]
    active = possible_sets(before, below.k)
    level = Level(
        gates=Gates(circuit.step(number), below.k),
        C=bits(below.code, len(before)),
        before=truths(before, active),
        true=truths(after, active),
    )
    found, attempts = level.find(rng, progress)
    code, weights = found.codes[1], found.design.weights
    layers = (*below.network.layers, *level.layers(found.codes, weights))
    return Construction(
        network=Network(circuit.inputs, layers),
        decoded=Network(circuit.inputs, (*layers, decoder(code, weights[1]))),
        code=supports(code),
        problem=circuit.problem(number),
        k=below.k,
        seed=below.seed,
        weights=weights,
        attempts=attempts,
    )


def _most_true(clauses: Sequence[Active], k: int) -> int:
    """The most conjunctions that at most k active inputs make true."""
    return int(truths(clauses, possible_sets(clauses, k)).sum(axis=1).max())


def _cut(level: Construction, network: Network) -> Construction:
    """The stack of a level with the weights of ``network``; it keeps its own decoder, which is no part of that."""
    layers, read = network.layers[: len(level.network.layers)], level.decoded.layers[-1]
    inner, decoded = (Network(network.inputs, stack) for stack in (layers, (*layers, read)))
    return replace(level, network=inner, decoded=decoded)
