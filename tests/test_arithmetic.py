"""Arithmetics beside the exact one, what follows from counts, and verdicts where users meet them."""

from __future__ import annotations

import random
import time
from dataclasses import replace
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import brute
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from shell import Shell, refused
from user_networks import KINDS, Brute, Sums, UserNetwork, user_network

import supverify
from supverify.deciding.largest import largest_k
from supverify.engines import Disagreement, bernoulli_error, counted, uniform_error, verify
from supverify.engines.enumeration import limbs
from supverify.engines.enumeration.engine import Enumerate
from supverify.engines.floating_point.arithmetic import judged
from supverify.engines.floating_point.floating import not_held, windows
from supverify.engines.floating_point.rounding import rounding, tightened
from supverify.engines.floating_point.semantics import EXACTLY, Arithmetic, arithmetic
from supverify.files.exact import RealLayer, exact_network
from supverify.files.matrix import Matrix
from supverify.kernel.claim import Claim, Conjunctions, Criterion, TwoAnd
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network
from supverify.kernel.verdict import Status
from supverify.testing import NotDecided, NotExact, assert_exact

seeds = st.integers(0, 2**32)

ANDS = TwoAnd(3, ((0, 1), (1, 2)))


def one_layer(weights: tuple[int, ...], bias: int, *, scale: int = 1, threshold: str = "1/2") -> Claim:
    """One output, y_0 AND y_1, of one row."""
    inputs = len(weights)
    sources = tuple(j for j, w in enumerate(weights) if w)
    network = Network(inputs, (Layer((sources,), (tuple(filter(None, weights)),), (bias,), False),), scale)
    return Claim(network, TwoAnd(inputs, ((0, 1),)), inputs, Criterion(threshold=Fraction(threshold)))


def in_arithmetic(claim: Claim, text: str, *, scales: tuple[int, ...] | None = None, order: Any = "bias-last") -> Any:
    """The verdict in that arithmetic; the integers of the claim are its weights unless scales are given."""

    def prove(stated: Claim) -> Any:
        return verify(stated, engines=["enumerate"])

    depth = len(claim.network.layers)
    return judged(prove(claim), scales or (1,) * depth, [arithmetic(text, order)], prove=prove)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("exact", "exact"),
        ("float32", "ieee(float32, bias-first)"),
        ("float64", "ieee(float64, bias-first)"),
        ("any-order:float32", "any-order(float32)"),
    ],
)
def test_arithmetics_are_named(text: str, shown: str) -> None:
    assert str(arithmetic(text, "bias-first")) == shown


@pytest.mark.parametrize("text", ["", "real", "float16", ":float32", "any-order", "any-order:", "exact:float32"])
def test_other_arithmetics_are_malformed(text: str) -> None:
    with pytest.raises(Malformed, match="arithmetic: expected exact, float32"):
        arithmetic(text)


def test_an_integer_too_many_for_float32_alone() -> None:
    """2^24 + 1 has one bit more than float32 holds, and fewer than float64 does."""
    big = 1 << 24
    claim = one_layer((big, 1), 0, threshold=f"{2 * big + 1}/2")
    assert in_arithmetic(claim, "exact").status is Status.PROVED
    wrong = in_arithmetic(claim, "float32")
    assert (wrong.status, wrong.counterexample) == (Status.REFUTED, (0, 1))
    assert (wrong.decided_in, wrong.exact.status) == (Arithmetic("float32", "bias-last"), Status.PROVED)
    assert wrong.arithmetic[1].wrong[0].got == big
    right = in_arithmetic(claim, "any-order:float64")
    assert (right.status, right.oracles) == (Status.PROVED, frozenset({"rounding"}))
    assert "rounds no partial sum" in right.reason


@pytest.mark.parametrize("criterion", [Criterion(), Criterion("linear", slack=Fraction(1, 4)), Criterion("code")])
def test_a_network_that_overflows_on_every_input_has_no_margin(criterion: Criterion) -> None:
    layers = (Layer(((0,),), ((1,),), (1 << 100,), True), Layer(((0,),), ((1 << 100,),), (0,), False))
    verdict = in_arithmetic(Claim(Network(2, layers), TwoAnd(2, ((0, 1),)), 2, criterion), "float32")
    assert (verdict.status, verdict.counterexample, verdict.statistics) == (Status.REFUTED, (), None)
    assert verdict.arithmetic[1].wrong[0].got is None


