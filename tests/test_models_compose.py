"""Circuits of ANDs against brute force: built, proved end to end and at every interface, and broken on purpose."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from itertools import combinations, pairwise
from pathlib import Path
from typing import Literal

import brute
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supverify.building.composition import compose_and_verify, read_circuit, written_claims
from supverify.engines import verify
from supverify.engines.enumeration.engine import Enumerate
from supverify.files import NetworkFile, read_network, read_problem, write_network
from supverify.kernel.check import recheck
from supverify.kernel.claim import Claim, Conjunctions, TwoAnd
from supverify.kernel.codec import decode, encode, serialise
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network, evaluate
from supverify.kernel.verdict import Status
from supverify.models import Construction, break_network, build, classify, compose_level
from supverify.models.circuits import Circuit, Composition, compose
from supverify.models.codes import Bits, draw, supports
from supverify.models.compose_level import Level, LevelJudge, possible_sets, truths
from supverify.models.exactness import undecodable
from supverify.models.two_and import Gates

seeds = st.integers(0, 2**32)
RING = tuple((i, (i + 1) % 12) for i in range(12))
RINGS = Circuit(12, (RING, RING, RING))  # y1 y2, y1 y2 y3, y1 y2 y3 y4, and so on: ANDs that share inputs


def random_pairs(rng: random.Random, before: int, count: int) -> tuple[tuple[int, int], ...]:
    pairs = [rng.sample(range(before), 2) for _ in range(count)]
    return tuple((a, b) for a, b in pairs)


def random_circuit(rng: random.Random) -> Circuit:
    """One to three levels of 2 to 6 gates over 3 to 7 inputs; gates may be repeated, or imply one another."""
    widths = [rng.randint(3, 7), *(rng.randint(2, 6) for _ in range(rng.randint(1, 3)))]
    levels = (random_pairs(rng, before, own) for before, own in pairwise(widths))
    return Circuit(widths[0], tuple(levels))


def of_sampled(inputs: int, count: int, *, size: Literal[3, 4], seed: int) -> Circuit:
    """Random 4-ANDs, as ANDs of two disjoint pairs, or 3-ANDs, as ANDs of two pairs that share an input."""
    rng = random.Random(seed)
    place: dict[tuple[int, int], int] = {}
    tops = []
    for _ in range(count):
        chosen = rng.sample(range(inputs), size)
        ends = ((min(pair), max(pair)) for pair in (chosen[:2], chosen[-2:]))
        tops.append(tuple(place.setdefault(pair, len(place)) for pair in ends))
    return Circuit(inputs, (tuple(place), tuple((a, b) for a, b in tops)))


def of_eight(seed: int) -> Circuit:
    """ANDs of 8 of 14 inputs: seven pairs, all 4-ANDs of those, and random ANDs of two of these without a common
    input."""
    pairs = tuple((2 * i, 2 * i + 1) for i in range(7))
    fours = tuple(combinations(range(7), 2))
    apart = [(a, b) for a, b in combinations(range(21), 2) if not {*fours[a]} & {*fours[b]}]
    return Circuit(14, (pairs, fours, tuple(random.Random(seed).sample(apart, 10))))


def statuses(composition: Composition) -> dict[str, Status]:
    """What enumeration and the kernel say of each claim; nothing that is decided rests on anything else."""
    verdicts = {name: verify(claim, engines=["enumerate"]) for name, claim in composition.claims().items()}
    assert not any(verdict.oracles for verdict in verdicts.values())
    return {name: verdict.status for name, verdict in verdicts.items()}


def proved(composition: Composition) -> bool:
    return set(statuses(composition).values()) == {Status.PROVED}


# --- the problem: ANDs of any size ---


def random_conjunctions(rng: random.Random, inputs: int, count: int) -> Conjunctions:
    chosen = (rng.sample(range(inputs), rng.randint(1, inputs)) for _ in range(count))
    return Conjunctions(inputs, tuple(tuple(sorted(clause)) for clause in chosen))


def random_claim(rng: random.Random) -> Claim:
    m = rng.randint(2, 6)
    network, coded = brute.random_network(rng, m), rng.random() < 0.5
    problem = random_conjunctions(rng, m, rng.randint(1, 5) if coded else network.outputs)
    count = len(problem.clauses)
    rows = [rng.sample(range(count), rng.randint(0, min(3, count))) for _ in range(network.outputs)]
    code = tuple(tuple(sorted(row)) for row in rows) if coded else None
    mode: Literal["at-most", "exactly"] = rng.choice(("at-most", "exactly"))
    return Claim(network, problem, rng.randint(0, m), brute.random_criterion(rng), mode, code)


@pytest.mark.parametrize("seed", range(3))
def test_engines_and_brute_force_agree_on_ands_of_any_size(seed: int) -> None:
    rng, seen = random.Random(seed), set()
    for _ in range(25):
        claim = random_claim(rng)
        wrong = brute.wrong(claim)
        verdict = verify(claim, engines=["enumerate", "smt", "branch"])
        seen.add(verdict.status)
        assert (verdict.status, verdict.oracles) == (Status.REFUTED if wrong else Status.PROVED, frozenset())
        assert verdict.counterexample == (wrong[0] if wrong else None)
        compiled, plain = (Enumerate(compiled=choice).run(claim).statistics for choice in (True, False))
        assert compiled == plain
        assert plain is not None
        assert plain.wrong_entries == sum(len(brute.wrong_entries(claim, y)) for y in wrong)
    assert seen == {Status.PROVED, Status.REFUTED}


@pytest.mark.parametrize(
    ("clauses", "place"),
    [
        ([], "problem.clauses: "),
        ([[0], []], r"problem.clauses\[1\]"),
        ([[0, 0]], r"problem.clauses\[0\]"),
        ([[1, 0]], r"problem.clauses\[0\]"),
        ([[0, 3]], r"problem.clauses\[0\]: expected ascending inputs, some of 0..2"),
        ([[-1, 0]], r"problem.clauses\[0\]"),
        ([[0, "1"]], r"problem.clauses\[0\]\[1\]"),
    ],
)
def test_malformed_conjunctions_are_refused(clauses: list[object], place: str, tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    path.write_text(json.dumps({"kind": "and", "inputs": 3, "clauses": clauses}))
    with pytest.raises(Malformed, match=place):
        read_problem(path)


def test_conjunctions_are_read_written_and_have_no_classes(tmp_path: Path) -> None:
    path = tmp_path / "problem.json"
    path.write_text('{"kind": "and", "inputs": 8, "clauses": [[0, 1, 2, 7], [5]]}')
    problem = read_problem(path)
    assert problem == Conjunctions(8, ((0, 1, 2, 7), (5,)))
    assert problem.targets() == (((0, 1, 2, 7),), ((5,),))
    assert decode(Conjunctions, encode(problem), "problem") == problem
    with pytest.raises(Malformed, match="2-and: only pairs have classes, got and"):
        classify(problem)


# --- circuits ---


def test_a_circuit_is_the_ands_of_its_inputs() -> None:
    assert RINGS.problem(1).clauses[0] == (0, 1)
    assert RINGS.problem(2).clauses[11] == (0, 1, 11)
    assert RINGS.problem().clauses[5] == (5, 6, 7, 8)
    assert RINGS.step(2) == TwoAnd(12, RING)


@pytest.mark.parametrize(
    ("levels", "place"),
    [
        ((), "circuit.levels: expected at least one level"),
        ((((0, 1),), ()), r"circuit.levels\[1\]: expected at least one pair"),
        ((((0, 4),),), r"circuit.levels\[0\]\[0\]: expected two different inputs in 0..3"),
        ((((0, 1), (2, 3)), ((0, 1), (1, 1))), r"circuit.levels\[1\]\[1\]"),
        ((((0, 1), (2, 3)), ((0, 2),)), r"circuit.levels\[1\]\[0\]: expected two different inputs in 0..1"),
    ],
)
def test_malformed_circuits_are_refused(levels: tuple[tuple[tuple[int, int], ...], ...], place: str) -> None:
    with pytest.raises(Malformed, match=place):
        Circuit(4, levels)


def test_circuits_are_read_from_files(tmp_path: Path) -> None:
    path = tmp_path / "circuit.json"
    path.write_bytes(serialise(RINGS))
    assert read_circuit(path) == RINGS
    for text, place in (("{}", "circuit: expected an object"), ('{"inputs": 4, "levels": [[[0]]]}', "list of 2")):
        path.write_text(text)
        with pytest.raises(Malformed, match=place):
            read_circuit(path)
    path.write_text(f'{{"inputs": {1 << 40}, "levels": [[[0, 1]]]}}')
    with pytest.raises(Malformed, match=r"circuit\.inputs"):
        read_circuit(path)


@given(seeds, st.integers(0, 5))
def test_possible_sets_are_the_sets_of_true_gates(seed: int, k: int) -> None:
    rng = random.Random(seed)
    clauses = [frozenset(rng.sample(range(6), rng.randint(1, 3))) for _ in range(rng.randint(1, 6))]
    found = possible_sets(clauses, k)
    every = [frozenset(y) for size in range(k + 1) for y in combinations(range(6), size)]
    true = [tuple(clause <= y for clause in clauses) for y in every]
    assert {tuple(row) for row in truths(clauses, found).tolist()} == set(true)
    assert len(set(found)) == len(found) == len(set(true))


def test_too_many_possible_sets_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compose_level, "MOST_SETS", 15)
    with pytest.raises(Malformed, match="at most 15 sets of gates"):
        possible_sets([frozenset({j}) for j in range(4)], 4)


# --- one level, whatever codes it is given ---

SILENT = Layer(((),) * 6, ((),) * 6, (0,) * 6, relu=True)  # in the place of a level that the claim leaves out


def stacked(circuit: Circuit, code: Bits, *layers: Layer) -> Construction:
    network = Network(circuit.inputs, layers)
    return Construction(
        network=network,
        decoded=network,
        code=supports(code),
        problem=circuit.problem(),
        k=0,
        seed=0,
        weights=(),
        attempts=0,
    )


@given(seed=seeds, k=st.integers(2, 5), neurons=st.integers(3, 14))
@settings(max_examples=40)
def test_no_fault_means_exact_on_true_gates_and_a_fault_means_wrong(seed: int, k: int, neurons: int) -> None:
    rng, numbers = random.Random(seed), np.random.default_rng(seed)
    gates = rng.randint(2, 6)
    circuit = Circuit(6, (random_pairs(rng, 6, gates), random_pairs(rng, gates, 4)))
    before, after = circuit.clauses[1:]
    active = possible_sets(before, k)
    C = draw(numbers, length=6, weight=rng.randint(1, 3), count=len(before))
    level = Level(Gates(circuit.step(2), k), C, truths(before, active), truths(after, active))
    weights = rng.randint(1, 3), rng.randint(1, 3)
    counts = len(level.gates.distinct), len(level.gates.pairs)
    R, C1 = (draw(numbers, length=neurons, weight=w, count=n) for w, n in zip(weights, counts, strict=True))
    below, stack = stacked(circuit, C, SILENT), stacked(circuit, C1, SILENT, *level.layers((R, C1), weights))
    composed = Composition(circuit=circuit, k=k, seed=0, levels=(below, stack), counts=(0, 0))
    wrong, hidden = brute.wrong(composed.on_true_gates(2)), undecodable(C1, after, k)
    faults = LevelJudge(level, weights)((R, C1))
    assert bool(faults.count) == bool(wrong or hidden)
    assert not hidden or faults.columns[1].issuperset(hidden)


# --- whole circuits ---


@given(seeds, st.integers(1, 5))
@settings(max_examples=15)
def test_random_circuits_are_built_exactly(seed: int, k: int) -> None:
    circuit = random_circuit(random.Random(seed))
    composed = compose(circuit, k=min(k, circuit.inputs), seed=seed)
    assert {name: brute.wrong(claim) for name, claim in composed.claims().items() if brute.wrong(claim)} == {}
    every = (y for size in range(composed.k + 1) for y in combinations(range(circuit.inputs), size))
    true = [[sum(clause <= {*y} for clause in level) for level in circuit.clauses[1:]] for y in every]
    assert composed.counts == tuple(map(max, zip(*true, strict=True)))


@pytest.mark.parametrize(("inputs", "count"), [(16, 8), pytest.param(32, 12, marks=pytest.mark.slow)])
def test_four_ands_as_ands_of_ands(inputs: int, count: int) -> None:
    circuit = of_sampled(inputs, count, size=4, seed=1)
    assert {len(clause) for clause in circuit.problem().clauses} == {4}
    composed = compose(circuit, k=4)
    assert proved(composed)
    assert composed.neurons[1] <= 12


def test_three_levels_of_ands_that_share_inputs() -> None:
    composed = compose(RINGS, k=5)
    assert len(composed.claims()) == 10
    assert proved(composed)


@pytest.mark.slow
def test_three_levels_make_ands_of_eight_inputs() -> None:
    composed = compose(of_eight(seed=2), k=8)
    assert {len(clause) for clause in composed.circuit.problem().clauses} == {8}
    assert composed.counts[:2] == (4, 6)
    assert proved(composed)


@pytest.mark.slow
def test_sixty_inputs_and_triples_that_share_an_input() -> None:
    composed = compose(of_sampled(60, 60, size=3, seed=1), k=3)
    assert proved(composed)
    assert composed.neurons[1] < 60  # the second level is in superposition: fewer neurons than gates


def test_sparsity_without_true_gates_and_one_level_alone() -> None:
    assert proved(compose(of_sampled(16, 4, size=4, seed=1), k=1))
    single = compose(Circuit(12, (RING,)), k=3)
    assert list(single.claims()) == ["end to end: code", "end to end: readout"]
    assert proved(single)


def test_level_1_may_come_from_elsewhere() -> None:
    first = build(RINGS.step(1), k=4, seed=9, neurons=60)
    composed = compose(RINGS, k=4, first=first)
    assert composed.levels[0] is first
    assert composed.neurons[0] == first.neurons
    assert proved(composed)
    for k, circuit in ((3, RINGS), (4, Circuit(12, (RING[:5],)))):
        with pytest.raises(Malformed, match="compose: first"):
            compose(circuit, k=k, first=first)


@pytest.mark.parametrize(("k", "seed", "place"), [(13, 0, "build: k"), (-1, 0, "build: k"), (4, -1, "compose: seed")])
def test_bad_requests_are_malformed(k: int, seed: int, place: str) -> None:
    with pytest.raises(Malformed, match=place):
        compose(RINGS, k=k, seed=seed)


# --- broken interfaces ---

SMALL = compose(of_sampled(16, 8, size=4, seed=1), k=4)
DENSE = compose(Circuit(12, (RING, RING)), k=3)  # every gate of level 1 is in two triples
FALSE = {"level 1: code", "end to end: code"}


def with_layer(composed: Composition, at: int, layer: Layer) -> Composition:
    networks = []
    for network in (composed.network, composed.decoded):
        layers = list(network.layers)
        layers[at] = layer
        networks.append(replace(network, layers=tuple(layers)))
    return composed.of(*networks)


def reading(layer: Layer, row: int, sources: set[int]) -> Layer:
    """The layer (weights of -1) whose ``row`` reads these sources."""
    places, weights = list(layer.sources), list(layer.weights)
    places[row], weights[row] = tuple(sorted(sources)), (-1,) * len(sources)
    return replace(layer, sources=tuple(places), weights=tuple(weights))


def refuted(composed: Composition) -> set[str]:
    return {name for name, status in statuses(composed).items() if status is Status.REFUTED}


def test_a_missing_entry_of_the_code_between_two_levels_is_refuted() -> None:
    """Row r of level 1's output no longer hears gate g, which owns it; level 2 alone is as good as before."""
    reads = SMALL.network.layers[3]
    row = next(r for r, owners in enumerate(SMALL.levels[0].code) if len(owners) == 1)
    gate = SMALL.circuit.levels[0][SMALL.levels[0].code[row][0]]
    fired = evaluate(Network(16, SMALL.network.layers[:3]), gate)
    rest = {r for r in reads.sources[row] if not fired[r]}
    broken = with_layer(SMALL, 3, reading(reads, row, rest))
    assert refuted(broken) >= {*FALSE, "level 1: readout", "end to end: readout"}
    assert "level 2: on true gates" not in refuted(broken)


