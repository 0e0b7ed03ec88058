"""Compact networks: exact on every k-sparse input, refusals, narrowing, broken twins."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from typing import Any

import brute
import pytest

from supverify.engines.contract.engine import Contract
from supverify.engines.enumeration.engine import Enumerate
from supverify.kernel.check import wrong_outputs as wrong_entries
from supverify.kernel.claim import TwoAnd
from supverify.kernel.codec import encode
from supverify.kernel.errors import Malformed, Rejected
from supverify.kernel.network import Layer, Network
from supverify.kernel.verdict import Status
from supverify.models import FAMILIES, build, family
from supverify.models.compact import network as compact_network
from supverify.models.compact import output as compact_output
from supverify.models.compact.network import build_compact, minimise_compact, narrowing
from supverify.models.construction import Construction


def statuses(built: Construction) -> list[str]:
    """Of the code and the readout, by enumeration of every k-sparse input."""
    return [Enumerate().run(claim).status.name for claim in built.claims().values()]


def clique(inputs: int) -> TwoAnd:
    return TwoAnd(inputs, tuple(combinations(range(inputs), 2)))


@pytest.mark.parametrize(("outputs", "k"), [(10, 4), (64, 1), (70, 2), (120, 3)])
@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_every_family_is_exact_and_readable(name: str, outputs: int, k: int) -> None:
    problem = family(name, outputs=outputs)
    built = build_compact(problem, k=k)
    assert statuses(built) == ["PROVED", "PROVED"]
    assert built.neurons == len(built.code) <= len({j for pair in problem.pairs for j in pair})
    assert built.claims()["code"].targets() != built.claims()["readout"].targets()


@pytest.mark.parametrize("neurons", [None, 11])
def test_independent_reading_agrees(neurons: int | None) -> None:
    for claim in build_compact(family("star", outputs=12), k=2, neurons=neurons).claims().values():
        assert all(brute.wrong_entries(claim, active) == [] for active in brute.inputs(claim))


@pytest.mark.parametrize(("name", "outputs"), [("clique", 1000), ("bipartite", 1000), ("clique", 66)])
def test_one_neuron_an_input_is_exact_for_every_k(name: str, outputs: int) -> None:
    problem = family(name, outputs=outputs)
    for k in (0, 1, 2, 3):
        built = build_compact(problem, k=k)
        assert built.neurons == problem.inputs < outputs
        assert statuses(built) == ["PROVED", "PROVED"]


def test_one_neuron_an_input_needs_its_threshold() -> None:
    built = build_compact(clique(9), k=3)
    layers = list(built.network.layers)
    layers[1] = replace(layers[1], bias=(3, *layers[1].bias[1:]))
    claim = replace(built, network=Network(9, tuple(layers))).claims()["code"]
    assert Enumerate().run(claim).status is Status.REFUTED


def test_fewer_neurons_than_inputs_and_outputs() -> None:
    built = build_compact(family("random", outputs=60), k=2, neurons=28)
    assert built.neurons == 28 < 60
    assert statuses(built) == ["PROVED", "PROVED"]


def test_repeated_and_reversed_pairs_share_a_gate() -> None:
    built = build_compact(TwoAnd(6, ((0, 1), (1, 0), (2, 3), (0, 1))), k=3)
    assert statuses(built) == ["PROVED", "PROVED"]
    columns = [{r for r, row in enumerate(built.code) if i in row} for i in range(4)]
    assert columns[0] == columns[1] == columns[3] != columns[2]


def test_same_seed_same_network_another_seed_another() -> None:
    problem = family("random", outputs=60)
    first, again, other = (encode(build_compact(problem, k=2, seed=seed, neurons=30).network) for seed in (3, 3, 4))
    assert first == again != other


def test_weights_are_small_integers() -> None:
    layers = build_compact(family("random", outputs=60), k=2, neurons=30).network.layers
    largest = [max(abs(w) for row in layer.weights for w in row) for layer in layers]
    assert largest[0] == 1
    assert largest[1] <= 63
    assert largest[3] <= 12


def test_a_drawn_input_code_does_not_depend_on_the_gates() -> None:
    first, other = (build_compact(family("random", outputs=80, seed=seed), k=2, neurons=60) for seed in (1, 2))
    assert first.attempts == other.attempts == 1
    assert first.network.layers[0] == other.network.layers[0]
    assert first.network.layers[1] != other.network.layers[1]


BROKEN = {
    "an input leaves its code": (0, "drop"),
    "two active members no longer fire": (1, "bias"),
    "a hidden neuron never fires": (2, "bias"),
    "a weight of the output code is gone": (3, "drop"),
    "the threshold is out of reach": (3, "bias"),
    "an output neuron never fires": (4, "bias"),
}


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize(("place", "how"), BROKEN.values(), ids=BROKEN)
def test_each_invariant_is_needed(place: int, how: str, k: int) -> None:
    built = build_compact(family("random", outputs=120, seed=1), k=k)
    layers = list(built.network.layers)
    layers[place] = broken(layers[place], how)
    network = Network(built.problem.inputs, tuple(layers))
    claim = replace(built, network=network).claims()["code"]
    answer = Enumerate().run(claim)
    assert answer.status is Status.REFUTED
    assert answer.counterexample is not None
    assert wrong_entries(claim, answer.counterexample)


def broken(layer: Layer, how: str) -> Layer:
    """The layer with the largest weight of its fullest row gone, or that row's threshold out of reach."""
    r = max(range(len(layer.bias)), key=lambda row: len(layer.sources[row]))
    if how == "drop":
        gone = max(range(len(layer.sources[r])), key=lambda p: abs(layer.weights[r][p]))
        sources, weights = (
            tuple(x for p, x in enumerate(row) if p != gone) for row in (layer.sources[r], layer.weights[r])
        )
        return replace(
            layer,
            sources=(*layer.sources[:r], sources, *layer.sources[r + 1 :]),
            weights=(*layer.weights[:r], weights, *layer.weights[r + 1 :]),
        )
    step = -1 if layer.bias[r] == 1 else 500
    return replace(layer, bias=(*layer.bias[:r], layer.bias[r] + step, *layer.bias[r + 1 :]))


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"k": 5}, "k"),
        ({"k": -1}, "k"),
        ({"k": 2, "seed": -1}, "seed"),
        ({"k": 2, "neurons": 3}, "neurons"),
        ({"k": 2, "neurons": 0}, "neurons"),
        ({"k": 2, "neurons": 9000}, "neurons"),
    ],
)
def test_malformed(options: dict[str, Any], place: str) -> None:
    with pytest.raises(Malformed) as refusal:
        build_compact(family("star", outputs=9), **options)
    assert refusal.value.place == f"build: {place}"


