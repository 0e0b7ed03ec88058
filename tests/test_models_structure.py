"""What a network is made of, against brute force with Fractions over every input of small networks."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from math import gcd

import brute
import pytest

from supverify.kernel.claim import Claim, TwoAnd
from supverify.kernel.network import Layer, Network, trace
from supverify.models import build, family
from supverify.models.structure import (
    FirstLayer,
    Form,
    RankBounds,
    UnitLayer,
    deciding,
    decisions,
    evaluation,
    first_forms,
    first_layer,
    form_of,
    forms,
    rank,
    ranks,
    reaching,
    signs,
    unit_layers,
    wrong_input,
)

HUGE = 2**70  # beyond 64 bits


def samples(count: int) -> list[tuple[Claim, random.Random]]:
    """Claims about random networks, some of whose layers have large numbers, dead units and twins."""
    found = []
    for seed in range(count):
        rng = random.Random(seed)
        m = rng.randint(2, 5)
        network = brute.random_network(rng, m)
        layers = tuple(changed(rng, layer) for layer in network.layers)
        pairs = tuple((a, b) for a, b in (rng.sample(range(m), 2) for _ in range(len(layers[-1].bias))))
        found.append((Claim(Network(m, layers), TwoAnd(m, pairs), rng.randint(0, m)), rng))
    return found


def changed(rng: random.Random, layer: Layer) -> Layer:
    """The layer with a multiple of one row in the place of another, a large bias, or everything made large."""
    rows = [(list(layer.sources[r]), list(layer.weights[r]), bias) for r, bias in enumerate(layer.bias)]
    if rng.random() < 0.4:
        sources, weights, bias = rng.choice(rows)
        factor = rng.randint(1, 3)
        rows[rng.randrange(len(rows))] = (sources, [factor * w for w in weights], factor * bias)
    if rng.random() < 0.3:
        r = rng.randrange(len(rows))
        rows[r] = (rows[r][0], rows[r][1], rng.choice((-9, -6, 9)))
    factor = HUGE if rng.random() < 0.1 else 1
    return Layer(
        tuple(tuple(sources) for sources, _, _ in rows),
        tuple(tuple(factor * w for w in weights) for _, weights, _ in rows),
        tuple(factor * bias for _, _, bias in rows),
        layer.relu,
    )


SAMPLES = samples(300)


def sums(claim: Claim) -> dict[tuple[int, ...], list[tuple[int, ...]]]:
    """The sums of every layer on every input with at most k ones."""
    return {active: list(trace(claim.network, active)) for active in brute.inputs(claim)}


def check_units(claim: Claim, layer: UnitLayer) -> None:
    """What is said of a layer's units is so on every input."""
    all_sums = sums(claim)
    for r in range(len(layer.on)):
        values = {active: found[layer.layer][r] for active, found in all_sums.items()}
        on, off = layer.on[r], layer.off[r]
        assert on is None or values[on] > 0
        assert off is None or values[off] < 0
        assert r not in layer.dead or max(values.values()) <= 0
        assert r not in layer.never_off or (min(values.values()) >= 0 and r not in layer.dead)
        assert sum((r in layer.dead, r in layer.not_told, on is not None)) == 1


