"""Compact networks: exact on every k-sparse input, their searches against brute force, refusals, broken twins."""

from __future__ import annotations

import sys
from dataclasses import replace
from itertools import combinations
from typing import Any

import brute
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supverify.kernel.check import wrong_outputs as wrong_entries
from supverify.kernel.claim import TwoAnd
from supverify.kernel.codec import encode
from supverify.kernel.errors import Malformed, Rejected
from supverify.kernel.network import Layer, Network
from supverify.models import (
    FAMILIES,
    compact_channels,
    compact_compile,
    compact_network,
    compact_output,
    compact_readout,
    compact_rows,
    compact_scan,
    family,
)
from supverify.models.compact_channels import Channels, route, unrouted
from supverify.models.compact_compile import Ints
from supverify.models.compact_network import build_compact, minimise, narrowing
from supverify.models.compact_output import unreadable
from supverify.models.compact_readout import loose_gates
from supverify.models.compact_rows import Points, search_row
from supverify.models.compact_scan import Wrong, silent_below, wrong_outputs
from supverify.models.construction import Construction


def wrong_claims(built: Construction) -> set[str]:
    """The claims that some k-sparse input contradicts, by the kernel's reference evaluation."""
    claims = built.claims().items()
    return {name for name, c in claims if any(wrong_entries(c, active) for active in c.members(c.domain))}


def clique(inputs: int) -> TwoAnd:
    return TwoAnd(inputs, tuple(combinations(range(inputs), 2)))


@pytest.mark.parametrize("k", [0, 1, 2, 3])
@pytest.mark.parametrize("name", sorted(FAMILIES))
def test_every_family_is_exact_and_readable(name: str, k: int) -> None:
    built = build_compact(family(name, outputs=10), k=k)
    assert wrong_claims(built) == set()
    assert built.neurons == len(built.code)
    assert built.claims()["code"].targets() != built.claims()["readout"].targets()


def test_independent_reading_agrees() -> None:
    for claim in build_compact(family("mixture", outputs=12), k=2).claims().values():
        assert all(brute.wrong_entries(claim, active) == [] for active in brute.inputs(claim))


def test_fewer_neurons_than_inputs_and_outputs() -> None:
    built = build_compact(family("random", outputs=60), k=2, neurons=20)
    assert built.neurons == 20 < 60
    assert wrong_claims(built) == set()


def test_repeated_and_reversed_pairs_share_a_gate() -> None:
    built = build_compact(TwoAnd(6, ((0, 1), (1, 0), (2, 3), (0, 1))), k=3)
    assert wrong_claims(built) == set()
    columns = [{r for r, row in enumerate(built.code) if i in row} for i in range(4)]
    assert columns[0] == columns[1] == columns[3] != columns[2]


def test_same_seed_same_network_another_seed_another() -> None:
    problem = family("random", outputs=12)
    first, again, other = (encode(build_compact(problem, k=2, seed=seed, neurons=24).network) for seed in (3, 3, 4))
    assert first == again != other


def test_weights_are_small_integers() -> None:
    layers = build_compact(family("random", outputs=60), k=2, neurons=30).network.layers
    assert all(abs(w) <= 8 for layer in layers for row in layer.weights for w in row)


BROKEN = {
    "an input leaves a hidden neuron": (0, "drop"),
    "two active members no longer fire": (1, "bias"),
    "a hidden neuron never fires": (2, "bias"),
    "a channel's weight is gone": (3, "drop"),
    "the threshold is one too high": (3, "bias"),
    "an output neuron never fires": (4, "bias"),
}


@pytest.mark.parametrize(("place", "how"), BROKEN.values(), ids=BROKEN)
def test_each_invariant_is_needed(place: int, how: str) -> None:
    built = build_compact(family("matching", outputs=6), k=2)
    layers = list(built.network.layers)
    layers[place] = broken(layers[place], how)
    network = Network(built.problem.inputs, tuple(layers))
    decoded = Network(built.problem.inputs, (*layers, built.decoded.layers[-1]))
    assert wrong_claims(replace(built, network=network, decoded=decoded)) == {"code", "readout"}


