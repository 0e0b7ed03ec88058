"""Whether a linear network reads every k-sparse input back: an exact, fast answer that the kernel can confirm."""

from __future__ import annotations

from collections.abc import Callable
from math import prod

import numpy as np
import numpy.typing as npt

from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network

Progress = Callable[[str, int, int], None]
Matrix = npt.NDArray[np.float32]
Vector = npt.NDArray[np.float32]
Integers = npt.NDArray[np.int64]
AT_ONCE = 1 << 25  # numbers in a block of rows
EXACT = 1 << 24  # below this float32 holds every integer, and every partial sum


def misread(network: Network, k: int, *, progress: Progress | None = None) -> tuple[int, ...] | None:
    """Active inputs, at most k, on which some output j is on although input j is off, or off although it is on.

    None if there are none. The network has two layers, none with a ReLU, and as many outputs as inputs; an output is
    on above 1/2. Its outputs are sums over the active inputs, so the k best coefficients of each decide. Raises
    Malformed for another network.
    """
    first, last = _two_layers(network)
    code, rows = _dense(first, network.inputs, slice(None)), max(1, AT_ONCE // network.inputs)
    for start in range(0, network.inputs, rows):
        some = slice(start, start + rows)
        read = _dense(last, len(code), some)
        biases = np.array(last.bias[some]) + read.astype(np.int64) @ np.array(first.bias)
        found = _first_wrong(read @ code, biases, start, k)
        if found is not None:
            return found
        if progress:
            progress("features read back", min(start + rows, network.inputs), network.inputs)
    return None


def _two_layers(network: Network) -> tuple[Layer, Layer]:
    """The layers; raises Malformed unless float32 computes with them exactly."""
    if len(network.layers) != 2 or any(layer.relu for layer in network.layers) or network.scale != 1:
        raise Malformed("misread: network", "two layers of integers without ReLU", network.widths)
    if network.outputs != network.inputs:
        raise Malformed("misread: network", "an output for each input", network.widths)
    room = prod(
        1 + max(_size(row, bias) for row, bias in zip(x.weights, x.bias, strict=True)) for x in network.layers
    )
    if room >= EXACT:
        raise Malformed("misread: network", f"numbers below {EXACT}", room)
    return network.layers[0], network.layers[1]


def _size(weights: tuple[int, ...], bias: int) -> int:
    return sum(map(abs, weights)) + abs(bias)


def _dense(layer: Layer, width: int, rows: slice) -> Matrix:
    sources, weights = layer.sources[rows], layer.weights[rows]
    matrix = np.zeros((len(sources), width), dtype=np.float32)
    for r, places in enumerate(sources):
        matrix[r, list(places)] = weights[r]
    return matrix


def _first_wrong(sums: Matrix, biases: Integers, start: int, k: int) -> tuple[int, ...] | None:
    """The misread input of the first output that has one; row i of ``sums`` belongs to output start + i."""
    places = np.arange(len(sums))
    own = sums[places, start + places].astype(np.int64)
    sums[places, start + places] = 0
    highest, lowest = sums.max(axis=1).astype(np.int64), sums.min(axis=1).astype(np.int64)
    suspects = (biases + k * np.maximum(highest, 0) > 0) | (biases + own + k * np.minimum(lowest, 0) < 1)
    found = (_misreading(sums[i], int(biases[i]), int(own[i]), int(start + i), k) for i in np.flatnonzero(suspects))
    return next((active for active in found if active is not None), None)


def _misreading(others: Vector, bias: int, own: int, j: int, k: int) -> tuple[int, ...] | None:
    """An input that output j misreads: j off and the k largest positive of ``others`` on, or j on and the lowest."""
    order = np.argsort(others, kind="stable")
    high = [int(i) for i in order[::-1][:k] if others[i] > 0]
    if bias + int(others[high].sum()) > 0:
        return tuple(sorted(high))
    low = [int(i) for i in order[: max(k - 1, 0)] if others[i] < 0]
    if k and bias + own + int(others[low].sum()) < 1:
        return tuple(sorted((j, *low)))
    return None
