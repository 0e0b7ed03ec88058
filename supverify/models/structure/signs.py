"""Inputs on which a unit's sum is above 0, and on which it is below: found by evaluating the network exactly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, combinations, islice
from math import comb
from typing import Any

import numpy as np
import numpy.typing as npt

from supverify.kernel.claim import Claim
from supverify.kernel.network import Layer, Network

from .forms import Active

Matrix = npt.NDArray[Any]
FLOAT_FITS = 1 << 53  # below it every sum of integers is one of float64
WORK, SLOW_WORK = 1 << 31, 1 << 23  # products of weights and values: in float64, and in Python integers
CHUNK = 512  # inputs at once
RANDOM = 2048  # random inputs, where there are too many to try all


class Signs:
    """``on[l][r]`` is an input on which unit r of layer l has a sum above 0, ``off[l][r]`` one below 0.

    None where no such input was tried; ``complete``: every input with at most k ones was.
    """

    def __init__(self, claim: Claim) -> None:
        self.network = claim.network
        self.depth = max((i + 1 for i, layer in enumerate(self.network.layers) if layer.relu), default=0)
        widths = self.network.widths[1 : self.depth + 1]
        self.on: list[list[Active | None]] = [[None] * width for width in widths]
        self.off: list[list[Active | None]] = [[None] * width for width in widths]
        exact = _bound(self.network, self.depth) < FLOAT_FITS
        self._kind: Any = np.float64 if exact else object
        each = sum(map(_products, self.network.layers[: self.depth])) or 1
        most = (WORK if exact else SLOW_WORK) // each
        population = sum(comb(self.network.inputs, size) for size in range(claim.k + 1))
        self.complete = population <= most
        self._try(_every(claim) if self.complete else islice(_chosen(claim), max(most, CHUNK)))

    def _try(self, inputs: Iterable[Active]) -> None:
        """Evaluates the inputs, some at once, and keeps the first on which a unit is on, or off."""
        first = _Columns(self.network.layers[0], self.network.inputs, self._kind)
        later = [_dense(layer, width, self._kind) for layer, width in self._later()]
        stream = iter(inputs)
        while chunk := list(islice(stream, CHUNK)):
            sums = first.sums(chunk)
            self._keep(0, sums, chunk)
            for i, (weights, bias) in enumerate(later, start=1):
                values = np.maximum(sums, 0) if self.network.layers[i - 1].relu else sums
                sums = values @ weights + bias
                self._keep(i, sums, chunk)

    def _later(self) -> Iterator[tuple[Layer, int]]:
        return zip(self.network.layers[1 : self.depth], self.network.widths[1:], strict=False)

    def _keep(self, i: int, sums: Matrix, chunk: list[Active]) -> None:
        for known, found in ((self.on[i], sums > 0), (self.off[i], sums < 0)):
            for r in np.flatnonzero(found.any(axis=0)):
                if known[r] is None:
                    known[r] = chunk[int(found[:, r].argmax())]


class _Columns:
    """A first layer by its columns: an input with few ones adds few of them."""

    def __init__(self, layer: Layer, inputs: int, kind: Any) -> None:
        rows: list[list[int]] = [[] for _ in range(inputs)]
        weights: list[list[int]] = [[] for _ in range(inputs)]
        for r in range(len(layer.bias)):
            for j, weight in layer.row(r):
                rows[j].append(r)
                weights[j].append(weight)
        pairs = zip(rows, weights, strict=True)
        self._columns = [(np.array(places, np.int64), np.array(values, kind)) for places, values in pairs]
        self._bias = np.array(layer.bias, kind)

    def sums(self, chunk: list[Active]) -> Matrix:
        """The sums for each input, a row each."""
        found = np.tile(self._bias, (len(chunk), 1))
        for row, active in zip(found, chunk, strict=True):
            for j in active:
                places, values = self._columns[j]
                row[places] += values
        return found


def _dense(layer: Layer, width: int, kind: Any) -> tuple[Matrix, Matrix]:
    """The weights as inputs x outputs, and the bias."""
    weights = np.zeros((width, len(layer.bias)), kind)
    for r, (sources, row) in enumerate(zip(layer.sources, layer.weights, strict=True)):
        weights[list(sources), r] = row
    return weights, np.array(layer.bias, kind)


def _products(layer: Layer) -> int:
    return sum(map(len, layer.sources)) + len(layer.bias)


def _bound(network: Network, depth: int) -> int:
    """Above every sum, and every part of one, in the first ``depth`` layers."""
    largest = most = 1
    for layer in network.layers[:depth]:
        rows = zip(layer.weights, layer.bias, strict=True)
        largest = max(abs(bias) + largest * sum(map(abs, row)) for row, bias in rows)
        most = max(most, largest)
    return most


def _every(claim: Claim) -> Iterator[Active]:
    """All inputs with at most k ones, fewest first."""
    inputs = range(claim.network.inputs)
    return chain.from_iterable(combinations(inputs, size) for size in range(claim.k + 1))


def _chosen(claim: Claim) -> Iterator[Active]:
    """None, each input alone, the inputs of each gate, and random ones of the largest size."""
    yield ()
    if not claim.k:
        return
    yield from ((j,) for j in range(claim.network.inputs))
    clauses = {clause for target in claim.targets() for clause in target}
    yield from sorted(clause for clause in clauses if 1 < len(clause) <= claim.k)
    rng = np.random.default_rng(0)
    for _ in range(RANDOM):
        yield tuple(sorted(map(int, rng.choice(claim.network.inputs, size=claim.k, replace=False))))