@pytest.mark.parametrize("power", [0, 100, 130])
def test_ties_at_large_thresholds_are_counted(power: int) -> None:
    """2^power + 2^power is the threshold; next to it a weight that is rounded away."""
    big = 1 << power + 60
    claim = replace(one_layer((big, big, 1), 0, threshold=str(2 * big)), mode="exactly", k=2)
    found = in_arithmetic(claim, "float64").arithmetic[1].statistics
    assert found is not None
    assert found.ties == 1


def test_the_order_of_sums_matters() -> None:
    """In float32 -2^24 + (2^24 + 1) is 0 where 2^24 + 1 is summed first, and 1 where the bias is."""
    big = 1 << 24
    claim = one_layer((big, 1), -big)
    assert in_arithmetic(claim, "exact").status is Status.PROVED
    assert in_arithmetic(claim, "float32", order="bias-first").status is Status.PROVED
    late = in_arithmetic(claim, "float32", order="bias-last")
    assert (late.status, late.counterexample, late.oracles) == (Status.REFUTED, (0, 1), {"ieee"})
    every = in_arithmetic(claim, "any-order:float32")
    assert (every.status, every.arithmetic[1].refuted_in) == (Status.REFUTED, "bias-last")


def test_every_order_is_unknown_where_only_other_orders_are_wrong() -> None:
    """(2^24 + 1) - 2^24 from left to right with a bias of 0 is wrong in neither order that is tried."""
    big = 1 << 24
    sources, weights = ((0, 1, 2),), ((big, -big, 1),)
    network = Network(3, (Layer(sources, weights, (0,), False),))
    claim = Claim(network, Conjunctions(3, ((0, 1, 2),)), 3, Criterion(threshold=Fraction(1, 2)), mode="exactly")
    assert in_arithmetic(claim, "float32").status is Status.PROVED
    every = in_arithmetic(claim, "any-order:float32")
    assert every.status is Status.UNKNOWN
    assert "layer 1, neuron 0: partial sums of 26 bits, float32 holds 24" in every.reason


@given(seeds, st.sampled_from(["float32", "float64"]), st.sampled_from(KINDS))
def test_no_order_is_further_off_than_the_bound(seed: int, form: Any, kind: str) -> None:
    made = user_network(kind, seed % 1000)
    made.arrays = {name: array.astype(form) for name, array in made.arrays.items()}
    file = made.read()
    exact, computed = Brute(made), Brute(made, Sums(24 if form == "float32" else 53, shuffled=seed))
    network, _ = file.read_as(made.criterion)
    bound = rounding(network, file.scales_as(made.criterion), form, made.k, rounded=0)
    assert bound.error is not None
    off = max(
        abs(a - b)
        for y, entries in exact.entries.items()
        for (a, _, _), (b, _, _) in zip(entries, computed.entries[y], strict=True)
    )
    assert off <= bound.error
    if bound.exact:
        assert off == bound.error == 0


def test_a_margin_beyond_rounding_proves_every_order_and_rests_on_the_count() -> None:
    network = Network(2, (Layer(((0, 1),), ((11184811, 11184811),), (-11184811,), False),), 1 << 24)
    claim = Claim(network, TwoAnd(2, ((0, 1),)), 2)
    found = in_arithmetic(claim, "any-order:float32", scales=(1 << 24,))
    assert (found.status, found.oracles) == (Status.PROVED, {"enumeration", "rounding"})
    assert found.arithmetic[1].error < Fraction(1, 6)
    alone = judged(
        verify(claim, engines=["branch"]), (1 << 24,), [arithmetic("float32")],
        prove=lambda stated: verify(stated, engines=["branch"]),
    )  # fmt: skip
    assert (alone.status, alone.oracles) == (Status.PROVED, frozenset({"rounding"}))


