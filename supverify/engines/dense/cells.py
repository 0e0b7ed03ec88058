"""A claim as cells on each of which one output has one truth, with the words that split them off, and as floats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np

from supverify.kernel.claim import Cell, Claim, Target, Window
from supverify.kernel.network import Layer, Network

from .search import Cells, Hidden
from .walk import HUGE, Reals, Words

NEAR = 2.0**-26  # of the largest number that can occur: what a bound keeps from its limit
BLUR = 2.0**-42  # of it: what an output in floating point may be off


@dataclass(frozen=True)
class Case:
    """A cell on which ``output`` has one ``truth``; before the words of a walk on it come ``splits`` on inputs."""

    output: int
    splits: tuple[int, ...]
    cell: Cell
    truth: bool


@dataclass(frozen=True)
class Frame:
    """What walks have to show: by truth the limits of the two sides, by output slack and blur."""

    limits: Reals
    margins: Reals


def cases(claim: Claim, outputs: Iterable[int], cell: Cell) -> Iterator[Case]:
    """The parts of a cell for each output, in the order of the walk."""
    targets = claim.targets()
    for i in outputs:
        splits: tuple[int, ...] = ()
        for split, part, truth in _parts(targets[i], cell, claim.network.inputs):
            splits = splits if split is None else (*splits, split)
            if truth is not None:
                yield Case(i, splits, part, truth)
                splits = ()


def _parts(target: Target, cell: Cell, inputs: int) -> Iterator[tuple[int | None, Cell, bool | None]]:
    """Preorder: an input to split on and no truth, or no input and the truth that the part has."""
    if any(cell.on.issuperset(clause) for clause in target):
        yield None, cell, True
        return
    missing = (set(clause) - cell.on for clause in target if cell.off.isdisjoint(clause))
    waiting = next((inputs for inputs in missing if len(inputs) <= cell.budget), None)
    if waiting is None:
        yield None, cell, False
        return
    j = min(waiting)
    yield j, cell, None
    for part in cell.split(j, inputs):
        yield from _parts(target, part, inputs)


def one_hidden(network: Network) -> bool:
    """Whether the last layer but one has a ReLU, and no other layer."""
    relus = [layer.relu for layer in network.layers]
    return relus[-2:] == [True, False] and sum(relus) == 1


def hidden(network: Network) -> tuple[Hidden, float] | None:
    """The network as one hidden layer in floats, and the unit of its outputs; None if it has another shape.

    Linear layers before the ReLU are multiplied out, as the kernel's bounds do. Raises OverflowError where a float
    holds no weight.
    """
    if not one_hidden(network):
        return None
    start, columns, one = _folded(network.layers[:-1], network.inputs, 1.0)
    bias, weights, unit = _folded(network.layers[-1:], len(start), one)
    return Hidden(start, np.ascontiguousarray(columns.T), columns, np.ascontiguousarray(weights.T), bias), unit


def _folded(layers: tuple[Layer, ...], width: int, unit: float) -> tuple[Reals, Reals, float]:
    """Linear layers, one or more, of what is in units of ``unit``, as start, columns and the unit that comes last.

    Units are powers of two: numbers stay near 1, and none loses a bit. Start and columns are kept apart, for a bias
    may be so much larger than a weight that their sum is nothing but the bias.
    """
    matrix, start = dense(layers[0], width)
    start, columns, unit = _scaled(start / unit, matrix.T, unit)
    for layer in layers[1:]:
        matrix, bias = dense(layer, len(start))
        start, columns, unit = _scaled(start @ matrix.T + bias / unit, columns @ matrix.T, unit)
    return start, np.ascontiguousarray(columns), unit


def _scaled(start: Reals, columns: Reals, unit: float) -> tuple[Reals, Reals, float]:
    size = 2.0 ** float(np.ceil(np.log2(max(np.abs(start).max(), np.abs(columns).max(), 2.0**-900))))
    return start / size, columns / size, unit * size


def dense(layer: Layer, width: int) -> tuple[Reals, Reals]:
    """W (outputs x inputs) and the bias of a layer in floats; raises OverflowError."""
    bias = np.array(layer.bias, dtype=np.float64)
    if all(len(row) == width for row in layer.weights):
        return _floats(layer.weights, width), bias
    matrix = np.zeros((len(bias), width))
    for r, (sources, weights) in enumerate(zip(layer.sources, layer.weights, strict=True)):
        matrix[r, list(sources)] = weights
    return matrix, bias


def _floats(rows: tuple[tuple[int, ...], ...], width: int) -> Reals:
    try:
        flat = np.fromiter(chain.from_iterable(rows), dtype=np.int64, count=len(rows) * width)  # quicker by far
    except OverflowError:
        return np.array(rows, dtype=np.float64)
    return flat.astype(np.float64).reshape(-1, width)


def frame(claim: Claim, network: Hidden, unit: float) -> Frame:
    """What walks have to show for a claim."""
    reach = np.abs(network.start) + claim.k * np.abs(network.columns).max(axis=0)
    sizes = np.abs(network.bias) + np.abs(network.weights) @ reach
    windows = claim.windows
    return Frame(np.array([limits(window, unit) for window in windows]), np.outer(sizes, [NEAR, BLUR]))


def limits(window: Window, unit: float) -> tuple[float, float]:
    """What an output, and its negative, may not exceed: halfway to the first integer that is wrong."""
    low, high = window
    return HUGE if high is None else (high + 0.5) / unit, HUGE if low is None else (0.5 - low) / unit


def packed(parts: list[Case], shown: Frame) -> Cells:
    """The cells as arrays."""
    outputs = np.array([part.output for part in parts], dtype=np.int64)
    return Cells(
        outputs,
        _rows([part.splits for part in parts]),
        _rows([sorted(part.cell.on) for part in parts]),
        _rows([sorted(part.cell.off) for part in parts]),
        np.array([part.cell.budget for part in parts], dtype=np.int64),
        shown.limits[[int(part.truth) for part in parts]],
        shown.margins[outputs],
    )


def whole(claim: Claim, outputs: Sequence[int], shown: Frame, budget: int) -> Cells:
    """The cells of outputs on inputs with ``budget`` ones, or up to it: at once where all are equally long ANDs."""
    targets = claim.targets()
    clauses = [targets[i][0] for i in outputs]
    width = len(clauses[0])
    if claim.code is not None or any(len(clause) != width for clause in clauses):
        return packed(list(cases(claim, outputs, Cell(frozenset(), frozenset(), budget))), shown)
    width = width if width <= budget else 0  # 0: none is true
    table = np.array(clauses, dtype=np.int64)[:, :width]
    splits, on = np.full((2, len(table), width + 1, width), -1)
    off = np.full((len(table), width + 1, 1), -1)
    splits[:, 0] = table
    for kept in range(width + 1):  # all on, then the last one off, then the one before
        on[:, width - kept, :kept] = table[:, :kept]
        if kept < width:
            off[:, width - kept, 0] = table[:, kept]
    which = np.repeat(np.array(outputs, dtype=np.int64), width + 1)
    budgets = np.tile(np.arange(budget - width, budget + 1), len(table))
    truths = np.tile(np.arange(width + 1) < min(width, 1), len(table)).astype(np.int64)
    first, second, third = (rows.reshape(len(which), -1) for rows in (splits, on, off))
    return Cells(which, first, second, third, budgets, shown.limits[truths], shown.margins[which])


def _rows(sets: list[Sequence[int]]) -> Words:
    width = max([1, *map(len, sets)])
    return np.array([[*row, *[-1] * (width - len(row))] for row in sets], dtype=np.int64).reshape(len(sets), width)
