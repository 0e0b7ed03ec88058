"""Counting: exact ceilings of logarithms, floors by enumeration, widths, capacities and the paper's expressions."""

from __future__ import annotations

import math
import time
from decimal import Decimal, localcontext
from itertools import combinations, permutations
from math import comb, factorial, log2, perm, sqrt

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from mpmath import mp  # type: ignore[import-untyped]

from supverify.kernel.claim import Conjunctions, Permutation, TwoAnd
from supverify.kernel.errors import Malformed
from supverify.models import counting, counting_floor_bits
from supverify.models.bounds import KINDS, LAYERS, bounds, floor_neurons
from supverify.models.counting import Choices, bits_to_tell_apart, ceil_log2, least_width
from supverify.models.expressions import expressions


@given(n=st.integers(0, 5000), share=st.floats(0, 1), ordered=st.booleans())
@example(n=1000, share=0.5, ordered=False)
@example(n=4096, share=1.0, ordered=True)
def test_enclosure_has_the_exact_number(n: int, share: float, ordered: bool) -> None:
    choices = Choices(n, int(n * share), ordered)
    low, high = counting._enclosed([choices])
    assert low <= ceil_log2(choices.number()) <= high
    assert high - low <= (choices.number().bit_count() == 1)  # undecided only at a power of two


