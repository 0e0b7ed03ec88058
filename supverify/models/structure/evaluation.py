"""What a network computes on many inputs at once, exactly: in float64 where every sum fits, else in integers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, combinations, islice, pairwise
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
CHUNK, VALUES = 512, 1 << 23  # inputs at once, and values of one layer for them
DENSE = 1 << 26  # weights that are written out, zeros too
RANDOM = 2048  # random inputs, where there are too many to try all


class Evaluator:
    """The first ``depth`` layers of a network, laid out to be evaluated.

    ``most`` is how many inputs are worth their time; none where the layers are ``too_large`` to be written out.
    """

    def __init__(self, network: Network, depth: int) -> None:
        self.layers = network.layers[:depth]
        exact = _bound(self.layers) < FLOAT_FITS
        self._kind: Any = np.float64 if exact else object
        widths = network.widths[1 : depth + 1]
        self.too_large = sum(a * b for a, b in pairwise(widths)) > DENSE
        work = max(1, sum(map(_products, self.layers)))
        self.most = 0 if self.too_large else (WORK if exact else SLOW_WORK) // work
        self._chunk = max(1, min(CHUNK, VALUES // max(widths, default=1)))
        self._first = _Columns(self.layers[0], network.inputs, self._kind)
        later = zip(self.layers[1:], widths, strict=False)
        self._later = [] if self.too_large else [_dense(layer, width, self._kind) for layer, width in later]

    def sums(self, inputs: Iterable[Active]) -> Iterator[tuple[list[Active], list[Matrix]]]:
        """Some inputs at a time, with the sums of every layer before its ReLU: a row for each input."""
        stream = iter(inputs)
        while chunk := list(islice(stream, self._chunk)):
            found = [self._first.sums(chunk)]
            for layer, (weights, bias) in zip(self.layers, self._later, strict=False):
                values = np.maximum(found[-1], 0) if layer.relu else found[-1]
                found.append(values @ weights + bias)
            yield chunk, found

    def outputs(self, inputs: Iterable[Active]) -> Iterator[tuple[list[Active], Matrix]]:
        """Some inputs at a time, with what the last layer gives: a row for each input."""
        relu = self.layers[-1].relu
        return ((chunk, np.maximum(sums[-1], 0) if relu else sums[-1]) for chunk, sums in self.sums(inputs))

    @staticmethod
    def reaches(sums: Matrix, least: int) -> Matrix:
        """Where the sums are at least so much, however large that is."""
        fits = least if sums.dtype == object else max(-FLOAT_FITS, min(least, FLOAT_FITS))
        found: Matrix = sums >= fits
        return found.astype(bool)


def population(claim: Claim) -> int:
    """The number of inputs with at most k ones."""
    return sum(comb(claim.network.inputs, size) for size in range(claim.k + 1))


def every(claim: Claim) -> Iterator[Active]:
    """All inputs with at most k ones, fewest first."""
    inputs = range(claim.network.inputs)
    return chain.from_iterable(combinations(inputs, size) for size in range(claim.k + 1))


def chosen(claim: Claim) -> Iterator[Active]:
    """None, the inputs of each gate, each input alone, and random ones of the largest size."""
    yield ()
    if not claim.k:
        return
    clauses = {clause for target in claim.targets() for clause in target}
    yield from sorted(clause for clause in clauses if 1 < len(clause) <= claim.k)
    yield from ((j,) for j in range(claim.network.inputs))
    rng = np.random.default_rng(0)
    for _ in range(RANDOM):
        yield tuple(sorted(map(int, rng.choice(claim.network.inputs, size=claim.k, replace=False))))


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


def _bound(layers: Iterable[Layer]) -> int:
    """Above every sum, and every part of one."""
    largest = most = 1
    for layer in layers:
        rows = zip(layer.weights, layer.bias, strict=True)
        largest = max(abs(bias) + largest * sum(map(abs, row)) for row, bias in rows)
        most = max(most, largest)
    return most
