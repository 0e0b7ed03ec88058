"""One output on one input in Python's integers, at the cost of what is on."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

from supverify.kernel.claim import Claim
from supverify.kernel.network import Layer


def is_wrong(claim: Claim, output: int, active: Sequence[int]) -> bool:
    """Whether the criterion calls the output wrong when exactly ``active`` is on; the last layer has no ReLU."""
    first, *layers = claim.network.layers
    values = [bias + sum(_weight(first, r, j) for j in active) for r, bias in enumerate(first.bias)]
    values = [max(z, 0) for z in values] if first.relu else values
    for layer in layers[:-1]:
        values = [_sum(layer, r, values) for r in range(len(layer.bias))]
        values = [max(z, 0) for z in values] if layer.relu else values
    z = _sum(layers[-1], output, values)
    truth = any(set(active).issuperset(clause) for clause in claim.targets()[output])
    low, high = claim.windows[truth]
    return (low is not None and z < low) or (high is not None and z > high)


def _weight(layer: Layer, r: int, j: int) -> int:
    sources = layer.sources[r]
    place = j if j < len(sources) and sources[j] == j else bisect_left(sources, j)
    return layer.weights[r][place] if place < len(sources) and sources[place] == j else 0


def _sum(layer: Layer, r: int, values: Sequence[int]) -> int:
    return layer.bias[r] + sum(w * values[i] for i, w in layer.row(r))
