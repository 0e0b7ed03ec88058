"""The shape that the engine ``contract`` decides: input code, one step or two, and perhaps a linear decoder.

    h = [W x >= T],  x = L_p ... L_1 y;    x1 = [W2 h >= T2];    a = D x1 + c  (without a decoder a = x1)

each step written as relu(1 - relu(T - z)) on integers, so that h and x1 are 0 or 1 exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from supverify.kernel.claim import Claim, Window
from supverify.kernel.network import Layer

from ..arrays import WORD
from .sparse import Ints, Sparse, identity, row_sums, sparse, transposed

LARGEST_K = 4


class Undecided(Exception):
    """Why the engine has no opinion, in one line."""


@dataclass(frozen=True)
class Step:
    """[weights x >= levels] for integer vectors x."""

    weights: Sparse
    levels: Ints


@dataclass(frozen=True)
class Shape:
    """A claim's network in parts; ``windows`` are low and high of a false output, then of a true one.

    ``gates`` (G x 2) are the distinct clauses a < b, ascending; ``truths`` lists for each the outputs it makes true.
    """

    inputs: int
    linear: tuple[Sparse, ...]
    hidden: Step
    second: Step | None
    decoder: Sparse
    bias: Ints
    decoded: bool
    windows: Ints
    gates: Ints
    truths: Sparse

    @property
    def behind(self) -> Step:
        """The second step of a network that has one."""
        if self.second is None:
            raise Undecided("there is one step alone")
        return self.second

    @property
    def widths(self) -> tuple[int, int, int]:
        """The hidden neurons, the neurons of the second step, and the outputs."""
        return len(self.hidden.levels), len(self.behind.levels), len(self.bias)

    @cached_property
    def wanted(self) -> Sparse:
        """For each output the gates that make it true."""
        return transposed(self.truths, len(self.bias))


def shape(claim: Claim) -> Shape:
    """The parts of a claim's network; raises Undecided unless it has the shape, and every sum fits 64 bits."""
    if claim.k > LARGEST_K:
        raise Undecided(f"k = {claim.k} is more than {LARGEST_K}")
    gates, truths = _gates(claim)
    layers = claim.network.layers
    leading = next((i for i, layer in enumerate(layers) if layer.relu), len(layers))
    rest = layers[leading:]
    last = 2 * (len(rest) // 2)
    steps = last in (2, 4) and all(map(_inverts, rest[1:last:2])) and all(layer.relu for layer in rest[:last])
    if not steps or any(layer.relu for layer in rest[last:]):
        raise Undecided("not linear layers, one or two steps and at most one linear decoder")
    bound = _bound(claim, layers)
    if bound >= WORD:
        raise Undecided("its sums may exceed 64 bits")
    linear = tuple(map(sparse, layers[:leading]))
    start = np.zeros(claim.network.inputs, dtype=np.int64)
    for matrix, layer in zip(linear, layers, strict=False):
        start = row_sums(matrix, start) + np.array(layer.bias, dtype=np.int64)
    width = len(rest[last - 1].bias)
    hidden, decoder = _step(rest[0], start), rest[last:]
    return Shape(
        inputs=claim.network.inputs,
        linear=linear,
        hidden=hidden,
        second=_step(rest[2], np.zeros(len(rest[0].bias), dtype=np.int64)) if last == 4 else None,
        decoder=sparse(decoder[0]) if decoder else identity(width),
        bias=np.array(decoder[0].bias, dtype=np.int64) if decoder else np.zeros(width, dtype=np.int64),
        decoded=bool(decoder),
        windows=_windows(claim, bound),
        gates=gates,
        truths=truths,
    )


def _inverts(layer: Layer) -> bool:
    """Whether the layer is relu(1 - u)."""
    plain = all(sources == (r,) for r, sources in enumerate(layer.sources))
    return layer.relu and plain and set(layer.bias) == {1} and set(layer.weights) == {(-1,)}


def _step(layer: Layer, start: Ints) -> Step:
    """[W x >= T] of the layer relu(T - W (x + start)), its offset taken into the levels."""
    weights = sparse(layer)
    weights = weights._replace(values=-weights.values)
    return Step(weights, np.array(layer.bias, dtype=np.int64) - row_sums(weights, start))


def _gates(claim: Claim) -> tuple[Ints, Sparse]:
    """The distinct clauses, ascending, and the outputs that each of them makes true."""
    targets = claim.targets()
    rows = {(*sorted(clause), i) for i, target in enumerate(targets) for clause in target}
    if any(len(row) != 3 or row[0] >= row[1] for row in rows):
        raise Undecided("its outputs are not ANDs of two inputs, or ORs of those")
    table = np.array(sorted(rows), dtype=np.int64).reshape(-1, 3)
    gates, place = np.unique(table[:, :2], axis=0, return_inverse=True)
    pointer = np.searchsorted(place.ravel(), np.arange(len(gates) + 1)).astype(np.int64)
    return gates, Sparse(pointer, table[:, 2].copy(), np.ones(len(table), dtype=np.int64))


def _bound(claim: Claim, layers: Sequence[Layer]) -> int:
    """A bound on every sum that the engine forms: weights times the largest possible values, and the ends compared.

    A row of the hidden step is summed in any order over up to k inputs, and the second step over all hidden neurons.
    """
    largest, bound = 0, 1
    for i, layer in enumerate(layers):
        sums = [sum(map(abs, row)) for row in layer.weights]
        widest = max(abs(b) for b in layer.bias)
        total = sum(sums) * bound + widest
        bound = max(max(sums), 1) * bound + widest
        largest = max(largest, bound, total)
        bound = 1 if i and layer.relu and _inverts(layer) else bound
    ends = [abs(x) for window in claim.windows for x in window if x is not None]
    return 16 * max(largest * (claim.k + 1), *ends, 1)


def _windows(claim: Claim, bound: int) -> Ints:
    """The ends of the windows; a missing one becomes a number that no output reaches."""
    false, true = claim.windows
    return np.array([*_ends(false, bound), *_ends(true, bound)], dtype=np.int64)


def _ends(window: Window, bound: int) -> tuple[int, int]:
    low, high = window
    return -bound if low is None else low, bound if high is None else high
