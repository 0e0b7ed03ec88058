"""What pictures show, against brute force: dense matrices, Fractions, every input one by one."""

from __future__ import annotations

import random
from fractions import Fraction
from itertools import combinations
from math import comb
from pathlib import Path

import brute
import pytest

from supverify.engines import verify
from supverify.files import NetworkFile
from supverify.files.timings import read_timings
from supverify.gathering.pictures.curves import times
from supverify.gathering.pictures.data import pictures_data
from supverify.gathering.pictures.overlaps import overlaps
from supverify.gathering.pictures.trace import Trace
from supverify.gathering.pictures.weights import weight_matrices
from supverify.kernel.bounds import inverts
from supverify.kernel.claim import Claim, TwoAnd
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network, trace
from supverify.models import Variant, build, build_paper, generate
from supverify.report.pictures.data import Extremes, PictureData

SEEDS = range(60)


def data(claim: Claim) -> PictureData:
    return pictures_data(verify(claim), NetworkFile(claim.network))


def small(seed: int) -> Claim:
    return brute.random_claim(random.Random(seed))


def dense(layer: Layer, width: int) -> list[list[int]]:
    return [[dict(layer.row(r)).get(j, 0) for j in range(width)] for r in range(len(layer.bias))]


def positively(network: Network, first: int) -> list[set[int]]:
    """The outputs that each unit of layer ``first`` leads to along a path of weights with a positive product."""
    found: list[set[int]] = [set() for _ in network.layers[first].bias]

    def follow(unit: int, at: int, sign: int, start: int) -> None:
        if at == len(network.layers) - 1:
            found[start] |= {unit} if sign > 0 else set()
            return
        for r, row in enumerate(dense(network.layers[at + 1], len(network.layers[at].bias))):
            if row[unit]:
                follow(r, at + 1, sign if row[unit] > 0 else -sign, start)

    for r in range(len(found)):
        follow(r, first, 1, r)
    return found


def ends(values: list[tuple[Fraction, bool]]) -> Extremes:
    return Extremes(
        highest_false=max((value for value, truth in values if not truth), default=None),
        lowest_true=min((value for value, truth in values if truth), default=None),
    )


def sums(network: Network, active: tuple[int, ...]) -> list[tuple[int, ...]]:
    return list(trace(network, active))


@pytest.mark.parametrize("seed", SEEDS)
def test_the_readout_and_the_margins_are_those_of_every_input(seed: int) -> None:
    claim = small(seed)
    found = data(claim)
    assert found.noise is not None
    assert found.margins is not None
    sizes = sorted({len(y) for y in brute.inputs(claim)})
    assert [part.size for part in found.noise.covered] == sizes
    assert all(part.complete for part in found.noise.covered)
    readout = found.noise.thresholds[-1]
    margins: dict[int, Fraction] = {}
    for size, extremes in zip(sizes, readout.before, strict=True):
        values = []
        for y in (y for y in brute.inputs(claim) if len(y) == size):
            for i, entry in enumerate(zip(brute.outputs(claim.network, y), brute.truths(claim, y), strict=True)):
                values.append(entry)
                a, t = entry[0], claim.criterion.threshold
                room = a - t if entry[1] else t - a
                margins[i] = min(room, margins.get(i, room))
        assert extremes == ends(values)
    assert sum(count for _, count in found.margins.counts) == len(margins)
    assert sorted(margins.values()) == [margin for margin, count in found.margins.counts for _ in range(count)]
    assert margins[found.margins.worst[0]] == min(margins.values()) == found.margins.smallest


@pytest.mark.parametrize("seed", SEEDS)
def test_noise_before_and_after_each_threshold(seed: int) -> None:
    claim = small(seed)
    found = data(claim).noise
    assert found is not None
    layers = claim.network.layers
    names = [f"layer {i}" for i in range(1, len(layers) + 1)]
    for threshold in found.thresholds[:-1]:
        first, *second = (names.index(name) for name in threshold.name.split(" and "))
        last = second[0] if second else first
        assert (threshold.kind == "step") == bool(second)
        assert not second or inverts(layers[last])
        shown = [r for r, outputs in enumerate(positively(claim.network, last)) if outputs]
        gates = {clause for target in claim.problem.targets() for clause in target}
        alone = {gate: [z > 0 for z in sums(claim.network, gate)[last]] for gate in gates}
        for part, before, after in zip(found.covered, threshold.before, threshold.after, strict=True):
            pairs_before, pairs_after = [], []
            for y in (y for y in brute.inputs(claim) if len(y) == part.size):
                z = sums(claim.network, y)
                for r in shown:
                    truth = any(alone[gate][r] for gate in gates if set(gate) <= set(y))
                    low, high = scale(claim, first), scale(claim, last)
                    pairs_before.append((Fraction(-z[first][r] if second else z[first][r], low), truth))
                    pairs_after.append((Fraction(max(z[last][r], 0), high), truth))
            assert before == ends(pairs_before)
            assert after == ends(pairs_after)


