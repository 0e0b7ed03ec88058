"""The engine ``channels`` against brute force, its two readings against each other, its trees against the kernel."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from inspect import getsourcefile
from typing import Literal

import brute
import pytest

from supverify.engines.channels import least
from supverify.engines.channels import root as channels_root
from supverify.engines.channels import scores as channels_scores
from supverify.engines.channels.engine import Case, Channels
from supverify.engines.channels.shape import Unfit, parts
from supverify.engines.enumeration.engine import Enumerate
from supverify.kernel.certificate import Certificate
from supverify.kernel.check import check
from supverify.kernel.claim import Claim, Conjunctions, Criterion, Permutation, Problem, TwoAnd
from supverify.kernel.network import Layer, Network
from supverify.kernel.verdict import Status
from supverify.models.channel_network import Form, random_channels
from supverify.models.generate import generate

FORMS: tuple[Form, ...] = ("step", "step", "relu", "two steps")
KINDS: tuple[Literal["readout", "separated", "linear"], ...] = ("readout", "readout", "separated", "linear")


def two_and(rng: random.Random, inputs: int, outputs: int) -> TwoAnd:
    pairs = [rng.sample(range(inputs), 2) for _ in range(outputs)]
    return TwoAnd(inputs, tuple((a, b) for a, b in pairs))


def pairs(text: str) -> TwoAnd:
    problem = generate(text)
    assert isinstance(problem, TwoAnd)
    return problem


def regenerated(rng: random.Random) -> Claim:
    """A small channel network from random codes; about half of them hold."""
    weight, form = rng.randint(1, 4), rng.choice(FORMS)
    problem = two_and(rng, rng.randint(3, 11), rng.randint(1, 8))
    channels = random_channels(
        problem, neurons=rng.randint(2 * weight, 14 * weight), weight=weight, seed=rng.randrange(10**6)
    )
    k = rng.randint(0, 2 if form == "relu" else 4)
    return Claim(channels.network(form), problem, min(k, problem.inputs), mode=rng.choice(("at-most", "exactly")))


def strange(rng: random.Random) -> Claim:
    """Any weights in the same shape: premises of every kind fail, and most claims with them."""
    m, t, n, outputs = rng.randint(2, 6), rng.randint(1, 5), rng.randint(1, 5), rng.randint(1, 4)
    layers, width = [], m
    for _ in range(rng.randint(0, 2)):
        layers.append(brute.random_layer(rng, t, width, relu=False))
        width = t
    layers.append(brute.random_layer(rng, n, width, relu=True))
    form = rng.choice(FORMS)
    if form != "relu":
        layers.append(inverters(n))
    readout = brute.random_layer(rng, outputs, n, relu=form == "two steps")
    if form == "relu":
        readout = replace(readout, weights=tuple(tuple(map(abs, row)) for row in readout.weights))
    layers.append(readout)
    if form == "two steps":
        layers.append(inverters(outputs))
    kind = rng.choice(KINDS)
    slack = Fraction(rng.randint(0, 30), 3) if kind != "readout" else Fraction(0)
    criterion = Criterion(kind, Fraction(rng.randint(-12, 12), rng.randint(1, 3)), slack, rng.random() < 0.5)
    problem: Problem = two_and(rng, m, outputs)
    if rng.random() < 0.3:
        clauses = (tuple(sorted(rng.sample(range(m), rng.randint(1, min(m, 3))))) for _ in range(outputs))
        problem = Conjunctions(m, tuple(clauses))
    elif outputs == m:
        problem = Permutation(tuple(rng.sample(range(m), m)))
    k = rng.randint(0, min(2 if form == "relu" else 4, m))
    scale = rng.choice((1, 1, 2))
    return Claim(Network(m, tuple(layers), scale), problem, k, criterion, rng.choice(("at-most", "exactly")))


def inverters(size: int) -> Layer:
    return Layer(tuple((r,) for r in range(size)), ((-1,),) * size, (1,) * size, True)


def answered(claim: Claim, *, compiled: bool) -> Status:
    """The engine's status: what brute force says, with its first wrong input, or a tree that the kernel accepts."""
    answer, wrong = Channels(compiled=compiled).run(claim), brute.wrong(claim)
    if answer.status is Status.UNKNOWN:
        return answer.status
    assert answer.status is (Status.REFUTED if wrong else Status.PROVED), (claim, answer)
    assert answer.counterexample == (wrong[0] if wrong else None), (claim, answer, wrong)
    assert answer.evidence is not None
    assert check(claim, Certificate(claim.digest, answer.evidence)).status is answer.status
    return answer.status