def test_what_leaves_the_format_is_unknown_or_wrong_but_never_proved() -> None:
    huge = one_layer((1 << 130, 1 << 130), -(1 << 130) - 1)
    assert in_arithmetic(huge, "exact").status is Status.PROVED
    beyond = in_arithmetic(huge, "float32")
    assert (beyond.status, beyond.reason) == (Status.UNKNOWN, "OverflowError: a weight or bias is beyond float32")
    # Each weight fits, their sum does not: infinity is above the threshold, as in IEEE arithmetic.
    large = one_layer((3 << 126, 3 << 126), -(3 << 126) - 1)
    assert in_arithmetic(large, "float32").status is Status.PROVED
    assert in_arithmetic(large, "any-order:float32").status is Status.UNKNOWN
    nan = Network(2, (Layer(((0, 1), (0, 1)), ((3 << 126, 3 << 126),) * 2, (0, 0), True),
                      Layer(((0, 1),), ((1, -1),), (0,), False)))  # fmt: skip
    difference = Claim(nan, TwoAnd(2, ((0, 1),)), 2, Criterion("linear", slack=Fraction(1)))
    assert in_arithmetic(difference, "exact").status is Status.PROVED
    infinite = in_arithmetic(difference, "float32")  # infinity minus infinity
    assert (infinite.status, infinite.counterexample) == (Status.REFUTED, (0, 1))
    assert infinite.arithmetic[1].wrong[0].got is None


def test_subnormal_numbers_are_computed_as_ieee_says() -> None:
    """2^-149 is the least float32; half of it, a tie to even, is 0."""
    least = Claim(Network(1, (Layer(((0,),), ((1,),), (0,), False),), 1 << 149),
                  Conjunctions(1, ((0,),)), 1, Criterion(threshold=Fraction(0)))  # fmt: skip
    assert in_arithmetic(least, "float32", scales=(1 << 149,)).status is Status.PROVED
    half = Claim(Network(1, (Layer(((0,),), ((1,),), (0,), False), Layer(((0,),), ((1,),), (0,), False)), 1 << 150),
                 Conjunctions(1, ((0,),)), 1, Criterion(threshold=Fraction(0)))  # fmt: skip
    assert in_arithmetic(half, "exact").status is Status.PROVED
    found = in_arithmetic(half, "float32", scales=(1 << 149, 1 << 150))
    assert (found.status, found.counterexample) == (Status.REFUTED, (0,))


def test_weights_that_the_format_does_not_hold_are_rounded_and_counted() -> None:
    """1 + 2^-24, a tie to even, becomes 1 in float32."""
    unit = 1 << 24
    network = Network(1, (Layer(((0,),), ((unit + 1,),), (0,), False),), unit)
    claim = Claim(network, Conjunctions(1, ((0,),)), 1, Criterion(threshold=Fraction(1)))
    found = in_arithmetic(claim, "float32", scales=(unit,))
    assert (found.status, found.exact.status, found.arithmetic[1].rounded) == (Status.REFUTED, Status.PROVED, 1)
    assert in_arithmetic(claim, "float64", scales=(unit,)).status is Status.PROVED


THRESHOLDS = st.fractions(-4, 4, max_denominator=50) | st.sampled_from(
    [Fraction(1, 2), Fraction(10) ** 40, Fraction(0)]
)


@given(THRESHOLDS, st.fractions(0, 2, max_denominator=30), st.booleans(), st.sampled_from(["float32", "float64"]))
def test_windows_of_floats_are_exact(threshold: Fraction, slack: Fraction, strict: bool, form: Any) -> None:
    """A float is in the window iff the exact number that it is fulfils the criterion."""
    kind = np.dtype(form).type
    for name in ("readout", "separated", "linear"):
        criterion = Criterion(name, threshold, slack if name != "readout" else Fraction(0), strict)
        found = windows(criterion, Fraction(1), form)
        ends = (threshold, threshold + slack, threshold - slack, slack, 1 - slack)
        near = [kind(float(x)) for x in ends if abs(x) < 100] or [np.finfo(form).max, np.finfo(form).min]
        for z in {np.nextafter(x, kind(to)) for x in near for to in (-1, 1)} | set(near):
            for truth, (low, high) in ((False, found.false), (True, found.true)):
                assert (kind(low) <= z <= kind(high)) == brute.right(criterion, Fraction(float(z)), truth)


@given(st.fractions(0, 1, max_denominator=10**6), seeds)
def test_a_tightened_criterion_forgives_errors(error: Fraction, seed: int) -> None:
    rng = random.Random(seed)
    criterion = brute.random_criterion(rng)
    tight = tightened(criterion, error)
    if tight is None:
        return
    for truth in (False, True):
        a = Fraction(rng.randint(-200, 200), rng.randint(1, 12))
        if brute.right(tight, a, truth):
            assert all(brute.right(criterion, a + sign * error, truth) for sign in (-1, 0, 1))