def scale(claim: Claim, layer: int) -> int:
    return claim.network.scale if layer == len(claim.network.layers) - 1 else 1


@pytest.mark.parametrize(("problem", "variant"), [("random:M=12,m=10,seed=1", "random"), ("star:M=64", "compact")])
def test_every_step_of_a_built_network_keeps_its_units_apart(problem: str, variant: Variant) -> None:
    """No unit that a gate turns on is lost, and after the last step no other unit is on."""
    claim = build(generate(problem), k=2, seed=0, variant=variant).claims()["readout"]
    found = data(claim).noise
    assert found is not None
    *steps, readout = found.thresholds
    assert [step.kind for step in steps] == ["step", "step"]
    for step in steps:
        assert [extremes.lowest_true for extremes in step.before[:2]] == [None, None]
        assert step.before[2].lowest_true is not None
        assert step.before[2].lowest_true >= 0
        assert step.after[2].lowest_true == 1
    assert [extremes.highest_false for extremes in steps[-1].after] == [0, 0, 0]
    assert readout.before[2].lowest_true == 1


def test_numbers_beyond_what_floats_hold_are_exact() -> None:
    huge = 1 << 70
    layer = Layer(((0, 1), (0, 1)), ((huge, huge), (-huge, 3)), (-huge - 1, 0), True)
    last = Layer(((0, 1),), ((1, huge),), (0,), False)
    claim = Claim(Network(2, (layer, last), scale=huge), TwoAnd(2, ((0, 1),)), 2)
    found = data(claim)
    assert found.noise is not None
    assert found.noise.thresholds[-1].before == (
        Extremes(highest_false=Fraction(0), lowest_true=None),
        Extremes(highest_false=Fraction(3), lowest_true=None),
        Extremes(highest_false=None, lowest_true=Fraction(huge - 1, huge)),
    )


def test_what_is_too_much_is_sampled_with_true_gates_among_it() -> None:
    problem = generate("random:M=40,m=40,seed=3")
    claim = build(problem, k=3, seed=0, variant="random").claims()["readout"]
    one, other, seeded = (Trace(claim, inputs=2000, seed=seed) for seed in (0, 0, 1))
    assert [part.complete for part in one.covered] == [True, True, True, False]
    assert [part.of for part in one.covered] == [comb(40, size) for size in range(4)]
    gates = {frozenset(pair) for pair in problem.pairs}  # type: ignore[union-attr]
    for part, same, differs in zip(one.parts, other.parts, seeded.parts, strict=True):
        rows = part.active.tolist()
        assert rows == same.active.tolist()
        assert len({tuple(row) for row in rows}) == len(rows)
        assert all(row == sorted(set(row)) and all(0 <= j < 40 for j in row) for row in rows)
        if len(rows) < part.of:
            assert rows != differs.active.tolist()
            held = sum(any(gate <= set(row) for gate in gates) for row in rows)
            assert held >= len(rows) // 3
    assert sum(len(part.active) for part in one.parts) <= 2000


def test_sampled_extremes_lie_within_those_of_all_inputs() -> None:
    claim = build(generate("star:M=30"), k=2, seed=0, variant="random").claims()["readout"]
    every, some = Trace(claim), Trace(claim, inputs=120)
    found = []
    for kept in (every, some):
        values = {
            (bool(truth), int(value))
            for batch in kept.batches()
            for truth, value in zip(batch.truth.ravel(), batch.outputs.ravel(), strict=True)
        }
        found.append(values)
    assert found[1] <= found[0]
    assert not all(part.complete for part in some.covered)