def broken(layer: Layer, how: str) -> Layer:
    """The layer with the last weight of its fullest row gone, or that row's bias off by one."""
    r = max(range(len(layer.bias)), key=lambda row: len(layer.sources[row]))
    if how == "drop":
        sources = (*layer.sources[:r], layer.sources[r][:-1], *layer.sources[r + 1 :])
        weights = (*layer.weights[:r], layer.weights[r][:-1], *layer.weights[r + 1 :])
        return replace(layer, sources=sources, weights=weights)
    step = -1 if layer.bias[r] == 1 else 1
    return replace(layer, bias=(*layer.bias[:r], layer.bias[r] + step, *layer.bias[r + 1 :]))


@pytest.mark.parametrize(
    ("options", "place"),
    [
        ({"k": 4}, "k"),
        ({"k": -1}, "k"),
        ({"k": 2, "seed": -1}, "seed"),
        ({"k": 2, "neurons": 3}, "neurons"),
        ({"k": 2, "neurons": 0}, "neurons"),
        ({"k": 2, "width": 1}, "width"),
        ({"k": 2, "width": 0}, "width"),
        ({"k": 2, "width": 9, "neurons": 9}, "neurons"),
    ],
)
def test_malformed(options: dict[str, Any], place: str) -> None:
    with pytest.raises(Malformed) as refusal:
        build_compact(family("star", outputs=9), **options)
    assert refusal.value.place == f"build_compact: {place}"


def test_more_sparsity_than_inputs_is_malformed() -> None:
    with pytest.raises(Malformed, match="k: expected 0 to 2"):
        build_compact(clique(2), k=3)


def test_too_few_neurons_are_rejected() -> None:
    with pytest.raises(Rejected, match="got 5"):
        build_compact(clique(9), k=2, neurons=5)  # 36 gates, and 5 neurons have only 10 channels of 3


def test_narrowing_goes_down_and_stays_exact() -> None:
    problem = family("star", outputs=12)
    found = list(narrowing(problem, k=2))
    widths = [built.neurons for built in found]
    assert widths == sorted(set(widths), reverse=True)
    assert len(widths) > 1
    assert wrong_claims(found[-1]) == set()
    assert minimise(narrowing(problem, k=2)).network == found[-1].network


def test_interrupt_keeps_the_best(monkeypatch: pytest.MonkeyPatch) -> None:
    problem, build = family("star", outputs=20), compact_network.build_compact
    calls: list[int | None] = []

    def interrupted(*arguments: Any, neurons: int | None = None, **options: Any) -> Construction:
        calls.append(neurons)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return build(*arguments, neurons=neurons, **options)

    monkeypatch.setattr(compact_network, "build_compact", interrupted)
    best = minimise(narrowing(problem, k=2))
    assert best.neurons == calls[1]
    assert wrong_claims(best) == set()


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    build_compact(family("star", outputs=9), k=2, neurons=20, progress=lambda *what: told.append(what))
    assert told[0] == ("repairing 20 neurons", 0, compact_output.ROUNDS)


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


@st.composite
def networks(draw: st.DrawFn) -> tuple[Channels, Ints, int]:
    """Channels of few neurons, and weights that are often wrong but silent below the channels' width."""
    seed, k = draw(st.integers(0, 10**6)), draw(st.sampled_from([2, 3]))
    rng = np.random.default_rng(seed)
    problem = family(draw(st.sampled_from(["random", "star", "clique"])), outputs=7, seed=seed)
    channels = routed(problem, neurons=int(rng.integers(4, 9)), width=3, k=k, seed=seed)
    n = len(channels.together)
    weights = np.where(channels.together > 0, 4, 0) + rng.integers(-2, 3, size=(n, n))
    np.fill_diagonal(weights, 8)
    return channels, weights.astype(np.int64), k


