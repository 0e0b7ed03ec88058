"""The searches of the compact construction against brute force: channels, input rows, output rows, complete scan."""

from __future__ import annotations

import sys
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supverify.kernel.claim import TwoAnd
from supverify.models import family
from supverify.models.compact import channels as compact_channels
from supverify.models.compact import compile as compact_compile
from supverify.models.compact import input as compact_input
from supverify.models.compact import output as compact_output
from supverify.models.compact import pairs as compact_pairs
from supverify.models.compact import reach as compact_reach
from supverify.models.compact import rows as compact_rows
from supverify.models.compact.channels import Channels, Members, route, unrouted
from supverify.models.compact.compile import Flags, Ints
from supverify.models.compact.input import BOUNDS, draw_input, fit_input
from supverify.models.compact.network import build_compact
from supverify.models.compact.output import UNIT, repair
from supverify.models.compact.pairs import close_pairs, wrong_pairs
from supverify.models.compact.reach import Wrong, reached
from supverify.models.compact.rows import Points, search_row


def routed(problem: TwoAnd, *, neurons: int, width: int, k: int, seed: int = 0) -> Channels:
    gates = np.unique(np.sort(np.array(problem.pairs, dtype=np.int64), axis=1), axis=0)
    channels = unrouted(gates, inputs=problem.inputs, neurons=neurons, width=width, slack=1.0, k=k)
    route(channels, range(len(gates)), state=np.array([seed + 1]))
    return channels


@settings(max_examples=40)
@given(seed=st.integers(0, 1000), k=st.sampled_from([2, 3]), again=st.lists(st.integers(0, 14), max_size=20))
def test_route_keeps_its_books(seed: int, k: int, again: list[int]) -> None:
    channels = routed(family("random", outputs=15, seed=seed), neurons=9, width=3, k=k, seed=seed)
    route(channels, again, state=np.array([seed + 7]), noise=0.5)
    assert all(len(set(row)) == 3 for row in channels.rows.tolist())
    counts, together = np.zeros_like(channels.counts), np.zeros_like(channels.together)
    for gate, row in zip(channels.gates, channels.rows, strict=True):
        counts[np.ix_(gate, row)] += 1
        together[np.ix_(row, row)] += 1
    assert (counts == channels.counts).all()
    assert (together == channels.together).all()


def test_channels_of_a_matching_do_not_meet_while_there_is_room() -> None:
    channels = routed(family("matching", outputs=5), neurons=15, width=3, k=2)
    assert sorted(channels.rows.ravel().tolist()) == list(range(15))


@pytest.mark.parametrize("k", [2, 3, 4])
def test_bounds_separate_two_members_from_fewer(k: int) -> None:
    bounds = BOUNDS[k]
    low = bounds.low if k > 2 else 0
    assert 2 * bounds.least + (k - 2) * min(low, 0) >= bounds.threshold
    assert bounds.most + (k - 1) * bounds.high < bounds.threshold
    assert k * bounds.high < bounds.threshold


@settings(max_examples=30)
@given(seed=st.integers(0, 10**6), k=st.sampled_from([2, 3]), aligned=st.integers(0, 2))
def test_input_codes_read_every_sparse_input(seed: int, k: int, aligned: int) -> None:
    channels = routed(family("random", outputs=60, seed=seed), neurons=50, width=3, k=k, seed=seed)
    code = draw_input(channels.counts > 0, k=k, aligned=aligned, state=np.array([seed]))
    assert code is not None
    ones = code.columns.shape[1]
    overlaps = code.matrix.T.astype(int) @ code.matrix.astype(int)
    assert (np.diag(overlaps) == ones).all()
    np.fill_diagonal(overlaps, 0)
    assert k * overlaps.max() < ones


def test_no_input_code_where_there_is_no_room() -> None:
    assert draw_input(np.zeros((500, 4), dtype=np.bool_), k=3, aligned=0, state=np.array([1])) is None


def test_few_inputs_are_not_superposed() -> None:
    code = draw_input(np.zeros((5, 7), dtype=np.bool_), k=3, aligned=0, state=np.array([1]))
    assert code is not None
    assert code.matrix.T.tolist() == np.eye(5, 7, dtype=bool).tolist()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.sampled_from([2, 3, 4]))
def test_first_layer_finds_two_members_on_every_sparse_input(seed: int, k: int) -> None:
    channels = routed(family("random", outputs=20, seed=seed), neurons=18, width=3, k=k, seed=seed)
    code = draw_input(channels.counts > 0, k=k, aligned=1, state=np.array([seed]))
    fitted = None if code is None else fit_input(channels, code, k=k, state=np.array([seed]))
    if code is None or fitted is None:
        return
    weights, threshold = fitted
    sums = weights @ code.matrix.astype(np.int64)
    for size in range(k + 1):
        for active in combinations(range(20), size):
            fires = sums[:, list(active)].sum(axis=1) >= threshold
            assert (fires == (channels.members[list(active)].sum(axis=0) >= 2)).all()


@st.composite
def networks(draw: st.DrawFn) -> tuple[Channels, Flags, Ints, int]:
    """Channels of few neurons, an output code, and weights that are often wrong."""
    seed, k = draw(st.integers(0, 10**6)), draw(st.sampled_from([2, 3, 4]))
    rng = np.random.default_rng(seed)
    problem = family(draw(st.sampled_from(["random", "star", "clique", "matching"])), outputs=6, seed=seed)
    channels = routed(problem, neurons=int(rng.integers(5, 10)), width=3, k=k, seed=seed)
    n = len(channels.together)
    code = rng.random((len(channels.gates), n)) < 0.3
    reads = code.T.astype(int) @ channels.code.astype(int) > 0
    lowest = 0 if k == 4 else -6
    weights = np.where(reads, UNIT, 0) + (rng.random((n, n)) < 0.3) * rng.integers(-6, 5, size=(n, n))
    return channels, code, np.maximum(weights, lowest).astype(np.int64), k