@pytest.mark.parametrize("complete", [True, False])
def test_units_are_dead_or_alive_as_every_input_says(complete: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if not complete:
        monkeypatch.setattr(evaluation, "WORK", 0)
        monkeypatch.setattr(evaluation, "SLOW_WORK", 0)
        monkeypatch.setattr(signs, "CHUNK", 3)
    told = dead = 0
    for claim, _ in SAMPLES:
        first = first_layer(claim)
        for layer in unit_layers(claim, first):
            check_units(claim, layer)
            told += len(layer.on) - len(layer.not_told)
            dead += len(layer.dead)
            decided = complete or layer is first.units
            assert not (decided and layer.not_told)
    assert dead > 50
    assert told > 500


def test_the_first_layer_is_decided_by_its_weights_alone() -> None:
    for claim, _ in SAMPLES:
        layer = first_layer(claim).units
        if layer is None:
            assert not any(one.relu for one in claim.network.layers)
            continue
        values = [found[layer.layer] for found in sums(claim).values()]
        columns = list(zip(*values, strict=True))
        assert layer.dead == tuple(r for r, column in enumerate(columns) if max(column) <= 0)
        assert layer.never_off == tuple(r for r, column in enumerate(columns) if min(column) >= 0 < max(column))


def test_relevant_inputs_are_those_that_change_a_unit() -> None:
    for claim, _ in SAMPLES:
        first = first_layer(claim)
        if first.units is None:
            continue
        values = {active: found[first.units.layer] for active, found in sums(claim).items()}
        for r, relevant in enumerate(first.relevant):
            moving = {
                j
                for active in values
                for j in active
                if max(values[active][r], 0) != max(values[tuple(i for i in active if i != j)][r], 0)
            }
            assert set(relevant) == moving


def twin_groups(rows: list[Form]) -> set[tuple[int, ...]]:
    """Units whose rows, written out, are positive multiples of each other."""
    groups: dict[object, list[int]] = {}
    for r, form in enumerate(rows):
        row = dict(zip(map(int, form.sources), map(int, form.weights), strict=True))
        common = gcd(form.constant, *row.values()) or 1
        key = (Fraction(form.constant, common), tuple(sorted((j, Fraction(w, common)) for j, w in row.items())))
        groups.setdefault(key, []).append(r)
    return {tuple(group) for group in groups.values() if len(group) > 1}


def test_twins_are_the_rows_that_are_multiples() -> None:
    found = 0
    for claim, _ in SAMPLES:
        for layer in unit_layers(claim, first := first_layer(claim)):
            is_first = first.units is not None and layer.layer == first.units.layer
            one = claim.network.layers[layer.layer]
            rows = list(first_forms(claim.network)) if is_first else [form_of(one, r) for r in range(len(one.bias))]
            assert set(layer.twins) == twin_groups(rows)
            found += len(layer.twins)
            merged = sum(len(group) - 1 for group in layer.twins if not set(group) & set(layer.dead))
            assert layer.distinct == len(layer.on) - len(layer.dead) - merged
    assert found > 50


def test_merging_twins_keeps_every_output() -> None:
    first = Layer(((0, 1), (0, 1), (1,)), ((1, 2), (3, 6), (1,)), (-1, -3, 0), True)
    merged = Layer(((0, 1), (1,)), ((1, 2), (1,)), (-1, 0), True)
    double = Network(2, (first, Layer(((0, 1, 2),), ((5, -2, 1),), (0,), False)))
    single = Network(2, (merged, Layer(((0, 1),), ((5 - 2 * 3, 1),), (0,), False)))
    claim = Claim(double, TwoAnd(2, ((0, 1),)), 2)
    assert next(unit_layers(claim, first_layer(claim))).twins == ((0, 1),)
    for size in range(3):
        for active in combinations(range(2), size):
            assert brute.outputs(double, active) == brute.outputs(single, active)


def test_the_composed_forms_are_the_sums() -> None:
    for claim, _ in SAMPLES:
        rows, depth = list(first_forms(claim.network)), forms.first_relu(claim.network)
        for active, found in sums(claim).items():
            values = [
                form.constant + sum(int(w) for j, w in zip(form.sources, form.weights, strict=True) if j in active)
                for form in rows
            ]
            assert tuple(values) == found[depth]


def rational_rank(rows: list[list[Fraction]]) -> int:
    """Gauss's elimination, in fractions."""
    rank, rows = 0, [list(row) for row in rows]
    for column in range(len(rows[0])):
        pivot = next((r for r in range(rank, len(rows)) if rows[r][column]), None)
        if pivot is None:
            continue
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        for r in range(rank + 1, len(rows)):
            factor = rows[r][column] / rows[rank][column]
            rows[r] = [x - factor * y for x, y in zip(rows[r], rows[rank], strict=True)]
        rank += 1
    return rank


def forms_of(rows: list[list[int]]) -> list[Form]:
    """The rows as forms, by way of a layer."""
    sources = tuple(tuple(j for j, w in enumerate(row) if w) for row in rows)
    weights = tuple(tuple(filter(None, row)) for row in rows)
    layer = Layer(sources, weights, (0,) * len(rows), False)
    return [form_of(layer, r) for r in range(len(rows))]


@pytest.mark.parametrize("size", [1, 2**31 - 1, HUGE])
def test_rank_is_that_of_fractions(size: int) -> None:
    rng = random.Random(size)
    deficient = 0
    for _ in range(150):
        height, width, inner = (rng.randint(1, 6) for _ in range(3))
        left = [[rng.randint(-2, 2) * rng.choice((1, size)) for _ in range(inner)] for _ in range(height)]
        right = [[rng.randint(-2, 2) for _ in range(width)] for _ in range(inner)]
        rows = [
            [sum(x * y for x, y in zip(row, column, strict=True)) for column in zip(*right, strict=True)]
            for row in left
        ]
        known = rational_rank([list(map(Fraction, row)) for row in rows])
        assert rank(forms_of(rows)) == RankBounds(known, known)
        deficient += known < min(height, width)
    assert deficient > 30


def test_a_rank_that_the_first_primes_do_not_see_is_never_put_too_low() -> None:
    prime = 2**31 - 1
    rows = [[1, 2, 3], [1, 2 + prime, 3], [1, 2, 3 + prime * (prime - 18)]]  # the next prime below is prime - 18
    assert rank(forms_of(rows)) == RankBounds(3, 3)


def test_a_rank_too_large_to_be_worked_out_has_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranks, "WORK", 0)
    rows = [[1, 0, 1], [0, 1, 1], [1, 1, 2]]
    assert rank(forms_of(rows)) == RankBounds(2, 3)


