"""Changed certificates, claims and digests: whatever is done to them, the kernel never accepts what is false.

Evidence of every kind of word is grown at random for random claims (some hold, some do not), then it, its claim or
their files are changed. What the kernel still accepts has to be true by brute force.
"""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from fractions import Fraction

import brute
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supverify.kernel.bounds import Bounds
from supverify.kernel.certificate import Certificate, supports, witness
from supverify.kernel.check import decide, recheck
from supverify.kernel.claim import Cell, Claim, TwoAnd
from supverify.kernel.codec import decode, encode, parse
from supverify.kernel.errors import Refusal, Rejected
from supverify.kernel.ideal import ideal
from supverify.kernel.network import Layer, Network
from supverify.kernel.verdict import Status

LETTERS = ("L", "R", "O", "W", "I", "S0", "S1", "X0", "X1", "L0,1", "L-")
ENDINGS = (["L"], ["R"], ["W"], ["I"], ["0"], ["S0", "L", "L"], ["X0", "L", "L"])
MUTANTS = 10  # of one certificate


def stepping(rng: random.Random) -> Claim:
    """The ANDs of pairs by rows near the border between ideal and not: many of these hold, by an ideal step."""
    m, n = rng.randint(2, 5), rng.randint(1, 3)
    pairs = [rng.sample(range(m), 2) for _ in range(n)]
    rows = [
        {j: rng.choice((8, 9)) if j in pair else rng.choice((1, 2, 3, -1, -2)) for j in range(m)} for pair in pairs
    ]
    weights = tuple(tuple(-g for g in row.values()) for row in rows)
    first = Layer(tuple(map(tuple, rows)), weights, tuple(rng.randint(14, 17) for _ in rows), True)
    second = Layer(tuple((r,) for r in range(n)), ((-1,),) * n, (1,) * n, True)
    k = rng.randint(0, min(4, m))
    return Claim(Network(m, (first, second)), TwoAnd(m, tuple((a, b) for a, b in pairs)), k)


def drawn(rng: random.Random) -> Claim:
    """A claim of any kind; every third has a first step that may be ideal."""
    return stepping(rng) if rng.random() < 0.35 else brute.random_claim(rng)


def leaf(rng: random.Random, claim: Claim, bounds: Bounds, cell: Cell, outputs: frozenset[int]) -> str:
    """A leaf, with slopes or without, if it decides the case; else its replay."""
    targets = claim.targets()
    inputs = range(claim.network.inputs)
    points = [".".join(map(str, rng.sample(inputs, rng.randint(1, len(inputs))))) for _ in range(rng.randint(0, 3))]
    word = "L" + ",".join(rng.choice((point, "-")) for point in points)
    try:
        decide(claim, bounds, cell, {i: targets[i] for i in outputs}, supports(word))
    except Rejected:
        return "R"
    return word


def grown(rng: random.Random, claim: Claim) -> str:
    """Evidence of all kinds of words; right if the claim holds."""
    words = []
    if rng.random() < 0.7:
        try:
            claim = replace(claim, network=ideal(claim))
            words.append("I")
        except Rejected:
            pass
    bounds = Bounds(claim.network, claim.k, exactly=claim.mode == "exactly")
    cases = [(claim.domain, frozenset(range(claim.network.outputs)))]
    while cases:
        cell, outputs = cases.pop()
        open_inputs = [j for j in range(claim.network.inputs) if j not in cell.on | cell.off]
        kind = rng.choice("LLLLOXSSR")
        if kind == "O":
            cases += [(cell, frozenset({i})) for i in sorted(outputs, reverse=True)]
        elif kind == "X" and outputs:
            i = rng.choice(sorted(outputs))
            cases += [(cell, outputs - {i}), (cell, frozenset({i}))]
            kind += str(i)
        elif kind == "S" and open_inputs and cell.budget:
            j = rng.choice(open_inputs)
            cases += [(part, outputs) for part in cell.split(j, claim.network.inputs)[::-1]]
            kind += str(j)
        else:
            kind = "R" if kind == "R" else leaf(rng, claim, bounds, cell, outputs)
        words.append(kind)
    return " ".join(words)


