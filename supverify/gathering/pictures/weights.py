"""The weights of a network as pictures show them: rows by what their units are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np

from ...kernel.bounds import inverts
from ...kernel.claim import Claim
from ...kernel.network import Layer
from ...models import Block
from ...models.structure import first_layer, unit_layers
from ...report.pictures.data import Region, WeightMatrix

SIDE = 200  # rows and columns of a picture

Groups = list[tuple[str, list[int]]]


def weight_matrices(
    claim: Claim, names: Sequence[str], units: Sequence[Fraction], blocks: Sequence[Block] = ()
) -> tuple[WeightMatrix, ...]:
    """Every layer but those that only turn the one before into steps.

    ``units[l]`` is what an integer weight of layer l stands for. ``blocks`` are those of the builder, if they are
    known; without them rows are grouped by what their units are.
    """
    network, order = claim.network, list(range(claim.network.inputs))
    known = {} if blocks else dict(_by_use(claim))
    found = []
    for i, layer in enumerate(network.layers):
        if i and inverts(layer):
            continue
        groups = _by_block(layer, blocks) or known.get(i) or [("", list(range(len(layer.bias))))]
        found.append(_matrix(layer, names[i], units[i], order, groups))
        order = [r for _, rows in groups for r in rows]
    return tuple(found)


def _by_block(layer: Layer, blocks: Sequence[Block]) -> Groups | None:
    """The rows of each block, if the layer is made of their neurons, or of their rows of the output code."""
    for ranges in ([block.neurons for block in blocks], [block.rows for block in blocks]):
        if layer.relu and sorted(r for each in ranges for r in each) == list(range(len(layer.bias))):
            return [(block.name, list(each)) for block, each in zip(blocks, ranges, strict=True)]
    return None


def _by_use(claim: Claim) -> Iterator[tuple[int, Groups]]:
    """The rows of each ReLU layer, or step: dead, twins, dedicated to a gate, shared by several."""
    first = first_layer(claim)
    layers = {units.layer: units for units in unit_layers(claim, first)}
    gates = {clause for target in claim.targets() for clause in target}
    for i, units in layers.items():
        above = layers.get(i + 1)
        relevant = first.relevant if first.units is units else ()
        uses = {
            "dead": set((above if above and above.step else units).dead),
            "twins": {r for group in units.twins for r in group},
            "dedicated": {r for r, inputs in enumerate(relevant) if inputs in gates},
        }
        use = [next((name for name, rows in uses.items() if r in rows), "shared") for r in range(len(units.on))]
        groups = [(name, [r for r, one in enumerate(use) if one == name]) for name in (*uses, "shared")]
        yield i, [(name, rows) for name, rows in groups if rows]


def _matrix(layer: Layer, name: str, unit: Fraction, order: Sequence[int], groups: Groups) -> WeightMatrix:
    rows = [r for _, members in groups for r in members]
    weights = [w for row in layer.weights for w in row]
    largest = max(map(abs, weights), default=0)
    step = -(-len(rows) // SIDE), -(-len(order) // SIDE)
    return WeightMatrix(
        name=name,
        rows=len(rows),
        columns=len(order),
        positive=sum(w > 0 for w in weights),
        negative=sum(w < 0 for w in weights),
        largest=largest * unit,
        regions=tuple(_regions(groups)),
        step=step,
        cells=_cells(layer, rows, order, step, largest or 1),
    )


def _regions(groups: Groups) -> Iterator[Region]:
    begin = 0
    for name, rows in groups:
        if name:
            yield Region(name=name, begin=begin, end=begin + len(rows))
        begin += len(rows)


def _cells(
    layer: Layer, rows: Sequence[int], order: Sequence[int], step: tuple[int, int], largest: int
) -> tuple[tuple[float, ...], ...]:
    """Of each block of weights the one with the largest absolute value, the first of equal ones, as a share."""
    place = np.empty(len(order), dtype=np.int64)
    place[list(order)] = np.arange(len(order)) // step[1]
    cells = np.zeros((-(-len(rows) // step[0]), -(-len(order) // step[1])))
    for i, r in enumerate(rows):
        row = cells[i // step[0]]
        for j, weight in layer.row(r):
            share = weight / largest
            if abs(share) > abs(row[place[j]]):
                row[place[j]] = share
    return tuple(map(tuple, cells.tolist()))
