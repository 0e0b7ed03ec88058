"""The first ReLU layer as linear forms of the inputs, whatever linear layers stand before it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from math import gcd, prod
from typing import Any

import numpy as np
import numpy.typing as npt

from supverify.kernel.network import Layer, Network

Active = tuple[int, ...]
Vector = npt.NDArray[Any]
FITS = 1 << 62  # what may be summed in 64 bits


@dataclass(frozen=True)
class Form:
    """constant + the sum of weights[i] * y_sources[i]; no weight is 0, ``sources`` ascend.

    ``weights`` are of 64 bits, or Python integers where sums would not fit.
    """

    sources: Vector
    weights: Vector
    constant: int

    def extreme(self, k: int, sign: int) -> tuple[int, Active]:
        """The maximum (``sign`` 1) or minimum (-1) over inputs with at most k ones, and an input that attains it."""
        best = self._best(sign * self.weights, k)
        return self.constant + int(self.weights[best].sum()), tuple(sorted(map(int, self.sources[best])))

    def relevant(self, k: int) -> Active:
        """The inputs j that change max(z, 0) on some input with at most k ones, z being this form.

        They do so where z or z + w_j is above 0 for some y of at most k - 1 other ones (derived).
        """
        if k == 0:
            return ()
        best = self._best(self.weights, k)
        chosen = best[: k - 1]
        ground = self.constant + int(self.weights[chosen].sum())
        moves = np.maximum(self.weights, 0) > -ground
        moves[chosen] = self.constant + int(self.weights[best].sum()) > 0
        return tuple(map(int, self.sources[moves]))

    def key(self) -> bytes:
        """The same for two forms exactly if one is a positive multiple of the other (up to SHA-256)."""
        common = gcd(self.constant, *map(int, self.weights)) or 1
        parts = (self.constant // common, self.sources.tolist(), (self.weights // common).tolist())
        return hashlib.sha256(repr(parts).encode()).digest()

    @staticmethod
    def _best(weights: Vector, k: int) -> Vector:
        """Where the k largest positive weights are, the largest first, of equal ones the first."""
        order = np.argsort(-weights, kind="stable")[:k]
        return order[weights[order] > 0]


def form_of(layer: Layer, r: int) -> Form:
    """Row r of a layer as a form of the values that it reads."""
    weights = layer.weights[r]
    kind = np.int64 if sum(map(abs, weights), abs(layer.bias[r])) < FITS else object
    return Form(np.array(layer.sources[r], np.int64), np.array(weights, kind), layer.bias[r])


def first_relu(network: Network) -> int:
    """Which layer is the first with ReLU; the last one where there is none."""
    return next((i for i, layer in enumerate(network.layers) if layer.relu), len(network.layers) - 1)


def first_forms(network: Network) -> Iterator[Form]:
    """The sums of the units of layer ``first_relu`` as forms of the inputs, one at a time."""
    linear = network.layers[: first_relu(network) + 1]
    kind = np.int64 if prod(map(_norm, linear)) < FITS else object
    below: list[Form] = []
    for layer in linear[:-1]:
        below = list(_composed(layer, below, network.inputs, kind))
    yield from _composed(linear[-1], below, network.inputs, kind)


def _norm(layer: Layer) -> int:
    """The largest row sum of absolute weights, the bias among them; at least 1."""
    return max(1, *(sum(map(abs, row), abs(bias)) for row, bias in zip(layer.weights, layer.bias, strict=True)))


def _composed(layer: Layer, below: list[Form], inputs: int, kind: Any) -> Iterator[Form]:
    """The rows of a layer that reads the forms ``below`` it, or the inputs themselves if there are none."""
    for r, bias in enumerate(layer.bias):
        if not below:
            yield Form(np.array(layer.sources[r], np.int64), np.array(layer.weights[r], kind), bias)
            continue
        dense, constant = np.zeros(inputs, kind), bias
        for t, weight in layer.row(r):
            dense[below[t].sources] += weight * below[t].weights
            constant += weight * below[t].constant
        sources = np.flatnonzero(dense)
        yield Form(sources, dense[sources], constant)
