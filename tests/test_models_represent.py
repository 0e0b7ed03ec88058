"""Codes that represent features: fields, packings, what is read back, and the kernel's word on it."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import combinations, product
from pathlib import Path

import brute
import numpy as np
import pytest

from supverify.building.representation import computing_floor, decide_reading, represent_and_verify
from supverify.engines import verify
from supverify.kernel.certificate import Certificate
from supverify.kernel.check import check, recheck, wrong_outputs
from supverify.kernel.errors import Malformed, Rejected
from supverify.kernel.network import Layer, Network
from supverify.kernel.verdict import Status
from supverify.models.compact.compile import Ints
from supverify.models.fields import field, prime_powers
from supverify.models.misread import misread
from supverify.models.orbits import crowding, multiplier_groups, orbit_packing
from supverify.models.packings import Packing, all_sets, reed_solomon, truncated
from supverify.models.representations import (
    Representation,
    johnson_lindenstrauss,
    reading,
    reading_evidence,
    represent,
    representing_floor,
)

TRIES = 2000  # fewer than by default: what is checked here does not depend on luck
SIZES = [(1, 0), (1, 1), (5, 0), (2, 2), (9, 1), (9, 2), (12, 3), (16, 2), (30, 2), (20, 3)]


@cache
def code(features: int, k: int) -> Representation:
    return represent(features=features, k=k, tries=TRIES)


def test_prime_powers_in_order() -> None:
    assert list(prime_powers(32)) == [2, 3, 4, 5, 7, 8, 9, 11, 13, 16, 17, 19, 23, 25, 27, 29, 31, 32]


@pytest.mark.parametrize("q", [2, 3, 4, 5, 8, 9, 16, 25, 27])
def test_fields_keep_their_laws(q: int) -> None:
    sums, products = field(q)
    everything = set(range(q))
    for a in range(q):
        assert set(sums[a]) == everything
        assert sums[a, 0] == a
        assert not products[a, 0]
        assert products[a, 1] == a
        assert a == 0 or set(products[a, 1:]) == everything - {0}
    for a, b, c in product(range(min(q, 9)), repeat=3):
        assert products[a, sums[b, c]] == sums[products[a, b], products[a, c]]
        assert products[a, products[b, c]] == products[products[a, b], c]


def test_six_is_no_field() -> None:
    with pytest.raises(ValueError, match="6 is no prime power"):
        field(6)


def largest_overlap(packing: Packing) -> int:
    return max((len(set(a) & set(b)) for a, b in combinations(packing.sets.tolist(), 2)), default=0)


@pytest.mark.parametrize(("q", "weight", "overlap"), [(3, 4, 1), (4, 5, 2), (5, 3, 1), (5, 6, 2), (8, 9, 1)])
def test_polynomials_meet_no_more_than_their_degree(q: int, weight: int, overlap: int) -> None:
    packing = reed_solomon(q, weight, overlap)
    assert len(packing.sets) == q ** (overlap + 1)
    assert largest_overlap(packing) == overlap
    assert packing.code().sum(axis=0).tolist() == [weight] * len(packing.sets)
    kept = truncated(packing, 6, np.random.default_rng(0))
    assert len(kept.sets) == 6
    assert largest_overlap(kept) <= overlap
    assert kept.neurons < packing.neurons
    assert set(np.unique(kept.sets)) <= set(range(kept.neurons))


def test_all_sets_differ() -> None:
    packing = all_sets(5, 2, 10)
    assert len({tuple(s) for s in packing.sets.tolist()}) == 10


def test_orbits_find_the_steiner_system() -> None:
    group = next(g for g in multiplier_groups(23) if len(g) == 11)
    found = orbit_packing(
        neurons=23, weight=7, overlap=3, count=253, multipliers=group, tries=20_000, state=np.array([1])
    )
    assert found is not None
    assert len(found.sets) == 253
    assert largest_overlap(found) == 3
    # Any four rows lie in exactly one block.
    assert len({four for block in found.sets.tolist() for four in combinations(block, 4)}) == 253 * 35


def test_orbits_give_up() -> None:
    everything = orbit_packing(
        neurons=7, weight=3, overlap=1, count=8, multipliers=np.array([1]), tries=200, state=np.array([1])
    )
    assert everything is None


def test_crowding_counts_what_is_there() -> None:
    first = set(range(3))
    crowded = sum(len(first & set(s)) > 1 for s in combinations(range(8), 3))
    assert crowding(8, 3, 1, 56) == pytest.approx(crowded)


@pytest.mark.parametrize(("features", "k"), SIZES)
def test_every_input_is_read_back(features: int, k: int) -> None:
    found = code(features, k)
    claim = found.claim()
    assert all(len(set(column)) == found.weight for column in found.columns)
    assert found.neurons <= features
    assert all(
        [a > 0.5 for a in brute.outputs(claim.network, y)] == [j in y for j in range(features)]
        for y in brute.inputs(claim)
    )
    assert misread(claim.network, k) is None
    certificate = Certificate(claim.digest, reading_evidence(features, k))
    assert check(claim, certificate).status is Status.PROVED


def test_the_narrowest_codes_known_here() -> None:
    widths = {(100, 1): 9, (100, 2): 21, (100, 3): 37, (1000, 1): 13, (1000, 2): 44, (1000, 3): 74}
    assert {size: code(*size).neurons for size in widths} == widths


def test_the_same_seed_finds_the_same_code() -> None:
    first = represent(features=30, k=2, seed=2, tries=TRIES)
    assert first == represent(features=30, k=2, seed=2, tries=TRIES)
    assert first.columns != represent(features=30, k=2, seed=3, tries=TRIES).columns


def moved(network: Network, j: int) -> Network:
    """The first one of column j moved to a neuron that has none."""
    code, rest = network.layers
    rows = [set(row) for row in code.sources]
    old = next(r for r, row in enumerate(rows) if j in row)
    new = next(r for r, row in enumerate(rows) if j not in row)
    rows[old].remove(j)
    rows[new].add(j)
    sources = tuple(tuple(sorted(row)) for row in rows)
    layer = Layer(sources, tuple((1,) * len(row) for row in sources), code.bias, relu=False)
    return Network(network.inputs, (layer, rest))


@pytest.mark.parametrize(("features", "k"), [(9, 1), (16, 2), (30, 2), (20, 3), (100, 3)])
def test_a_moved_one_is_refuted(features: int, k: int) -> None:
    claim = reading(moved(code(features, k).network, features // 2), k)
    verdict = decide_reading(claim)
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample is not None
    assert wrong_outputs(claim, verdict.counterexample)
    assert verify(claim, engines=["enumerate"]).status is Status.REFUTED
    with pytest.raises(Rejected):
        check(claim, Certificate(claim.digest, reading_evidence(features, k)))


def test_one_active_feature_more_is_refuted() -> None:
    found = code(100, 2)
    verdict = decide_reading(reading(found.network, 3))
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample is not None
    assert len(verdict.counterexample) == 3


def test_misread_agrees_with_enumeration_on_networks_of_any_signs() -> None:
    rng = np.random.default_rng(5)
    answers = set()
    for _ in range(300):
        m, n, k = 4, 3, int(rng.integers(0, 4))
        network = Network(m, (dense(rng.integers(-1, 3, (n, m)), (0,) * n), dense(*readout(rng, m, n))))
        active = misread(network, k)
        wrong = [y for y in brute.inputs(reading(network, k)) if brute.wrong_entries(reading(network, k), y)]
        assert (active is None) == (not wrong)
        assert active is None or active in wrong
        answers.add(active is None)
    assert answers == {True, False}


def readout(rng: np.random.Generator, m: int, n: int) -> tuple[Ints, tuple[int, ...]]:
    return rng.integers(-2, 5, (m, n)), tuple(map(int, rng.integers(-6, 1, m)))


def dense(matrix: Ints, bias: tuple[int, ...]) -> Layer:
    sources = tuple(tuple(map(int, np.flatnonzero(row))) for row in matrix)
    weights = tuple(tuple(int(row[j]) for j in places) for row, places in zip(matrix, sources, strict=True))
    return Layer(sources, weights, bias, relu=False)


def test_misread_refuses_other_networks() -> None:
    network = code(9, 1).network
    first, rest = network.layers
    for other in (
        Network(9, (first,)),
        Network(9, (replace(first, relu=True), rest)),
        Network(9, network.layers, 2),
        Network(9, (first, replace(rest, bias=(1 << 24,) * 9))),
        Network(9, (first, Layer(rest.sources[1:], rest.weights[1:], rest.bias[1:], relu=False))),
    ):
        with pytest.raises(Malformed, match="misread: network"):
            misread(other, 1)


def test_what_is_written_is_verified(tmp_path: Path) -> None:
    path = tmp_path / "code.npz"
    found = represent_and_verify(path, features=30, k=2, computing=500)
    assert (found.status, found.oracles) == ("PROVED", ())
    assert found.neurons == 15
    assert found.ratio == 500 / 15
    assert found.claim is not None
    assert found.certificate is not None
    contents = Path(found.claim).read_bytes(), Path(found.certificate).read_bytes()
    assert recheck(*contents).status is Status.PROVED
    before = path.read_bytes()
    assert represent_and_verify(path, features=30, k=2, computing=500) == found
    assert path.read_bytes() == before


def test_what_is_too_large_for_the_kernel_names_its_oracle(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supverify.building.representation.KERNEL_STEPS", 5)
    found = represent_and_verify(features=9, k=2)
    assert (found.status, found.oracles, found.certificate) == ("PROVED", ("fast-check",), None)


def test_the_expressions_beside_it() -> None:
    assert representing_floor(7, 7) == next(n for n in range(9) if 8**n >= 2**7)
    assert representing_floor(10_000, 1) == 14
    assert johnson_lindenstrauss(100, 1) == 148
    assert computing_floor(10_000) == 262
    assert computing_floor(2) == 0
    found = represent_and_verify(features=16, k=2)
    assert (found.k2_log2m, found.computing, found.inputs_claimed) == (16, None, 137)
    assert found.ratio == found.computing_floor / found.neurons


@pytest.mark.parametrize(
    ("features", "k", "seed", "place"),
    [(0, 0, 0, "features"), ((1 << 17) + 1, 2, 0, "features"), (5, -1, 0, "k"), (5, 6, 0, "k"), (5, 2, -1, "seed")],
)
def test_bad_requests_are_malformed(features: int, k: int, seed: int, place: str) -> None:
    with pytest.raises(Malformed, match=f"represent: {place}"):
        represent(features=features, k=k, seed=seed)
    with pytest.raises(Malformed, match="represent: tries"):
        represent(features=5, k=2, tries=-1)


@pytest.mark.slow
def test_ten_thousand_features_are_read_back() -> None:
    found = represent(features=10_000, k=2)
    assert found.neurons == 64
    assert misread(found.network, 2) is None
    active = misread(found.network, 3)
    assert active is not None
    assert wrong_outputs(reading(found.network, 3), active)
