"""The fast reading of certificates about one hidden step: never more generous than the kernel, and no less useful."""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
import test_engines_channels as made

from supverify.engines import verify
from supverify.engines.channels.engine import Channels
from supverify.engines.fast_check import reread
from supverify.engines.fast_check import steps_root as fast_check_steps_root
from supverify.engines.fast_check.outcome import Undecided
from supverify.engines.fast_check.steps import fast_check_steps
from supverify.kernel.certificate import Certificate
from supverify.kernel.check import check
from supverify.kernel.claim import Claim, Conjunctions, Criterion, Permutation
from supverify.kernel.errors import Malformed, Refusal, Rejected
from supverify.kernel.network import Layer, Network
from supverify.kernel.verdict import Status
from supverify.models.channel_network import random_channels


def kernel(claim: Claim, evidence: str) -> str:
    try:
        return check(claim, Certificate(claim.digest, evidence)).status.name
    except Refusal:
        return "REJECTED"


def fast(claim: Claim, evidence: str) -> str:
    try:
        fast_check_steps(claim, Certificate(claim.digest, evidence))
    except Undecided:
        return "UNDECIDED"
    except (Rejected, Malformed):
        return "REJECTED"
    return "PROVED"


def proofs(count: int) -> list[tuple[Claim, str]]:
    """Claims that hold, of every kind, and the evidence for them."""
    found = []
    for i in range(count):
        claims = [made.regenerated(random.Random(i)), made.strange(random.Random(i))]
        for claim in [*claims, *([made.tight(i)] if i < 16 else [])]:
            answer = Channels(compiled=False).run(claim)
            if answer.status is Status.PROVED and answer.evidence is not None:
                found.append((claim, answer.evidence))
    return found


def changed(rng: random.Random, claim: Claim, evidence: str) -> str:
    """Evidence with a word left out, put in, or replaced."""
    words = evidence.split(" ")
    m, outputs = claim.network.inputs, claim.network.outputs
    new = rng.choice(["L", "L", "O", f"S{rng.randrange(m)}", f"S{rng.randrange(m)}", f"X{rng.randrange(outputs)}"])
    at, kind = rng.randrange(len(words)), rng.choice(["drop", "insert", "replace", "leaf"])
    if kind == "drop":
        del words[at]
    elif kind == "insert":
        words.insert(at, new)
    elif kind == "replace":
        words[at] = new
    else:  # a subtree cut off: what the leaf would have to bound is more than it can
        words = words[: max(at, 1)] + ["L"] * (len(words) - at)
    return " ".join(words)


def test_what_channels_proves_is_accepted() -> None:
    """Other shapes (plain ReLUs, several linear layers) are left to the kernel."""
    answers = Counter(fast(claim, evidence) for claim, evidence in proofs(40))
    assert answers["REJECTED"] == 0
    assert answers["PROVED"] > 25


def test_changed_evidence_is_judged_as_the_kernel_judges_it() -> None:
    rng, seen = random.Random(0), Counter[tuple[str, str]]()
    for claim, evidence in proofs(24):
        for _ in range(8):
            text = changed(rng, claim, evidence)
            answers = fast(claim, text), kernel(claim, text)
            seen[answers] += 1
            assert answers[0] in (answers[1], "UNDECIDED"), (claim, text, answers)
    assert seen["PROVED", "PROVED"] > 20
    assert seen["REJECTED", "REJECTED"] > 80


def test_claims_that_fail_are_not_proved() -> None:
    """Whatever the words: a leaf at the root, leaves behind all splits on some inputs, one output at a time."""
    tried = 0
    for i in range(60):
        for claim in (made.regenerated(random.Random(i)), made.strange(random.Random(i))):
            if Channels(compiled=False).run(claim).status is Status.REFUTED:
                splits = " ".join(f"S{j} L" for j in range(claim.network.inputs)) + " L" if claim.k == 1 else "S0 L L"
                for text in ("L", " ".join(["O", *["L"] * claim.network.outputs]), splits):
                    tried += 1
                    assert fast(claim, text) != "PROVED", (claim, text)
    assert tried > 120