def mutate(rng: random.Random, words: list[str]) -> list[str]:
    """One small change of evidence."""
    words, at = list(words), rng.randrange(len(words))
    kind = rng.choice(("drop", "repeat", "swap", "letter", "number", "cut", "append"))
    if kind == "drop":
        del words[at]
    elif kind == "repeat":
        words.insert(at, words[at])
    elif kind == "swap":
        other = rng.randrange(len(words))
        words[at], words[other] = words[other], words[at]
    elif kind == "letter":
        words[at] = rng.choice(LETTERS)
    elif kind == "number":
        words[at] = words[at][:1] + str(rng.randint(0, 5))
    elif kind == "cut":
        del words[at + 1 :]
    else:
        words += rng.choice(ENDINGS)
    return words


def weaken(rng: random.Random, claim: Claim) -> Claim:
    """The claim with one number of the network, the criterion or the domain changed."""
    kind = rng.randrange(4)
    if kind == 0 and claim.k < claim.network.inputs:
        return replace(claim, k=claim.k + 1)
    if kind == 1:
        threshold = claim.criterion.threshold + rng.choice([-1, 1]) * Fraction(rng.randint(1, 8), 2)
        return replace(claim, criterion=replace(claim.criterion, threshold=threshold))
    layers = list(claim.network.layers)
    at = rng.randrange(len(layers))
    bias = list(layers[at].bias)
    bias[rng.randrange(len(bias))] += rng.choice([-3, -2, -1, 1, 2, 3])
    layers[at] = replace(layers[at], bias=tuple(bias))
    return replace(claim, network=replace(claim.network, layers=tuple(layers)))


def changed_byte(rng: random.Random, original: bytes) -> bytes:
    """The file with one byte replaced."""
    at = rng.randrange(len(original))
    return original[:at] + bytes([rng.randrange(32, 127)]) + original[at + 1 :]


def mutant(rng: random.Random, claim: Claim, evidence: str) -> tuple[bytes, bytes]:
    """A claim's and a certificate's file of which at least one differs from the pair they were made from.

    Changed are words of the evidence, the claim (its digest follows, or does not), or one byte of either file.
    """
    target = weaken(rng, claim) if rng.random() < 0.4 else claim
    words = evidence.split(" ") if rng.random() < 0.4 else mutate(rng, evidence.split(" "))
    named = claim if rng.random() < 0.1 else target
    files = [json.dumps(encode(x)).encode() for x in (target, Certificate(named.digest, " ".join(words)))]
    if rng.random() < 0.3:
        at = rng.randrange(2)
        files[at] = changed_byte(rng, files[at])
    return files[0], files[1]


def outcome(claim: bytes, certificate: bytes) -> str:
    """What the kernel makes of the two files: refused, right, or a false accept."""
    try:
        verdict = recheck(claim, certificate)
    except Refusal:
        return "refused"
    wrong = brute.wrong(decode(Claim, parse(claim, "claim"), "claim"))
    return "right" if verdict.status is (Status.REFUTED if wrong else Status.PROVED) else "false"


def outcomes(rng: random.Random, mutants: int) -> Counter[str]:
    """What becomes of changed files, for claims that they were made for and for claims changed as well."""
    seen = Counter[str]()
    while seen.total() < mutants:
        claim = drawn(rng)
        wrong = brute.wrong(claim)
        evidence = witness(rng.choice(wrong)) if wrong and rng.random() < 0.5 else grown(rng, claim)
        for _ in range(MUTANTS):
            seen[outcome(*mutant(rng, claim, evidence))] += 1
    return seen


@given(st.integers(0, 2**32))
def test_grown_evidence_is_accepted_exactly_if_the_claim_holds(seed: int) -> None:
    claim = drawn(random.Random(seed))
    evidence = grown(random.Random(seed), claim)
    files = (json.dumps(encode(x)).encode() for x in (claim, Certificate(claim.digest, evidence)))
    assert outcome(*files) == ("refused" if brute.wrong(claim) else "right")


def test_every_kind_of_word_is_grown() -> None:
    rng = random.Random(5)
    words = Counter(word[:2] for _ in range(300) for word in grown(rng, stepping(rng)).split(" "))
    assert {"L", "R", "O", "I", "S0", "X0", "L0", "L-"} <= set(words)


def test_mutants_are_never_falsely_accepted() -> None:
    seen = outcomes(random.Random(7), 2000)
    assert seen["false"] == 0
    assert min(seen["refused"], seen["right"]) > 100  # most changes spoil a proof, some leave another one


@pytest.mark.slow
@pytest.mark.parametrize("shard", range(20))
def test_a_hundred_thousand_mutants(shard: int) -> None:
    seen = outcomes(random.Random(shard), 5000)
    assert seen["false"] == 0
    assert min(seen["refused"], seen["right"]) > 250