def found_by(wrong: Wrong) -> set[tuple[tuple[int, ...], int, bool]]:
    entries = zip(wrong.active.tolist(), wrong.rows.tolist(), wrong.wanted.tolist(), strict=True)
    return {(tuple(sorted(j for j in active if j >= 0)), r, wanted) for active, r, wanted in entries}


def brute_wrong(channels: Channels, weights: Ints, k: int) -> set[tuple[tuple[int, ...], int, bool]]:
    found = set()
    for size in range(k + 1):
        for active in combinations(range(len(channels.counts)), size):
            fires = weights @ (channels.members[list(active)].sum(axis=0) >= 2) >= 16
            true = [set(gate) <= set(active) for gate in channels.gates.tolist()]
            wanted = {int(r) for row, on in zip(channels.rows, true, strict=True) if on for r in row}
            found |= {(active, r, r in wanted) for r in range(len(weights)) if fires[r] != (r in wanted)}
    return found


@settings(max_examples=150)
@given(networks())
def test_scan_finds_exactly_the_wrong_outputs(drawn: tuple[Channels, Ints, int]) -> None:
    channels, weights, k = drawn
    assert silent_below(weights, 16, 3)
    tight = np.zeros(len(channels.gates), dtype=np.bool_)
    wrong = wrong_outputs(channels.members, channels.gates, channels.rows, tight, weights, 16, k=k, limit=10**5)
    found = found_by(wrong)
    everything = brute_wrong(channels, weights, k)
    assert found <= everything
    # An input left out shows nothing that one of its subsets does not show.
    assert {(r, w) for _, r, w in found} == {(r, w) for _, r, w in everything}
    assert (not found) == (not everything)


def test_scan_stops_at_its_limit_but_not_before_it_saw_something() -> None:
    channels = routed(clique(6), neurons=5, width=3, k=3)
    tight, weights = np.zeros(15, dtype=np.bool_), np.full((5, 5), 7)
    found = [
        len(wrong_outputs(channels.members, channels.gates, channels.rows, tight, weights, 16, k=3, limit=n).rows)
        for n in (1, 10**5)
    ]
    assert 1 <= found[0] < found[1]


def test_loose_gates_may_pass_what_fires_and_nothing_else() -> None:
    channels = routed(clique(5), neurons=6, width=3, k=2)
    weights = np.full((6, 6), 6)
    all_wrong = brute_wrong(channels, weights, 2)
    passed = {(active, r, w) for active, r, w in all_wrong if channels.members[list(active), r].sum() == 2}
    loose = np.ones(10, dtype=np.bool_)
    wrong = wrong_outputs(channels.members, channels.gates, channels.rows, loose, weights, 16, k=2, limit=999)
    assert found_by(wrong) == all_wrong - passed != all_wrong


@given(st.lists(st.lists(st.integers(-5, 5), min_size=4, max_size=4), min_size=1, max_size=4), st.integers(1, 9))
def test_silent_below_is_a_maximum(rows: list[list[int]], threshold: int) -> None:
    most = max(sum(chosen) for row in rows for size in range(3) for chosen in combinations(row, size))
    assert silent_below(np.array(rows), threshold, 3) == (most < threshold)


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
    left = search_row(row, points, smallest=-3, largest=2, state=np.array([seed]))
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
        assert (search_row(row, points, smallest=-9, largest=5, state=np.array([1])) > 0) == (left > 0)


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from([2, 3]))
def test_unreadable_gates_are_those_covered_by_others(seed: int, k: int) -> None:
    channels = routed(family("random", outputs=8, seed=seed), neurons=5, width=3, k=k, seed=seed)
    covered = set()
    for active in combinations(range(len(channels.counts)), k):
        true = {i for i, gate in enumerate(channels.gates.tolist()) if set(gate) <= set(active)}
        union = {int(r) for i in true for r in channels.rows[i]}
        covered |= {i for i in set(range(8)) - true if set(channels.rows[i].tolist()) <= union}
    assert unreadable(channels, k=k) == sorted(covered)


