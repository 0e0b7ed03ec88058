"""Tails against enumeration, and the existence theorem against networks with random codes."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from itertools import combinations, product
from math import comb, log2

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supverify.kernel.errors import Malformed
from supverify.oracles.probability.existence import (
    ONE,
    Design,
    certified,
    failure,
    joined,
    meeting,
    raised,
    total,
)
from supverify.oracles.probability.probability import (
    TERMS,
    BadEvent,
    binomial_tail,
    chernoff_tail,
    convolved,
    hypergeometric,
    repeated,
    union_bound,
)
from supverify.oracles.probability.search import existence_bound

CHANCES = st.fractions(0, 1, max_denominator=12)


@given(st.integers(0, 7), CHANCES, st.integers(-1, 9))
def test_binomial_tails_by_enumeration(trials: int, chance: Fraction, least: int) -> None:
    expected = Fraction(0)
    for outcome in product((0, 1), repeat=trials):
        weight = chance ** sum(outcome) * (1 - chance) ** (trials - sum(outcome))
        expected += weight if sum(outcome) >= least else 0
    assert binomial_tail(trials, chance, least) == expected
    assert chernoff_tail(trials, chance, least) >= expected


@given(st.integers(1, 8).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(0, n))))
def test_hypergeometric_by_enumeration(sizes: tuple[int, int, int]) -> None:
    population, marked, drawn = sizes
    draws = [sum(i < marked for i in some) for some in combinations(range(population), drawn)]
    expected = [Fraction(draws.count(j), len(draws)) for j in range(min(marked, drawn) + 1)]
    assert list(hypergeometric(population, marked, drawn)) == expected
    for least in range(-1, drawn + 3):
        tail = hypergeometric(population, marked, drawn, cap=max(least, 0))[-1]
        assert tail == Fraction(sum(draw >= least for draw in draws), len(draws))
        assert tail <= chernoff_tail(drawn, Fraction(marked, population), least)


def test_a_long_tail_is_bounded_from_above() -> None:
    trials, chance, least = 3000, Fraction(1, 2), 1510
    exact = Fraction(sum(comb(trials, j) for j in range(least, trials + 1)), 2**trials)
    bound = binomial_tail(trials, chance, least)
    assert least + TERMS < trials
    assert exact <= bound <= exact * Fraction(1001, 1000)
    assert exact <= chernoff_tail(trials, chance, least) < 1


@given(st.lists(st.integers(0, 9), min_size=1, max_size=4), st.integers(0, 5), st.integers(1, 12))
def test_sums_of_independent_numbers(weights: list[int], times: int, cap: int) -> None:
    whole = sum(weights) or 1
    one = [Fraction(w, whole) for w in weights] if sum(weights) else [Fraction(1)]
    expected = [Fraction(0)] * (cap + 1)
    for numbers in product(range(len(one)), repeat=times):
        weight = Fraction(1)
        for number in numbers:
            weight *= one[number]
        expected[min(sum(numbers), cap)] += weight
    assert list(repeated(one, times, cap)) == expected
    rounded = total([-(-p.numerator * ONE // p.denominator) for p in one], times, cap)
    for up, exact in zip(rounded, expected, strict=True):
        assert exact <= Fraction(up, ONE) <= exact + Fraction(1, 1 << 400)
    assert convolved(one, [Fraction(1)], cap) == repeated(one, 1, cap)


@given(st.fractions(Fraction(1, 50), 3, max_denominator=50), st.integers(0, 40))
def test_powers_are_rounded_up_and_close(base: Fraction, exponent: int) -> None:
    assert base**exponent <= raised(base, exponent) <= base**exponent * (1 + Fraction(1, 1 << 500))


def test_meetings_are_hypergeometric() -> None:
    exact = hypergeometric(30, 12, 7, cap=4)
    assert all(
        p <= Fraction(up, ONE) <= p + Fraction(8, ONE) for p, up in zip(exact, meeting(30, 12, 7, 4), strict=True)
    )
    assert joined((ONE, 0), (0, ONE), 1) == (0, ONE)


def test_union_bound_adds_up() -> None:
    events = [BadEvent(name="a", count=3, each=Fraction(1, 10)), BadEvent(name="b", count=1, each=Fraction(1, 3))]
    assert union_bound(events) == Fraction(19, 30)


@pytest.mark.parametrize("chance", [Fraction(-1), Fraction(3, 2)])
def test_no_chance_is_refused(chance: Fraction) -> None:
    for tail in (binomial_tail, chernoff_tail):
        with pytest.raises(Malformed, match="from 0 to 1"):
            tail(3, chance, 1)
        with pytest.raises(Malformed, match="at least 0"):
            tail(-1, Fraction(1, 2), 1)
    with pytest.raises(Malformed, match="hypergeometric"):
        hypergeometric(3, 4, 1)


# The existence theorem


def codes(design: Design, pairs: list[tuple[int, int]], seed: int) -> tuple[np.ndarray, ...]:
    """Random C (n x m), channels (n x M) and C1 (n x M), as the theorem draws them."""
    rng = np.random.default_rng(seed)

    def columns(count: int, ones: int) -> np.ndarray:
        matrix = np.zeros((design.neurons, count), dtype=np.float64)
        for j in range(count):
            matrix[rng.choice(design.neurons, ones, replace=False), j] = 1
        return matrix

    assert len(pairs) == design.outputs
    return (
        columns(design.inputs, design.code),
        columns(design.outputs, design.channel),
        columns(design.outputs, design.output_code),
    )


def wrong(design: Design, pairs: list[tuple[int, int]], matrices: tuple[np.ndarray, ...]) -> bool:
    """Whether the network of these codes gives another OR-code than it should for some input with at most k ones."""
    code, channels, output = matrices
    incidence = np.zeros((design.outputs, design.inputs), dtype=np.float64)
    for i, pair in enumerate(pairs):
        incidence[i, list(pair)] = 1
    first = np.minimum(1, np.minimum(1, channels @ incidence) @ code.T)
    second = np.minimum(1, output @ channels.T)
    supports = [s for j in range(design.k + 1) for s in combinations(range(design.inputs), j)]
    inputs = np.zeros((design.inputs, len(supports)), dtype=np.float64)
    for place, support in enumerate(supports):
        inputs[list(support), place] = 1
    hidden = np.maximum(0, 1 - np.maximum(0, 2 * design.code - first @ (code @ inputs)))
    got = np.maximum(0, 1 - np.maximum(0, design.channel - second @ hidden))
    wanted = np.minimum(1, output @ (incidence @ inputs == 2).astype(np.float64))
    return bool((got != wanted).any())


def cycle(size: int) -> list[tuple[int, int]]:
    return [(i, (i + 1) % size) for i in range(size)]


def test_the_width_that_suffices_does() -> None:
    found = existence_bound(64, 2)
    assert found is not None
    assert found.design.degree == 2
    assert found.failure == union_bound(found.events) == certified(found.design) < 1
    seeds = range(4)
    assert sum(wrong(found.design, cycle(64), codes(found.design, cycle(64), seed)) for seed in seeds) <= 2


def test_three_active_inputs() -> None:
    found = existence_bound(20, 3, degree=2)
    assert found is not None
    assert {event.name for event in found.events} >= {"layer 1", "layer 2", "hidden codes"}
    assert not wrong(found.design, cycle(20), codes(found.design, cycle(20), 1))


SMALL = Design(
    outputs=12,
    inputs=12,
    k=2,
    degree=2,
    neurons=60,
    code=9,
    channel=4,
    output_code=2,
    load=4,
    union=40,
    crossings=2,
)


@settings(deadline=None, max_examples=6)
@given(st.sampled_from([60, 80, 110]), st.sampled_from([3, 4]), st.sampled_from([7, 9, 12]))
def test_networks_fail_no_more_often_than_stated(neurons: int, channel: int, code: int) -> None:
    design = replace(SMALL, neurons=neurons, channel=channel, code=code)
    stated = float(certified(design))
    draws = 60
    failed = sum(wrong(design, cycle(12), codes(design, cycle(12), seed)) for seed in range(draws))
    if stated < 1:
        assert failed <= draws * stated + 4 * (draws * stated) ** 0.5
    assert all(event.bound >= 0 for event in failure(design))


def crossing(design: Design, channels: np.ndarray, pairs: list[tuple[int, int]], active: tuple[int, ...]) -> int:
    """Hidden neurons in sets of two active inputs, and in none of the outputs between them."""
    true = [i for i, pair in enumerate(pairs) if set(pair) <= set(active)]
    seen = [channels[:, [i for i, pair in enumerate(pairs) if a in pair]].any(axis=1) for a in active]
    return int((np.sum(seen, axis=0) >= 2)[~channels[:, true].any(axis=1)].sum()) if active else 0


def test_crossings_happen_no_more_often_than_stated() -> None:
    design = replace(SMALL, crossings=1, channel=6)
    each = next(event.each for event in failure(design) if event.name == "crossings")
    assert 0.001 < each < 0.9
    draws = 1500
    seen = 0
    for seed in range(draws):
        _, channels, _ = codes(replace(design, inputs=12), cycle(12), seed)
        seen += crossing(design, channels, cycle(12), (3, 4)) > design.crossings
    assert seen <= draws * float(each) + 4 * (draws * float(each)) ** 0.5


def test_more_neurons_fail_less_and_more_active_inputs_need_more() -> None:
    two, three = (existence_bound(1000, k) for k in (2, 3))
    assert two is not None
    assert three is not None
    assert two.design.neurons < three.design.neurons
    assert two.design.neurons < 5 * 1000**0.5 * log2(1000)
    wider = replace(two.design, neurons=2 * two.design.neurons, union=2 * two.design.union)
    assert certified(wider) < two.failure


def test_ten_thousand_outputs_take_fewer_neurons_than_outputs() -> None:
    found = existence_bound(10_000, 2)
    assert found is not None
    assert found.failure < 1
    assert found.design.neurons < 10_000 / 2


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"M": 15}, "outputs: expected 16 to"),
        ({"k": 1}, "k: expected 2 to 6"),
        ({"k": 7}, "k: expected 2 to 6"),
        ({"degree": 0}, "degree: expected 1 to"),
        ({"degree": 2, "inputs": 99}, "inputs: expected 100 to"),
    ],
)
def test_sizes_outside_the_theorem_are_refused(asked: dict[str, int], expected: str) -> None:
    with pytest.raises(Malformed, match=expected):
        existence_bound(**{"M": 100, "k": 2, **asked})


def test_designs_that_do_not_fit_are_refused() -> None:
    for change in ({"code": 0}, {"channel": 61}, {"union": 0}, {"k": 1}, {"load": -1}, {"outputs": 13}):
        with pytest.raises(Malformed):
            failure(replace(SMALL, **change))


def test_where_no_width_is_found_there_is_none() -> None:
    assert existence_bound(16, 6, inputs=16, degree=15) is None