def tight(seed: int) -> Claim:
    """A network that most of its outputs need a tree for, or that fails."""
    rng = random.Random(seed)
    m, gates, weight, low, high, k = rng.choice(
        ((24, 24, 8, 120, 200, 3), (24, 12, 6, 100, 160, 3), (20, 10, 8, 160, 260, 4))
    )
    problem = two_and(rng, m, gates)
    channels = random_channels(problem, neurons=rng.randint(low, high), weight=weight, seed=seed)
    return Claim(channels.network(rng.choice(("step", "two steps"))), problem, k)


@pytest.mark.parametrize("seed", range(150))
def test_regenerated_networks(seed: int) -> None:
    assert answered(regenerated(random.Random(seed)), compiled=False) is not Status.UNKNOWN


@pytest.mark.parametrize("seed", range(300))
def test_networks_of_any_signs(seed: int) -> None:
    answered(strange(random.Random(seed)), compiled=False)


@pytest.mark.parametrize("seed", range(16))
def test_networks_that_need_trees(seed: int) -> None:
    claim = tight(seed)
    answer, counted = Channels(compiled=False).run(claim), Enumerate().run(claim)
    assert (answer.status, answer.counterexample) == (counted.status, counted.counterexample)
    assert answer.evidence is not None
    assert check(claim, Certificate(claim.digest, answer.evidence)).status is answer.status


def test_the_cases_above_are_of_all_kinds() -> None:
    answers = [
        [Channels(compiled=False).run(make(random.Random(i))) for i in range(150)] for make in (regenerated, strange)
    ]
    found = [[answer.status for answer in some] for some in answers]
    assert min(found[0].count(Status.PROVED), found[0].count(Status.REFUTED)) > 40
    assert found[1].count(Status.PROVED) > 20
    assert found[1].count(Status.UNKNOWN) < 30
    trees = [Channels(compiled=False).run(tight(seed)) for seed in range(16)]
    assert sum("S" in (answer.evidence or "") for answer in trees) >= 5
    assert sum(answer.status is Status.REFUTED for answer in trees) >= 2


@pytest.mark.slow
def test_compiled_loops_and_vectors_give_the_same_answers() -> None:
    pytest.importorskip("numba")
    for i in range(120):
        for claim in (regenerated(random.Random(i)), strange(random.Random(i)), *([tight(i)] if i < 10 else [])):
            plain, fast = (Channels(compiled=compiled).run(claim) for compiled in (False, True))
            assert replace(plain, seconds=0.0) == replace(fast, seconds=0.0), claim


def test_ranges_of_outputs_are_searched_independently() -> None:
    for claim in map(tight, range(8)):
        case = Case(parts(claim))
        whole = case.walks(range(case.parts.outputs))
        middle = case.parts.outputs // 2
        halves = [case.walks(range(middle)), case.walks(range(middle, case.parts.outputs))]
        if whole.wrong is None:
            assert sum((half.trees for half in halves), ()) == whole.trees
        else:
            assert whole.wrong in {half.wrong for half in halves}


def test_blocks_of_inputs_do_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = pairs("random:M=200,seed=0")
    claim = Claim(random_channels(problem, neurons=400).network(), problem, 3)
    whole = Channels(compiled=False).run(claim).evidence
    monkeypatch.setattr(channels_scores, "CELLS", 401 * 70)
    monkeypatch.setattr(channels_scores, "EXPANDED", 1000)
    assert Channels(compiled=False).run(claim).evidence == whole


