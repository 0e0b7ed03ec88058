"""The smallest permutation networks: exact by brute force and by the engines, and narrower than what is built."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import brute
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supverify.building.permutation_sizes import verified_permutation_sizes
from supverify.engines import verify
from supverify.kernel.claim import Permutation
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network
from supverify.kernel.verdict import Status
from supverify.models import build, linear_permutation, permutation
from supverify.models.compact.compile import Ints
from supverify.models.smallest import permutation_sizes, smallest_permutation
from supverify.models.smallest_code import HOT, shaped_code


@pytest.mark.parametrize("k", [0, 1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 3, 12])
def test_small_permutations_are_exact(size: int, k: int) -> None:
    built = smallest_permutation(permutation(size, seed=3), k=min(k, size), moves=100)
    assert [brute.wrong(claim) for claim in built.claims().values()] == [[], []]
    assert built.neurons <= size


@given(st.permutations(range(9)), st.integers(1, 2))
@settings(max_examples=10)
def test_any_order_is_exact(order: list[int], k: int) -> None:
    built = smallest_permutation(Permutation(tuple(order)), k=k, moves=50)
    assert [brute.wrong(claim) for claim in built.claims().values()] == [[], []]


@pytest.mark.parametrize(("size", "k", "neurons"), [(40, 1, 16), (48, 2, 36), (40, 3, 39)])
def test_fewer_neurons_than_inputs(size: int, k: int, neurons: int) -> None:
    built = smallest_permutation(permutation(size, seed=0), k=k)
    assert built.neurons <= neurons < size
    assert {verify(claim, engines=["enumerate"]).status for claim in built.claims().values()} == {Status.PROVED}
    assert built.code == tuple(tuple(sorted(row)) for row in built.code)
    assert {len(row) for row in columns(built.code, size)} == {k + 1}


def columns(code: tuple[tuple[int, ...], ...], size: int) -> list[list[int]]:
    return [[r for r, row in enumerate(code) if j in row] for j in range(size)]


def test_a_moved_one_of_the_code_is_refuted() -> None:
    built = smallest_permutation(permutation(48, seed=0), k=2)
    code, *rest = built.decoded.layers
    rows = [set(row) for row in code.sources]
    old = next(r for r, row in enumerate(rows) if 7 in row)
    new = next(r for r, row in enumerate(rows) if 7 not in row)
    rows[old].remove(7)
    rows[new].add(7)
    sources = tuple(tuple(sorted(row)) for row in rows)
    layer = Layer(sources, tuple((1,) * len(row) for row in sources), code.bias, relu=False)
    claim = replace(built.claims()["readout"], network=Network(48, (layer, *rest)))
    assert verify(claim, engines=["enumerate"]).status is Status.REFUTED


def test_one_active_input_more_is_refuted() -> None:
    claims = smallest_permutation(permutation(48, seed=0), k=2).claims()
    assert verify(replace(claims["code"], k=4), engines=["enumerate"]).status is Status.REFUTED


def test_the_same_seed_finds_the_same_network() -> None:
    problem = permutation(30, seed=1)
    assert smallest_permutation(problem, k=1, seed=5) == smallest_permutation(problem, k=1, seed=5)
    assert smallest_permutation(problem, k=1, seed=5) != smallest_permutation(problem, k=1, seed=6)


def cost(columns: Ints, order: Ints, neurons: int) -> int:
    """The cost of a code by its definition."""
    sets = [set(column) for column in columns.tolist()]
    total = sum(30 * max(0, len(a & b) - 1) for j, a in enumerate(sets) for b in sets[:j])
    for r in range(neurons):
        own = {int(order[i]) for i, column in enumerate(sets) if r in column}
        union = set().union(*(sets[p] for p in own))
        total += sum(max(0, len(sets[j] & union) - 1) ** 2 for j in range(len(sets)) if j not in own)
    return total


def test_annealing_shapes_the_code_for_the_permutation() -> None:
    rng = np.random.default_rng(2)
    neurons, order = 30, rng.permutation(40)
    code = np.array([rng.choice(neurons, 3, replace=False) for _ in order])
    prices, costs = np.ones(neurons, dtype=np.int64), [cost(code, order, neurons)]
    for moves in (3000, 60_000):
        shaped = shaped_code(code, order, prices, heat=HOT, moves=moves, state=np.array([1]))
        assert all(len(set(column)) == 3 for column in shaped.tolist())
        costs.append(cost(shaped, order, neurons))
    assert all(later < 0.8 * earlier for earlier, later in pairwise(costs))


def test_rows_for_the_report() -> None:
    (row,) = permutation_sizes([24], k=1, seed=2, moves=200)
    assert (row.inputs, row.k, row.seed, row.neurons) == (24, 1, 2, row.built.neurons)
    linear = linear_permutation(permutation(24, seed=2), k=1, neurons=row.neurons, weight=row.linear_weight, seed=2)
    assert linear.noise == row.noise
    (verified,) = verified_permutation_sizes([24], k=1, seed=2, moves=200)
    assert (verified.status, verified.oracles, verified.neurons) == ("PROVED", (), row.neurons)
    assert verified.linear_noise == str(row.noise.decoded)
    assert 2 ** (verified.counting_bits - 1) < 620448401733239439360000 <= 2**verified.counting_bits  # 24!


@pytest.mark.parametrize(
    ("k", "seed", "moves", "place"),
    [(-1, 0, 9, "k"), (5, 0, 9, "k"), (2, -1, 9, "seed"), (2, 0, -1, "seed and moves")],
)
def test_bad_requests_are_malformed(k: int, seed: int, moves: int, place: str) -> None:
    with pytest.raises(Malformed, match=f"smallest_permutation: {place}"):
        smallest_permutation(permutation(4, seed=0), k=k, seed=seed, moves=moves)


def test_too_many_inputs_are_refused() -> None:
    with pytest.raises(Malformed, match="smallest_permutation: inputs: expected at most 8192"):
        smallest_permutation(Permutation(tuple(range(8193))), k=2)


@pytest.mark.slow
def test_less_than_half_the_neurons_of_build() -> None:
    problem = permutation(128, seed=0)
    small = smallest_permutation(problem, k=2, moves=500)
    assert 2 * small.neurons < build(problem, k=2).neurons
    assert verify(small.claims()["code"], engines=["enumerate"]).status is Status.PROVED
