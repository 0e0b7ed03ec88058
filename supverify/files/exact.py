"""Layers of rational weights to layers of integers with one common denominator: the network's scale."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network

from .matrix import Matrix, Vector

LARGEST_SCALE = 1 << 4096
MOST_BITS = 1 << 32
"""Bits that the integers of one layer may take together."""
MANY = 32


@dataclass(frozen=True)
class RealLayer:
    """z = weights x + bias, then max(z, 0) if ``relu``; ``place`` names it in refusals.

    ``name`` and ``bias_name`` are the arrays of the file that it was read from; no bias_name is a bias of zeros.
    """

    weights: Matrix
    bias: Vector
    relu: bool
    place: str
    name: str = ""
    bias_name: str | None = None


def exact_network(layers: Sequence[RealLayer]) -> Network:
    """The network that computes scale times the outputs of ``layers``, exactly; raises Malformed.

    Each layer is multiplied by the least power of two that makes its weights, and its biases times the scale of
    the layers before it, integers. ReLU commutes with that; the scale is the product of these powers.
    """
    scaled = list(_scaled(layers))
    return Network(layers[0].weights.width, tuple(layer for layer, _ in scaled), scaled[-1][1])


def exact_networks(
    layers: Sequence[RealLayer], decoder: RealLayer | None
) -> tuple[Network, Network | None, tuple[int, ...]]:
    """The network of ``layers``, and the same followed by the decoder, which share their integers.

    The third is the scale up to each layer, the decoder included.
    """
    scaled = list(_scaled([*layers, *([decoder] if decoder else [])]))
    exact, inputs, depth = tuple(layer for layer, _ in scaled), layers[0].weights.width, len(layers)
    network = Network(inputs, exact[:depth], scaled[depth - 1][1])
    decoded = Network(inputs, exact, scaled[-1][1]) if decoder else None
    return network, decoded, tuple(scale for _, scale in scaled)


def _scaled(layers: Sequence[RealLayer]) -> Iterator[tuple[Layer, int]]:
    """Each layer in integers, and the scale up to it."""
    scale = 1
    for layer in layers:
        rows, bias = layer.weights.values, layer.bias
        unit = max(max((_denominator(row, 1) for row in rows), default=1), _denominator(bias, scale))
        if scale * unit > LARGEST_SCALE:
            raise Malformed(layer.place, "weights with denominators that multiply to at most 2^4096", "finer ones")
        bits = sum(map(len, rows)) * (_bits(rows) + unit.bit_length())
        if bits + len(bias) * (_bits([bias]) + (scale * unit).bit_length()) > MOST_BITS:
            raise Malformed(layer.place, f"numbers that take at most {MOST_BITS} bits as integers", "more")
        weights = tuple(_times(row, unit) for row in rows)
        scale *= unit
        yield Layer(layer.weights.sources, weights, _times(bias, scale), layer.relu), scale


def _integral(values: Vector) -> bool:
    return set(map(type, values)) <= {int}


def _bits(rows: Sequence[Vector]) -> int:
    """Bits of the largest integer part."""
    return max((max(int(max(row)), -int(min(row))).bit_length() for row in rows if row), default=0)


def _as_floats(values: Vector) -> npt.NDArray[np.float64] | None:
    """Many floats, for numpy to do at once what is done one by one otherwise."""
    return np.array(values) if len(values) >= MANY and set(map(type, values)) == {float} else None


def _denominator(values: Vector, scale: int) -> int:
    """The least power of two that makes every value * ``scale`` (a power of two) an integer."""
    if _integral(values):
        return 1
    floats = _as_floats(values)
    if floats is None:
        return max(value.as_integer_ratio()[1] for value in values) // scale or 1
    mantissas, exponents = np.frexp(floats[floats != 0])
    whole = (mantissas * 2.0**53).astype(np.int64)
    zeros = np.frexp((whole & -whole).astype(np.float64))[1] - 1  # at the end of the mantissa, in binary
    return (1 << max(0, 53 - int((exponents + zeros).min(initial=53)))) // scale or 1


def _times(values: Vector, factor: int) -> tuple[int, ...]:
    """The values times a power of two that makes them integers."""
    if factor == 1 and _integral(values):
        return cast("tuple[int, ...]", values)
    floats = _as_floats(values) if factor.bit_length() + _bits([values]) < 62 else None
    if floats is not None:  # exact: a power of two changes exponents only
        return tuple((floats * float(factor)).astype(np.int64).tolist())
    ratios = (value.as_integer_ratio() for value in values)
    return tuple(numerator * factor // denominator for numerator, denominator in ratios)
