"""Codes and the layers made from them, and networks whose codes break one condition of exactness on purpose."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from supverify.kernel.check import wrong_outputs
from supverify.kernel.claim import Claim, Criterion, TwoAnd
from supverify.kernel.network import Network, evaluate
from supverify.models.codes import Bits, decoder, draw, linear, product, redraw, supports, threshold, union
from supverify.models.exactness import FalseRead, crowded_rows, false_reads, largest_sums, overlaps, undecodable
from supverify.models.resample import Codes
from supverify.models.two_and import Gates, Judge

SIZES = st.integers(1, 6)


@st.composite
def matrices(draw: st.DrawFn, rows: int, columns: int) -> Bits:
    bits = draw(st.lists(st.booleans(), min_size=rows * columns, max_size=rows * columns))
    return np.array(bits, dtype=np.bool_).reshape(rows, columns)


def sparse_inputs(inputs: int, k: int) -> Iterator[tuple[int, ...]]:
    return (active for size in range(k + 1) for active in combinations(range(inputs), size))


@given(data=st.data(), length=st.integers(1, 9), count=st.integers(0, 9), seed=st.integers(0, 99))
def test_codes_have_their_weight_and_even_loads(data: st.DataObject, length: int, count: int, seed: int) -> None:
    weight = data.draw(st.integers(1, length))
    code = draw(np.random.default_rng(seed), length=length, weight=weight, count=count)
    assert code.shape == (length, count)
    assert (code.sum(axis=0) == weight).all()
    assert np.ptp(code.sum(axis=1)) <= 2
    assert (code == draw(np.random.default_rng(seed), length=length, weight=weight, count=count)).all()


def test_a_redraw_leaves_the_other_columns() -> None:
    rng = np.random.default_rng(0)
    code = draw(rng, length=20, weight=3, count=10)
    before = code.copy()
    redraw(code, [2, 5], 3, rng)
    assert sorted(np.flatnonzero((code != before).any(axis=0))) == [2, 5]
    assert (code.sum(axis=0) == 3).all()


@given(data=st.data(), n=SIZES, inner=SIZES, m=SIZES)
def test_products_and_unions(data: st.DataObject, n: int, inner: int, m: int) -> None:
    left, right = data.draw(matrices(n, inner)), data.draw(matrices(inner, m))
    expected = [[sum(bool(left[r, t] & right[t, j]) for t in range(inner)) for j in range(m)] for r in range(n)]
    assert product(left, right).tolist() == expected
    assert union(left, right).tolist() == [[count > 0 for count in row] for row in expected]


@given(data=st.data(), n=SIZES, m=SIZES, level=st.integers(0, 4))
def test_layers_compute_what_their_matrices_say(data: st.DataObject, n: int, m: int, level: int) -> None:
    matrix = data.draw(matrices(n, m))
    for active in sparse_inputs(m, 3):
        hits = matrix[:, list(active)].sum(axis=1)
        assert evaluate(Network(m, threshold(matrix, level)), active) == tuple(int(x) for x in hits >= level)
        assert evaluate(Network(m, (linear(-2 * matrix.astype(np.int64), bias=5),)), active) == tuple(
            5 - 2 * int(x) for x in hits
        )
        assert evaluate(Network(m, (decoder(matrix.T, 3),)), active) == tuple(int(x) - 2 for x in hits)


@given(data=st.data(), n=SIZES, m=SIZES, k=st.integers(0, 7))
def test_largest_sums(data: st.DataObject, n: int, m: int, k: int) -> None:
    numbers = np.array(data.draw(st.lists(st.integers(0, 9), min_size=n * m, max_size=n * m))).reshape(n, m)
    assert largest_sums(numbers, k).tolist() == [sum(sorted(row, reverse=True)[:k]) for row in numbers.tolist()]


@given(data=st.data(), n=SIZES, n0=st.integers(2, 6), m=SIZES, k=st.integers(0, 4), seed=st.integers(0, 99))
def test_crowded_rows_are_those_that_fire_without_two_members(
    data: st.DataObject, n: int, n0: int, m: int, k: int, seed: int
) -> None:
    weight = data.draw(st.integers(1, n0))
    members, C = data.draw(matrices(n, m)), draw(np.random.default_rng(seed), length=n0, weight=weight, count=m)
    hidden = Network(m, (linear(C), *threshold(union(members, C.T), 2 * weight)))
    crowded = set()
    for active in sparse_inputs(m, min(k, m)):
        fires, two = np.array(evaluate(hidden, active)), members[:, list(active)].sum(axis=1) >= 2
        assert (fires[two] == 1).all()
        crowded |= set(np.flatnonzero((fires == 1) & ~two))
    assert set(crowded_rows(members, overlaps(members, C), weight, k)) == crowded


def codes(rng: np.random.Generator, *, rows: int, inputs: int, density: float) -> Bits:
    return rng.random((rows, inputs)) < density


@given(st.integers(0, 2**32), st.integers(0, 4))
def test_false_reads_are_complete(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    members, reads = codes(rng, rows=6, inputs=5, density=0.5), codes(rng, rows=4, inputs=6, density=0.5)
    level = int(rng.integers(1, 4))
    pairs = [(a, b) for a, b in combinations(range(5), 2) if rng.random() < 0.3]
    owned = {pair: rng.random(4) < 0.4 for pair in pairs}
    found = {(read.active, read.row) for read in false_reads(members, reads, owned, level, k)}
    expected = set()
    for size in range(k + 1):
        for y in combinations(range(5), size):
            firing = members[:, list(y)].sum(axis=1) >= 2
            may = np.zeros(4, dtype=bool)
            for pair in combinations(y, 2):
                may |= owned.get(pair, False)
            expected |= {(y, r) for r in range(4) if reads[r][firing].sum() >= level and not may[r]}
    assert found == expected


@given(st.integers(0, 2**32), st.integers(0, 4))
def test_undecodable_outputs_are_those_that_others_hide(seed: int, k: int) -> None:
    rng = np.random.default_rng(seed)
    code = codes(rng, rows=4, inputs=5, density=0.5)
    clauses = [tuple(sorted(map(int, rng.choice(5, size=2, replace=False)))) for _ in range(5)]
    hidden = set()
    for size in range(k + 1):
        for y in combinations(range(5), size):
            true = [set(clause) <= set(y) for clause in clauses]
            union = code[:, true].any(axis=1)
            hidden |= {i for i in range(5) if not true[i] and not (code[:, i] & ~union).any()}
    assert set(undecodable(code, clauses, k)) == hidden


@dataclass(frozen=True)
class Instance:
    """Codes for a small 2-AND problem, not searched for: they may or may not be exact."""

    gates: Gates
    weights: tuple[int, int, int]
    codes: Codes

    def claims(self) -> tuple[Claim, Claim]:
        network, decoded = self.gates.networks(self.codes, self.weights)
        problem, k = self.gates.problem, self.gates.k
        code = Claim(network, problem, k, Criterion("code"), code=supports(self.codes[2]))
        return code, Claim(decoded, problem, k, Criterion("readout"))

    def wrong(self) -> tuple[bool, bool]:
        """Whether the code claim, and the readout claim, fail."""
        first, second = (any(wrong_outputs(claim, y) for y in claim.members(claim.domain)) for claim in self.claims())
        return first, second


def instance(problem: TwoAnd, k: int, *, neurons: int, weights: tuple[int, int, int], seed: int = 0) -> Instance:
    gates, rng = Gates(problem, k), np.random.default_rng(seed)
    shapes = zip(weights, gates.counts, strict=True)
    return Instance(gates, weights, tuple(draw(rng, length=neurons, weight=w, count=count) for w, count in shapes))


@given(
    seed=st.integers(0, 10**6),
    neurons=st.integers(4, 24),
    k=st.integers(0, 3),
    pairs=st.lists(st.sampled_from(list(combinations(range(6), 2))), min_size=1, max_size=6),
)
@settings(max_examples=150)
def test_no_fault_means_that_both_claims_hold(seed: int, neurons: int, k: int, pairs: list[tuple[int, int]]) -> None:
    tried = instance(TwoAnd(6, tuple(pairs)), k, neurons=neurons, weights=(3, 2, 2), seed=seed)
    faults = Judge(tried.gates, tried.weights)(tried.codes)
    code, readout = tried.wrong()
    assert bool(faults.count) or not (code or readout)
    if undecodable(tried.codes[2], pairs, k) and not code:
        assert readout


def exact() -> Instance:
    """Every input, gate and output has ones of its own: exact, with room to be broken."""
    found = instance(TwoAnd(6, ((0, 1), (2, 3), (4, 5), (0, 2))), 3, neurons=12, weights=(2, 2, 2))
    blocks = np.repeat(np.eye(6, dtype=np.bool_), 2, axis=0)
    return Instance(found.gates, found.weights, (blocks, blocks[:, :4], blocks[:, :4]))


def moved(code: Bits, column: int, rows: list[int]) -> Bits:
    other = code.copy()
    other[:, column] = False
    other[rows, column] = True
    return other


def test_codes_apart_are_exact() -> None:
    assert Judge(exact().gates, exact().weights)(exact().codes).count == 0
    assert exact().wrong() == (False, False)


def test_an_input_code_inside_a_rows_union_is_seen() -> None:
    C, R, C1 = exact().codes
    crowding = Instance(exact().gates, exact().weights, (moved(C, 5, [0, 2]), R, C1))
    faults = Judge(crowding.gates, crowding.weights)(crowding.codes)
    assert faults.count
    assert 5 in faults.columns[0]
    assert crowding.wrong()[0]


def test_read_sets_that_meet_are_seen() -> None:
    C, R, C1 = exact().codes
    shared = Instance(exact().gates, exact().weights, (C, moved(R, 1, [0, 1]), C1))
    faults = Judge(shared.gates, shared.weights)(shared.codes)
    assert faults.count
    assert faults.columns[1]
    assert shared.wrong()[0]


def test_an_output_code_inside_others_is_seen() -> None:
    C, R, C1 = exact().codes
    hidden = Instance(exact().gates, exact().weights, (C, R, moved(C1, 1, [0, 6])))
    assert undecodable(hidden.codes[2], hidden.gates.pairs, 3) == [1]
    assert undecodable(hidden.codes[2], hidden.gates.pairs, 2) == []
    faults = Judge(hidden.gates, hidden.weights)(hidden.codes)
    assert faults.count == 1
    assert hidden.wrong() == (False, True)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=60)
def test_a_false_read_is_a_wrong_output_where_no_row_is_crowded(seed: int) -> None:
    pairs = ((0, 1), (1, 2), (2, 3), (3, 4), (0, 4))
    tried = instance(TwoAnd(5, pairs), 3, neurons=9, weights=(2, 2, 2), seed=seed)
    _, R, C1 = tried.codes
    tried = Instance(tried.gates, (1, 2, 2), (np.eye(9, 5, dtype=np.bool_), R, C1))  # no input meets another
    members, reads = tried.gates.members(R), tried.gates.reads(R, C1)
    owned = {pair: C1[:, i] for i, pair in enumerate(tried.gates.pairs)}
    false = list(false_reads(members, reads, owned, 2, 3))
    assume(false)
    claim = tried.claims()[0]
    for read in false:
        assert read.row in wrong_outputs(claim, read.active)
    assert tried.wrong()[0]


def test_repeated_pairs_share_a_read_set_but_no_code() -> None:
    gates = Gates(TwoAnd(4, ((0, 1), (1, 0), (2, 3), (0, 1))), 2)
    assert gates.distinct == ((0, 1), (2, 3))
    assert gates.gate_of == [0, 0, 1, 0]
    assert gates.counts == (4, 2, 4)


@given(seed=st.integers(0, 10**6))
@settings(max_examples=40)
def test_a_judge_that_remembers_judges_like_a_new_one(seed: int) -> None:
    rng = np.random.default_rng(seed)
    tried = instance(TwoAnd(5, ((0, 1), (1, 2), (2, 3), (0, 4))), 3, neurons=8, weights=(2, 2, 2), seed=seed)
    judge, known = Judge(tried.gates, tried.weights), [tried.codes]
    for _ in range(12):
        codes = list(known[rng.integers(len(known))])
        place = int(rng.integers(4))  # 3: the very same codes again
        if place < 3:
            codes[place] = draw(rng, length=8, weight=2, count=tried.gates.counts[place])
        known.append((codes[0], codes[1], codes[2]))
        assert judge(known[-1]) == Judge(tried.gates, tried.weights)(known[-1])


def test_counting_of_faults_stops_when_there_are_more_than_columns() -> None:
    tried = instance(TwoAnd(12, tuple(combinations(range(12), 2))), 2, neurons=4, weights=(2, 2, 2))
    assert Judge(tried.gates, tried.weights)(tried.codes).count > sum(tried.gates.counts)


@pytest.mark.parametrize("k", [2, 3, 4])
def test_false_reads_of_larger_sets_grow_from_smaller_ones(k: int) -> None:
    ring = np.zeros((k, k), dtype=np.bool_)  # hidden neuron r joins inputs r and r + 1: all k fire only together
    for r in range(k):
        ring[r, [r, (r + 1) % k]] = True
    everything = np.ones((1, k), dtype=np.bool_)
    found = list(false_reads(ring, everything, {}, k, k))
    assert found == [FalseRead(tuple(range(k)), 0)]
    assert not list(false_reads(ring, everything, {}, k, k - 1))