@pytest.mark.parametrize(
    "choices",
    [
        Choices(10**6 * (10**6 - 1) // 2, 10**6),
        Choices(10**24, 10**12),
        Choices(10**12, 10**12, ordered=True),
        Choices(999, 499),
        Choices(5000, 4999, ordered=True),
    ],
)
def test_logarithm_is_as_near_as_claimed(choices: Choices) -> None:
    with mp.workdps(120):
        k = 0 if choices.ordered else choices.k
        parts = (choices.n, -k, -(choices.n - choices.k))
        exact = sum(mp.sign(x) * mp.loggamma(abs(x) + 1) for x in parts)
        with localcontext(counting.CONTEXT):
            got = choices.logarithm()
        assert abs(mp.mpf(str(got)) - exact) < mp.mpf(str(counting.ERROR)) / 1000
        assert abs(mp.mpf(str(counting.PI)) - mp.pi) < mp.mpf(10) ** -79


def test_series_has_the_bernoulli_numbers() -> None:
    for j, coefficient in enumerate(counting.SERIES, 1):
        expected = mp.mpf(coefficient.numerator) / coefficient.denominator
        assert mp.almosteq(mp.bernoulli(2 * j) / (2 * j * (2 * j - 1)), expected)
    assert mp.bernoulli(18) / (18 * 17) < mp.mpf(1) / 5


def test_what_an_enclosure_leaves_open_is_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    expected = ceil_log2(comb(9000, 4000))
    assert bits_to_tell_apart(Choices(9000, 4000)) == expected
    monkeypatch.setattr(counting, "ERROR", Decimal(5))
    assert bits_to_tell_apart(Choices(9000, 4000)) == expected


def test_powers_of_two_are_exact() -> None:
    assert bits_to_tell_apart(Choices(2**70, 1)) == 70
    assert bits_to_tell_apart(Choices(2**70 + 1, 1)) == 71
    assert bits_to_tell_apart(Choices(10**9, 10**9)) == bits_to_tell_apart() == 0


def test_a_million_outputs_take_no_time() -> None:
    started = time.monotonic()
    found = bounds(outputs=10**6, k=3, neurons=5000)
    assert time.monotonic() - started < 3
    assert found.floors[0].bits == 20374250


def test_floor_of_each_kind_of_problem() -> None:
    assert counting_floor_bits(TwoAnd(5, ((0, 1), (1, 0), (2, 3)))) == ceil_log2(comb(10, 2))
    assert counting_floor_bits(Permutation((2, 0, 1, 3))) == ceil_log2(factorial(4))
    mixed = Conjunctions(6, ((0,), (1, 2, 3), (2, 3, 4), (1, 2, 3)))
    assert counting_floor_bits(mixed) == ceil_log2(6 * comb(comb(6, 3), 2))


@pytest.mark.parametrize(("outputs", "m"), [(1, 2), (3, 3), (2, 4), (3, 5)])
def test_families_have_as_many_members_as_counting_says(outputs: int, m: int) -> None:
    found = bounds(outputs=outputs, inputs=m, k=2)
    pairs = list(combinations(range(m), 2))
    families = (
        len(list(combinations(pairs, outputs))),
        len(list(permutations(pairs, outputs))),
        len(list(permutations(range(outputs)))),
    )
    assert tuple(floor.bits for floor in found.floors) == tuple(map(ceil_log2, families))


@given(bits=st.integers(0, 10**6), each=st.integers(1, 128))
def test_least_width_is_the_least(bits: int, each: int) -> None:
    n = least_width(bits, each)
    assert each * n * (n + 1) >= bits
    assert n == 0 or each * (n - 1) * n < bits


def test_bounds_of_ten_thousand() -> None:
    found = bounds(outputs=10_000, k=3, neurons=558)
    assert (found.inputs, found.layers, found.weight_bits) == (10_000, 2, (1, 2, 4, 8))
    assert [floor.bits for floor in found.floors] == [
        ceil_log2(comb(comb(10_000, 2), 10_000)),
        ceil_log2(perm(comb(10_000, 2), 10_000)),
        ceil_log2(factorial(10_000)),
    ]
    assert [floor.neurons[0] for floor in found.floors] == [262, 358, 243]
    assert floor_neurons(10_000, bits=1, k=3) == 262
    assert found.paper.f == 0.4199


@pytest.mark.parametrize("kind", range(len(KINDS)))
@pytest.mark.parametrize("neurons", [1, 2, 17, 400])
def test_capacity_is_where_the_floor_passes_the_width(neurons: int, kind: int) -> None:
    (most,) = bounds(outputs=4, k=2, neurons=neurons, weight_bits=[3]).capacities[kind].outputs
    assert most is not None
    at = [bounds(outputs=M, k=2, weight_bits=[3]).floors[kind].neurons[0] for M in (most, most + 1)]
    assert at[0] <= neurons < at[1]
    room = 3 * LAYERS * neurons * (neurons + 1)
    assert all(KINDS[kind].floor_bits(M, max(M, 3), 2) <= room for M in (2, 3))


def test_below_two_active_inputs_all_ands_are_one() -> None:
    found = bounds(outputs=100, k=1, neurons=10, weight_bits=[1])
    assert [floor.bits for floor in found.floors] == [0, 0, ceil_log2(factorial(100))]
    assert [capacity.outputs == (None,) for capacity in found.capacities] == [True, True, False]
    assert [floor.bits for floor in bounds(outputs=100, k=0).floors] == [0, 0, 0]


def test_inputs_are_as_many_as_have_the_pairs() -> None:
    assert [bounds(outputs=M, k=0).inputs for M in (1, 2, 3, 4, 100)] == [2, 3, 3, 4, 100]
    for outputs in range(1, 200):
        least = min(m for m in range(2, 25) if comb(m, 2) >= outputs)
        assert bounds(outputs=outputs, k=0, inputs=least).inputs == least
        with pytest.raises(Malformed, match=rf"distinct pairs: expected {least} to"):
            bounds(outputs=outputs, k=0, inputs=least - 1)


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"outputs": 0}, "outputs: expected 1 to"),
        ({"outputs": 10**12 + 1}, "outputs: expected 1 to"),
        ({"k": -1}, "k: expected 0 to 10, got -1"),
        ({"k": 11}, "k: expected 0 to 10, got 11"),
        ({"k": 21, "inputs": 20}, "k: expected 0 to 20"),
        ({"neurons": 0}, "neurons: expected 1 to"),
        ({"neurons": 10**5 + 1}, "neurons: expected 1 to"),
        ({"weight_bits": [0]}, "bits per weight: expected 1 to 64"),
        ({"weight_bits": [65]}, "bits per weight: expected 1 to 64"),
    ],
)
def test_bad_bounds_are_malformed(asked: dict[str, object], expected: str) -> None:
    with pytest.raises(Malformed, match=expected):
        bounds(**{"outputs": 10, "k": 2, **asked})  # type: ignore[arg-type]


def test_expressions_of_the_paper() -> None:
    found = expressions(1024, 64)
    assert (found.upper_neurons, found.lower_bits) == (320.0, 10240.0)
    assert math.isclose(found.lower_neurons, sqrt(1024 * log2(1024)), abs_tol=0.005)
    assert (found.f, found.capacity) == (0.2, round(64**2 / 6, 2))
    assert expressions(1, 1).f is expressions(1, 1).capacity is expressions(9).f is None
