"""A claim as cells on each of which one output has one truth, with the words that split them off, and as floats."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from supverify.kernel.certificate import SPLIT
from supverify.kernel.claim import Cell, Claim, Target, Window
from supverify.kernel.network import Layer, Network

from .search import Cells, Hidden
from .walk import HUGE, Reals

NEAR = 2.0**-26  # of the largest number that can occur: what a bound keeps from its limit
BLUR = 2.0**-42  # of it: what an output in floating point may be off


@dataclass(frozen=True)
class Case:
    """A cell on which ``output`` is true, or false, throughout; ``words`` come before those of a walk on it."""

    output: int
    words: str
    cell: Cell
    window: Window


def cases(claim: Claim, outputs: Iterable[int], cell: Cell) -> Iterator[Case]:
    """The parts of a cell for each output, in the order of the walk."""
    targets, windows = claim.targets(), claim.criterion.windows(claim.network.scale)
    for i in outputs:
        words = ""
        for split, part, truth in _parts(targets[i], cell, claim.network.inputs):
            words += "" if split is None else f"{SPLIT}{split} "
            if truth is not None:
                yield Case(i, words, part, windows[truth])
                words = ""


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
    (start, columns), one = _folded(network.layers[:-1], network.inputs, 1.0)
    (bias, weights), unit = _folded(network.layers[-1:], len(start), one)
    return Hidden(start, np.ascontiguousarray(columns.T), columns, np.ascontiguousarray(weights.T), bias), unit


def _folded(layers: tuple[Layer, ...], width: int, unit: float) -> tuple[tuple[Reals, Reals], float]:
    """Linear layers of what is in units of ``unit``, as (start, columns) in the unit that comes last.

    Units are powers of two: numbers stay near 1, and none loses a bit. Start and columns are kept apart, for a bias
    may be so much larger than a weight that their sum is nothing but the bias.
    """
    start, columns = np.zeros(width), np.eye(width)
    for layer in layers:
        matrix, bias = dense(layer, len(start))
        start, columns = start @ matrix.T + bias / unit, columns @ matrix.T
        size = 2.0 ** float(np.ceil(np.log2(max(np.abs(start).max(), np.abs(columns).max(), 2.0**-900))))
        start, columns, unit = start / size, columns / size, unit * size
    return (start, np.ascontiguousarray(columns)), unit


def dense(layer: Layer, width: int) -> tuple[Reals, Reals]:
    """W (outputs x inputs) and the bias of a layer in floats; raises OverflowError."""
    bias = np.array(layer.bias, dtype=np.float64)
    if all(len(row) == width for row in layer.weights):
        return np.array(layer.weights, dtype=np.float64).reshape(len(bias), width), bias
    matrix = np.zeros((len(bias), width))
    for r, (sources, weights) in enumerate(zip(layer.sources, layer.weights, strict=True)):
        matrix[r, list(sources)] = weights
    return matrix, bias


def packed(network: Hidden, unit: float, k: int, parts: list[Case]) -> Cells:
    """The cells as arrays."""
    reach = np.abs(network.start) + k * np.abs(network.columns).max(axis=0)
    sizes = np.abs(network.bias) + np.abs(network.weights) @ reach
    outputs = np.array([part.output for part in parts], dtype=np.int64)
    return Cells(
        outputs,
        _rows([sorted(part.cell.on) for part in parts]),
        _rows([sorted(part.cell.off) for part in parts]),
        np.array([part.cell.budget for part in parts], dtype=np.int64),
        np.array([limits(part.window, unit) for part in parts]),
        np.stack([sizes[outputs] * NEAR, sizes[outputs] * BLUR], axis=1),
    )


def limits(window: Window, unit: float) -> tuple[float, float]:
    """What an output, and its negative, may not exceed: halfway to the first integer that is wrong."""
    low, high = window
    return HUGE if high is None else (high + 0.5) / unit, HUGE if low is None else (0.5 - low) / unit


def _rows(sets: list[list[int]]) -> np.ndarray[tuple[int, int], np.dtype[np.int64]]:
    width = max([1, *map(len, sets)])
    return np.array([row + [-1] * (width - len(row)) for row in sets], dtype=np.int64).reshape(len(sets), width)
