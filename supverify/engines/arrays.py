"""A claim as integer arrays, behind an exact bound on every number that can occur."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from supverify.kernel.claim import Claim, Window
from supverify.kernel.network import Layer, Network

from .enumeration.limbs import EXACT

Integers = npt.NDArray[Any]  # int64, or object (Python integers) where 64 bits do not suffice

Flags = npt.NDArray[np.bool_]

WORD = 1 << 62  # numbers below it, and sums of two, fit a signed 64-bit word


@dataclass(frozen=True)
class Matrix:
    """A layer z = W x + bias by the columns of W: column c holds rows[pointer[c]:pointer[c + 1]] and weights."""

    pointer: Integers
    rows: Integers
    weights: Integers
    bias: Integers
    relu: bool

    def dense(self) -> Integers:
        """W, outputs x inputs."""
        width = len(self.pointer) - 1
        dense = np.zeros((len(self.bias), width), dtype=self.weights.dtype)
        dense[self.rows, np.repeat(np.arange(width), np.diff(self.pointer))] = self.weights
        return dense


@dataclass(frozen=True)
class Arrays:
    """Everything that enumeration needs.

    The first layer (with the linear layers before it) is ``start + sum of columns[j]`` over the active inputs j,
    columns: inputs x width. ``clauses[t]`` = (inputs of an AND, its output), sorted; an
    AND shorter than the longest one repeats its last input.
    ``tie``: the output at its threshold, None if no integer is. ``bounds``: no |number| in the first layer, and in
    each of ``layers`` with its weights, exceeds them, in any order of summation; the ends of windows exceed the
    largest by at most 1. ``both_sides``: a true output may be too high, and a false one too low.
    """

    start: Integers
    columns: Integers
    relu: bool
    layers: tuple[Matrix, ...]
    clauses: npt.NDArray[np.int64]
    windows: tuple[int, int, int, int]
    tie: int | None
    bounds: tuple[int, ...]
    both_sides: bool

    @property
    def outputs(self) -> int:
        """The width of the last layer."""
        return len(self.layers[-1].bias) if self.layers else len(self.start)

    @property
    def bound(self) -> int:
        """No |number| in the network exceeds it."""
        return max(self.bounds)

    @property
    def fits(self) -> bool:
        """Whether 64-bit words hold every number exactly."""
        return self.bound < WORD


def arrays(claim: Claim) -> Arrays:
    """The arrays of a claim: int64 where that is exact, else Python integers in object arrays."""
    start, columns, rest = _head(claim.network)
    first, layers = rest[0], rest[1:]
    bounds = tuple(_bounds(claim.k, start, columns, layers))
    bound = max(bounds)
    kind: Any = np.int64 if bound < WORD else object
    widths = [len(layer.bias) for layer in rest]
    matrices = tuple(_matrix(layer, width, kind) for layer, width in zip(layers, widths, strict=False))
    false, true = claim.windows
    level = claim.criterion.threshold * claim.network.scale
    return Arrays(
        start=start.astype(kind),
        columns=columns.astype(kind),
        relu=first.relu,
        layers=matrices,
        clauses=clauses(claim),
        windows=(_low(false, bound), _high(false, bound), _low(true, bound), _high(true, bound)),
        tie=level.numerator if level.denominator == 1 and abs(level) <= bound else None,
        bounds=bounds,
        both_sides=claim.criterion.kind in ("linear", "code"),
    )


def _low(window: Window, bound: int) -> int:
    """The window's lower end; one that is missing, or beyond all numbers that occur, stands just beyond them."""
    return -bound - 1 if window[0] is None else min(max(window[0], -bound - 1), bound + 1)


def _high(window: Window, bound: int) -> int:
    return bound + 1 if window[1] is None else min(max(window[1], -bound - 1), bound + 1)