@given(seeds, st.integers(1, 120), st.integers(1, 9), st.booleans())
def test_products_of_limbs_are_exact(seed: int, bits: int, width: int, relu: bool) -> None:
    """Against Python's integers, at any magnitude, also where BLAS gets its rows in pieces."""
    rng = random.Random(seed)
    rows, outputs, word = rng.randint(1, 5), rng.randint(1, 4), rng.randint(3, limbs.WIDEST)
    x = [[rng.randint(-(1 << bits), 1 << bits) for _ in range(width)] for _ in range(rows)]
    w = [[rng.choice([0, rng.randint(-(1 << bits), 1 << bits)]) for _ in range(width)] for _ in range(outputs)]
    b = [rng.randint(-(1 << bits), 1 << bits) for _ in range(outputs)]
    incoming = limbs.count(1 << bits, word)
    outgoing = limbs.count(max(sum(abs(v) for v in row) << bits for row in w) + (1 << bits), word)
    product = limbs.product(
        np.array(w, dtype=object), np.array(b, dtype=object), word, incoming=incoming, outgoing=outgoing
    )
    if product is None:
        assert word > 20
        return
    given_x = np.concatenate(limbs.split(np.array(x, dtype=object), word, incoming), axis=1)
    found = product(given_x, relu=relu).reshape(rows, outgoing, outputs)
    for r in range(rows):
        values = [max(v, 0) if relu else v for v in x[r]]
        for i in range(outputs):
            expected = sum(a * v for a, v in zip(w[i], values, strict=True)) + b[i]
            assert limbs.joined(found[r, :, i].tolist(), word) == expected


def test_wide_layers_of_one_limb_are_exact_too() -> None:
    """300 products of 50 bits each: every number fits one limb, their sum does not fit float64."""
    rng = random.Random(2)
    hidden = tuple(((1 << 25) - 1 - 2 * rng.randint(0, 1000),) for _ in range(300))
    last = tuple((1 << 25) - 1 - 2 * rng.randint(0, 1000) for _ in range(300))
    layers = (
        Layer(((0,),) * 300, hidden, (0,) * 300, True),
        Layer((tuple(range(300)),), (last,), (0,), False),
    )
    exact = sum(a * b for (a,), b in zip(hidden, last, strict=True))
    for level, status in ((exact - 1, Status.PROVED), (exact, Status.REFUTED)):
        claim = Claim(Network(1, layers), Conjunctions(1, ((0,),)), 1, Criterion(threshold=Fraction(level)))
        answer = Enumerate(compiled=False).run(claim)
        assert answer.status is status
        assert answer.statistics is not None
        assert answer.statistics.min_margin == exact - level
        assert answer.statistics.ties == (exact == level)


def test_blas_in_pieces_multiplies_like_blas(monkeypatch: pytest.MonkeyPatch) -> None:
    rng = np.random.default_rng(0)
    for rows, depth, outputs in ((1, 1, 1), (37, 5, 3), (8, 64, 9), (20, 0, 2)):
        x, block = (
            rng.integers(-1000, 1000, shape).astype(np.float64) for shape in ((rows, depth), (depth, outputs))
        )
        for alone in (1, 64, 1 << 18):
            monkeypatch.setattr(limbs, "ALONE", alone)
            assert np.array_equal(limbs.times(x, block), x @ block)


def test_a_float_network_of_forty_inputs_with_one_wrong_input_is_refuted_in_time() -> None:
    """One of 102,091 inputs is wrong: found, with all counts, in less than two seconds of one core."""
    made, planted = forty(), (3, 17, 21, 38)
    claim = Claim(made, TwoAnd(40, tuple((i, (i + 7) % 40) for i in range(40))), 4)
    Enumerate().run(Claim(made, claim.problem, 1))  # numpy has started its threads
    started = time.process_time()
    verdict = verify(claim)
    assert time.process_time() - started < 2
    assert (verdict.status, verdict.counterexample) == (Status.REFUTED, planted)
    assert verdict.statistics is not None
    assert (verdict.statistics.wrong_inputs, verdict.statistics.inputs_covered) == (1, 102_091)
    assert sum(verdict.statistics.wrong_per_output) == 1


