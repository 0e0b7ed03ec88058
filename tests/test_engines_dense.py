"""The dense engine on networks with one hidden layer, against brute force and the kernel."""

from __future__ import annotations

import random
import sys
from dataclasses import replace
from fractions import Fraction

import brute
import numpy as np
import pytest

from supverify.engines import verify
from supverify.engines.dense.cells import cases, frame, hidden, packed, whole
from supverify.engines.dense.engine import Dense
from supverify.engines.dense.exact import is_wrong
from supverify.engines.shards.work import Outcome
from supverify.kernel.certificate import Certificate
from supverify.kernel.check import check, wrong_outputs
from supverify.kernel.claim import Claim, Clause, Criterion, TwoAnd
from supverify.kernel.network import Layer, Network
from supverify.kernel.verdict import Status

pytest.importorskip("numba")


def hidden_layer(rng: random.Random, inputs: int, neurons: int, outputs: int, bits: int) -> Network:
    """One hidden layer of any signs, numbers of about ``bits`` bits, now and then behind an input code."""
    size = 1 << bits

    def layer(width: int, below: int, depth: int, *, relu: bool) -> Layer:
        weights = tuple(tuple(rng.choice((-1, 1)) * rng.randint(1, size) for _ in range(below)) for _ in range(width))
        bias = tuple(rng.randint(-size, size) * size ** (depth - 1) for _ in range(width))
        return Layer((tuple(range(below)),) * width, weights, bias, relu)

    code = [layer(inputs, inputs, 1, relu=False)] if rng.random() < 0.2 else []
    depth = len(code) + 1
    hidden, last = layer(neurons, inputs, depth, relu=True), layer(outputs, neurons, depth + 1, relu=False)
    return Network(inputs, (*code, hidden, last), size ** (depth + 1))


def tight(rng: random.Random, claim: Claim) -> Claim:
    """The claim with the smallest slack with which it holds, or one that is a unit too small."""
    deviation = max(
        abs(z - truth)
        for y in brute.inputs(claim)
        for z, truth in zip(brute.outputs(claim.network, y), brute.truths(claim, y), strict=True)
    )
    slack = deviation - rng.choice((0, 0, 1)) * Fraction(1, claim.network.scale)
    return replace(claim, criterion=Criterion("linear", slack=max(slack, Fraction(0))))


def random_dense(rng: random.Random) -> Claim:
    """A claim about one hidden layer; most hold, or fail, by nothing or by one unit."""
    m = rng.randint(3, 9)
    network = hidden_layer(rng, m, rng.randint(1, 6), rng.randint(1, 3), rng.choice((1, 3, 24)))
    pairs = tuple((a, b) for a, b in (rng.sample(range(m), 2) for _ in range(network.outputs)))
    claim = Claim(network, TwoAnd(m, pairs), rng.randint(1, min(m, 4)), mode=rng.choice(("at-most", "exactly")))
    if rng.random() < 0.2:
        return replace(claim, criterion=brute.random_criterion(rng))
    return tight(rng, claim)


def decided(claim: Claim) -> Status:
    """The engine, the kernel and brute force say the same of the claim, with the first counterexample there is."""
    wrong, answer = brute.wrong(claim), Dense().run(claim)
    assert answer.status is (Status.REFUTED if wrong else Status.PROVED), (claim, answer)
    assert answer.counterexample == (wrong[0] if wrong else None)
    assert check(claim, Certificate(claim.digest, answer.evidence or "")).status is answer.status
    return answer.status


@pytest.mark.parametrize("seed", range(4))
def test_the_engine_the_kernel_and_brute_force_agree(seed: int) -> None:
    rng = random.Random(seed)
    seen = [decided(random_dense(rng)) for _ in range(40)]
    assert min(seen.count(Status.PROVED), seen.count(Status.REFUTED)) > 5


