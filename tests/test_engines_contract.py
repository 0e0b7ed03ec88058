"""The engine ``contract`` against enumeration, brute force and networks made to break it."""

from __future__ import annotations

import random
import sys
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from typing import Literal

import brute
import numpy as np
import pytest

from supverify.engines import ENGINES, Answer, verify
from supverify.engines.contract import engine as contract
from supverify.engines.contract import sparse as contract_sparse
from supverify.engines.contract.engine import Contract
from supverify.engines.enumeration.engine import Enumerate
from supverify.kernel.check import wrong_outputs
from supverify.kernel.claim import Claim, Criterion, TwoAnd
from supverify.kernel.network import Layer, Network
from supverify.kernel.verdict import Status
from supverify.models import build
from supverify.models.codes import linear, threshold
from supverify.models.generate import generate

MODES: tuple[Literal["at-most", "exactly"], ...] = ("at-most", "at-most", "exactly")
KINDS: tuple[Literal["readout", "separated", "linear"], ...] = ("readout", "readout", "separated", "linear")
INVERTERS = (2, 4)  # the layers relu(1 - u) of a built network


def right(claim: Claim, answer: Answer) -> Status:
    """What enumeration says; the answer says the same or UNKNOWN, and its counterexample replays."""
    found = Enumerate().run(claim)
    assert answer.status in (found.status, Status.UNKNOWN), (claim, answer, found)
    assert (answer.counterexample is not None) == (answer.status is Status.REFUTED)
    if answer.counterexample is not None:
        assert len(answer.counterexample) in claim.sizes(claim.domain)
        assert wrong_outputs(claim, answer.counterexample)
    return found.status


def built(rng: random.Random) -> list[Claim]:
    """The claims of a small network from random codes."""
    m, k = rng.randint(4, 14), rng.randint(0, 4)
    every = list(combinations(range(m), 2))
    pairs = tuple(rng.choice(every) for _ in range(rng.randint(1, 14)))
    return list(build(TwoAnd(m, pairs), k=k, seed=rng.randrange(99)).claims().values())


def damaged(rng: random.Random, claim: Claim) -> Claim:
    """One weight, one level or one member of the claim's network changed."""
    layers = list(claim.network.layers)
    at = rng.choice([i for i in range(len(layers)) if i not in INVERTERS])
    layer, width = layers[at], claim.network.widths[at]
    r = rng.randrange(len(layer.bias))
    row, bias, kind = dict(layer.row(r)), list(layer.bias), rng.choice(["weight", "level", "drop", "add", "sign"])
    j = rng.choice(sorted(row)) if row and kind != "add" else rng.randrange(width)
    if kind == "level":
        bias[r] += rng.choice([-1, 1])
    else:
        old = row.get(j, 0)
        row[j] = {"weight": old + rng.choice([-1, 1]), "drop": 0, "sign": -old, "add": rng.choice([-2, -1, 1, 2])}[
            kind
        ]
    kept = {j: w for j, w in sorted(row.items()) if w}
    sources = (*layer.sources[:r], tuple(kept), *layer.sources[r + 1 :])
    weights = (*layer.weights[:r], tuple(kept.values()), *layer.weights[r + 1 :])
    layers[at] = Layer(sources, weights, tuple(bias), layer.relu)
    return replace(claim, network=replace(claim.network, layers=tuple(layers)))


def tailed(rng: random.Random, k: int, *, dense: float) -> list[Claim]:
    """Random members and signed rows behind them, whose gates are the pairs that fire some row: right up to k = 2."""
    draw = np.random.default_rng(rng.randrange(1 << 30))
    m, n, rows = rng.randint(4, 7), rng.randint(4, 12), rng.randint(1, 4)
    members = (draw.random((n, m)) < dense).astype(np.int64)
    weights = draw.integers(rng.choice([0, -1, -2, -3]), 4, size=(rows, n))
    level = rng.randint(3, 7)
    fires = {p: weights @ (members[:, list(p)].sum(axis=1) > 1) >= level for p in combinations(range(m), 2)}
    pairs = [p for p, fired in fires.items() if fired.any()] or [(0, 1)]
    code = tuple(tuple(i for i, p in enumerate(pairs) if fires[p][r]) for r in range(rows))
    layers = (linear(members), *threshold(np.eye(n, dtype=np.int64), 2), *threshold(weights, level))
    decoder = np.array([fires[p] * draw.integers(1, 3, size=rows) for p in pairs], dtype=np.int64)
    decoder -= draw.random(decoder.shape) < rng.choice([0, 0.2])
    own = tuple(1 - int(row @ fires[p]) for row, p in zip(decoder, pairs, strict=True))
    problem, mode = TwoAnd(m, tuple(pairs)), rng.choice(MODES)
    decoded = Network(m, (*layers, replace(linear(decoder), bias=own)))
    lenient = Criterion("readout", threshold=Fraction(rng.randint(-1, 2), 2), strict=rng.random() < 0.5)
    kind = rng.choice(KINDS)
    return [
        Claim(Network(m, layers), problem, k, Criterion("code"), mode, code),
        Claim(Network(m, layers), problem, k, lenient, mode, code),
        Claim(decoded, problem, k, Criterion(kind), mode),
    ]


