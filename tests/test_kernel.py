"""The kernel against an independent brute force: evaluation, bounds, windows, and what it refuses."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from dataclasses import fields, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import Any

import brute
import pytest
from hypothesis import given
from hypothesis import strategies as st

from supverify.kernel import linear
from supverify.kernel.bounds import Bounds
from supverify.kernel.certificate import Certificate, witness
from supverify.kernel.check import REPLAY_LIMIT, check, recheck, truths, wrong_outputs
from supverify.kernel.claim import Cell, Claim, Criterion, Permutation, TwoAnd
from supverify.kernel.codec import decode, encode, parse
from supverify.kernel.errors import Malformed, Refusal, Rejected
from supverify.kernel.ideal import ideal
from supverify.kernel.linear import Sums
from supverify.kernel.network import Layer, Network, evaluate
from supverify.kernel.packed import Lanes, Packed, whole
from supverify.kernel.slots import Slots
from supverify.kernel.verdict import Status, Verdict

seeds = st.integers(0, 2**32)

# y_0 AND y_1 as relu(y_0 + y_1 - 1), and y_1 AND y_2 likewise: exact for every k.
AND = Network(3, (Layer(((0, 1), (1, 2)), ((1, 1), (1, 1)), (-1, -1), True),))
PROBLEM = TwoAnd(3, ((0, 1), (2, 1)))
CLAIM = Claim(AND, PROBLEM, 2)


def proved(claim: Claim, evidence: str) -> Verdict:
    return check(claim, Certificate(claim.digest, evidence))


@given(seeds)
def test_evaluate_packed_and_brute_force_agree(seed: int) -> None:
    claim = brute.random_claim(random.Random(seed))
    packed = Packed(claim.network, 5)
    for active in brute.inputs(claim):
        values = evaluate(claim.network, active)
        assert [Fraction(z, claim.network.scale) for z in values] == brute.outputs(claim.network, active)
        assert packed.evaluate(active) == packed.pack(values)
        assert wrong_outputs(claim, active) == brute.wrong_entries(claim, active)


@given(seeds)
def test_members_come_in_the_documented_order(seed: int) -> None:
    claim = brute.random_claim(random.Random(seed))
    members = list(claim.members(claim.domain))
    assert members == list(brute.inputs(claim))
    assert len(members) == claim.population(claim.domain)


@given(seeds)
def test_bounds_enclose_every_value_and_are_exact_up_to_one_open_slot(seed: int) -> None:
    rng = random.Random(seed)
    claim = brute.random_claim(rng)
    cell = brute.random_cell(rng, claim)
    assert list(claim.members(cell)) == list(brute.members(claim, cell))
    bounds = Bounds(claim.network, claim.k, exactly=claim.mode == "exactly")
    brute.assert_enclosed(claim, cell, bounds.outputs(cell, range(claim.network.outputs)))


@given(seeds)
def test_what_is_not_outside_its_window_is_inside(seed: int) -> None:
    """With the slopes of any supports, and on networks with steps, no window that some input misses is accepted."""
    rng = random.Random(seed)
    claim = brute.random_claim(rng)
    cell, scale = brute.random_cell(rng, claim), claim.network.scale
    inputs = range(claim.network.inputs)
    supports = [set(rng.sample(inputs, rng.randint(0, len(inputs)))) for _ in range(rng.choice((0, 1, 3)))]
    bounds = Bounds(claim.network, claim.k, exactly=claim.mode == "exactly")
    values = [[a * scale for a in brute.outputs(claim.network, y)] for y in brute.members(claim, cell)]
    for i, column in enumerate(zip(*values, strict=True)):
        low, high = int(min(column)), int(max(column))
        for window in ((low + 1, None), (None, high - 1), (low, high - 1), (low + 1, high)):
            assert bounds.outside(cell, {i: window}, supports) == i
        if cell.budget <= 1:
            assert bounds.outside(cell, {i: (low, high)}, supports) is None


@given(seeds)
def test_what_is_excluded_is_right_wherever_it_should_be_false(seed: int) -> None:
    """On every input of the cell that lacks some of the clause; the clause may be any inputs that are open."""
    rng = random.Random(seed)
    claim = rng.choice((brute.random_claim, stepping, covering))(rng)
    cell = brute.random_cell(rng, claim)
    low, high = window = claim.windows[False]
    open_inputs = [j for j in range(claim.network.inputs) if j not in cell.on | cell.off]
    size = min(len(open_inputs), rng.choice((2, 2, 3)))
    clauses = {r: rng.sample(open_inputs, size) for r in range(claim.network.outputs) if size > 1}
    found = Bounds(claim.network, claim.k, exactly=claim.mode == "exactly").excluded(cell, window, clauses)
    for active in brute.members(claim, cell):
        outputs = evaluate(claim.network, active)
        for r in found:
            within = (low is None or low <= outputs[r]) and (high is None or outputs[r] <= high)
            assert within or set(clauses[r]) <= set(active)


def test_two_inputs_of_a_clause_count_once() -> None:
    """Weights 3, 3 and 1: two ones reach 5 only together."""
    layer = Layer(((0, 1, 2),), ((3, 3, 1),), (-4,), False)
    bounds, cell = Bounds(Network(3, (layer,)), 2, exactly=False), Cell(frozenset(), frozenset(), 2)
    assert bounds.excluded(cell, (None, 0), {0: (0, 1)}) == {0}
    assert bounds.excluded(cell, (None, 0), {0: (0, 2)}) == bounds.excluded(cell, (None, -1), {0: (0, 1)}) == set()


@given(seeds)
def test_lanes_hold_what_lists_hold(seed: int) -> None:
    """Every operation on lanes against the same on a list, at the largest numbers that fit, too."""
    rng = random.Random(seed)
    count, bits = rng.randint(1, 9), rng.choice((1, 5, 7, 12, 15, 22, 31, 40, 63, 70))
    lanes = Lanes(count, whole(bits + 1))
    top = (1 << bits) - 1
    signed = [rng.choice((0, 1, -1, top, -top, rng.randint(-top, top))) for _ in range(count)]
    sizes, least = [abs(z) for z in signed], rng.choice((1, top, top + 1, 4 * top, rng.randint(1, 2 * top)))
    vector, data = lanes.pack(signed), lanes.encoded(lanes.pack(signed))
    assert list(lanes.values(data)) == signed
    assert lanes.decoded(data) == vector
    named = [(r, z) for r, z in enumerate(signed) if z]
    assert lanes.sparse([r for r, _ in named], [z for _, z in named]) == data
    assert lanes.named(named) == vector
    alike = [r for r, z in enumerate(signed) if z == -top]
    expected = lanes.encoded(lanes.pack([-top if z == -top else 0 for z in signed]))
    assert lanes.sparse(alike, [-top] * len(alike)) == expected
    plus, minus = [max(z, 0) for z in signed], [max(-z, 0) for z in signed]
    assert lanes.split(vector) == (lanes.pack(plus), lanes.pack(minus))
    assert lanes.split(lanes.pack(plus)) == (lanes.pack(plus), 0)
    assert lanes.split(-lanes.pack(plus))[0] == 0
    found = lanes.attain(lanes.pack(sizes), least)
    assert [found >> (lanes.width * (r + 1) - 1) & 1 for r in range(count)] == [int(z >= least) for z in sizes]
    assert list(lanes.numbers(lanes.capped(lanes.pack(sizes), least))) == [min(z, least) for z in sizes]
    wide = Lanes(count, 8 * rng.randint(lanes.width // 8, 12))
    assert wide.numbers(lanes.widened(lanes.pack(sizes), wide)) == wide.numbers(wide.pack(sizes))


@given(seeds)
def test_the_columns_of_lanes_are_turned_rows(seed: int) -> None:
    rng = random.Random(seed)
    lanes, tall = (Lanes(rng.randint(1, 6), width) for width in [rng.choice((8, 16, 24, 32, 72))] * 2)
    rows = [[rng.randint(-100, 100) for _ in range(lanes.count)] for _ in range(tall.count)]
    columns = lanes.turned([lanes.encoded(lanes.pack(row)) for row in rows])
    assert [list(tall.values(column)) for column in columns] == [list(column) for column in zip(*rows, strict=True)]


@given(seeds)
def test_the_budgets_best_lanes_reach_what_sorting_says(seed: int) -> None:
    """And without the least lane of a clause where one is given."""
    rng = random.Random(seed)
    count, most = rng.randint(1, 9), rng.choice((1, 7, 127, 1000))
    gains, budget = [rng.choice((0, most, rng.randint(0, most))) for _ in range(count)], rng.randint(0, count)
    slots = Slots(Lanes(count, whole(most.bit_length() + 1)), Cell(frozenset(), frozenset(), budget), exactly=False)
    clause = rng.sample(range(count), rng.randint(0, count))
    left = list(gains)
    if clause:
        left[min(clause, key=lambda j: (gains[j], j))] = 0
    best = sum(sorted(left, reverse=True)[:budget])
    for need in (best, best + 1, rng.randint(-2, budget * most + 2)):
        assert slots.reaches(slots.without(slots.lanes.pack(gains), clause), need) is (best >= need)


@given(seeds)
@pytest.mark.parametrize("fill", [0, 10**9], ids=["by columns", "one by one"])
def test_sums_behind_linear_layers_are_the_traced_ones(fill: int, seed: int) -> None:
    """Each constant and multiple against evaluation at no input and at one."""
    rng = random.Random(seed)
    sizes = [rng.randint(1, 5) for _ in range(rng.randint(2, 5))]
    layers = [matrix(rng, *pair) for pair in pairwise(sizes)]
    network = Network(sizes[0], tuple(layers))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(linear, "FILL", fill)
        patch.setattr(linear, "ROWS", rng.randint(1, 3))
        sums = Sums(layers, Lanes(sizes[0], 64), keep=rng.random() < 0.5)
        none, *single = (evaluate(network, active) for active in [(), *((j,) for j in range(sizes[0]))])
        for r in rng.sample(range(sizes[-1]), sizes[-1]):
            constant, values, plus, minus = sums[r]
            assert [constant, *(constant + value for value in values)] == [none[r], *(one[r] for one in single)]
            assert sums.lanes.pack(values) == plus - minus
            assert not plus & minus


def matrix(rng: random.Random, width: int, height: int) -> Layer:
    """A linear layer; some have one weight only."""
    alike, sources = rng.choice((None, None, 1, -3)), []
    for _ in range(height):
        sources.append(tuple(sorted(rng.sample(range(width), rng.randint(0, width)))))
    weights = tuple(tuple(alike or rng.choice((-9, -1, 1, 2)) for _ in row) for row in sources)
    return Layer(tuple(sources), weights, tuple(rng.choice((0, 0, -4, 7)) for _ in sources), False)


def covering(rng: random.Random) -> Claim:
    """Outputs of one layer of steps, most with weight 1 and on only together; perhaps behind a code."""
    m, n, count = rng.randint(2, 6), rng.randint(1, 4), rng.randint(1, 2)
    before = [matrix(rng, m, rng.randint(1, 4))] if rng.random() < 0.5 else []
    width = len(before[0].bias) if before else m
    rows = [{j: g for j in range(width) if (g := rng.choice((0, 0, -1, -1, -2, -8, 1)))} for _ in range(n)]
    first = Layer(
        tuple(map(tuple, rows)),
        tuple(tuple(row.values()) for row in rows),
        tuple(rng.randint(-1, 9) for _ in rows),
        True,
    )
    steps = Layer(tuple((r,) for r in range(n)), ((-1,),) * n, (1,) * n, True)
    read = [rng.sample(range(n), rng.randint(0, n)) for _ in range(count)]
    weights = tuple(tuple(rng.choice((1, 1, 1, 1, 2, -1)) for _ in row) for row in read)
    last = Layer(
        tuple(tuple(sorted(row)) for row in read),
        weights,
        tuple(rng.choice((1, 1, 0)) - len(row) for row in read),
        False,
    )
    problem = TwoAnd(m, tuple((a, b) for a, b in (rng.sample(range(m), 2) for _ in range(count))))
    layers = (*before, first, steps, last)
    return Claim(Network(m, layers), problem, rng.randint(0, m), mode=rng.choice(("at-most", "exactly")))


@given(seeds)
def test_what_is_seen_at_a_glance_is_so(seed: int) -> None:
    """No window is seen that some input of the cell, lacking some of the clause, misses."""
    rng = random.Random(seed)
    claim = covering(rng)
    cell = brute.random_cell(rng, claim)
    open_inputs = [j for j in range(claim.network.inputs) if j not in cell.on | cell.off]
    clause = rng.sample(open_inputs, min(len(open_inputs), rng.choice((0, 0, 1, 2, 3))))
    bounds = Bounds(claim.network, claim.k, exactly=claim.mode == "exactly")
    values = [
        evaluate(claim.network, y) for y in brute.members(claim, cell) if not clause or not set(clause) <= set(y)
    ]
    for r, column in enumerate(zip(*values, strict=True)):
        low, high = min(column), max(column)
        for window in ((low + 1, None), (None, high - 1), (low, high - 1), (low + 1, high)):
            assert not bounds.shows(cell, r, window, clause)


def test_a_glance_sees_what_no_input_covers() -> None:
    """Two steps of need 2, three inputs: 0 and 1 give each 1 to both, 2 gives 1 to the first alone."""
    reads = Layer(((0, 1, 2), (0, 1)), ((-1, -1, -1), (-1, -1)), (2, 2), True)
    layers = (reads, Layer(((0,), (1,)), ((-1,), (-1,)), (1, 1), True), Layer(((0, 1),), ((1, 1),), (-1,), False))
    network = Network(3, layers)
    one, two = (Bounds(network, k, exactly=False) for k in (1, 2))
    everything, pair = Cell(frozenset(), frozenset(), 2), Cell(frozenset((0, 1)), frozenset(), 0)
    assert one.shows(Cell(frozenset(), frozenset(), 1), 0, (None, 0))
    assert not two.shows(everything, 0, (None, 0))
    assert two.shows(everything, 0, (None, 0), (0, 1))
    assert not two.shows(everything, 0, (None, 0), (0, 2))
    assert two.shows(pair, 0, (1, None))
    assert not two.shows(pair, 0, (2, None))
    assert two.shows(Cell(frozenset((0,)), frozenset((1,)), 1), 0, (None, 0))
    assert not two.shows(Cell(frozenset((0,)), frozenset((2,)), 1), 0, (None, 0))


def test_a_step_is_given_no_more_than_it_needs() -> None:
    """Needs 2, 4 and 4: two of the inputs give 4, 4 and 2 of that, though the first would give 11."""
    assert all_on([{0: 9}, {0: 2, 1: 2}, {1: 2, 2: 2}], [2, 4, 4]).shows(WHOLE, 0, (None, 0))


def test_lanes_are_wide_enough_for_all_steps_of_an_output() -> None:
    """100 for each of three steps is 300 for one input, more than a byte."""
    bounds = all_on([{0: 100}, {0: 100}, {0: 100}], [100, 100, 100])
    assert not bounds.shows(WHOLE, 0, (None, 0))
    assert bounds.shows(Cell(frozenset(), frozenset((0,)), 2), 0, (None, 0))


WHOLE = Cell(frozenset(), frozenset(), 2)


def all_on(gives: list[dict[int, int]], needs: list[int]) -> Bounds:
    """Bounds, for two active of three inputs, of one output that needs all of its steps."""
    weights = tuple(tuple(-gain for gain in row.values()) for row in gives)
    first, count = Layer(tuple(map(tuple, gives)), weights, tuple(needs), True), len(needs)
    steps = Layer(tuple((r,) for r in range(count)), ((-1,),) * count, (1,) * count, True)
    last = Layer((tuple(range(count)),), ((1,) * count,), (1 - count,), False)
    return Bounds(Network(3, (first, steps, last)), 2, exactly=False)


def test_a_forced_clause_leaves_the_rest_of_the_budget() -> None:
    cell = Cell(frozenset((0,)), frozenset((4,)), 3)
    assert cell.forced((0, 2, 3)) == Cell(frozenset((0, 2, 3)), frozenset((4,)), 1)


@given(seeds)
def test_truths_part_a_cell_by_the_truth_of_an_output(seed: int) -> None:
    rng = random.Random(seed)
    claim = brute.random_claim(rng)
    cell = brute.random_cell(rng, claim)
    whole = list(brute.members(claim, cell))
    for i, target in enumerate(claim.targets()):
        parts = [
            (list(brute.members(claim, part)), truth) for part, truth in truths(target, cell, claim.network.inputs)
        ]
        assert sorted(y for members, _ in parts for y in members) == sorted(whole)
        assert all(brute.truths(claim, y)[i] is truth for members, truth in parts for y in members)


def stepping(rng: random.Random) -> Claim:
    """Rows near the border between ideal and not, after a step; the last layer shows them."""
    m, n = rng.randint(2, 5), rng.randint(1, 2)
    rows = [{j: g for j in range(m) if (g := rng.choice((8, 9, 8, 1, 2, 3, -1, -2, 0)))} for _ in range(n)]
    first = Layer(
        tuple(map(tuple, rows)),
        tuple(tuple(-g for g in row.values()) for row in rows),
        tuple(rng.randint(14, 17) for _ in rows),
        True,
    )
    single = tuple((r,) for r in range(n))
    layers = (first, Layer(single, ((-1,),) * n, (1,) * n, True), Layer(single, ((1,),) * n, (0,) * n, False))
    pairs = tuple((a, b) for a, b in (rng.sample(range(m), 2) for _ in range(n)))
    return Claim(Network(m, layers), TwoAnd(m, pairs), rng.randint(0, min(4, m)))


@given(seeds)
def test_a_step_is_ideal_or_some_input_moves_it(seed: int) -> None:
    claim = stepping(random.Random(seed))
    first = claim.network.layers[0]
    members = [{j for j, w in first.row(r) if -2 * w >= need} for r, need in enumerate(first.bias)]
    truth = [tuple(int(len(row & set(y)) >= 2) for row in members) for y in brute.inputs(claim)]
    shown = [evaluate(claim.network, y) for y in brute.inputs(claim)]
    try:
        found = ideal(claim)
    except Rejected:
        assert truth != shown
    else:
        assert truth == shown == [evaluate(found, y) for y in brute.inputs(claim)]
        assert [set(row) for row in found.layers[0].sources] == members


def test_the_walk_goes_on_about_the_ideal() -> None:
    """The two members reach 16, one and the best three others do not: for k = 9 one and eight others do."""
    row = Layer((tuple(range(10)),), ((-8, -8, *(-1,) * 8),), (16,), True)
    claim = Claim(Network(10, (row, Layer(((0,),), ((-1,),), (1,), True))), TwoAnd(10, ((0, 1),)), 4)
    for evidence in ("I L", "I R", "I S0 L L", "I O S5 L R"):
        assert proved(claim, evidence).status is Status.PROVED
    with pytest.raises(Rejected, match="neuron 0"):
        proved(replace(claim, k=9), "I L")
    for evidence in ("L I L", "I I L", "I", "I W 0", "I X1 L L"):
        with pytest.raises(Refusal):
            proved(claim, evidence)


@pytest.mark.parametrize(
    "evidence",
    [
        "R",
        "O R R",
        "S1 R R",
        "O S0 S1 L L L S1 S2 L L L",
        "S0 R O R S1 S2 L L L",
        "L",
        "O L L",
        "X1 L L",
        "X0 S1 L R L",
        "L-,0.1",
        "X1 L0,1,2 L",
    ],
)
def test_good_evidence_is_accepted(evidence: str) -> None:
    assert proved(CLAIM, evidence) == Verdict(
        status=Status.PROVED, reason=f"the evidence holds, in {len(evidence.split())} steps"
    )


@pytest.mark.parametrize(
    "evidence",
    [
        "L L",  # one case, decided twice
        "O L",
        "X0 L",  # the others are missing
        "X2 L L",  # no such output
        "X0 X0 L L",  # it is set aside already
        "X0 L X0 L L",
        "I L",  # no step comes first
        "O R",  # the second output is missing
        "O R R R",  # something is left over
        "S0 R",  # the cell with input 0 off is missing
        "S0 S0 R R R",  # input 0 is not open any more, being on
        "S0 R S0 R R",  # nor here, being off
        "S3 R R",  # no such input
        "S0 S1 S2 R R R R",  # the budget is used up
        "W",
        "W 0 1",
    ],
)
def test_evidence_that_does_not_show_the_claim_is_rejected(evidence: str) -> None:
    with pytest.raises(Rejected):
        proved(CLAIM, evidence)


@pytest.mark.parametrize(
    "evidence",
    [
        "",
        "X",
        "S",
        "S-1",
        "S0x",
        "S 0",
        "R R ",
        "W a",
        "W -1",
        "W 0  1",
        "S1234567890",
        "l",
        "S\u0661",
        "0 R R",
        "SS0",
        "L3.",
        "L1,,2",
        "LL",
        "X0x L",
    ],
)
def test_words_that_are_no_evidence_are_malformed(evidence: str) -> None:
    with pytest.raises(Refusal):
        proved(CLAIM, evidence)


def test_a_wrong_network_is_refuted_by_its_witness_only() -> None:
    broken = replace(CLAIM, network=Network(3, (replace(AND.layers[0], bias=(-1, 0)),)))
    verdict = check(broken, Certificate(broken.digest, witness((2,))))
    assert (verdict.status, verdict.counterexample, verdict.oracles) == (Status.REFUTED, (2,), frozenset())
    for evidence in ("W 0", "W 0 1 2", "W 2 1", "W 2 2", "W 7", "R", "L", "O R R"):
        with pytest.raises(Rejected):
            check(broken, Certificate(broken.digest, evidence))


def test_a_certificate_speaks_of_one_claim() -> None:
    other = replace(CLAIM, k=3)
    with pytest.raises(Rejected, match=r"certificate\.claim"):
        check(other, Certificate(CLAIM.digest, "R"))


def test_replay_is_bounded() -> None:
    wide = Network(3000, (Layer(((0, 1),), ((1, 1),), (-1,), True),))
    claim = Claim(wide, TwoAnd(3000, ((0, 1),)), 2)
    assert claim.population(claim.domain) > REPLAY_LIMIT
    with pytest.raises(Rejected, match="inputs to replay"):
        proved(claim, "R")
    assert proved(claim, "S0 S1 L L L").status is Status.PROVED


def test_replays_are_bounded_together(monkeypatch: pytest.MonkeyPatch) -> None:
    assert proved(CLAIM, "S0 R R").status is Status.PROVED
    monkeypatch.setattr("supverify.kernel.check.REPLAY_LIMIT", 5)
    with pytest.raises(Rejected, match="inputs to replay"):
        proved(CLAIM, "S0 R R")  # 3 inputs and 4


@given(seeds)
def test_claims_survive_their_file(seed: int) -> None:
    claim = brute.random_claim(random.Random(seed))
    again = decode(Claim, parse(json.dumps(encode(claim)), "claim"), "claim")
    assert again == claim
    assert again.digest == claim.digest


def test_the_digest_names_every_part() -> None:
    layer, criterion = AND.layers[0], Criterion()
    changes: dict[str, list[Any]] = {
        "network": [
            replace(AND, scale=2),
            *(
                replace(AND, layers=(changed,))
                for changed in (
                    replace(layer, relu=False),
                    replace(layer, bias=(-1, 0)),
                    replace(layer, weights=((1, 1), (1, 2))),
                    replace(layer, sources=((0, 1), (0, 2))),
                )
            ),
        ],
        "problem": [TwoAnd(3, ((0, 1), (0, 2)))],
        "k": [1],
        "criterion": [
            replace(criterion, strict=False),
            replace(criterion, threshold=Fraction(1)),
            Criterion("linear"),
            Criterion("linear", slack=Fraction(1)),
        ],
        "mode": ["exactly"],
        "code": [((0,), (1,)), ((1,), (0,))],
    }
    assert set(changes) == {field.name for field in fields(Claim)} - {"format"}
    claims = [CLAIM, *(replace(CLAIM, **{name: value}) for name, values in changes.items() for value in values)]
    assert len({claim.digest for claim in claims}) == len(claims)


GOOD = json.dumps(encode(CLAIM))
BAD_CLAIMS = [
    ("", "JSON"),
    ("[]", "an object with the keys"),
    ("{}", "an object with the keys"),
    (GOOD[:-20], "JSON"),
    (GOOD.replace('"k": 2', '"k": -1'), "0 <= k <= 3"),
    (GOOD.replace('"k": 2', '"k": 4'), "0 <= k <= 3"),
    (GOOD.replace('"k": 2', '"k": true'), "int"),
    (GOOD.replace('"k": 2', '"k": 2.0'), "integers only"),
    (GOOD.replace('"k": 2', '"k": NaN'), "integers only"),
    (GOOD.replace('"k": 2', '"k": 2, "extra": 1'), "an object with the keys"),
    (GOOD.replace('"readout"', '"readin"'), "one of readout"),
    (GOOD.replace('"at-most"', '"at-least"'), "one of at-most"),
    (GOOD.replace('"1/2"', '"1/0"'), "a fraction"),
    (GOOD.replace('"1/2"', '"0.5"'), "a fraction"),
    (GOOD.replace('"1/2"', '"' + "9" * 4001 + '"'), "a fraction"),
    (GOOD.replace('"1/2"', '"-"'), "a fraction"),
    (GOOD.replace('"1/2"', '"1/-2"'), "a fraction"),
    (GOOD.replace('"slack": "0"', '"slack": "1"'), "0, or more for separated"),
    (GOOD.replace("[2, 1]", "[1, 1]"), "two different inputs"),
    (GOOD.replace("[2, 1]", "[3, 1]"), "two different inputs"),
    (GOOD.replace("[2, 1]", "[2, 1, 0]"), "a list of 2"),
    (GOOD.replace('"2-and"', '"3-and"'), "one of 2-and"),
    (GOOD.replace('"scale": 1', '"scale": 0'), "a scale of at least 1"),
    (GOOD.replace('"inputs": 3', '"inputs": 4', 1), "3 inputs and 2 outputs"),
    (GOOD.replace("[1, 2]", "[1, 3]"), "sources below 3"),
    (GOOD.replace("[1, 2]", "[2, 1]"), "ascending sources"),
    (GOOD.replace("[1, 2]", "[1]"), "ascending sources"),
    (GOOD.replace('"weights": [[1, 1]', '"weights": [[1, 0]'), "a weight other than 0"),
    (GOOD.replace('"bias": [-1, -1]', '"bias": [-1]'), "as many rows"),
    (GOOD.replace('"bias": [-1, -1]', '"bias": [-1, "1"]'), "int"),
    (GOOD.replace('"code": null', '"code": [[0], [2]]'), "outputs of the problem"),
    (GOOD.replace('"code": null', '"code": [[0], [-1]]'), "outputs of the problem"),
    (GOOD.replace('"code": null', '"code": [[0]]'), "3 inputs and 1 outputs"),
    (GOOD.replace('"k": 2', '"k": ' + "9" * 10_000), "JSON"),
    ("[" * 100_000, "JSON"),
]


@pytest.mark.parametrize(("text", "expected"), BAD_CLAIMS, ids=range(len(BAD_CLAIMS)))
def test_broken_claims_are_malformed_with_one_line(text: str, expected: str) -> None:
    with pytest.raises(Malformed) as caught:
        recheck(text.encode(), json.dumps(encode(Certificate(CLAIM.digest, "R"))).encode())
    assert expected in caught.value.expected
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 400


def test_permutations_have_each_image_once() -> None:
    for order in ((), (0, 0), (1, 2), (0, 2)):
        with pytest.raises(Malformed, match=r"problem\.order"):
            Permutation(order)


@pytest.mark.parametrize(
    ("criterion", "windows"),
    [
        (Criterion(), ((None, 2), (3, None))),
        (Criterion(strict=False), ((None, 2), (3, None))),
        (Criterion(threshold=Fraction(2, 5)), ((None, 2), (3, None))),
        (Criterion(threshold=Fraction(2, 5), strict=False), ((None, 1), (2, None))),
        (Criterion("separated", slack=Fraction(1, 5)), ((None, 1), (4, None))),
        (Criterion("linear", slack=Fraction(1, 4)), ((-1, 1), (4, 6))),
        (Criterion("code"), ((0, 0), (5, 5))),
    ],
)
def test_windows_in_units_of_a_scale_of_five(
    criterion: Criterion, windows: tuple[tuple[int | None, int | None], ...]
) -> None:
    assert criterion.windows(5) == windows


def run_kernel(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-S", "-m", "supverify.kernel", *arguments]
    root = Path(__file__).resolve().parent.parent
    return subprocess.run(command, capture_output=True, text=True, cwd=root, check=False)


def test_the_kernel_runs_alone(tmp_path: Path) -> None:
    claim, good, bad = tmp_path / "claim.json", tmp_path / "good.json", tmp_path / "bad.json"
    claim.write_text(GOOD)
    good.write_text(json.dumps(encode(Certificate(CLAIM.digest, "O S0 S1 L L L R"))))
    bad.write_text(json.dumps(encode(Certificate(CLAIM.digest, "L L"))))
    answer = run_kernel(str(claim), str(good))
    assert (answer.returncode, answer.stdout) == (0, "PROVED: the evidence holds, in 7 steps\nVERIFIED\n")
    wrong = replace(CLAIM, network=Network(3, (replace(AND.layers[0], bias=(-1, 0)),)))
    (tmp_path / "wrong.json").write_text(json.dumps(encode(wrong)))
    (tmp_path / "witness.json").write_text(json.dumps(encode(Certificate(wrong.digest, "W 2"))))
    answer = run_kernel(str(tmp_path / "wrong.json"), str(tmp_path / "witness.json"))
    assert (answer.returncode, answer.stdout) == (0, "REFUTED: output 1 is wrong\nVERIFIED\n")
    truncated = tmp_path / "truncated.json"
    truncated.write_text(good.read_text()[:-9])
    for arguments in ([claim, bad], [claim, truncated], [good, claim], [claim], [claim, tmp_path], [claim, claim]):
        answer = run_kernel(*map(str, arguments))
        assert answer.returncode == 1
        assert answer.stdout.endswith("NOT VERIFIED\n")
        assert len(answer.stdout.splitlines()) == 2
        assert not answer.stderr


def test_repeated_keys_are_malformed() -> None:
    """A reader who sees the first k must not be told of a verdict on the second."""
    twice = GOOD.replace('"k": 2', '"k": 3, "k": 2')
    with pytest.raises(Malformed, match="each key once"):
        recheck(twice.encode(), json.dumps(encode(Certificate(CLAIM.digest, "R"))).encode())


def test_hostile_claims_get_one_line(tmp_path: Path) -> None:
    """Deep linear layers, numbers beyond Python's printing limit, a width that no memory holds."""
    line = Layer(((0,),), ((1,),), (0,), False)
    deep = Claim(Network(1, (line,) * 3000), Permutation((0,)), 1)
    loud = Layer(((0,),), ((10**4000,),), (0,), False)
    large = Claim(Network(1, (loud, loud, loud)), Permutation((0,)), 1, Criterion("code"))
    for claim, evidence, answer in (
        (deep, "S0 L L", "PROVED: the evidence holds, in 3 steps\nVERIFIED\n"),
        (large, "S0 L L", "got a number too long to print\nNOT VERIFIED\n"),
    ):
        paths = tmp_path / "claim.json", tmp_path / "certificate.json"
        paths[0].write_text(json.dumps(encode(claim)))
        paths[1].write_text(json.dumps(encode(Certificate(claim.digest, evidence))))
        assert run_kernel(*map(str, paths)).stdout.endswith(answer)
    wide = GOOD.replace('"inputs": 3', '"inputs": 1000000000000')
    with pytest.raises(Malformed, match="layers of 1 to"):
        recheck(wide.encode(), b"{}")
