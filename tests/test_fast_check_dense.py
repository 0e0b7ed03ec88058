"""The fast reading of dense certificates against the kernel: what it accepts, the kernel accepts."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import brute
import pytest
from test_engines_dense import noisy, random_dense

from supverify.engines.dense import Dense
from supverify.engines.fast_check_dense import ORACLE, Undecided, fast_check_dense
from supverify.engines.fast_check_dense_arrays import Unfit, fixed
from supverify.engines.reread import reread
from supverify.kernel.certificate import Certificate
from supverify.kernel.check import check
from supverify.kernel.claim import Cell, Claim, TwoAnd
from supverify.kernel.codec import serialise
from supverify.kernel.errors import Refusal, Rejected
from supverify.kernel.network import Layer, Network
from supverify.kernel.verdict import Status

pytest.importorskip("numba")


def enlarged(rng: random.Random, claim: Claim) -> Claim:
    """The claim with weights of up to 50 bits more, the lowest of them noise."""
    factor = rng.choice((1, 1, 1 << 10, 1 << 30, 1 << 50))

    def larger(number: int, power: int) -> int:
        return number * int(factor**power) + rng.randint(0, factor - 1)

    layers = tuple(
        replace(
            layer,
            weights=tuple(tuple(larger(w, 1) or 1 for w in row) for row in layer.weights),
            bias=tuple(larger(b, i) for b in layer.bias),
        )
        for i, layer in enumerate(claim.network.layers, 1)
    )
    network = Network(claim.network.inputs, layers, claim.network.scale * factor ** len(layers))
    return replace(claim, network=network)


def random_walk(rng: random.Random, claim: Claim, cell: Cell, outputs: int) -> list[str]:
    """Any walk on the cell: it fits the domain, and its leaves may or may not close."""
    m = claim.network.inputs
    free = [j for j in range(m) if j not in cell.on | cell.off]
    if outputs > 1 and rng.random() < 0.3:
        return ["O", *(word for _ in range(outputs) for word in random_walk(rng, claim, cell, 1))]
    if free and cell.budget and rng.random() < 0.4:
        j = rng.choice(free)
        return [f"S{j}", *(word for part in cell.split(j, m) for word in random_walk(rng, claim, part, outputs))]
    sets = [rng.sample(range(m), rng.randint(0, min(m, cell.budget))) for _ in range(rng.choice((0, 0, 1, 2, 5)))]
    return ["R" if rng.random() < 0.1 else "L" + ",".join(".".join(map(str, one)) or "-" for one in sets)]


def outcome(claim: Claim, evidence: str, *, fast: bool) -> str:
    """What one of the two readings says of the evidence."""
    certificate = Certificate(claim.digest, evidence)
    try:
        return (fast_check_dense(claim, certificate) if fast else check(claim, certificate)).status.name
    except Undecided:
        return "undecided"
    except Refusal as refusal:
        return type(refusal).__name__


@pytest.mark.parametrize("seed", range(4))
def test_any_walk_on_any_network_is_read_as_the_kernel_reads_it(seed: int) -> None:
    rng = random.Random(seed)
    seen: Counter[str] = Counter()
    while seen.total() < 150:
        claim = rng.choice((random_dense(rng), enlarged(rng, brute.random_claim(rng))))
        evidence = " ".join(random_walk(rng, claim, claim.domain, claim.network.outputs))
        slow, quick = outcome(claim, evidence, fast=False), outcome(claim, evidence, fast=True)
        assert quick in (slow, "undecided"), (claim, evidence)
        seen[quick] += 1
    assert min(seen["PROVED"], seen["Rejected"]) > 15
    assert seen["undecided"] < 15


def mutated(rng: random.Random, words: list[str], inputs: int) -> list[str]:
    """One word lost, doubled, exchanged, or with another number."""
    words, t, how, j = list(words), rng.randrange(len(words)), rng.randrange(4), rng.randrange(inputs)
    if how == 0:
        del words[t]
    elif how == 1:
        words.insert(t, words[t])
    elif how == 2:
        words[t] = rng.choice(words)
    else:
        words[t] = rng.choice(("L", "L-", f"L{j}", f"S{j}", f"S{j + 1}", "R", "O", "X0"))

    return words or ["L"]


def test_mutated_certificates_are_read_as_the_kernel_reads_them() -> None:
    rng = random.Random(7)
    claims = [claim for claim in (random_dense(rng) for _ in range(300)) if claim.network.inputs > 5]
    seen: Counter[str] = Counter()
    for claim in claims:
        evidence = Dense().run(claim).evidence or ""
        if not evidence.startswith("W"):
            for _ in range(4):
                changed = " ".join(mutated(rng, evidence.split(" "), claim.network.inputs))
                slow, quick = outcome(claim, changed, fast=False), outcome(claim, changed, fast=True)
                assert quick == slow, (claim, evidence, changed)
                seen[quick] += 1
    assert min(seen["PROVED"], seen["Rejected"], seen["Malformed"] + seen["Rejected"]) > 20


def test_leaves_close_in_words_of_the_machine() -> None:
    """No leaf of a network of some size is left to the kernel's own code, and both readings agree."""
    claim = noisy(outputs=6)
    certificate = Certificate(claim.digest, Dense().run(claim).evidence or "")
    verdict = fast_check_dense(claim, certificate)
    assert (verdict.status, verdict.oracles) == (Status.PROVED, frozenset({ORACLE}))
    assert "steps, 0 of them by the kernel's own code" in verdict.reason
    assert check(claim, certificate).status is Status.PROVED


def test_heavy_certificates_are_read_fast_and_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = noisy(outputs=3)
    files = serialise(claim), serialise(Certificate(claim.digest, Dense().run(claim).evidence or ""))
    assert reread(*files).oracles == frozenset()
    monkeypatch.setattr("supverify.engines.reread.WORK", 0)
    verdict = reread(*files)
    assert (verdict.status, verdict.oracles) == (Status.PROVED, frozenset({ORACLE}))
    broken = serialise(Certificate(claim.digest, "O L L L"))
    with pytest.raises(Rejected):
        reread(files[0], broken)


def test_patience_comes_to_an_end() -> None:
    claim = noisy(outputs=2)
    with pytest.raises(Undecided, match="left to the kernel"):
        fast_check_dense(claim, Certificate(claim.digest, "L"), patience=-1.0)


def test_other_evidence_is_left_to_the_kernel() -> None:
    claim = noisy(outputs=2)
    with pytest.raises(Undecided, match="ideal"):
        fast_check_dense(claim, Certificate(claim.digest, "I L"))
    with pytest.raises(Refusal):
        fast_check_dense(claim, Certificate("0" * 64, "L"))
    wrong = replace(claim, criterion=replace(claim.criterion, threshold=claim.criterion.threshold * 100))
    found = Dense().run(wrong)
    verdict = fast_check_dense(wrong, Certificate(wrong.digest, found.evidence or ""))
    assert (verdict.status, verdict.oracles) == (Status.REFUTED, frozenset())


def test_numbers_that_do_not_fit_are_said_to() -> None:
    one = Layer(((0, 1), (0, 1)), ((1, 1), (1, 1 << 90)), (0, 0), relu=True)
    two = Layer(((0, 1),), ((1 << 90, 1),), (0,), relu=True)
    three = Layer(((0,),), ((1,),), (1 << 300,), relu=False)
    with pytest.raises(Unfit):
        fixed(Claim(Network(2, (one, two, three)), TwoAnd(2, ((0, 1),)), 2))
