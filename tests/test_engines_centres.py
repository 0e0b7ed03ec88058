"""The engine ``contract`` on networks of one step, whose neurons have centres: against enumeration."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from itertools import combinations

import pytest

from supverify.engines.contract.engine import Contract
from supverify.engines.enumeration.engine import Enumerate
from supverify.kernel.check import wrong_outputs
from supverify.kernel.claim import Claim, TwoAnd
from supverify.kernel.network import Layer
from supverify.kernel.verdict import Status
from supverify.models import family
from supverify.models.compact.inputs import build_by_inputs


def claims(rng: random.Random, k: int) -> list[Claim]:
    """Both claims of one neuron an input, for random pairs of few inputs."""
    m = rng.randint(3, 9)
    every = list(combinations(range(m), 2))
    pairs = tuple(rng.sample(every, rng.randint(1, len(every))))
    return list(build_by_inputs(TwoAnd(m, pairs), k=min(k, m)).claims().values())


def changed(rng: random.Random, claim: Claim) -> Claim:
    """One weight or level of the step, of the input code or of the decoder changed."""
    layers = list(claim.network.layers)
    at = rng.choice([i for i in range(len(layers)) if i != 2])
    layer, r = layers[at], rng.randrange(len(layers[at].bias))
    row, bias = dict(layer.row(r)), list(layer.bias)
    if rng.random() < 0.3:
        bias[r] += rng.choice([-1, 1])
    else:
        j = rng.randrange(claim.network.widths[at])
        row[j] = row.get(j, 0) + rng.choice([-2, -1, 1, 2])
    kept = {j: w for j, w in sorted(row.items()) if w}
    layers[at] = Layer(
        (*layer.sources[:r], tuple(kept), *layer.sources[r + 1 :]),
        (*layer.weights[:r], tuple(kept.values()), *layer.weights[r + 1 :]),
        tuple(bias),
        layer.relu,
    )
    return replace(claim, network=replace(claim.network, layers=tuple(layers)))


@pytest.mark.parametrize("k", [2, 3, 4])
def test_undamaged_networks_are_proved_and_others_judged_rightly(k: int) -> None:
    rng, seen = random.Random(k), Counter[tuple[Status, Status]]()
    for _ in range(80):
        for claim in claims(rng, k):
            if claim.k >= 2:
                assert Contract().run(claim).status is Status.PROVED
            worse = changed(rng, claim)
            answer, found = Contract().run(worse), Enumerate().run(worse)
            assert answer.status in (found.status, Status.UNKNOWN), worse
            if answer.counterexample is not None:
                assert wrong_outputs(worse, answer.counterexample)
            seen[answer.status, found.status] += 1
    assert seen[Status.PROVED, Status.PROVED] >= 3
    assert seen[Status.REFUTED, Status.REFUTED] >= 3
    assert seen[Status.UNKNOWN, Status.REFUTED] >= 3


def test_large_hubs_are_decided_at_once() -> None:
    for claim in build_by_inputs(family("mixture", outputs=2000), k=4).claims().values():
        answer = Contract().run(claim)
        assert (answer.status, answer.oracles) == (Status.PROVED, frozenset({"contract"}))
        assert answer.detail == "every neuron has a centre for k = 4"


def test_less_than_two_active_inputs_are_left_to_others() -> None:
    claim = build_by_inputs(family("clique", outputs=10), k=1).claims()["code"]
    assert Contract().run(claim).status is Status.UNKNOWN