@given(st.integers(0, 10**6))
def test_loose_gates_fire_no_other_channel(seed: int) -> None:
    channels = routed(clique(5), neurons=7, width=3, k=2, seed=seed)
    firing = [set(np.flatnonzero(channels.members[gate].sum(axis=0) == 2)) for gate in channels.gates]
    loose = [
        not any(set(row) <= fires for j, row in enumerate(channels.rows.tolist()) if j != i)
        for i, fires in enumerate(firing)
    ]
    assert loose_gates(channels).tolist() == loose


def test_compiled_and_plain_loops_agree(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = family("random", outputs=5)
    fast = build_compact(problem, k=3)
    for module in (compact_channels, compact_output, compact_scan):
        monkeypatch.setattr(module, "compiled", lambda function, *helpers: function)
    assert build_compact(problem, k=3).network == fast.network


@pytest.mark.parametrize("seed", range(3))
def test_compiled_and_plain_row_search_and_readouts_agree(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    found = [searched(seed)]
    for module in (compact_rows, compact_readout):
        monkeypatch.setattr(module, "compiled", lambda function, *helpers: function)
    found.append(searched(seed))
    assert found[0] == found[1]


def searched(seed: int) -> tuple[object, ...]:
    """A row that is searched for random constraints, and the loose gates of random channels."""
    rng = np.random.default_rng(seed)
    supports = [np.flatnonzero(rng.random(8) < 0.5) for _ in range(12)]
    low = rng.integers(-6, 4, size=12)
    points = Points(np.cumsum([0, *map(len, supports)]), np.concatenate(supports), low, low + 2)
    row = np.zeros(8, dtype=np.int64)
    left = search_row(row, points, smallest=-3, largest=2, state=np.array([seed]))
    channels = routed(family("random", outputs=10, seed=seed), neurons=6, width=3, k=2, seed=seed)
    return left, row.tolist(), loose_gates(channels).tolist()


def test_without_numba_loops_stay_plain(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numba", None)
    assert compact_compile.compiled.__wrapped__(searched) is searched


@pytest.mark.slow
def test_thousand_outputs_with_79_neurons() -> None:
    built = build_compact(family("random", outputs=1000), k=2, neurons=79)
    assert hidden_patterns_are_right(built)


def hidden_patterns_are_right(built: Construction) -> bool:
    """Every pair of inputs by matrix products, without the scan: 0/1 outputs equal the OR of their gates."""
    widths = built.network.widths
    C, _, _, W, _ = (dense(layer, width) for layer, width in zip(built.network.layers, widths, strict=False))
    pairs = np.array(list(combinations(range(built.problem.inputs), 2)))
    assert isinstance(built.problem, TwoAnd)
    truth = {tuple(sorted(pair)): i for i, pair in enumerate(built.problem.pairs)}
    code = np.zeros((len(built.code), len(truth)), dtype=np.bool_)
    for r, row in enumerate(built.code):
        code[r, list(row)] = True
    threshold = built.network.layers[3].bias[0]
    for block in np.array_split(pairs, 50):
        fires = (-W) @ (C[:, block[:, 0]] + C[:, block[:, 1]] >= 2) >= threshold
        for column, pair in zip(fires.T, block.tolist(), strict=True):
            i = truth.get(tuple(pair))
            if (column != (code[:, i] if i is not None else False)).any():
                return False
    return True


def dense(layer: Layer, width: int) -> Ints:
    matrix = np.zeros((len(layer.bias), width), dtype=np.int64)
    for r in range(len(layer.bias)):
        for s, w in layer.row(r):
            matrix[r, s] = w
    return matrix