@pytest.mark.slow
def test_a_cap_on_small_gains_does_not_change_the_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("numba")
    claims = [tight(i) for i in range(6)]
    for k, neurons in ((2, 400), (3, 700), (3, 400)):
        problem = pairs("random:M=200,seed=0")
        claims.append(Claim(random_channels(problem, neurons=neurons).network(), problem, k))
    plain = [Channels(compiled=True).run(claim) for claim in claims]
    monkeypatch.setattr(channels_root, "MANY", 0)
    capped = [Channels(compiled=True).run(claim) for claim in claims]
    assert [(a.status, a.evidence) for a in plain] == [(a.status, a.evidence) for a in capped]


UNFIT = {
    "k": (lambda c: replace(c, k=16), "k = 16 is more than"),
    "an OR": (lambda c: replace(c, code=tuple((i, 0) for i in range(c.network.outputs))), "ORs of gates"),
    "no step": (lambda c: layers(c, 0, 1, 3), "a plain ReLU"),
    "two readouts": (lambda c: layers(c, 0, 1, 2, 3, 3), "not linear layers, one hidden step"),
    "large": (lambda c: scaled(c, 1 << 40), "too many bits"),
}


def layers(claim: Claim, *chosen: int) -> Claim:
    network = replace(claim.network, layers=tuple(claim.network.layers[i] for i in chosen))
    return replace(claim, network=network)


def scaled(claim: Claim, factor: int) -> Claim:
    code, hidden, *rest = claim.network.layers
    hidden = replace(hidden, bias=tuple(b * factor for b in hidden.bias))
    return replace(claim, network=replace(claim.network, layers=(code, hidden, *rest)))


@pytest.mark.parametrize(("change", "reason"), UNFIT.values(), ids=UNFIT)
def test_another_shape_is_unknown_and_says_why(change: Callable[[Claim], Claim], reason: str) -> None:
    problem = pairs("random:M=40,seed=0")
    answer = Channels().run(change(Claim(random_channels(problem, neurons=40).network(), problem, 3)))
    assert answer.status is Status.UNKNOWN
    assert reason in answer.detail


def test_sums_that_would_wrap_round_are_not_formed() -> None:
    """64 times 2^29 times 2^29 is 2^64, which 64 bits take for 0."""
    big = 1 << 29
    spread = Layer(((0,),) * 64, ((big,),) * 64, (0,) * 64, False)
    joined = Layer((tuple(range(64)), (1,)), ((big,) * 64, (1,)), (0, 0), False)
    step = [Layer(((0, 1),), ((-1, -1),), (2,), True), Layer(((0,),), ((-1,),), (1,), True)]
    network = Network(2, (spread, joined, *step, Layer(((0,),), ((1,),), (0,), False)))
    with pytest.raises(Unfit, match="more than 62 bits"):
        parts(Claim(network, TwoAnd(2, ((0, 1),)), 2))
    assert Channels().run(Claim(network, TwoAnd(2, ((0, 1),)), 2)).status is Status.UNKNOWN


def test_compiled_code_is_made_anew_where_the_constants_change(monkeypatch: pytest.MonkeyPatch) -> None:
    stamped: list[str | None] = []

    def stamp(*functions: Callable[..., object]) -> int:
        stamped.extend(map(getsourcefile, functions))
        return 1

    monkeypatch.setattr(least, "stamp", stamp)
    least.compiled.__wrapped__()
    assert getsourcefile(parts) in stamped


def test_no_time_is_unknown_and_says_how_far_it_came() -> None:
    answer = Channels(compiled=False).run(tight(0), seconds=0.0)
    assert answer.status is Status.UNKNOWN
    assert "time limit after" in answer.detail


def test_the_planted_fault_is_the_only_difference() -> None:
    problem = pairs("random:M=64,seed=0")
    for k, neurons in ((2, 240), (3, 400)):
        sound, faulty = (
            Claim(random_channels(problem, neurons=neurons, seed=1, fault=fault).network(), problem, k)
            for fault in (0, k - 1)
        )
        assert Channels().run(sound).status is Status.PROVED
        answer = Channels().run(faulty)
        assert answer.status is Status.REFUTED
        assert answer.counterexample == Enumerate().run(faulty).counterexample