@pytest.mark.parametrize("seed", range(20))
def test_overlaps_of_a_code_are_counted_exactly(seed: int) -> None:
    rng = random.Random(seed)
    columns = [frozenset(r for r in range(9) if rng.random() < 0.4) or {0} for _ in range(8)]
    rows = [tuple(j for j in range(8) if r in columns[j]) for r in range(9)]
    code = Layer(tuple(rows), tuple((1,) * len(row) for row in rows), (0,) * 9, False)
    k = rng.randint(1, 3)
    claim = Claim(Network(8, (code, Layer(((0,),), ((1,),), (0,), True))), TwoAnd(8, ((0, 1),)), k)
    found = overlaps(claim, "C")
    assert found is not None
    assert found.code
    common = [len(set(a) & set(b)) for a, b in combinations(columns, 2)]
    assert dict(found.bars) == {Fraction(x): common.count(x) for x in set(common)}
    free = []
    for j, column in enumerate(columns):
        others = sorted((len(set(column) & set(other)) for i, other in enumerate(columns) if i != j), reverse=True)
        free.append((len(column) - sum(others[:k]), j, sum(others[:k]), len(column)))
    assert found.filled == min(free)[1:]
    ones = min(map(len, columns))
    assert found.tolerated is not None
    assert k * found.tolerated < ones <= k * (found.tolerated + 1)


@pytest.mark.parametrize("seed", range(20))
def test_cosines_fall_into_their_bars_exactly(seed: int) -> None:
    """Small integers: many cosines are at the edge of a bar, such as 0, 1/2 and 3/5."""
    rng = random.Random(seed)
    columns = [[rng.choice((-4, -3, 0, 0, 3, 4)) for _ in range(3)] for _ in range(12)]
    rows = [[(j, column[r]) for j, column in enumerate(columns) if column[r]] for r in range(3)]
    sources, weights = (tuple(tuple(pair[part] for pair in row) for row in rows) for part in (0, 1))
    claim = Claim(Network(12, (Layer(sources, weights, (0,) * 3, False),)), coded(12), 2, code=((0,), (0,), (0,)))
    found = overlaps(claim, "W1")
    used = [column for column in columns if any(column)]
    assert found is not None
    assert found.columns == found.of == len(used)
    expected: dict[Fraction, int] = {}
    for a, b in combinations(used, 2):
        product = sum(x * y for x, y in zip(a, b, strict=True))
        square = Fraction(product * abs(product), sum(x * x for x in a) * sum(y * y for y in b))
        edges = [Fraction(t, 20) for t in range(-20, 20)]
        bar = max((edge for edge in edges if edge * abs(edge) <= square), default=Fraction(-1))
        expected[bar] = expected.get(bar, 0) + 1
    assert dict(found.bars) == expected


def coded(inputs: int) -> TwoAnd:
    return TwoAnd(inputs, ((0, 1),))


@pytest.mark.parametrize("seed", range(20))
def test_weights_are_all_there(seed: int) -> None:
    claim = small(seed)
    shown = weight_matrices(claim, [str(i) for i in range(9)], [Fraction(1, 2)] * 9)
    kept = [layer for i, layer in enumerate(claim.network.layers) if not (i and inverts(layer))]
    assert len(shown) == len(kept)
    for matrix, layer in zip(shown, kept, strict=True):
        weights = [w for row in layer.weights for w in row]
        assert matrix.largest == Fraction(max(map(abs, weights), default=0), 2)
        assert (matrix.positive, matrix.negative) == (sum(w > 0 for w in weights), sum(w < 0 for w in weights))
        drawn = sorted(cell for row in matrix.cells for cell in row if cell)
        assert drawn == sorted(w / max(map(abs, weights)) for w in weights)
        assert sum(region.end - region.begin for region in matrix.regions) in (0, matrix.rows)


def test_large_matrices_are_joined_to_cells_of_the_largest_weight() -> None:
    rng = random.Random(5)
    rows = [[rng.randint(-9, 9) for _ in range(450)] for _ in range(7)]
    layer = Layer(
        tuple(tuple(j for j, w in enumerate(row) if w) for row in rows),
        tuple(tuple(w for w in row if w) for row in rows),
        (0,) * 7,
        False,
    )
    claim = Claim(Network(450, (layer,)), coded(450), 2, code=((0,),) * 7)
    (matrix,) = weight_matrices(claim, ["W1"], [Fraction(1)])
    assert matrix.step == (1, 3)
    assert len(matrix.cells[0]) == 150
    for shown, row in zip(matrix.cells, rows, strict=True):
        for i, cell in enumerate(shown):
            assert abs(cell) * 9 == pytest.approx(max(map(abs, row[3 * i : 3 * i + 3])))
            assert any(cell * 9 == pytest.approx(w) for w in row[3 * i : 3 * i + 3])


