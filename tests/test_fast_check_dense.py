"""The fast reading of dense certificates against the kernel: what it accepts, the kernel accepts."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import Literal

import brute
import pytest
from test_engines_dense import noisy, random_dense

from supverify.engines.dense.engine import Dense
from supverify.engines.fast_check.dense import Case, _closed, fast_check_dense
from supverify.engines.fast_check.dense_arrays import Unfit, fixed
from supverify.engines.fast_check.outcome import ORACLE, Undecided
from supverify.engines.fast_check.reread import reread
from supverify.kernel.bounds import Bounds
from supverify.kernel.certificate import Certificate
from supverify.kernel.check import check, wrong_outputs
from supverify.kernel.claim import Cell, Claim, Criterion, TwoAnd
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


def layer(weights: list[list[int]], bias: list[int], *, relu: bool) -> Layer:
    """The dense layer of these rows."""
    sources = tuple(tuple(j for j, w in enumerate(row) if w) for row in weights)
    return Layer(sources, tuple(tuple(filter(None, row)) for row in weights), tuple(bias), relu)


def deep(rng: random.Random) -> Claim:
    """Up to three hidden layers, weights of any size, the last ones so large that a unit before them is seen."""
    k, m, size = rng.randint(0, 5), rng.randint(6, 9), rng.choice((3, 9, 200, 1 << 20, 1 << 40))
    widths, layers = [m, *(rng.randint(1, 4) for _ in range(rng.randint(1, 3)))], list[Layer]()
    for depth, (before, width) in enumerate(pairwise((*widths, 1))):
        last = depth + 1 == len(widths)
        least = rng.choice((-size, 1)) if last else -size
        rows = [[rng.randint(least, size) << 24 * last for _ in range(before)] for _ in range(width)]
        layers.append(layer(rows, [rng.randint(-size, size) for _ in rows], relu=not last))
    mode: Literal["at-most", "exactly"] = "exactly" if rng.random() < 0.3 else "at-most"
    return Claim(Network(m, tuple(layers)), TwoAnd(m, ((0, 1),)), k, mode=mode)


@pytest.mark.parametrize("seed", range(4))
def test_a_bound_that_is_one_too_large_for_the_kernel_does_not_close(seed: int) -> None:
    """Where input 0 is off, the output is false: the threshold is put just below the kernel's bound."""
    rng = random.Random(seed)
    seen: Counter[bool] = Counter()
    for _ in range(300):
        claim = deep(rng)
        cell = Cell(frozenset(), frozenset({0}), claim.k)
        sets = [
            rng.sample(range(1, claim.network.inputs), rng.randint(0, claim.k)) for _ in range(rng.choice((0, 3, 7)))
        ]
        bounds = Bounds(claim.network, claim.k, exactly=claim.mode == "exactly")
        readings = [len(sets)] if sets else bounds.readings
        slots = bounds.slots(cell)
        found = (bounds.forms(slots, [(0, 1)], steps, [set(one) for one in sets]) for steps in readings)
        most = min(slots.largest(forms[0, 1]) // unit for unit, forms in found)
        word = "L" + ",".join(".".join(map(str, one)) or "-" for one in sets)
        for limit, expected in ((most - 1, False), (most + (abs(most) >> 10) + 1, True)):
            stated = replace(claim, criterion=Criterion(threshold=Fraction(limit)))
            try:
                closed = _closed(stated, fixed(stated), [Case(cell, frozenset({0}), word)])
            except Unfit:
                continue
            assert expected or closed == [False], (stated, word)
            seen[expected and closed == [True]] += 1
    assert min(seen.values()) > 150


def test_rounding_of_every_lane_is_in_the_radius() -> None:
    """Wrong on inputs 0 to 4, where five lanes of 2/5 in the second layer are all rounded down."""
    one = layer([[1, 1, 1, 1, 1, 0, 0], [0, 0, 0, 0, 0, 1, 1]], [-3, -1], relu=True)
    rest = layer([[1, 10]], [0], relu=True), layer([[1]], [0], relu=False)
    claim = Claim(Network(7, (one, *rest)), TwoAnd(7, ((5, 6),)), 5, Criterion(threshold=Fraction(1)))
    assert wrong_outputs(claim, (0, 1, 2, 3, 4)) == [0]
    for word in ("L", "L0.1.2.3.4"):
        evidence = f"S5 S6 L L S6 L {word}"
        assert outcome(claim, evidence, fast=True) == outcome(claim, evidence, fast=False) == "Rejected"


def test_limits_beyond_every_sum_do_not_close() -> None:
    """Neither where a limit far away is cut to a word, nor where its parts would leave one."""
    bias, m = -(1 << 53) - (1 << 50), 120
    low = Network(2, (layer([[1, 1]], [0], relu=True), layer([[1]], [bias], relu=False)))
    unreached = Claim(low, TwoAnd(2, ((0, 1),)), 1, Criterion(threshold=Fraction(bias - 1)))
    wide = Network(m, (layer([[1] * m], [0], relu=True), layer([[1]], [0], relu=False)))
    beyond = Claim(wide, TwoAnd(m, ((0, 1),)), 100, Criterion(threshold=Fraction(1 << 70)))
    for claim in (unreached, replace(unreached, criterion=Criterion(threshold=Fraction(2 * bias))), beyond):
        for word in ("L", "L" + ",".join("0" * 16)):
            assert outcome(claim, word, fast=True) == outcome(claim, word, fast=False) == "Rejected"


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
    monkeypatch.setattr("supverify.engines.fast_check.reread.WORK", 0)
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
