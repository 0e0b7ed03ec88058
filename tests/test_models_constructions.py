"""Constructions against brute force: every claim, every invariant broken on purpose, sizes and permutations."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from math import comb, factorial

import brute
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supverify.kernel.claim import Claim, Permutation, TwoAnd
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network
from supverify.models import (
    FAMILIES,
    Construction,
    break_network,
    build,
    family,
    linear_permutation,
    permutation,
    sizes,
)

SMALL = {name: family(name, outputs=10, seed=1) for name in FAMILIES}


def wrong(claim: Claim) -> list[tuple[int, ...]]:
    """Every input on which the claim fails, by brute force."""
    return [y for y in brute.inputs(claim) if brute.wrong_entries(claim, y)]


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("name", SMALL)
def test_every_family_is_built_exactly(name: str, k: int) -> None:
    built = build(SMALL[name], k=k, seed=2)
    assert [wrong(claim) for claim in built.claims().values()] == [[], []]
    assert built.neurons == sizes(built.network, built.problem).neurons


@pytest.mark.parametrize("k", [0, 4, 5])
def test_any_sparsity_up_to_all_inputs(k: int) -> None:
    problem = TwoAnd(5, ((0, 1), (1, 2), (3, 4), (4, 0)))
    assert [wrong(claim) for claim in build(problem, k=k).claims().values()] == [[], []]


def test_repeated_and_reversed_pairs_share_a_gate() -> None:
    built = build(TwoAnd(4, ((0, 1), (1, 0), (2, 3), (0, 1))), k=3)
    assert [wrong(claim) for claim in built.claims().values()] == [[], []]


@given(st.integers(2, 7), st.integers(0, 3), st.integers(0, 2**32))
@settings(max_examples=20)
def test_random_problems_are_built_exactly(inputs: int, k: int, seed: int) -> None:
    rng = random.Random(seed)
    pairs = [rng.sample(range(inputs), 2) for _ in range(rng.randint(1, 8))]
    problem = TwoAnd(inputs, tuple((a, b) for a, b in pairs))
    built = build(problem, k=min(k, inputs), seed=seed)
    assert [wrong(claim) for claim in built.claims().values()] == [[], []]


def test_the_same_seed_builds_the_same_network() -> None:
    problem = SMALL["random"]
    assert build(problem, k=2, seed=5) == build(problem, k=2, seed=5)
    assert build(problem, k=2, seed=5).network != build(problem, k=2, seed=6).network


def without_a_hidden_connection(built: Construction) -> Construction:
    """Each row of W1 loses one connection: a member adds w0 - 1, and true pairs stay silent."""
    layer = built.network.layers[1]
    sources, weights = (tuple(row[1:] for row in rows) for rows in (layer.sources, layer.weights))
    return _with_layer(built, 1, replace(layer, sources=sources, weights=weights))


def with_a_lower_hidden_threshold(built: Construction) -> Construction:
    """2 w0 becomes w0: one active member is enough."""
    layer = built.network.layers[1]
    return _with_layer(built, 1, replace(layer, bias=tuple(b - built.weights[0] for b in layer.bias)))


def with_a_lower_read_threshold(built: Construction) -> Construction:
    """w1 becomes 0: every row of the output code fires."""
    layer = built.network.layers[3]
    return _with_layer(built, 3, replace(layer, bias=tuple(b - built.weights[1] for b in layer.bias)))


def _with_layer(built: Construction, at: int, layer: object) -> Construction:
    networks = []
    for network in (built.network, built.decoded):
        layers = list(network.layers)
        layers[at] = layer  # type: ignore[call-overload]
        networks.append(replace(network, layers=tuple(layers)))
    return replace(built, network=networks[0], decoded=networks[1])


@pytest.mark.parametrize(
    "damage", [without_a_hidden_connection, with_a_lower_hidden_threshold, with_a_lower_read_threshold]
)
def test_a_broken_invariant_is_seen(damage: object) -> None:
    assert callable(damage)
    damaged = damage(build(SMALL["random"], k=2))
    assert all(wrong(claim) for claim in damaged.claims().values())


@pytest.mark.parametrize("name", SMALL)
def test_a_broken_twin_differs_in_one_weight_and_fails(name: str) -> None:
    claim = build(SMALL[name], k=2).claims()["readout"]
    broken = break_network(claim, rng=3)
    assert wrong(replace(claim, network=broken))
    before, after = (_weights(network) for network in (claim.network, broken))
    assert len(before ^ after) in (1, 2)
    assert len({place for place, _ in before ^ after}) == 1


def _weights(network: object) -> set[tuple[tuple[int, int, int], int]]:
    layers = enumerate(getattr(network, "layers"))  # noqa: B009 - any network
    return {((i, r, j), w) for i, layer in layers for r in range(len(layer.bias)) for j, w in layer.row(r)}


@pytest.mark.parametrize("k", [1, 2, 3])
@pytest.mark.parametrize("size", [1, 2, 9])
def test_permutations_are_built_exactly(size: int, k: int) -> None:
    built = build(permutation(size, seed=4), k=min(k, size))
    assert [wrong(claim) for claim in built.claims().values()] == [[], []]


@given(st.integers(2, 6), st.integers(0, 3), st.integers(0, 2**32))
@settings(max_examples=25)
def test_the_linear_permutation_measures_its_noise_exactly(size: int, k: int, seed: int) -> None:
    k = min(k, size)
    linear = linear_permutation(permutation(size, seed=seed), k=k, neurons=5, weight=2, seed=seed)
    values = [
        (a, truth)
        for y in brute.inputs(linear.claim())
        for a, truth in zip(brute.outputs(linear.decoded, y), brute.truths(linear.claim(), y), strict=True)
    ]
    superposed = [  # row r of C (P y) sums the permuted outputs i with C[r, i] = 1
        abs(x - sum(brute.truths(linear.claim(), y)[i] for i in row))
        for y in brute.inputs(linear.claim())
        for x, row in zip(brute.outputs(linear.network, y), linear.network.layers[0].sources, strict=True)
    ]
    assert linear.noise.superposed == max(superposed)
    assert linear.noise.decoded == max(abs(a - int(truth)) for a, truth in values)
    assert linear.noise.most_false == max((a for a, truth in values if not truth), default=Fraction(0))
    if k:
        assert linear.noise.least_true == min(a for a, truth in values if truth)
    assert not wrong(linear.claim())
    if linear.noise.decoded:
        tighter = replace(linear.claim().criterion, slack=linear.noise.decoded * Fraction(99, 100))
        assert wrong(replace(linear.claim(), criterion=tighter))


def test_sizes_of_a_network_known_by_heart() -> None:
    layers = (
        Layer(((0, 1), (1, 2), ()), ((1, 1), (1, -2), ()), (-1, 0, 5), relu=True),
        Layer(((0,), (0, 1)), ((3,), (3, 3)), (0, 0), relu=False),
    )
    size = sizes(Network(3, layers), TwoAnd(3, ((0, 1), (1, 2))))
    assert (size.neurons, size.separate_neurons, size.layers) == (3, 3, 2)
    assert (size.parameters, size.nonzeros) == (3 * 3 + 3 + 2 * 3 + 2, 7)
    # 2 bits name one of 0, 1, -2 and one of -1, 0, 5; then 1 bit one of 0, 3, and no bit the only bias
    assert size.bits == (3 * 3 + 3) * 2 + 2 * 3 * 1
    assert size.weight_bits == 2


def test_sizes_count_everything() -> None:
    built = build(SMALL["clique"], k=2)
    size = sizes(built.network, built.problem)
    widths = built.network.widths
    assert size.parameters == sum(b * (a + 1) for a, b in pairwise(widths))
    assert size.neurons == max(widths[2:])
    pairs = comb(comb(built.problem.inputs, 2), 10)
    assert 2 ** (size.counting_floor_bits - 1) < pairs <= 2**size.counting_floor_bits or pairs == 1
    relus, n = sum(layer.relu for layer in built.network.layers), size.counting_floor_neurons
    assert relus * size.weight_bits * n * (n + 1) >= size.counting_floor_bits
    assert n == 0 or relus * size.weight_bits * (n - 1) * n < size.counting_floor_bits
    order = sizes(build(Permutation((1, 0, 2)), k=1).network, Permutation((1, 0, 2)))
    assert 2 ** (order.counting_floor_bits - 1) < factorial(3) <= 2**order.counting_floor_bits


@pytest.mark.parametrize(
    ("k", "neurons", "seed", "expected"),
    [
        (-1, None, 0, "build: k"),
        (99, None, 0, "build: k"),
        (2, 0, 0, "build: neurons"),
        (2, 8193, 0, "build: neurons"),
        (2, None, -1, "build: seed"),
    ],
)
def test_bad_requests_are_malformed(k: int, neurons: int | None, seed: int, expected: str) -> None:
    with pytest.raises(Malformed, match=expected):
        build(SMALL["star"], k=k, neurons=neurons, seed=seed)


def test_more_active_inputs_than_random_codes_bear_are_refused() -> None:
    with pytest.raises(
        Malformed, match="build: k: expected a k for which random codes of at most 8192 neurons suffice"
    ):
        build(family("star", outputs=400), k=150)
    with pytest.raises(Malformed, match="build: k"):
        build(permutation(1100, seed=0), k=550)


def test_breaking_refuses_what_it_cannot_decide() -> None:
    many = Network(80, (Layer(((0, 1),), ((1, 1),), (-1,), relu=True),))
    with pytest.raises(Malformed, match="break_network: claim: expected at most 65536 inputs"):
        break_network(Claim(many, TwoAnd(80, ((0, 1),)), k=3))
    first = Layer(((0, 1),), ((1 << 61, 1),), (0,), relu=True)
    wide = Claim(Network(2, (first,)), TwoAnd(2, ((0, 1),)), k=1)
    with pytest.raises(Malformed, match="less than 62 bits"):
        break_network(wide)


@pytest.mark.parametrize(("neurons", "weight", "k"), [(4, 0, 1), (4, 5, 1), (4, 2, -1), (4, 2, 9)])
def test_linear_permutations_have_limits(neurons: int, weight: int, k: int) -> None:
    with pytest.raises(Malformed, match="linear_permutation"):
        linear_permutation(permutation(4, seed=0), k=k, neurons=neurons, weight=weight)