def forty() -> Network:
    """100 hidden neurons with trained-like float32 weights; the last one is on for one input of four ones only."""
    rng = np.random.default_rng(4)
    first, second = rng.normal(0, 2e-4, (100, 40)), rng.normal(0, 2e-3, (40, 100))
    for i in range(40):
        first[i, [i, (i + 7) % 40]] += 1
        second[i, i] += 1
    first[99], second[:, 99] = -9.0, 0.0
    first[99, [3, 17, 21, 38]], second[11, 99] = 1.0, 2.0
    bias = np.concatenate([np.full(40, -1.0), rng.normal(0, 1e-3, 59), [-3.5]])

    def layer(weights: np.ndarray[Any, Any], b: np.ndarray[Any, Any], relu: bool) -> RealLayer:
        rows = weights.astype(np.float32).tolist()
        sources = tuple(tuple(j for j, w in enumerate(row) if w) for row in rows)
        values = tuple(tuple(w for w in row if w) for row in rows)
        return RealLayer(Matrix(weights.shape[1], sources, values), tuple(b.astype(np.float32).tolist()), relu, "W")

    return exact_network([layer(first, bias, True), layer(second, np.zeros(40), False)])


def probabilities(made: UserNetwork, p: Fraction) -> tuple[Fraction, Fraction]:
    """The probability of a wrong covered input, and of a covered one, input by input."""
    entries = Brute(made).entries
    weights = {y: p ** len(y) * (1 - p) ** (made.inputs - len(y)) for y in entries}
    wrong = (w for y, w in weights.items() if any(bad for _, _, bad in entries[y]))
    return sum(wrong, Fraction(0)), sum(weights.values(), Fraction(0))


@given(seeds, st.fractions(0, 1, max_denominator=20))
def test_error_probabilities(seed: int, p: Fraction) -> None:
    made = user_network("trained", seed % 1000)
    mode: Any = "exactly" if made.exactly else "at-most"
    criterion = Criterion(made.criterion, made.threshold, made.slack, made.strict)  # type: ignore[arg-type]
    claim = Claim(made.read().network, TwoAnd(made.inputs, tuple(made.pairs)), made.k, criterion, mode)
    counted = Enumerate().run(claim).statistics
    assert counted is not None
    found, uniform = bernoulli_error(claim, counted.wrong_per_size, p), uniform_error(claim, counted.wrong_per_size)
    lower, covered = probabilities(made, p)
    assert (found.lower, found.covered, found.upper) == (lower, covered, lower + 1 - covered)
    assert found.given_covered == (lower / covered if covered else None)
    wrong = Brute(made).wrong_inputs()
    full = list(combinations(range(made.inputs), made.k))
    assert uniform.exactly == Fraction(len(set(wrong) & set(full)), len(full))
    assert uniform.at_most == (None if made.exactly else Fraction(len(wrong), counted.inputs_covered))


@pytest.mark.parametrize("p", [Fraction(-1, 3), Fraction(4, 3), Fraction(1, 1 << (1 << 19))])
def test_what_is_no_probability_is_malformed(p: Fraction) -> None:
    with pytest.raises(Malformed, match="bernoulli"):
        bernoulli_error(one_layer((1, 1), -1), (0, 0, 0), p)