def compact(text: str, k: int) -> list[Claim]:
    """The claims of a compact network, whose rows may have signs."""
    from supverify.models.compact.network import build_compact

    problem = generate(text)
    assert isinstance(problem, TwoAnd)
    return list(build_compact(problem, k=k).claims().values())


@pytest.mark.parametrize("count", [8, pytest.param(80, marks=pytest.mark.slow)])
def test_built_networks_are_proved_and_damaged_ones_judged_rightly(count: int) -> None:
    rng, seen = random.Random(count), Counter[tuple[Status, Status]]()
    for _ in range(count):
        for claim in built(rng):
            claim = replace(claim, mode=rng.choice(MODES))
            answer = Contract().run(claim)
            assert (answer.status, answer.oracles) == (Status.PROVED, frozenset({"contract"}))
            assert not brute.wrong(claim)
            for _ in range(4):
                worse = damaged(rng, claim)
                answer = Contract().run(worse)
                seen[right(worse, answer), answer.status] += 1
    for status in (Status.PROVED, Status.REFUTED):
        assert seen[status, status] > max(count, 3 * seen[status, Status.UNKNOWN])


@pytest.mark.parametrize("k", [2, 3, 4])
@pytest.mark.parametrize("dense", [0.2, 0.35])
def test_random_members_and_rows_are_judged_rightly(k: int, dense: float) -> None:
    rng, seen = random.Random(k), Counter[tuple[Status, Status]]()
    for _ in range(30):
        for claim in tailed(rng, k, dense=dense):
            answer = Contract().run(claim)
            seen[right(claim, answer), answer.status] += 1
    assert min(seen[Status.PROVED, Status.PROVED], seen[Status.REFUTED, Status.REFUTED]) > 10


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_four_inputs_together(seed: int) -> None:
    """Many networks for k = 4, among them enough that only four active inputs refute."""
    rng, fewest = random.Random(100 + seed), Counter[int]()
    for _ in range(400):
        for claim in tailed(rng, 4, dense=rng.choice([0.2, 0.3, 0.4])):
            answer = Contract().run(claim)
            if right(claim, answer) is Status.REFUTED and claim.mode == "at-most" and answer.counterexample:
                fewest[len(answer.counterexample)] += 1
    assert fewest[4] > 5
    assert fewest[3] > 50


def step(members: list[set[int]], rows: list[dict[int, int]], level: int) -> tuple[Layer, ...]:
    """Neurons that fire when two members are active, and rows over them."""
    count = len(members)
    inverts = [Layer(tuple((r,) for r in range(n)), ((-1,),) * n, (1,) * n, True) for n in (count, len(rows))]
    hidden = Layer(
        tuple(tuple(sorted(s)) for s in members), tuple((-1,) * len(s) for s in members), (2,) * count, True
    )
    sources = tuple(tuple(sorted(row)) for row in rows)
    weights = tuple(tuple(-row[r] for r in sorted(row)) for row in rows)
    return hidden, inverts[0], Layer(sources, weights, (level,) * len(rows), True), inverts[1]


# Members; weights, level of a row that owns no gate (or the gate 0, 1); the one set of inputs that it gets wrong.
HARD: dict[str, tuple[list[set[int]], dict[int, int], int, bool, tuple[int, ...]]] = {
    "a pair": ([{0, 1}, {0, 1}], {0: 1, 1: 1}, 2, False, (0, 1)),
    "a triangle": ([{0, 1}, {1, 2}, {0, 2}], {0: 1, 1: 1, 2: 1}, 3, False, (0, 1, 2)),
    "two pairs apart": ([{0, 1}, {2, 3}], {0: 2, 1: 1}, 3, False, (0, 1, 2, 3)),
    "two pairs apart, the stronger short by one": ([{0, 1}, {2, 3}], {0: 11, 1: 1}, 12, False, (0, 1, 2, 3)),
    "a path": ([{0, 1}, {1, 2}, {2, 3}], {0: 1, 1: 1, 2: 1}, 3, False, (0, 1, 2, 3)),
    "a star": ([{0, 1}, {0, 2}, {0, 3}], {0: 1, 1: 1, 2: 1}, 3, False, (0, 1, 2, 3)),
    "all six": ([set(p) for p in combinations(range(4), 2)], dict.fromkeys(range(6), 1), 6, False, (0, 1, 2, 3)),
    "switched off by a third": ([{0, 1}, {1, 2}], {0: 3, 1: -1}, 3, True, (0, 1, 2)),
    "switched off by a pair apart": ([{0, 1}, {2, 3}], {0: 3, 1: -1}, 3, True, (0, 1, 2, 3)),
    "switched off by two": ([{0, 1}, {0, 2}, {1, 3}], {0: 4, 1: -1, 2: -1}, 3, True, (0, 1, 2, 3)),
}