def rarely_wrong(rng: random.Random) -> Claim:
    """Exact ANDs, some spoilt by neurons that few sets of two to four ones switch on: wrong at several sizes."""
    m, outputs, spoilers = rng.randint(6, 9), rng.randint(3, 7), rng.randint(1, 6)
    pairs = tuple((a, b) for a, b in (rng.sample(range(m), 2) for _ in range(outputs)))
    rows: list[tuple[Clause, Clause, int]] = [(tuple(sorted(pair)), (1, 1), -1) for pair in pairs]
    for _ in range(spoilers):
        planted = rng.sample(range(m), rng.randint(2, 4))
        weights = tuple(1 if j in planted else rng.choice((-1, -1, -1, 1)) for j in range(m))
        rows.append((tuple(range(m)), weights, 1 - len(planted)))
    one = Layer(tuple(r[0] for r in rows), tuple(r[1] for r in rows), tuple(r[2] for r in rows), relu=True)
    spoilt = [sorted({i, *(outputs + s for s in range(spoilers) if rng.random() < 0.3)}) for i in range(outputs)]
    signs = tuple(tuple(1 if r < outputs else rng.choice((-1, 1)) for r in sources) for sources in spoilt)
    two = Layer(tuple(map(tuple, spoilt)), signs, (0,) * outputs, relu=False)
    claim = Claim(Network(m, (one, two)), TwoAnd(m, pairs), rng.randint(2, 5))
    return replace(claim, mode=rng.choice(("at-most", "at-most", "exactly")))


