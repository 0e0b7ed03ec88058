"""Whether a network computes in superposition: gates against brute force, rounding against fractions, the table."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from importlib import import_module
from math import gcd

import brute
import pytest
from markup import Reader
from shell import Shell
from user_networks import KINDS, Brute, user_network

import supverify as sv
from supverify import engines
from supverify.building.construction import network_file
from supverify.deciding.policy import permitted
from supverify.files import NetworkFile
from supverify.gathering.anatomy import anatomy
from supverify.gathering.fewest_bits import fewest_bits
from supverify.kernel.claim import Claim, Conjunctions, Criterion, Permutation, TwoAnd
from supverify.kernel.network import Layer, Network
from supverify.kernel.verdict import Status
from supverify.models.structure import rounded
from supverify.report.superposition_model import Reach, RoundedWeights, Superposition

PAIRS = ((0, 1), (0, 2), (3, 4))


def one_unit_a_gate(problem: TwoAnd) -> Network:
    """ReLU(y_a + y_b - 1) for each gate, passed on."""
    count = len(problem.pairs)
    pairs = tuple(tuple(sorted(pair)) for pair in problem.pairs)
    first = Layer(pairs, ((1, 1),) * count, (-1,) * count, True)
    last = Layer(tuple((i,) for i in range(count)), ((1,),) * count, (0,) * count, False)
    return Network(problem.inputs, (first, last))


def built(outputs: int = 64) -> tuple[NetworkFile, TwoAnd]:
    """A network in superposition, for random pairs."""
    problem = sv.family("random", outputs=outputs)
    return network_file(sv.build(problem, k=2, variant="random")), problem


def test_one_unit_a_gate_is_not_in_superposition() -> None:
    problem = TwoAnd(5, PAIRS)
    found = sv.superposition(one_unit_a_gate(problem), problem, k=3)
    assert (found.in_superposition, found.strictly, found.units) == ("no", "no", 3)
    assert (found.gates, found.correct_gates, found.features) == (3, 3, 5)
    assert found.because == "its widest ReLU layer has 3 units, no fewer than the 3 different gates of the problem"
    assert found.first_units is not None
    assert found.first_units.dedicated == ((0, 0), (1, 1), (2, 2))
    assert (found.first_units.shared, found.first_units.constant, found.first_units.most_inputs) == (0, 0, 2)
    assert found.reach == Reach(wanted=6, reached=6, extra=0, missing=(), deciding=6, unwanted=(), inert=())
    assert str(found.readout_rank) == "3 of 3 x 3"
    assert found.fewest_bits.bits == 1


def test_built_network_is_in_superposition() -> None:
    file, problem = built()
    found = sv.superposition(file, problem, k=2)
    assert (found.status, found.in_superposition, found.strictly) == ("PROVED", "yes", "yes")
    assert found.correct_gates == found.gates == 64 > found.units
    assert found.first_units is not None
    assert found.first_units.dedicated == ()
    assert found.reach.missing == ()
    assert found.reach.extra == found.reach.reached - found.reach.wanted > 0
    assert found.units - found.floor.floor_neurons == found.floor.neurons_above > 0
    assert found.readout_rank.at_least == found.readout_rank.at_most <= found.units


def test_one_wrong_gate_is_not_counted() -> None:
    file, problem = built()
    assert file.decoded is not None
    last = file.decoded.layers[-1]
    spoilt = replace(last, bias=(last.bias[0] + 10 * file.decoded.scale, *last.bias[1:]))
    network = Network(problem.inputs, (*file.decoded.layers[:-1], spoilt), file.decoded.scale)
    found = sv.superposition(network, problem, k=2)
    assert (found.status, found.in_superposition) == ("REFUTED", "yes")
    assert (found.correct_gates, found.oracles) == (63, ("enumeration",))
    assert ("correct gates", "63 of 64, resting on enumeration") in found.rows()
    unpermitted = anatomy(sv.verify(network, problem, k=2), permit=("contract",))
    assert (unpermitted.status, unpermitted.correct_gates, unpermitted.in_superposition) == (
        "REFUTED",
        None,
        "not told",
    )
    assert "computes 63 of the 64 different gates exactly" in found.because
    assert (found.fewest_bits.bits, found.fewest_bits.tried) == (None, ())


def test_repeated_gates_are_one() -> None:
    problem = TwoAnd(3, ((0, 1), (1, 0), (0, 1)))
    single = Network(3, (Layer(((0, 1),), ((1, 1),), (-1,), True), Layer(((0,),) * 3, ((1,),) * 3, (0,) * 3, False)))
    found = sv.superposition(single, problem, k=2)
    assert (found.gates, found.correct_gates, found.units, found.in_superposition) == (1, 1, 1, "no")


def test_gates_that_are_never_true_are_not_computed() -> None:
    silent = Network(3, (Layer(((),), ((),), (0,), True), Layer(((), ()), ((), ()), (0, 0), False)))
    found = sv.superposition(silent, TwoAnd(3, ((0, 1), (1, 2))), k=1)
    assert (found.status, found.in_superposition, found.gates) == ("PROVED", "no", 0)
    assert "no gate is ever true" in found.because


def test_a_linear_network_only_represents() -> None:
    order = (2, 0, 1)
    network = Network(3, (Layer(tuple((j,) for j in order), ((1,),) * 3, (0,) * 3, False),))
    found = sv.superposition(network, Permutation(order), k=2)
    assert (found.status, found.in_superposition, found.units, found.layers) == ("PROVED", "no", 0, ())
    assert "no ReLU units" in found.because
    assert found.first_units is None


def test_outputs_in_a_code_are_not_told() -> None:
    file, problem = built()
    coded = NetworkFile(file.network, code=file.code, coded=file.coded)
    found = sv.superposition(coded, problem, k=2, criterion=Criterion("code"))
    assert (found.status, found.correct_gates, found.in_superposition) == ("PROVED", None, "not told")
    assert "decoder" in found.because


def test_what_nobody_counts_is_not_told() -> None:
    problem = TwoAnd(4, ((0, 1), (2, 3), (0, 2)))
    single = Network(4, (Layer(((0, 1),), ((1, 1),), (-1,), True), Layer(((0,),) * 3, ((1,),) * 3, (0,) * 3, False)))
    verdict = sv.verify(single, problem, k=2)
    unknown = replace(verdict, status=Status.UNKNOWN, statistics=None, reason="nobody was asked")
    found = anatomy(unknown)
    assert (found.correct_gates, found.in_superposition, found.strictly) == (None, "not told", "not told")
    wide = replace(unknown, claim=replace(unknown.claim, network=one_unit_a_gate(problem)))
    assert anatomy(wide).in_superposition == "no"


def test_missing_inputs_are_named() -> None:
    problem = Conjunctions(3, ((0, 1), (1, 2)))
    network = one_unit_a_gate(TwoAnd(3, ((0, 1), (0, 1))))
    found = sv.superposition(network, problem, k=2)
    assert found.reach.missing == found.reach.inert == ((2, 1),)
    assert found.reach.unwanted == ((0, 1),)
    assert (found.reach.wanted, found.reach.extra, found.reach.deciding) == (4, 1, 4)
    assert found.layers[0].twins == ((0, 1),)
    assert found.layers[0].distinct == 1


@pytest.mark.parametrize("kind", KINDS)
def test_correct_gates_of_user_networks_are_those_of_brute_force(kind: str) -> None:
    for seed in range(3):
        made = user_network(kind, seed)
        criterion = Criterion(made.criterion, made.threshold, made.slack, made.strict)  # type: ignore[arg-type]
        mode = "exactly" if made.exactly else "at-most"
        problem = TwoAnd(made.inputs, tuple(made.pairs))
        file = made.read()
        verdict = sv.verify(file, problem, k=made.k, criterion=criterion, mode=mode)  # type: ignore[arg-type]
        found = anatomy(replace(verdict, status=Status.UNKNOWN) if verdict.statistics else verdict)
        gates: dict[frozenset[int], bool] = {}
        for i, pair in enumerate(made.pairs):
            right = not any(entries[i][2] for entries in Brute(made).entries.values())
            gates[frozenset(pair)] = gates.get(frozenset(pair), True) and right
        known = sum(gates.values()) if made.k >= 2 else 0
        assert found.correct_gates == known
        assert found.in_superposition == ("yes" if 0 < found.units < known else "no")


def fine(rng: random.Random) -> Network:
    """A small network, some of whose layers have weights of many digits."""
    network = brute.random_network(rng, rng.randint(1, 4))
    factors = [rng.choice((1, 7, 10**9 + 7)) for _ in network.layers]
    layers = (
        replace(
            layer, weights=tuple(tuple(f * w + rng.randint(0, f // 2) or 1 for w in row) for row in layer.weights)
        )
        for f, layer in zip(factors, network.layers, strict=True)
    )
    return Network(network.inputs, tuple(layers), network.scale)


def on_grid(layer: Layer, bits: int) -> dict[int, Fraction]:
    """Each weight of the layer with the number that it is rounded to, by looking for the nearest one."""
    weights = {w for row in layer.weights for w in row}
    low, high, most = min({0, *weights}), max({0, *weights}), 2**bits - 1
    step = Fraction(high - low, most)
    if step <= gcd(*weights):
        return {w: Fraction(w) for w in weights}
    zero = min(range(most + 1), key=lambda q: (abs(-low / step - q), -q))
    numbers = [(q - zero) * step for q in range(most + 1)]
    return {w: min(numbers, key=lambda x: (abs(x - w), -x)) for w in weights}


def outputs_on_grids(network: Network, bits: int, active: tuple[int, ...]) -> list[Fraction]:
    """The outputs with rounded weights, in units of the network's scale."""
    values = [Fraction(j in active) for j in range(network.inputs)]
    for layer in network.layers:
        near = on_grid(layer, bits)
        rows = enumerate(layer.bias)
        sums = [sum((near[w] * values[j] for j, w in layer.row(r)), Fraction(b)) for r, b in rows]
        values = [max(Fraction(0), z) for z in sums] if layer.relu else sums
    return [z / network.scale for z in values]


