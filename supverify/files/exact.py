"""Layers of rational weights to layers of integers with one common denominator: the network's scale."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network

from .matrix import Matrix, Vector

LARGEST_SCALE = 1 << 4096


@dataclass(frozen=True)
class RealLayer:
    """z = weights x + bias, then max(z, 0) if ``relu``; ``place`` names it in refusals."""

    weights: Matrix
    bias: Vector
    relu: bool
    place: str


def exact_network(layers: Sequence[RealLayer]) -> Network:
    """The network that computes scale times the outputs of ``layers``, exactly; raises Malformed.

    Each layer is multiplied by the least power of two that makes its weights, and its biases times the scale of
    the layers before it, integers. ReLU commutes with that; the scale is the product of these powers.
    """
    scaled, scale = [], 1
    for layer in layers:
        unit = max(_denominator(values, 1) for values in layer.weights.values)
        unit = max(unit, _denominator(layer.bias, scale))
        weights = tuple(_times(values, unit) for values in layer.weights.values)
        scale *= unit
        if scale > LARGEST_SCALE:
            raise Malformed(layer.place, "weights with denominators that multiply to at most 2^4096", "finer ones")
        scaled.append(Layer(layer.weights.sources, weights, _times(layer.bias, scale), layer.relu))
    return Network(layers[0].weights.width, tuple(scaled), scale)


def _denominator(values: Vector, scale: int) -> int:
    """The least power of two that makes every value * ``scale`` (a power of two) an integer."""
    return max((value.as_integer_ratio()[1] for value in values), default=1) // scale or 1


def _times(values: Vector, factor: int) -> tuple[int, ...]:
    """The values times a power of two that makes them integers."""
    ratios = (value.as_integer_ratio() for value in values)
    return tuple(numerator * factor // denominator for numerator, denominator in ratios)