def test_more_sparsity_than_inputs_is_malformed() -> None:
    with pytest.raises(Malformed, match="k: expected 0 to 2"):
        build_compact(clique(2), k=3)


def test_too_few_neurons_are_rejected() -> None:
    with pytest.raises(Rejected, match="got 5"):
        build_compact(clique(9), k=2, neurons=5)  # 36 gates, and 5 neurons have only 10 channels of 3


def test_narrowing_goes_down_and_stays_exact() -> None:
    problem = family("star", outputs=50)
    found = list(narrowing(problem, k=2))
    widths = [built.neurons for built in found]
    assert widths == sorted(set(widths), reverse=True)
    assert len(widths) > 1
    assert statuses(found[-1]) == ["PROVED", "PROVED"]
    assert minimise_compact(problem, k=2).network == found[-1].network


def test_interrupt_keeps_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, build = family("star", outputs=50), compact_network.build_compact
    calls: list[int | None] = []

    def interrupted(*arguments: Any, neurons: int | None = None, **options: Any) -> Construction:
        calls.append(neurons)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return build(*arguments, neurons=neurons, **options)

    monkeypatch.setattr(compact_network, "build_compact", interrupted)
    best = minimise_compact(problem, k=2)
    assert best.neurons == calls[1]
    assert statuses(best) == ["PROVED", "PROVED"]


def test_the_default_is_compact_where_it_pays() -> None:
    problem = family("random", outputs=64)
    assert build(problem, k=2) == build_compact(problem, k=2)
    with pytest.raises(Malformed, match="minimise"):
        build(problem, k=2, minimise=True, variant="random")
    with pytest.raises(Malformed, match="minimise"):
        build(problem, k=2, minimise=True, neurons=50)


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    build_compact(family("star", outputs=30), k=2, neurons=20, progress=lambda *what: told.append(what))
    assert ("repairing 20 neurons", 0, compact_output.ROUNDS) in told


@pytest.mark.slow
@pytest.mark.parametrize(("name", "k", "neurons"), [("random", 2, 113), ("mixture", 2, 252), ("star", 3, 409)])
def test_thousand_outputs_are_proved(name: str, k: int, neurons: int) -> None:
    built = build_compact(family(name, outputs=1000), k=k, neurons=neurons, seed=2 if name == "random" else 0)
    engine = Enumerate() if k == 2 else Contract()
    assert [engine.run(claim).status for claim in built.claims().values()] == [Status.PROVED] * 2
    assert built.neurons == neurons
