"""A network with fewer bits a weight: what is left of its weights on a coarser grid."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import chain
from math import floor, gcd, lcm

from supverify.kernel.network import Layer, Network

HALF = Fraction(1, 2)


def rounded(network: Network, bits: int) -> Network:
    """The network with each layer's weights rounded to at most 2^bits numbers; the same object if nothing changes.

    Each layer has a grid of its own, of equidistant numbers from its smallest weight to its largest, 0 among them
    (as ONNX's QuantizeLinear with a zero point); where every weight is a multiple of a number that is no finer,
    nothing is rounded. Ties go up; biases keep their bits.
    """
    layers, scale, changed = [], Fraction(1), False
    for layer in network.layers:
        grid = _grid(layer, bits)
        layer, scale = _scaled(layer, scale, grid)
        changed = changed or grid.rounds
        layers.append(layer)
    if not changed:
        return network
    whole = (network.scale * scale).denominator
    layers[-1] = _times(layers[-1], whole)
    return Network(network.inputs, tuple(layers), int(network.scale * scale * whole))


@dataclass(frozen=True)
class _Grid:
    """The multiples of ``step``; ``places`` says which of them each weight goes to, and whether that ``rounds``."""

    step: Fraction
    places: dict[int, int]
    rounds: bool


def _grid(layer: Layer, bits: int) -> _Grid:
    weights = set(chain.from_iterable(layer.weights))
    common = gcd(*weights) or 1
    low, high, most = min(0, *weights, 0), max(0, *weights, 0), (1 << bits) - 1
    step = Fraction(high - low, most)
    if step <= common:
        return _Grid(Fraction(common), {weight: weight // common for weight in weights}, rounds=False)
    zero = _nearest(-low / step)
    places = {weight: min(max(_nearest(weight / step) + zero, 0), most) - zero for weight in weights}
    return _Grid(step, places, rounds=True)


def _nearest(value: Fraction) -> int:
    return floor(value + HALF)


def _scaled(layer: Layer, scale: Fraction, grid: _Grid) -> tuple[Layer, Fraction]:
    """The layer in integers on values that are ``scale`` times their own, and what its sums are multiplied by."""
    scale /= grid.step
    biases = [scale * bias for bias in layer.bias]
    whole = lcm(*(bias.denominator for bias in biases))
    rows = []
    for r in range(len(layer.bias)):
        pairs = ((j, whole * grid.places[weight]) for j, weight in layer.row(r))
        rows.append([pair for pair in pairs if pair[1]])
    sources, weights = (tuple(tuple(pair[i] for pair in row) for row in rows) for i in (0, 1))
    return Layer(sources, weights, tuple(int(whole * bias) for bias in biases), layer.relu), scale * whole


def _times(layer: Layer, factor: int) -> Layer:
    weights = tuple(tuple(factor * weight for weight in row) for row in layer.weights)
    return replace(layer, weights=weights, bias=tuple(factor * bias for bias in layer.bias))