def _head(network: Network) -> tuple[Integers, Integers, tuple[Layer, ...]]:
    """The first layer that is not followed through linearly: its value at y = 0, and each input's column."""
    layers = network.layers
    start = np.array(layers[0].bias, dtype=object)
    columns = _dense(layers[0], network.inputs).T
    while not layers[0].relu and len(layers) > 1:
        width, layers = len(start), layers[1:]
        weights = _dense(layers[0], width)
        start = _product(start[None, :], weights.T)[0] + np.array(layers[0].bias, dtype=object)
        columns = _product(columns, weights.T)
    return start, columns, layers


def _dense(layer: Layer, width: int) -> Integers:
    """The weights of a layer, outputs x inputs: int64 where they fit, else Python integers."""
    fits = max((abs(w) for row in layer.weights for w in row), default=0) < WORD
    dense = np.zeros((len(layer.bias), width), dtype=np.int64 if fits else object)
    for r, (sources, weights) in enumerate(zip(layer.sources, layer.weights, strict=True)):
        dense[r, list(sources)] = weights
    return dense


def _product(left: Integers, right: Integers) -> Integers:
    """left @ right: by BLAS where float64 holds every partial sum, else in Python integers."""
    largest = int(np.abs(left).max(initial=0)) * int(np.abs(right).sum(axis=0, dtype=object).max(initial=0))
    if largest < EXACT:
        with np.errstate(invalid="ignore"):  # some BLAS kernels raise it for lanes they leave unused
            product: Integers = (left.astype(np.float64) @ right.astype(np.float64)).astype(np.int64)
        return product
    result: Integers = left.astype(object) @ right.astype(object)
    return result


def _bounds(k: int, start: Integers, columns: Integers, layers: tuple[Layer, ...]) -> Iterator[int]:
    """Bounds on every partial sum: k columns in the first layer, then layer by layer, neuron by neuron."""
    sizes = -np.sort(-np.abs(columns), axis=0)[: max(k, 1)]
    each = list(map(int, np.abs(start) + sizes.sum(axis=0, dtype=object)))
    yield max(each)
    for layer in layers:
        each = [abs(b) + sum(abs(w) * each[j] for j, w in layer.row(r)) for r, b in enumerate(layer.bias)]
        yield max(*each, *(abs(w) for row in layer.weights for w in row), 0)


def _matrix(layer: Layer, width: int, kind: Any) -> Matrix:
    columns: list[list[tuple[int, int]]] = [[] for _ in range(width)]
    for r in range(len(layer.bias)):
        for j, w in layer.row(r):
            columns[j].append((r, w))
    entries = [entry for column in columns for entry in column]
    return Matrix(
        pointer=np.cumsum([0, *map(len, columns)], dtype=np.int64),
        rows=np.array([r for r, _ in entries], dtype=np.int64),
        weights=np.array([w for _, w in entries], dtype=kind),
        bias=np.array(layer.bias, dtype=kind),
        relu=layer.relu,
    )


def clauses(claim: Claim) -> npt.NDArray[np.int64]:
    """The rows (inputs, output); a clause shorter than the longest one repeats its last input."""
    targets = claim.targets()
    longest = max((len(clause) for target in targets for clause in target), default=1)
    rows = [
        (*clause, *clause[-1:] * (longest - len(clause)), i) for i, target in enumerate(targets) for clause in target
    ]
    return np.array(sorted(rows), dtype=np.int64).reshape(-1, longest + 1)


def truths(clauses: npt.NDArray[np.int64], active: npt.NDArray[np.int64], inputs: int, outputs: int) -> Flags:
    """Which outputs are true, outputs x batch, on the active sets in the rows of ``active``."""
    ones = np.zeros((inputs, len(active)), dtype=bool)
    np.put_along_axis(ones, active.T, True, axis=0)
    truth = np.zeros((outputs, len(active)), dtype=bool)
    hits = ones[clauses[:, 0]]
    for more in clauses[:, 1:-1].T:
        hits &= ones[more]
    where = clauses[:, -1]
    if len(np.unique(where)) == len(where):
        truth[where] = hits
    else:
        np.logical_or.at(truth, where, hits)
    return truth
