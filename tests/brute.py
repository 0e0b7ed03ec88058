"""An independent reading of claims for the tests: dense matrices, Fractions, no line shared with supverify."""

from __future__ import annotations

import random
from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations, pairwise
from typing import Literal

from supverify.kernel.claim import Cell, Claim, Conjunctions, Criterion, Permutation, Problem, TwoAnd
from supverify.kernel.network import Layer, Network

WEIGHTS = (-3, -2, -1, 1, 2, 3)


def inputs(claim: Claim) -> Iterator[tuple[int, ...]]:
    """The active sets the claim speaks of, fewest active first, then lexicographic."""
    smallest = claim.k if claim.mode == "exactly" else 0
    for size in range(smallest, claim.k + 1):
        yield from combinations(range(claim.network.inputs), size)


def outputs(network: Network, active: tuple[int, ...]) -> list[Fraction]:
    """The outputs, in units of the network's scale."""
    vector = [1 if j in active else 0 for j in range(network.inputs)]
    for layer in network.layers:
        dense = [[0] * len(vector) for _ in layer.bias]
        for r, (sources, weights) in enumerate(zip(layer.sources, layer.weights, strict=True)):
            for j, w in zip(sources, weights, strict=True):
                dense[r][j] = w
        vector = [
            sum(w * x for w, x in zip(row, vector, strict=True)) + b for row, b in zip(dense, layer.bias, strict=True)
        ]
        vector = [max(0, z) for z in vector] if layer.relu else vector
    return [Fraction(z, network.scale) for z in vector]


def members(claim: Claim, cell: Cell) -> Iterator[tuple[int, ...]]:
    """The active sets of a cell: those that are on, and at most (or exactly) its budget of the open inputs."""
    free = [j for j in range(claim.network.inputs) if j not in cell.on | cell.off]
    for chosen in range(cell.budget if claim.mode == "exactly" else 0, cell.budget + 1):
        for more in combinations(free, chosen):
            yield tuple(sorted((*cell.on, *more)))


def assert_enclosed(claim: Claim, cell: Cell, bounds: dict[int, tuple[int, int]]) -> None:
    """Bounds in integers hold on every member of the cell, and are attained where at most one input is left open."""
    values = [outputs(claim.network, y) for y in members(claim, cell)]
    for i, column in enumerate(zip(*values, strict=True)):
        low, high = min(column) * claim.network.scale, max(column) * claim.network.scale
        assert bounds[i][0] <= low
        assert high <= bounds[i][1]
        if cell.budget <= 1:
            assert bounds[i] == (low, high)


def truths(claim: Claim, active: tuple[int, ...]) -> list[bool]:
    """What each network output should be."""
    problem = claim.problem
    if isinstance(problem, TwoAnd):
        single = [a in active and b in active for a, b in problem.pairs]
    elif isinstance(problem, Conjunctions):
        single = [all(j in active for j in clause) for clause in problem.clauses]
    else:
        single = [j in active for j in problem.order]
    return single if claim.code is None else [any(single[i] for i in row) for row in claim.code]


def right(criterion: Criterion, a: Fraction, truth: bool) -> bool:
    """The criterion, word for word."""
    t, s = criterion.threshold, criterion.slack
    if criterion.kind == "readout":
        return (a > t if criterion.strict else a >= t) == truth
    if criterion.kind == "separated":
        return a >= t + s if truth else a <= t - s
    return abs(a - int(truth)) <= s


def wrong_entries(claim: Claim, active: tuple[int, ...]) -> list[int]:
    """The outputs that are wrong on one input."""
    values = zip(outputs(claim.network, active), truths(claim, active), strict=True)
    return [i for i, (a, truth) in enumerate(values) if not right(claim.criterion, a, truth)]


def wrong(claim: Claim) -> list[tuple[int, ...]]:
    """The inputs with a wrong output, in the documented order."""
    return [y for y in inputs(claim) if wrong_entries(claim, y)]


def margin(claim: Claim, active: tuple[int, ...]) -> Fraction:
    """The smallest distance from the threshold towards the right side on one input."""
    t = claim.criterion.threshold
    values = zip(outputs(claim.network, active), truths(claim, active), strict=True)
    return min(a - t if truth else t - a for a, truth in values)


def deviation(claim: Claim, active: tuple[int, ...]) -> Fraction:
    """The largest distance of an output from its truth on one input."""
    values = zip(outputs(claim.network, active), truths(claim, active), strict=True)
    return max(abs(a - int(truth)) for a, truth in values)


def random_layer(rng: random.Random, width: int, inputs: int, *, relu: bool) -> Layer:
    """Mixed signs, about 70 % dense; rows may be empty."""
    sources = [tuple(j for j in range(inputs) if rng.random() < 0.7) for _ in range(width)]
    weights = tuple(tuple(rng.choice(WEIGHTS) for _ in row) for row in sources)
    return Layer(tuple(sources), weights, tuple(rng.randint(-3, 3) for _ in range(width)), relu)


def random_network(rng: random.Random, inputs: int) -> Network:
    """1 to 3 layers of width 1 to 4, ReLU or linear in any place; some ReLUs are made steps by a second one."""
    widths = [inputs, *(rng.randint(1, 4) for _ in range(rng.randint(1, 3)))]
    layers: list[Layer] = []
    for a, b in pairwise(widths):
        layers.append(random_layer(rng, b, a, relu=rng.random() < 0.6))
        if layers[-1].relu and rng.random() < 0.5:
            layers.append(Layer(tuple((r,) for r in range(b)), ((-1,),) * b, (1,) * b, True))
    return Network(inputs, tuple(layers), rng.randint(1, 3))


def random_cell(rng: random.Random, claim: Claim) -> Cell:
    """Any cell of the claim's inputs, up to two of them fixed on, that has a member."""
    while True:
        places = rng.sample(range(claim.network.inputs), claim.network.inputs)
        cut, end = sorted((rng.randint(0, 2), rng.randint(0, claim.network.inputs)))
        cell = Cell(frozenset(places[:cut]), frozenset(places[cut:end]), rng.randint(0, 4))
        if next(members(claim, cell), None) is not None:
            return cell


def random_claim(rng: random.Random) -> Claim:
    """A small claim of any kind; about one in five holds."""
    m = rng.randint(2, 5)
    network = random_network(rng, m)
    problem: Problem
    coded = rng.random() < 0.4
    if rng.random() < 0.7:
        pairs = [rng.sample(range(m), 2) for _ in range(rng.randint(1, 4) if coded else network.outputs)]
        problem, count = TwoAnd(m, tuple((a, b) for a, b in pairs)), len(pairs)
    else:
        problem, count, coded = Permutation(tuple(rng.sample(range(m), m))), m, coded or network.outputs != m
    rows = [rng.sample(range(count), rng.randint(0, min(2, count))) for _ in range(network.outputs)]
    code = tuple(tuple(sorted(row)) for row in rows) if coded else None
    mode: Literal["at-most", "exactly"] = rng.choice(("at-most", "exactly"))
    return Claim(network, problem, rng.randint(0, min(4, m)), random_criterion(rng), mode, code)


def random_criterion(rng: random.Random) -> Criterion:
    """Any criterion; thresholds far out make claims that hold."""
    kind: Literal["readout", "separated", "linear", "code"]
    kind = rng.choice(("readout", "readout", "separated", "linear", "code"))
    slack = Fraction(rng.randint(0, 30), 3) if kind in ("separated", "linear") else Fraction(0)
    return Criterion(kind, Fraction(rng.randint(-20, 20), rng.randint(1, 4)), slack, rng.random() < 0.5)