@pytest.mark.parametrize("name", HARD)
def test_the_one_set_that_is_wrong_is_found(name: str) -> None:
    members, row, level, owned, wrong = HARD[name]
    problem = TwoAnd(6, ((0, 1) if owned else (4, 5),))
    layers = step([*members, {4, 5}], [row], level)
    claim = Claim(Network(6, layers), problem, len(wrong), Criterion("code"), code=((0,) if owned else (),))
    assert brute.wrong(claim) == [wrong]
    answer = Contract().run(claim)
    assert (answer.status, answer.counterexample) == (Status.REFUTED, wrong)
    assert Contract().run(replace(claim, k=len(wrong) - 1)).status is Status.PROVED


# Weights and level of a hidden neuron, whether the gate 0, 1 reads it, and the one set of inputs that it gets wrong.
MISFIRING = {
    "three that are no members": ({0: 1, 1: 1, 2: 1}, 3, False, (0, 1, 2)),
    "a member and another": ({0: 2, 1: 1}, 3, False, (0, 1)),
    "two members held back": ({0: 2, 1: 2, 2: -1}, 4, True, (0, 1, 2)),
}


@pytest.mark.parametrize("name", MISFIRING)
def test_a_broken_contract_of_a_hidden_neuron_is_found(name: str) -> None:
    row, level, owned, wrong = MISFIRING[name]
    hidden, *rest = step([{0}, {4, 5}], [{0: 1}], 1)
    sources = tuple(row), hidden.sources[1]
    weights = tuple(-w for w in row.values()), hidden.weights[1]
    first = replace(hidden, sources=sources, weights=weights, bias=(level, 2))
    problem = TwoAnd(6, ((0, 1) if owned else (4, 5),))
    network = Network(6, (first, *rest))
    claim = Claim(network, problem, len(wrong), Criterion("code"), code=((0,) if owned else (),))
    assert brute.wrong(claim) == [wrong]
    assert Contract().run(claim).counterexample == wrong
    assert Contract().run(replace(claim, k=len(wrong) - 1)).status is Status.PROVED


@pytest.mark.parametrize(("second", "wrong"), [((1, 2), (0, 1, 2)), ((2, 3), (0, 1, 2, 3))])
@pytest.mark.parametrize("reads", ["feigned", "hidden"])
def test_gates_that_feign_or_hide_another_are_found(
    second: tuple[int, int], wrong: tuple[int, ...], reads: str
) -> None:
    """Two gates show, together, both rows of a third; or one of them is subtracted from the other."""
    problem = TwoAnd(6, ((0, 1), second, (4, 5)))
    rows = [{0: 1, 2: 1}, {1: 1, 2: 1}, {0: 1}, {1: 1}, {2: 1}]
    layers = step([{0, 1}, set(second), {4, 5}], rows, 1)
    if reads == "feigned":
        decoder = Layer(((2,), (3,), (0, 1)), ((1,), (1,), (1, 1)), (0, 0, -1), False)
    else:
        decoder = Layer(((2, 3), (3,), (4,)), ((1, -1), (1,), (1,)), (0, 0, 0), False)
    claim = Claim(Network(6, (*layers, decoder)), problem, len(wrong))
    assert brute.wrong(claim) == [wrong]
    answer = Contract().run(claim)
    assert (answer.counterexample, answer.detail.partition(";")[0]) == (
        wrong,
        "true gates hide or feign another in the decoder",
    )
    assert Contract().run(replace(claim, k=len(wrong) - 1)).status is Status.PROVED


@pytest.mark.parametrize(("k", "outputs"), [(2, 200), pytest.param(3, 120, marks=pytest.mark.slow)])
def test_compact_networks_are_proved(k: int, outputs: int) -> None:
    for claim in compact(f"random:M={outputs},seed=1", k):
        answer = Contract().run(claim)
        assert answer.status is Status.PROVED, answer
        assert right(claim, answer) is Status.PROVED