def test_a_row_that_hears_gates_of_others_is_refuted() -> None:
    """Row 0 becomes the OR of two rows: not the code any more, and harmful to level 2 for some of the choices."""
    harmful = []
    for composed in (compose(DENSE.circuit, k=3, seed=seed) for seed in range(2)):
        reads, owners = composed.network.layers[3], [{*marked} for marked in composed.levels[0].code]
        for row in range(1, 6):
            merged = {*reads.sources[0], *reads.sources[row]}
            found = refuted(with_layer(composed, 3, reading(reads, 0, merged)))
            assert ("level 1: code" in found) == (not owners[row] <= owners[0])
            assert "level 2: on true gates" not in found
            harmful.append("end to end: code" in found)
    assert any(harmful)


def test_a_level_with_a_lower_threshold_is_refuted_where_it_stands() -> None:
    """h fires for one of two gates: level 2 fails even when it is fed with the true gates, level 1 does not."""
    layer = SMALL.network.layers[5]
    broken = with_layer(SMALL, 5, replace(layer, bias=tuple(max(b - 2, 1) for b in layer.bias)))
    assert refuted(broken) >= {"level 2: on true gates", "end to end: code", "end to end: readout"}
    assert not any(name.startswith("level 1") for name in refuted(broken))


def test_one_more_active_input_than_it_was_built_for_is_refuted() -> None:
    more = {name: replace(claim, k=4) for name, claim in DENSE.claims().items()}
    found = {name for name, claim in more.items() if verify(claim, engines=["enumerate"]).status is Status.REFUTED}
    assert found >= {"level 2: on true gates", "end to end: code", "end to end: readout"}


