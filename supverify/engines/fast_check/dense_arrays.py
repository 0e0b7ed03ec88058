"""A network as rounded 64-bit integers, with how far every form may be off for it, from exact integers.

Numbers of the first layer keep VALUE bits, and the weights of the further ones what is then left of a word. A number
that is rounded is off by at most half a unit; ``radius`` adds that up over at most k active inputs, layer by layer.
Networks whose numbers are small are not rounded at all (radius 0 as long as no sum is divided).
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from supverify.kernel.bounds import inverts
from supverify.kernel.claim import Claim
from supverify.kernel.network import Layer, Network

from .dense_leaf import Fixed, Words

Exact = npt.NDArray[Any]  # int64 where it fits, else Python integers

VALUE = 27  # bits of a neuron's sums
MOST_POINTS = 16  # sets of a leaf; more are left to the kernel
SUMS = 60  # bits of a bound and of its radius, in the parts that slopes and slots make of a unit


class Unfit(Exception):
    """The network cannot be read in 64-bit integers."""


def matrix(layer: Layer, width: int) -> tuple[Exact, Exact]:
    """W (outputs x inputs) and bias, exact."""
    numbers = [w for weights in layer.weights for w in weights]
    kind: Any = np.int64 if max(map(abs, (*numbers, *layer.bias)), default=0) < 1 << 62 else object
    if all(len(row) == width for row in layer.weights):
        return np.array(layer.weights, dtype=kind).reshape(len(layer.bias), width), np.array(layer.bias, dtype=kind)
    dense = np.zeros((len(layer.bias), width), dtype=kind)
    for r, (sources, weights) in enumerate(zip(layer.sources, layer.weights, strict=True)):
        dense[r, list(sources)] = weights
    return dense, np.array(layer.bias, dtype=kind)


def split(network: Network) -> tuple[Exact, Exact, bool, list[tuple[Exact, Exact, bool]]]:
    """The first sums that are not followed through linearly (rows, start, relu), and the layers after them.

    A network that ends there, or in a ReLU, gets a last layer that copies.
    """
    rows, start = matrix(network.layers[0], network.inputs)
    at, widths = 0, network.widths
    while not network.layers[at].relu and at + 1 < len(network.layers):
        at += 1
        weights, bias = (x.astype(object) for x in matrix(network.layers[at], widths[at]))
        rows, start = weights @ rows.astype(object), weights @ start.astype(object) + bias
    rest = [
        (*matrix(layer, width), layer.relu)
        for layer, width in zip(network.layers[at + 1 :], widths[at + 1 :], strict=False)
    ]
    if not rest or rest[-1][2]:
        rest.append((np.eye(widths[-1], dtype=np.int64), np.zeros(widths[-1], dtype=np.int64), False))
    return rows, start, network.layers[at].relu, rest


def rounded(numbers: Exact, shift: int) -> tuple[Words, npt.NDArray[np.bool_]]:
    """The numbers / 2^shift to the nearest integer, and where that is not exact."""
    if shift <= 0:
        return numbers.astype(np.int64), np.zeros(numbers.shape, dtype=np.bool_)
    if shift > 61:
        numbers = numbers.astype(object)
    cut = (numbers + (1 << (shift - 1))) >> shift
    return cut.astype(np.int64), np.asarray((cut << shift) != numbers, dtype=np.bool_)


def bits(number: int) -> int:
    """The bits of a natural number."""
    return int(number).bit_length()


def room(k: int) -> int:
    """The bits that every sum of a layer and its radius have where at most k inputs are active."""
    return SUMS - bits(max(k, 1) * MOST_POINTS)


def fixed(claim: Claim) -> Fixed:
    """The network of a claim; raises Unfit for steps, and for numbers of which too little would be left."""
    layers = claim.network.layers
    if any(one.relu and inverts(two) for one, two in pairwise(layers)):
        raise Unfit("a step")
    rows, start, relu, rest = split(claim.network)
    k, most = max(claim.k, 1), room(claim.k)
    slip = k // 2 + 1  # what a constant and k lanes come to that are each off by half a unit
    reach = abs(start.astype(object)) + k * abs(rows.astype(object)).max(axis=1)
    unit = max(0, bits(reach.max()) - VALUE)
    (rows, off), (start, off_start) = rounded(rows, unit), rounded(start, unit)
    reach = (abs(start) + k * abs(rows).max(axis=1)).astype(object)
    radius = np.where(off.any(axis=1) | off_start, slip, 0).astype(object)
    weights_all, bias_all, radii, units, shifts = [], [], [radius], [unit], [0]
    for i, (exact, exact_bias, _) in enumerate(rest):
        weights, bias, reach, radius, unit = _layer(exact, exact_bias, reach, radius, unit, most)
        if max(map(bits, (*reach, *radius))) > most:
            raise Unfit("numbers of too many sizes")
        weights_all.append(weights.ravel())
        bias_all.append(bias)
        shift = bits(max(reach.max(), 1)) - VALUE if i + 1 < len(rest) else 0
        if i + 1 < len(rest):
            reach, radius = (
                np.array([_scaled(x, shift, slip) for x in part], dtype=object) for part in (reach, radius)
            )
            unit += shift
        radii.append(radius)
        shifts.append(shift)
        units.append(unit)
    widths = [len(start), *(len(bias) for bias in bias_all)]
    sizes = [one * other for one, other in pairwise(widths)]
    if max(map(bits, np.concatenate(radii))) > 50 or min(units) < -40:
        raise Unfit("numbers of too many sizes")
    return Fixed(
        start=start,
        rows=np.ascontiguousarray(rows),
        columns=np.ascontiguousarray(rows.T),
        weights=np.concatenate(weights_all),
        bias=np.concatenate(bias_all),
        radius=np.concatenate(radii).astype(np.int64),
        widths=np.array(widths),
        places=np.cumsum([0, *sizes]),
        relu=np.array([relu, *(layer[2] for layer in rest)]),
        shifts=np.array(shifts),
        units=np.array(units),
        exactly=claim.mode == "exactly",
    )


def _layer(
    exact: Exact, exact_bias: Exact, reach: Exact, radius: Exact, unit: int, most: int
) -> tuple[Words, Words, Exact, Exact, int]:
    """A layer's weights and bias, how far its sums reach, how far they are off, and their unit, before they are cut.

    ``most`` bits are enough for every sum but for what rounding adds. A weighted sum is off by each weight times the
    radius of what it weighs, half of what a rounded weight weighs, and half a unit if the bias is rounded.
    """
    sizes = abs(exact).astype(object)
    full = sizes @ reach + abs(exact_bias.astype(object)) // (1 << max(unit, 0)) * (1 << max(-unit, 0))
    cut = max(0, bits(full.max()) + 1 - most, bits(sizes.max()) - most)
    weights, off = rounded(exact, cut)
    unit += cut
    if unit >= 0:
        bias, off_bias = rounded(exact_bias, unit)
    else:
        shifted = exact_bias.astype(object) << -unit
        if max(map(bits, shifted)) > most:
            raise Unfit("a large bias")
        bias, off_bias = shifted.astype(np.int64), np.zeros(len(exact_bias), dtype=np.bool_)
    sizes = abs(weights).astype(object)
    halves = off.astype(object) @ (reach + radius) + off_bias.astype(object)
    return weights, bias, sizes @ reach + abs(bias.astype(object)), sizes @ radius + (halves + 1) // 2, unit


def _scaled(number: int, shift: int, slip: int) -> int:
    """What a bound becomes when sums are divided, and their constants and lanes rounded."""
    return (number << -shift if shift < 0 else -(-number >> shift)) + slip


def end(limit: int, unit: int, k: int) -> int:
    """What a bound in units of 2^unit has to be below, so that it is below limit + 1."""
    shown = (limit + 1) >> unit if unit >= 0 else (limit + 1) << -unit
    far = 1 << (room(k) + 1)  # beyond every sum with its radius; its parts fit a word
    return max(-far, min(far, shown))