@pytest.mark.slow
def test_damaged_compact_networks_are_judged_rightly() -> None:
    rng, verdicts = random.Random(2), Counter[Status]()
    for claim in compact("random:M=400,seed=0", 2):
        assert Contract().run(claim).status is Status.PROVED
        for _ in range(10):
            worse = damaged(rng, claim)
            answer = Contract().run(worse)
            right(worse, answer)
            verdicts[answer.status] += 1
    assert verdicts[Status.UNKNOWN] < 10
    assert min(verdicts[Status.PROVED], verdicts[Status.REFUTED]) > 0


def test_other_networks_are_unknown_at_once() -> None:
    shapeless = Claim(Network(3, (Layer(((0, 1),), ((1, 1),), (-1,), True),)), TwoAnd(3, ((0, 1),)), 2)
    answer = Contract().run(shapeless)
    assert (answer.status, answer.detail) == (
        Status.UNKNOWN,
        "not linear layers, one or two steps and at most one linear decoder",
    )
    large = Claim(Network(6, step([{0, 1}], [{0: 1}], 1)), TwoAnd(6, ((0, 1),)), 5, Criterion("code"))
    assert Contract().run(large).detail == "k = 5 is more than 4"
    assert Contract().run(replace(large, k=4)).status is Status.PROVED
    permuted = build(generate("permutation:m=6,seed=0"), k=2)
    answers = [Contract().run(claim) for claim in permuted.claims().values()]
    assert {answer.status for answer in answers} == {Status.UNKNOWN}


def test_numbers_that_may_not_fit_are_unknown() -> None:
    claim = Claim(Network(3, step([{0, 1}], [{0: 1 << 60}], 1 << 60)), TwoAnd(3, ((0, 1),)), 2, Criterion("code"))
    assert Contract().run(claim).detail == "its sums may exceed 64 bits"
    assert Enumerate().run(claim).status is Status.PROVED


def test_a_harmless_fault_is_unknown_not_refuted() -> None:
    """The first neuron fires with one input alone, but the row needs both neurons."""
    members, problem = [{0, 1}, {0, 1}], TwoAnd(3, ((0, 1),))
    layers = step(members, [{0: 1, 1: 1}], 2)
    first = replace(layers[0], bias=(1, 2))
    claim = Claim(Network(3, (first, *layers[1:])), problem, 2, Criterion("code"))
    answer = Contract().run(claim)
    assert (answer.status, answer.counterexample) == (Status.UNKNOWN, None)
    assert answer.detail == "a hidden neuron breaks its contract, but the outputs tried are right"
    assert Enumerate().run(claim).status is Status.PROVED


def test_time_and_progress(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = build(TwoAnd(8, ((0, 1), (2, 3), (1, 4))), k=3).claims()["readout"]
    calls: list[tuple[str, int, int]] = []
    assert Contract().run(claim, seconds=60, progress=lambda *call: calls.append(call)).status is Status.PROVED
    last = {what: (done, total) for what, done, total in calls}
    assert list(last) == [
        *("contract: hidden neurons", "contract: pairs of inputs"),
        *("contract: rows of the second step", "contract: outputs"),
    ]
    assert all(done == total for done, total in last.values())
    late = Contract().run(claim, seconds=0.0)
    assert late.status is Status.UNKNOWN
    assert late.detail.startswith("time limit after ")


def test_without_numba_plain_python_says_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = random.Random(8)
    claims = [claim for k in (2, 3, 4) for _ in range(4) for claim in tailed(rng, k, dense=0.35)]
    before = [replace(Contract().run(claim), seconds=0.0) for claim in claims]
    monkeypatch.setitem(sys.modules, "numba", None)
    contract_sparse.compiled.cache_clear()
    try:
        assert [replace(Contract().run(claim), seconds=0.0) for claim in claims] == before
    finally:
        contract_sparse.compiled.cache_clear()


def test_verify_asks_it_first_where_enumeration_is_long(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = TwoAnd(40, ((0, 1), (2, 3)))
    claim = build(problem, k=2).claims()["code"]
    module = sys.modules["supverify.engines.verify"]
    assert [answer.engine for answer in verify(claim).engines] == ["enumerate"]
    monkeypatch.setattr(module, "REPLAY_LIMIT", 100)
    verdict = verify(claim)
    assert [answer.engine for answer in verdict.engines] == ["contract"]
    assert (verdict.status, verdict.oracles) == (Status.PROVED, frozenset({"contract"}))
    other = replace(claim, network=Network(40, (*claim.network.layers, *claim.network.layers[-1:])))
    assert [answer.engine for answer in verify(other).engines] == ["contract", "enumerate"]
    monkeypatch.setattr(module, "LONGEST", 100)
    unknown = verify(other)
    assert [answer.engine for answer in unknown.engines] == ["contract"]
    assert unknown.status is Status.UNKNOWN
    assert "one or two steps" in unknown.reason
    assert ENGINES["contract"].name == contract.Contract.name