def test_the_count_of_true_gates_is_the_least_that_holds() -> None:
    most = SMALL.counts[0]
    assert verify(SMALL.at_most(1, most), engines=["enumerate"]).status is Status.PROVED
    verdict = verify(SMALL.at_most(1, most - 1), engines=["enumerate"])
    assert verdict.status is Status.REFUTED
    assert verdict.counterexample is not None
    assert sum(clause <= {*verdict.counterexample} for clause in SMALL.circuit.clauses[1]) == most


def test_a_circuit_has_a_broken_twin() -> None:
    claim = SMALL.claims()["end to end: code"]
    twin = replace(claim, network=break_network(claim, rng=1))
    assert verify(twin, engines=["enumerate"]).status is Status.REFUTED


# --- files ---


def test_a_circuit_is_written_and_every_claim_rechecked_from_its_files(tmp_path: Path) -> None:
    built = compose_and_verify(SMALL.circuit, tmp_path / "net.npz", k=4)
    assert built.status == "PROVED"
    assert list(built.verified) == list(SMALL.claims())
    assert (built.gates, built.neurons, built.together) == ((16, 8), SMALL.neurons, SMALL.counts)
    assert (tmp_path / "net.level-1-code.claim.json").exists()
    for answer in built.verified.values():
        assert answer.certificate is not None
        verdict = recheck(Path(answer.claim).read_bytes(), Path(answer.certificate).read_bytes())
        assert verdict.status is Status.PROVED
    file = read_network(tmp_path / "net.npz")
    assert (file.network, file.decoded) == (SMALL.network, SMALL.decoded)
    again = compose_and_verify(SMALL.circuit, tmp_path / "again.npz", k=4)
    assert (tmp_path / "again.npz").read_bytes() == (tmp_path / "net.npz").read_bytes()
    assert again.attempts == built.attempts


def test_what_is_claimed_is_claimed_of_the_file(tmp_path: Path) -> None:
    path, last = tmp_path / "net.npz", SMALL.levels[-1]
    layer = SMALL.network.layers[3]
    broken = with_layer(SMALL, 3, replace(layer, bias=(layer.bias[0] + 1, *layer.bias[1:]))).levels[-1]
    write_network(path, NetworkFile(broken.network, broken.decoded, last.code, 8))
    claims = written_claims(SMALL, path)
    assert verify(claims["level 1: code"], engines=["enumerate"]).status is Status.REFUTED
    assert verify(claims["level 2: on true gates"], engines=["enumerate"]).status is Status.PROVED
    write_network(path, NetworkFile(*(SMALL.levels[0].network, SMALL.levels[0].decoded), SMALL.levels[0].code, 16))
    with pytest.raises(Malformed, match="the network of the circuit"):
        written_claims(SMALL, path)