def test_units_are_grouped_by_what_they_are() -> None:
    """Of four gates: a dead unit, two twins, one dedicated to a gate and one that two gates share."""
    sources = ((0, 1), (0, 1, 2), (0, 1, 2), (2, 3), (0, 1, 2, 3))
    layer = Layer(sources, ((-1, -1), (1, 1, 1), (2, 2, 2), (1, 1), (1, 1, 1, 1)), (-1, -1, -2, -1, -1), True)
    last = Layer(((0, 1), (2, 3)), ((1, 1), (1, 1)), (0, 0), False)
    claim = Claim(Network(4, (layer, last)), TwoAnd(4, ((0, 1), (2, 3))), 2)
    first, _ = weight_matrices(claim, ["W1", "W2"], [Fraction(1)] * 2)
    assert [(r.name, r.end - r.begin) for r in first.regions] == [
        ("dead", 1),
        ("twins", 2),
        ("dedicated", 1),
        ("shared", 1),
    ]
    assert [sum(map(bool, row)) for row in first.cells] == [2, 3, 3, 2, 4]


def test_the_builder_s_blocks_are_its_rows_where_they_are_known() -> None:
    built = build_paper(generate("mixture:M=40,seed=0"), k=2)  # type: ignore[arg-type]
    claim = built.claims()["readout"]
    depth = len(claim.network.layers)
    shown = weight_matrices(claim, ["W"] * depth, [Fraction(1)] * depth, built.blocks)
    names = [block.name for block in built.blocks]
    hidden = [matrix for matrix in shown if matrix.rows == len([n for b in built.blocks for n in b.neurons])]
    assert hidden
    assert all([region.name for region in matrix.regions] == names for matrix in hidden)


@pytest.mark.parametrize("seed", range(80))
def test_the_path_of_a_counterexample_adds_up(seed: int) -> None:
    claim = small(seed)
    verdict = verify(claim)
    path = pictures_data(verdict, NetworkFile(claim.network)).path
    if verdict.counterexample is None:
        assert path is None
        return
    assert path is not None
    y = verdict.counterexample
    assert path.output.output in brute.wrong_entries(claim, y)
    assert path.wrong == len(brute.wrong_entries(claim, y))
    total = sum((edge.adds for edge in path.edges[-1]), path.bias)
    last = claim.network.layers[-1]
    value = brute.outputs(claim.network, y)[path.output.output]
    if not last.relu:
        assert total == value
    elif not inverts(last):
        assert max(total, Fraction(0)) == value
    assert {unit.index for unit in path.layers[0].units if unit.value} <= set(y)
    for layer, edges in zip(path.layers, path.edges, strict=True):
        assert {edge.source for edge in edges} <= {unit.index for unit in layer.units}
        assert len(layer.units) <= 12
        assert sum(bool(unit.value) for unit in layer.units) <= layer.on
        assert all(edge.adds for edge in edges) or not all(unit.value for unit in layer.units)


def test_tables_of_times_are_read_and_refused(tmp_path: Path) -> None:
    table = tmp_path / "table.json"
    row = (
        '{"outputs": 64, "k": 2, "fault": 0, "status": "PROVED", "machine": "here", "more": [],'
        ' "seconds": {"channels": [3.0, 0.5], "enumerate": [1.0]}, "scaled": {"enumerate": 1.5}}'
    )
    table.write_text(f'{{"rows": [{row}, {row.replace("64", "128")}]}}')
    found = times(read_timings(table))
    assert found is not None
    ((k, (own, peer)),) = found.panels
    assert (k, own.outputs, own.seconds, own.peer) == (2, (64, 128), (0.5, 0.5), False)
    assert (peer.label, peer.seconds, peer.peer) == ("enumeration", (1.5, 1.5), True)
    for wrong, place in (
        (row.replace("64", "0"), "outputs"),
        (row.replace("0.5", "-1"), "channels"),
        (row.replace('"k": 2', '"k": "2"'), "k"),
        (row.replace('{"enumerate": 1.5}', "[]"), "scaled"),
        ("[]", "rows[0]"),
    ):
        table.write_text(f'{{"rows": [{wrong}]}}')
        with pytest.raises(Malformed) as refused:
            read_timings(table)
        assert place in str(refused.value)


def test_data_are_the_same_every_time() -> None:
    claim = build(generate("random:M=64,seed=0"), k=2, seed=0).claims()["code"]
    verdict = verify(claim)
    file = NetworkFile(claim.network, code=claim.code, coded=64)
    assert pictures_data(verdict, file) == pictures_data(verdict, file)