def test_rounded_weights_are_the_nearest_of_few() -> None:
    changed = 0
    for seed in range(100):
        rng = random.Random(seed)
        network, bits = fine(rng), rng.randint(1, 5)
        coarse = rounded(network, bits)
        changed += coarse is not network
        assert rounded(network, 64) is network
        for mask in range(1 << network.inputs):
            active = tuple(j for j in range(network.inputs) if mask >> j & 1)
            assert brute.outputs(coarse, active) == outputs_on_grids(network, bits, active)
        for layer in coarse.layers:
            assert len({0, *(w for row in layer.weights for w in row)}) <= 1 << bits
    assert changed > 50


def planted(seed: int) -> tuple[Network, TwoAnd]:
    """A network of one unit a gate, the units of different sizes and noise on every weight; about half are exact."""
    rng = random.Random(seed)
    problem = TwoAnd(4, tuple((a, b) for a, b in (rng.sample(range(4), 2) for _ in range(2))))
    sizes = [rng.choice((1, 2, 5)) for _ in problem.pairs]
    rows = zip(problem.pairs, sizes, strict=True)
    weights = tuple(tuple(100 * size * (j in pair) + rng.randint(1, 20) for j in range(4)) for pair, size in rows)
    first = Layer(((0, 1, 2, 3),) * 2, weights, tuple(-100 * size for size in sizes), True)
    own = tuple(1000 // size for size in sizes)
    second = ((own[0], rng.randint(1, 50)), (rng.randint(1, 50), own[1]))
    return Network(4, (first, Layer(((0, 1),) * 2, second, (0, 0), False)), 100_000), problem


def test_fewest_bits_are_those_of_every_number_tried_by_brute_force() -> None:
    fewest = set[int | None]()
    for seed in range(20):
        network, problem = planted(seed)
        found = sv.superposition(network, problem, k=2).fewest_bits
        fewest.add(found.bits)
        for one in found.tried:
            wrong = brute.wrong(Claim(rounded(network, one.bits), problem, 2))
            assert one.status == ("REFUTED" if wrong else "PROVED")
        assert [one.bits for one in found.tried] == list(range(1, len(found.tried) + 1))
        assert [one.status for one in found.tried[:-1]] == ["REFUTED"] * (len(found.tried) - 1)
        assert found.bits == (found.tried[-1].bits if found.tried else None)
    assert {1, 2, 4} <= fewest


def test_more_bits_may_be_worse() -> None:
    """Why the search goes up from one bit and halves nothing."""
    worse = [
        (seed, bits)
        for seed in range(60)
        for network, problem in [planted(seed)]
        for bits in range(1, 5)
        if not brute.wrong(Claim(rounded(network, bits), problem, 2))
        and brute.wrong(Claim(rounded(network, bits + 1), problem, 2))
    ]
    assert worse


def test_a_search_that_stays_open_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    verdict = next(
        verdict
        for network, problem in map(planted, range(60))
        if (verdict := sv.verify(network, problem, k=2)).status is Status.PROVED
        and len(fewest_bits(verdict).tried) > 2
    )
    monkeypatch.setattr(import_module("supverify.gathering.fewest_bits"), "wrong_input", lambda _: None)
    monkeypatch.setattr(engines, "verify", lambda *_, **__: replace(verdict, status=Status.UNKNOWN))
    given_up = fewest_bits(verdict)
    assert given_up.tried == tuple(RoundedWeights(bits=bits, status="UNKNOWN") for bits in (1, 2))
    assert (given_up.bits, given_up.reason) == (None, "too expensive: undecided in the time for each")


@pytest.mark.parametrize(
    ("second", "reason"),
    [
        (Status.UNKNOWN, "not known: undecided for 2, refuted for all others up to 32"),
        (Status.REFUTED, "more than 32"),
    ],
)
def test_more_than_all_is_said_only_where_all_are_refuted(
    second: Status, reason: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = TwoAnd(5, PAIRS)
    verdict = sv.verify(one_unit_a_gate(problem), problem, k=2)
    answers = iter([Status.REFUTED, second, *[Status.REFUTED] * 30])
    home = import_module("supverify.gathering.fewest_bits")
    monkeypatch.setattr(home, "rounded", lambda network, _: replace(network))
    monkeypatch.setattr(home, "wrong_input", lambda _: None)
    monkeypatch.setattr(engines, "verify", lambda *_, **__: replace(verdict, status=next(answers)))
    found = fewest_bits(verdict)
    assert (found.bits, found.reason, len(found.tried)) == (None, reason, 32)


def shown() -> Superposition:
    problem = TwoAnd(5, PAIRS)
    return sv.superposition(one_unit_a_gate(problem), problem, k=3)


def test_notebooks_show_the_same_rows() -> None:
    found = shown()
    cells = Reader(found._repr_html_())
    assert cells.texts == [text for row in found.rows() for text in row]


def test_notebooks_escape_every_text() -> None:
    odd = "<script>alert(1)</script>&"
    found = replace(shown(), because=odd, fewest_bits=replace(shown().fewest_bits, bits=None, reason=odd))
    cells = Reader(found._repr_html_())
    assert "script" not in cells.seen
    assert sum(odd in text for text in cells.texts) == 2


def test_on_the_command_line(shell: Shell) -> None:
    shell.network("own", W1=[[1, 1, 0], [0, 1, 1]], b1=[-1, -1], W2=[[1, 0], [0, 1]], b2=[0, 0])
    run = shell.verify("own.npz", "--superposition")
    assert run.code == 0
    assert "no: its widest ReLU layer has 2 units" in " ".join(run.out.split())
    answer = shell.verify("own.npz", "--superposition", "--json").answer["superposition"]
    assert (answer["in_superposition"], answer["correct_gates"], answer["fewest_bits"]["bits"]) == ("no", 2, 1)
    assert shell.verify("own.npz", "--json").answer["superposition"] is None


def test_no_oracle_counts_that_is_not_permitted() -> None:
    file, problem = built()
    verdict = replace(sv.verify(file, problem, k=2), oracles=frozenset({"contract"}))
    found = anatomy(permitted(verdict, ()), permit=())
    assert (found.status, found.correct_gates, found.in_superposition) == ("UNKNOWN", None, "not told")
    allowed = anatomy(permitted(verdict, ("contract",)), permit=("contract",))
    assert (allowed.in_superposition, allowed.oracles) == ("yes", ("contract",))
    assert ("fewest bits of a weight", "1, resting on contract (tried 1: PROVED)") in allowed.rows()