def found_by(wrong: Wrong) -> set[tuple[tuple[int, ...], int, bool]]:
    entries = zip(wrong.active.tolist(), wrong.rows.tolist(), wrong.wanted.tolist(), strict=True)
    return {(tuple(sorted(j for j in active if j >= 0)), r, wanted) for active, r, wanted in entries}


def brute_wrong(
    channels: Channels, code: Flags, weights: Ints, threshold: int, k: int
) -> set[tuple[tuple[int, ...], int, bool]]:
    found = set()
    for size in range(k + 1):
        for active in combinations(range(len(channels.counts)), size):
            fires = weights @ (channels.members[list(active)].sum(axis=0) >= 2) >= threshold
            true = [i for i, gate in enumerate(channels.gates.tolist()) if set(gate) <= set(active)]
            wanted = np.asarray(code[true].any(axis=0))
            found |= {(active, r, bool(wanted[r])) for r in np.flatnonzero(fires != wanted).tolist()}
    return found


@settings(max_examples=300, deadline=None)
@given(networks(), st.integers(14, 26))
def test_scan_finds_a_wrong_input_of_every_wrong_row(
    drawn: tuple[Channels, Flags, Ints, int], threshold: int
) -> None:
    channels, code, weights, k = drawn
    rows = np.arange(len(weights))
    members = Members.of(channels.counts > 0)
    if k == 2:
        close = close_pairs(members, channels.gates)
        wrong = wrong_pairs(close, code, weights, threshold, rows=rows, most=10**4)
    else:
        wrong = reached(members, channels.gates, code, weights, threshold, k=k, rows=rows, most=10**4)
    found, everything = found_by(wrong), brute_wrong(channels, code, weights, threshold, k)
    assert found <= everything
    # A superset of a wrong input, or an input that adds nothing, need not be listed.
    assert {r for _, r, _ in found} == {r for _, r, _ in everything}


def test_scan_keeps_no_more_than_it_is_asked_for() -> None:
    channels = routed(clique(6), neurons=5, width=3, k=3)
    code, weights, rows = np.zeros((15, 5), dtype=np.bool_), np.full((5, 5), 8), np.array([1, 4])
    members = Members.of(channels.counts > 0)
    wrong = reached(members, channels.gates, code, weights, 16, k=3, rows=rows, most=2)
    assert sorted(wrong.rows.tolist()) == [1, 1, 4, 4]


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), k=st.sampled_from([2, 3, 4]))
def test_repaired_outputs_are_exact_and_decodable(seed: int, k: int) -> None:
    channels = routed(family("random", outputs=9, seed=seed), neurons=14, width=3, k=k, seed=seed)
    output = repair(channels, k=k, state=np.array([seed]))
    if output is None:
        return
    assert brute_wrong(channels, output.code, output.weights, output.threshold, k) == set()
    gates = [set(gate) for gate in channels.gates.tolist()]
    for active in combinations(range(len(channels.counts)), k):
        true = [i for i, gate in enumerate(gates) if gate <= set(active)]
        shown = output.code[true].any(axis=0)
        assert all(not (column <= shown).all() for i, column in enumerate(output.code) if i not in true)


def clique(inputs: int) -> TwoAnd:
    return TwoAnd(inputs, tuple(combinations(range(inputs), 2)))


@settings(max_examples=60)
@given(st.integers(0, 10**6))
def test_row_search_counts_what_is_left(seed: int) -> None:
    rng = np.random.default_rng(seed)
    supports = [np.flatnonzero(rng.random(8) < 0.5) for _ in range(12)]
    low = rng.integers(-6, 4, size=12)
    points = Points(
        np.cumsum([0, *map(len, supports)]), np.concatenate(supports), low, low + rng.integers(0, 4, size=12)
    )
    row = np.zeros(8, dtype=np.int64)
    left = search_row(row, points, smallest=-3, largest=2, passes=50, state=np.array([seed]))
    sums = np.array([row[s].sum() for s in supports])
    assert left == (np.maximum(low - sums, 0) + np.maximum(sums - points.high, 0)).sum()
    assert row.min() >= -3
    assert row.max() <= 2


def test_row_search_meets_bounds_that_can_be_met_and_no_others() -> None:
    pointers, columns = np.array([0, 2, 4, 5]), np.array([0, 1, 1, 2, 2])
    for low, left in (([3, 5, 2], 0), ([5, 5, 9], 4)):
        bounds = np.array(low)
        row = np.zeros(3, dtype=np.int64)
        points = Points(pointers, columns, bounds, bounds)
        assert (search_row(row, points, smallest=-9, largest=5, passes=50, state=np.array([1])) > 0) == (left > 0)


@pytest.mark.parametrize(("outputs", "k", "neurons"), [(20, 2, 14), (30, 3, 29)])
def test_compiled_and_plain_loops_agree(outputs: int, k: int, neurons: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = family("star", outputs=outputs)
    fast = build_compact(problem, k=k, neurons=neurons)
    assert len(fast.weights) == 3
    for module in (compact_channels, compact_input, compact_output, compact_pairs, compact_reach, compact_rows):
        monkeypatch.setattr(module, "compiled", lambda function, *helpers: function)
    assert build_compact(problem, k=k, neurons=neurons).network == fast.network


def test_without_numba_loops_stay_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    assert compact_compile.compiled.__wrapped__(clique) is clique