def moves(claim: Claim) -> list[set[int]]:
    """For each output, the inputs that change it on some input with at most k ones."""
    values = {active: found[-1] for active, found in sums(claim).items()}
    found: list[set[int]] = [set() for _ in range(claim.network.outputs)]
    for active, outputs in values.items():
        for j in active:
            without = values[tuple(i for i in active if i != j)]
            for i, (z, other) in enumerate(zip(outputs, without, strict=True)):
                if z != other:
                    found[i].add(j)
    return found


def reached(claim: Claim, first: FirstLayer) -> list[set[int]]:
    """The inputs that reach each output, as sets."""
    dead = ((layer.layer, layer.dead) for layer in unit_layers(claim, first))
    masks = reaching(claim.network, first.relevant, dead)
    return [{j for j in range(claim.network.inputs) if mask >> j & 1} for mask in masks]


def test_inputs_that_change_an_output_reach_it() -> None:
    proper = 0
    for claim, _ in SAMPLES:
        if claim.network.layers[-1].relu:
            continue
        found = reached(claim, first_layer(claim))
        assert all(moving <= reach for moving, reach in zip(moves(claim), found, strict=True))
        proper += sum(len(reach) < claim.network.inputs for reach in found)
    assert proper > 50


def test_built_network_has_no_dedicated_unit_and_reads_every_input() -> None:
    problem = family("random", outputs=64)
    built = build(problem, k=2, variant="random")
    claim = built.claims()["readout"]
    first = first_layer(claim)
    layers = list(unit_layers(claim, first))
    assert [len(layer.on) for layer in layers] == [len(one.bias) for one in claim.network.layers if one.relu]
    assert not any(set(pair) == set(inputs) for pair in problem.pairs for inputs in first.relevant)
    found = reached(claim, first)
    assert all(set(pair) <= reach for pair, reach in zip(problem.pairs, found, strict=True))


def read_as_true(claim: Claim, active: tuple[int, ...]) -> list[bool]:
    """How the outputs are read on one input."""
    t, at = claim.criterion.threshold, claim.criterion.kind == "readout" and not claim.criterion.strict
    return [a >= t if at else a > t for a in brute.outputs(claim.network, active)]


def test_inputs_decide_the_outputs_that_are_read_differently_without_them() -> None:
    changes = 0
    for claim, rng in SAMPLES:
        stated = replace(claim, criterion=brute.random_criterion(rng))
        read = {active: read_as_true(stated, active) for active in brute.inputs(stated)}
        expected = [0] * claim.network.inputs
        for active, found in read.items():
            for j in active:
                other = read[tuple(i for i in active if i != j)]
                expected[j] |= sum(
                    1 << i for i, pair in enumerate(zip(found, other, strict=True)) if len(set(pair)) > 1
                )
        assert deciding(stated) == expected
        changes += sum(map(int.bit_count, expected))
    assert changes > 100


def test_too_many_inputs_are_not_gone_through(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(decisions, "MOST", 2)
    assert deciding(Claim(Network(2, (Layer(((0,),), ((1,),), (0,), False),)), TwoAnd(2, ((0, 1),)), 1)) is None


def test_suspects_are_wrong_and_among_few_inputs_all_are_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evaluation, "CHUNK", 4)
    found = 0
    for seed in range(200):
        claim = brute.random_claim(random.Random(seed))
        suspect, wrong = wrong_input(claim), brute.wrong(claim)
        assert suspect is None or suspect in wrong
        tried = {active for active in evaluation.chosen(claim) if len(active) in claim.sizes(claim.domain)}
        assert (suspect is None) == tried.isdisjoint(wrong)
        found += suspect is not None
    assert 50 < found < 200


def test_layers_too_large_to_be_written_out_are_not_evaluated(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = TwoAnd(3, ((0, 1), (1, 2)))
    unit = Layer(((0, 1), (1, 2)), ((1, 1), (1, 1)), (-1, -1), True)
    later = Layer(((0, 1), (0,)), ((1, 1), (1,)), (0, 0), True)
    claim = Claim(Network(3, (unit, later)), problem, 2)
    assert wrong_input(claim) == (0, 1)
    assert unit_layer(claim, 1).not_told == ()
    monkeypatch.setattr(evaluation, "DENSE", 1)
    assert wrong_input(claim) is None
    assert deciding(claim) is None
    assert unit_layer(claim, 1).not_told == (0, 1)


def unit_layer(claim: Claim, i: int) -> UnitLayer:
    return list(unit_layers(claim, first_layer(claim)))[i]
