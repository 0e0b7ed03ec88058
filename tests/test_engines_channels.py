"""The engine ``channels`` against brute force, its two readings against each other, its trees against the kernel."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from typing import Literal

import brute
import numpy as np
import pytest

from supverify.engines import channels_cover, channels_root, channels_tree
from supverify.engines.channels import Case, Channels
from supverify.engines.channels_shape import parts
from supverify.kernel.certificate import Certificate
from supverify.kernel.check import check
from supverify.kernel.claim import Claim, Conjunctions, Criterion, Permutation, Problem, TwoAnd
from supverify.kernel.network import Layer, Network
from supverify.kernel.verdict import Status
from supverify.models.channel_network import Form, random_channels

FORMS: tuple[Form, ...] = ("step", "step", "relu", "two steps")
KINDS: tuple[Literal["readout", "separated", "linear"], ...] = ("readout", "readout", "separated", "linear")


def two_and(rng: random.Random, inputs: int, outputs: int) -> TwoAnd:
    pairs = [rng.sample(range(inputs), 2) for _ in range(outputs)]
    return TwoAnd(inputs, tuple((a, b) for a, b in pairs))


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
    """The engine's status: what brute force says, with its first wrong input, or with a tree that the kernel accepts."""
    answer, wrong = Channels(compiled=compiled).run(claim), brute.wrong(claim)
    if answer.status is Status.UNKNOWN:
        return answer.status
    assert answer.status is (Status.REFUTED if wrong else Status.PROVED), (claim, answer)
    assert answer.counterexample == (wrong[0] if wrong else None), (claim, answer, wrong)
    assert answer.evidence is not None
    assert check(claim, Certificate(claim.digest, answer.evidence)).status is answer.status
    return answer.status


@pytest.mark.parametrize("seed", range(150))
def test_regenerated_networks(seed: int) -> None:
    assert answered(regenerated(random.Random(seed)), compiled=False) is not Status.UNKNOWN


@pytest.mark.parametrize("seed", range(300))
def test_networks_of_any_signs(seed: int) -> None:
    answered(strange(random.Random(seed)), compiled=False)


def test_the_cases_above_are_of_all_kinds() -> None:
    found = [Channels(compiled=False).run(make(random.Random(i))) for make in (regenerated, strange) for i in range(150)]
    statuses = [answer.status for answer in found]
    assert min(statuses[:150].count(Status.PROVED), statuses[:150].count(Status.REFUTED)) > 40
    assert statuses[150:].count(Status.PROVED) > 10
    assert statuses.count(Status.UNKNOWN) < 30
    assert sum("S" in (answer.evidence or "") for answer in found) > 15