@pytest.mark.parametrize("alone", [0, 1 << 60])
def test_the_smallest_of_many_wrong_inputs_is_found(alone: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several outputs wrong at several sizes: in one shard, which ends at the first of them, and in many."""
    monkeypatch.setattr("supverify.engines.dense.engine.ALONE", alone)
    rng, several = random.Random(7), 0
    for claim in (rarely_wrong(rng) for _ in range(150)):
        decided(claim)
        wrong = brute.wrong(claim)
        outputs = {i for y in wrong for i in wrong_outputs(claim, y)}
        several += len(outputs) > 1 and len({len(y) for y in wrong}) > 1
    assert several > 30


def test_exact_evaluation_of_one_output_is_the_kernels() -> None:
    rng = random.Random(8)
    for claim in (rng.choice((random_dense, rarely_wrong))(rng) for _ in range(60)):
        for active in rng.choices(list(brute.inputs(claim)), k=3):
            ours = [i for i in range(claim.network.outputs) if is_wrong(claim, i, active)]
            assert ours == wrong_outputs(claim, active)


def test_a_text_that_is_full_grows_and_nothing_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    before = Dense().run(noisy())
    monkeypatch.setattr("supverify.engines.dense.task.TEXT", 1)
    after = Dense().run(noisy())
    assert (before.evidence, before.detail) == (after.evidence, after.detail)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_one_wrong_input_is_found(k: int) -> None:
    """A neuron that only one active set switches on: nothing else is wrong."""
    m, planted = 12, (1, 4, 7, 11)[:k]
    pairs = ((0, 1), (2, 3))
    ands = [((a, b), (1, 1), -1) for a, b in pairs]
    others = tuple(-1 for _ in range(m))
    rare = tuple(1 if j in planted else weight for j, weight in enumerate(others))
    rows = [*ands, (tuple(range(m)), rare, 1 - k)]
    one = Layer(tuple(r[0] for r in rows), tuple(r[1] for r in rows), tuple(r[2] for r in rows), relu=True)
    claim = Claim(Network(m, (one, Layer(((0, 2), (1,)), ((1, 1), (1,)), (0, 0), relu=False))), TwoAnd(m, pairs), k)
    assert brute.wrong(claim) == [planted]
    assert Dense().run(claim).counterexample == planted


def noisy(outputs: int = 40, inputs: int = 64) -> Claim:
    """Exact ANDs, and a hundred neurons of noise that the threshold just about swallows."""
    rng = random.Random(0)
    pairs = tuple((a, b) for a, b in (rng.sample(range(inputs), 2) for _ in range(outputs)))
    rows = [tuple(1000 * (j in pair) + rng.randint(-60, 60) for j in range(inputs)) for pair in pairs]
    rows += [tuple(rng.randint(-300, 300) for _ in range(inputs)) for _ in range(100)]
    bias = [-1000] * outputs + [rng.randint(-100, 100) for _ in range(100)]
    weights = [[100 * (i == r) or rng.choice((-1, 1)) for r in range(len(rows))] for i in range(outputs)]
    full = (tuple(range(inputs)),) * len(rows)
    one = Layer(full, tuple(tuple(w or 1 for w in row) for row in rows), tuple(bias), relu=True)
    two = Layer((tuple(range(len(rows))),) * outputs, tuple(map(tuple, weights)), (0,) * outputs, relu=False)
    return Claim(Network(inputs, (one, two)), TwoAnd(inputs, pairs), 3, Criterion(threshold=Fraction(50000)))


def test_same_bytes_for_any_number_of_threads() -> None:
    answers = [Dense(threads=threads).run(noisy()) for threads in (1, 2, 3)]
    assert answers[0].status is Status.PROVED
    assert len({a.evidence for a in answers}) == 1


def test_a_time_limit_leaves_the_share_that_is_decided() -> None:
    claim = replace(noisy(), k=5)
    answer = Dense().run(claim, seconds=0.0)
    assert (answer.status, answer.evidence) == (Status.UNKNOWN, None)
    assert "of the inputs decided" in answer.detail


def test_more_work_than_enumeration_is_given_up() -> None:
    work = replace(Dense().cut(noisy()), most=5)
    found = work.solve(0, None)
    assert (found.words, found.wrong) == ("", ())
    answer = work.join(Outcome({0: found}, complete=True, done=40, total=40), None)
    assert (answer.status, answer.detail) == (Status.UNKNOWN, "no cheaper than enumeration: over 5 cells of a block")


def test_without_numba_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    monkeypatch.setattr("supverify.engines.dense.engine.numba_installed", lambda: False)
    answer = Dense().run(noisy())
    assert answer.status is Status.UNKNOWN
    assert "fast" in answer.detail


def test_other_shapes_are_left_to_others() -> None:
    rng = random.Random(1)
    network = hidden_layer(rng, 4, 3, 1, 2)
    network = replace(network, layers=network.layers[-2:])
    deeper = replace(network, layers=(network.layers[0], replace(network.layers[1], relu=True)))
    assert Dense().run(Claim(deeper, TwoAnd(4, ((0, 1),)), 2)).status is Status.UNKNOWN


def test_cells_of_the_whole_domain_are_those_of_each_output() -> None:
    rng = random.Random(3)
    for claim in (random_dense(rng) for _ in range(60)):
        shape = hidden(claim.network)
        assert shape is not None
        shown, outputs = frame(claim, *shape), range(claim.network.outputs)
        one = packed(list(cases(claim, outputs, claim.domain)), shown)
        two = whole(claim, outputs, shown, claim.k)
        for here, there in zip(one, two, strict=True):
            assert [[x for x in np.ravel(row) if x != -1] for row in here] == [
                [x for x in np.ravel(row) if x != -1] for row in there
            ]


def test_evidence_is_the_engines_where_a_replay_takes_seconds_and_counts_are_there_all_the_same() -> None:
    verdict = verify(noisy())
    assert [answer.engine for answer in verdict.engines] == ["enumerate", "dense"]
    assert (verdict.status, verdict.oracles) == (Status.PROVED, frozenset())
    assert verdict.certificate is not None
    assert verdict.certificate.evidence.startswith("O ")
    assert verdict.statistics is not None
    assert verdict.statistics.wrong_inputs == 0
    assert [answer.engine for answer in verify(replace(noisy(), k=1)).engines] == ["enumerate"]


def test_the_verdict_rests_on_the_kernel_alone() -> None:
    rng = random.Random(5)
    claim = next(c for c in (random_dense(rng) for _ in range(99)) if not brute.wrong(c))
    verdict = verify(claim, engines=["dense"])
    assert (verdict.status, verdict.oracles) == (Status.PROVED, frozenset())