def whole(m: int, neurons: int, k: int, fault: int = 0) -> Claim:
    problem = made.pairs(f"random:M={m},seed=0")
    return Claim(random_channels(problem, neurons=neurons, fault=fault).network(), problem, k)


@pytest.mark.parametrize("cap", [0, 1 << 40])
def test_many_outputs_at_the_root(monkeypatch: pytest.MonkeyPatch, cap: int) -> None:
    """With all gains counted exactly, and with small ones counted as a cap."""
    monkeypatch.setattr(fast_check_steps_root, "FEW", cap)
    monkeypatch.setattr(fast_check_steps_root, "_compiled", lambda: fast_check_steps_root.sweep)
    for k, neurons in ((2, 160), (3, 300)):
        claim = whole(60, neurons, k)
        answer = Channels(compiled=False).run(claim)
        assert answer.evidence is not None
        assert (answer.status, fast(claim, answer.evidence)) == (Status.PROVED, "PROVED")
        faulty = whole(60, neurons, k, fault=k - 1)
        assert fast(faulty, answer.evidence) == kernel(faulty, answer.evidence) == "REJECTED"


def test_outputs_that_close_at_the_root_are_those_of_brute_force(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast_check_steps_root, "_compiled", lambda: fast_check_steps_root.sweep)
    from supverify.engines.fast_check.steps_network import steps

    closed = total = 0
    for seed in range(40):
        claim = made.regenerated(random.Random(seed))
        if claim.k >= 2 and not (claim.network.layers[1].relu and len(claim.network.layers) == 3):
            outputs = np.arange(claim.network.outputs)
            flags = fast_check_steps_root.closed_at_root(claim, steps(claim), outputs)
            for i in outputs[flags].tolist():
                others = [j for j in outputs.tolist() if j != i]
                single = " ".join([*(f"X{j} R" for j in others), "L"])
                assert fast(claim, single) in ("UNDECIDED", "PROVED")
                assert kernel(claim, " ".join(["O", *("L" if j == i else "R" for j in outputs)])) in (
                    "PROVED",
                    "REJECTED",
                )
                closed += one_leaf_is_accepted(claim, i)
            total += int(flags.sum())
    assert closed == total > 30


def many_needs(rng: random.Random) -> Claim:
    """Outputs that are never true, of neurons whose needs have a common multiple that is finer than the kernel's."""
    m, n, k, heaviest = rng.randint(4, 7), 6, rng.randint(2, 3), rng.choice((30, 1000, 10**5))
    needs = rng.sample((7, 9, 11, 13, 16, 17, 19, 23, 25, 29, 31, 37), n)
    outputs = [sorted(rng.sample(range(n), 2)) for _ in range(rng.randint(2, 4))]
    hidden = Layer(
        (tuple(range(m)),) * n, tuple(tuple(-rng.randint(1, t) for _ in range(m)) for t in needs), (*needs,), True
    )
    weights = tuple(tuple(rng.randint(1, heaviest) for _ in row) for row in outputs)
    last = Layer(tuple(map(tuple, outputs)), weights, (0,) * len(outputs), False)
    never = tuple(tuple(sorted(rng.sample(range(m), k + 1))) for _ in outputs)
    return Claim(Network(m, (hidden, made.inverters(n), last)), Conjunctions(m, never), k)


def biased(claim: Claim, outputs: list[int], bias: list[int]) -> Claim:
    """These outputs of a claim alone, each with a bias."""
    assert isinstance(claim.problem, Conjunctions)
    *layers, last = claim.network.layers
    sources, weights = ([part[i] for i in outputs] for part in (last.sources, last.weights))
    rows = Layer(tuple(sources), tuple(weights), tuple(bias), relu=False)
    problem = Conjunctions(claim.network.inputs, tuple(claim.problem.clauses[i] for i in outputs))
    return replace(claim, network=replace(claim.network, layers=(*layers, rows)), problem=problem)