@pytest.mark.parametrize("seed", range(12))
def test_the_largest_k_is_that_of_brute_force(seed: int) -> None:
    made = user_network("trained", seed)
    made.criterion, made.slack, made.exactly, made.k = "readout", Fraction(0), False, made.inputs
    criterion = Criterion("readout", made.threshold, Fraction(0), made.strict)
    network, problem = made.read().network, TwoAnd(made.inputs, tuple(made.pairs))
    smallest = min(map(len, Brute(made).wrong_inputs()), default=made.inputs + 1)
    expected = smallest - 1 if smallest else None
    for k in (0, made.inputs // 2, made.inputs):
        claim = Claim(network, problem, k, criterion)
        for engines in (["enumerate"], ["branch"]):
            asked = verify(claim, engines=engines)
            for known in (None, asked, counted(asked)):
                found = largest_k(claim, known=known, engines=engines)
                assert (found.k, found.final) == (expected, True)


def test_the_largest_k_is_below_the_smallest_wrong_input_whatever_the_counterexample() -> None:
    claim = one_layer((1, 1, 0, 0, 2), -1)  # wrong on input 4 alone, and on 0 and 1 with others
    known = counted(verify(claim, engines=["branch"]))
    larger = replace(known, counterexample=(0, 4))
    assert (largest_k(claim, known=larger).k, largest_k(claim, known=larger).counterexample) == (0, (4,))


def test_the_largest_k_rests_on_permitted_oracles_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    claim = one_layer((1, 1, 0, 0), -1)
    proved = verify(claim, engines=["enumerate"])
    trusted = replace(proved, oracles=frozenset({"z3"}))
    monkeypatch.setattr("supverify.engines.verify", lambda *_, **__: trusted)
    assert (largest_k(claim, known=trusted).k, largest_k(claim, known=trusted).final) == (4, True)
    assert (largest_k(claim, permit=()).k, largest_k(claim, permit=()).final) == (None, False)


def test_the_largest_k_is_not_final_where_the_next_one_is_undecided() -> None:
    claim = one_layer((1, 1, 0, 0), -1)
    short = Claim(claim.network, claim.problem, 1)
    found = largest_k(short, known=verify(short, engines=["enumerate"]), engines=["smt"], seconds=1e-9)
    assert (found.k, found.final, found.counterexample) == (1, False, None)


def test_assertions_for_the_test_suites_of_users(shell: Shell) -> None:
    assert assert_exact("good.npz", "ands.json", k=2).status is Status.PROVED
    with pytest.raises(NotExact) as wrong:
        assert_exact("wrong.npz", "ands.json", k=2)
    message = str(wrong.value)
    assert "counterexample: active inputs [0, 1]" in message
    assert "output 1 (y1 AND y2): expected at most 1/2, got 3/4" in message
    assert "wrong on 2 of 7 inputs; smallest margin -1/4" in message
    assert not isinstance(wrong.value, NotDecided)
    with pytest.raises(NotDecided, match="not decided"):
        assert_exact("good.npz", "ands.json", k=2, engines=["smt"], seconds=1e-9)
    with pytest.raises(NotDecided, match="only by rounding, which is not permitted"):
        assert_exact("good.npz", "ands.json", k=2, arithmetic="float32", permit=[])
    assert issubclass(NotDecided, AssertionError)
    assert supverify.testing is not None


def test_arrays_in_memory_are_the_network_of_their_file(tmp_path: Path) -> None:
    for kind in KINDS:
        made = user_network(kind, 1)
        file = supverify.network_of(made.arrays)
        assert (file, file.scales) == (made.read(), made.read().scales)
    named = {"b.weight": np.eye(2), "a.weight": np.ones((2, 2))}
    assert supverify.network_of(named, layers=["a", "b"]).network.layers[0].weights == ((1, 1), (1, 1))
    matrix = np.array([[1, 2], [3, 4]]).view(np.matrix)  # whose rows stay matrices
    assert supverify.network_of({"W1": matrix}).network.layers[0].weights == ((1, 2), (3, 4))


@pytest.mark.parametrize(
    "array",
    [
        [[1, 0], [0, 1]],
        np.array([[1j, 0]]),
        np.array([["1", "0"]]),
        np.eye(2).astype(object),
        np.array([[np.inf]]),
        np.ma.masked_equal(np.eye(2), 0),
    ],
)
def test_arrays_in_memory_are_refused_as_those_of_files(array: Any) -> None:
    with pytest.raises(Malformed, match="arrays: W1"):
        supverify.network_of({"W1": array})


def test_a_notebook_shows_the_verdict(shell: Shell) -> None:
    verdict = supverify.verify("wrong.npz", "ands.json", k=2, engines=["enumerate"], arithmetic=["exact", "float32"])
    html = verdict._repr_html_()
    for text in ("REFUTED", "2 of 7", "-1/4", "active inputs 0, 1: wrong outputs 1", "ieee(float32, bias-last)"):
        assert text in html
    assert "<script" not in html
    assert html.count("<tr>") == html.count("</tr>") > 7
    strange = verify(one_layer((1, 1), -1), engines=["enumerate"])
    escaped = replace(strange, reason="<script>&")._repr_html_()
    assert "&lt;script&gt;&amp;" in escaped
    assert "the kernel alone" in escaped


def test_the_command_line_says_it_in_each_arithmetic(shell: Shell) -> None:
    big = 2.0**24
    shell.network("lost", W1=np.array([[big, 1, 0], [0, 1, 1]]), b1=[-big, -1])
    run = shell.verify("lost.npz", "--arithmetic", "exact", "--arithmetic", "float32", "--json")
    answer = run.answer
    assert (run.code, answer["status"], answer["decided_in"]) == (1, "REFUTED", "ieee(float32, bias-last)")
    assert [part["status"] for part in answer["arithmetic"]] == ["PROVED", "REFUTED"]
    assert answer["counterexample"] == [0, 1]
    assert answer["wrong_outputs"] == [{"output": 0, "computes": "y0 AND y1", "expected": "above 1/2", "got": "0"}]
    assert answer["failing_gates"] == [{"output": 0, "computes": "y0 AND y1", "wrong_inputs": 1, "first": [0, 1]}]
    first = shell.verify("lost.npz", "--arithmetic", "float32", "--order", "bias-first", "--json")
    assert (first.code, first.answer["status"]) == (0, "PROVED")
    people = shell.verify("lost.npz", "--arithmetic", "float32").out
    assert "right over the real numbers, but output 0 is wrong in float32, bias-last" in " ".join(people.split())
    assert "over the real numbers, checked by the kernel; again: supverify recheck" in people
    every = shell.verify("good.npz", "--arithmetic", "any-order:float32", "--permit", "z3", "--json")
    assert (every.code, every.answer["status"]) == (2, "UNKNOWN")
    assert "only by rounding" in every.answer["reason"]


def test_the_command_line_says_how_often_it_is_wrong_and_up_to_which_k(shell: Shell) -> None:
    run = shell.verify("wrong.npz", "--engines", "enumerate", "--bernoulli", "1/10", "--largest-k", "--json")
    exactly, at_most, bernoulli = run.answer["error_probabilities"]
    assert (exactly["lower"], at_most["upper"]) == ("2/3", "2/7")
    assert (bernoulli["lower"], bernoulli["upper"], bernoulli["given_covered"]) == ("9/500", "19/1000", "2/111")
    assert run.answer["largest_k"] == {
        "k": 1, "final": True, "counterexample": [0, 1], "reason": "output 1 is wrong",
    }  # fmt: skip
    people = shell.verify("wrong.npz", "--engines", "enumerate", "--bernoulli", "1/10", "--largest-k").out
    assert "0.018 to 0.019" in people
    assert "exact for k up to 1: wrong on active inputs [0, 1]" in people
    assert "smallest failing support" in people


def test_the_command_line_refuses_other_arithmetics_and_probabilities(shell: Shell) -> None:
    assert "arithmetic: expected exact, float32" in refused(shell.verify("good.npz", "--arithmetic", "float16"))
    assert "bernoulli: expected a probability" in refused(shell.verify("good.npz", "--bernoulli", "3/2"))


def test_counts_are_made_where_another_engine_has_decided(shell: Shell) -> None:
    alone = supverify.verify("wrong.npz", "ands.json", k=2, engines=["branch"])
    with_counts = supverify.verify("wrong.npz", "ands.json", k=2, engines=["branch"], statistics=True)
    assert alone.statistics is None
    assert with_counts.statistics == verify(alone.claim, engines=["enumerate"]).statistics
    assert [answer.engine for answer in with_counts.engines] == ["branch", "enumerate"]
    assert counted(with_counts) is with_counts
    assert shell.verify("wrong.npz", "--statistics", "--json").answer["wrong_inputs"] == 2
    assert shell.verify("wrong.npz", "--json").answer["wrong_inputs"] is None


def test_counts_that_contradict_a_verdict_stop_everything() -> None:
    verdict = verify(one_layer((1, 1), -1), engines=["branch"])
    with pytest.raises(Disagreement, match="but enumeration says PROVED"):
        counted(replace(verdict, status=Status.REFUTED))


def test_the_exact_arithmetic_alone_changes_nothing() -> None:
    claim = one_layer((1, 1), -1)
    verdict = verify(claim, engines=["enumerate"])
    assert judged(verdict, (1,), [EXACTLY], prove=lambda stated: verify(stated)) is verdict


@given(st.integers(-(1 << 300), 1 << 300), st.integers(0, 400), st.sampled_from(["float32", "float64"]))
def test_a_format_holds_what_it_does_not_round(number: int, shift: int, form: Any) -> None:
    """Against numpy's conversion, subnormal numbers included."""
    network = Network(1, (Layer(((),), ((),), (number,), False),), 1 << shift)
    if abs(number) >= 1 << shift + (128 if form == "float32" else 1024):
        with pytest.raises(OverflowError, match="beyond float"):
            not_held(network, (1 << shift,), form)
        return
    with np.errstate(over="ignore", under="ignore"):
        value = np.float64(number / (1 << shift)).astype(form)
    same = bool(np.isfinite(value)) and Fraction(float(value)) == Fraction(number, 1 << shift)
    assert not_held(network, (1 << shift,), form) == (not same)