def test_fractions_are_rounded_upwards_where_the_kernel_rounds() -> None:
    """Each output has the largest bias with which it is accepted alone; side by side their needs divide no unit."""
    rng, seen = random.Random(0), Counter[tuple[str, str]]()
    for _ in range(80):
        claim = many_needs(rng)
        outputs = list(range(claim.network.outputs))
        most = [
            bisect_left(range(10**6), True, key=lambda b: fast(biased(claim, [i], [-b]), "L") == "PROVED")
            for i in outputs
        ]
        for spare in (0, 1, 100):
            tried = biased(claim, outputs, [-b - spare for b in most])
            for text in ("L", " ".join(["O", *["L"] * len(outputs)]), " ".join(["X1 L", "L"])):
                answers = fast(tried, text), kernel(tried, text)
                seen[answers] += 1
                assert answers[0] in (answers[1], "UNDECIDED"), (tried, text, answers)
    assert seen["PROVED", "PROVED"] > 200


def test_second_steps_in_windows_of_any_width() -> None:
    """The kernel's bound of a step that may be met is more than 1, or less than 0."""
    seen = Counter[str]()
    for i in range(150):
        for base in (made.regenerated(random.Random(i)), made.strange(random.Random(i))):
            if base.network.layers[-1].relu and base.network.scale == 1:
                for slack in (0, 1, 2, 5):
                    claim = replace(base, criterion=Criterion("linear", slack=Fraction(slack)))
                    for text in ("L", "S0 L L", " ".join(["O", *["L"] * claim.network.outputs])):
                        answer = fast(claim, text)
                        seen[answer] += 1
                        assert answer in (kernel(claim, text), "UNDECIDED"), (claim, text)
    assert min(seen[answer] for answer in ("PROVED", "REJECTED", "UNDECIDED")) > 10


def test_thresholds_of_any_size() -> None:
    claim = whole(60, 160, 2)
    for threshold in (Fraction(10**30), Fraction(-(10**30))):
        assert fast(replace(claim, criterion=Criterion(threshold=threshold)), "L") == "REJECTED"


def one_leaf_is_accepted(claim: Claim, i: int) -> bool:
    """Whether the kernel accepts a leaf at the root for output i; the claim is about that output alone."""
    *layers, last = claim.network.layers
    if len(claim.network.layers) == 5:  # a second step: the inverters come last
        layers, last = list(claim.network.layers[:3]), claim.network.layers[3]
    rows = replace(last, sources=last.sources[i : i + 1], weights=last.weights[i : i + 1], bias=last.bias[i : i + 1])
    tail = [made.inverters(1)] if last.relu else []
    network = replace(claim.network, layers=(*layers, rows, *tail))
    assert not isinstance(claim.problem, Permutation | Conjunctions)
    problem = replace(claim.problem, pairs=claim.problem.pairs[i : i + 1])
    return kernel(replace(claim, network=network, problem=problem), "L") == "PROVED"


def test_other_words_and_networks_are_left_undecided() -> None:
    claim = whole(60, 160, 2)
    for text in ("R", "I L", "L1,2", "W 0 1", "K", ""):
        assert fast(claim, text) == "UNDECIDED"
    plain = Claim(random_channels(made.pairs("random:M=60,seed=0"), neurons=160).network("relu"), claim.problem, 2)
    assert fast(plain, "L") == "UNDECIDED"
    with pytest.raises(Rejected, match=r"certificate\.claim"):
        fast_check_steps(claim, Certificate(plain.digest, "L"))


def test_a_verdict_says_which_check_ran(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = whole(60, 160, 2)
    kernel_read = verify(claim, engines=["channels"])
    monkeypatch.setattr(reread, "HEAVY", 100)
    monkeypatch.setattr(fast_check_steps_root, "_compiled", lambda: fast_check_steps_root.sweep)
    read_fast = verify(claim, engines=["channels"])
    assert (kernel_read.status, kernel_read.oracles) == (Status.PROVED, frozenset())
    assert (read_fast.status, read_fast.oracles) == (Status.PROVED, frozenset({"fast-check"}))
    assert kernel_read.certificate == read_fast.certificate
    refuted = verify(whole(60, 160, 2, fault=1), engines=["channels"])
    assert (refuted.status, refuted.oracles) == (Status.REFUTED, frozenset())
