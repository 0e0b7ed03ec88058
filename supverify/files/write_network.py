"""Integer networks to npz: the arrays that ``read_network`` reads, and the same bytes for the same network."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer

from .network import NetworkFile
from .npz import pack
from .write import check_writable, write_atomically

Dense = npt.NDArray[Any]


def write_network(path: str | Path, file: NetworkFile) -> None:
    """Writes an integer network to an .npz file that reads back equal.

    Its scale is 1, and every layer has a ReLU except, perhaps, the last one and the first, which is then the input
    code C. Raises Malformed for another network, and where the file cannot be written.
    """
    check_network_path(path)
    write_atomically(path, pack(_arrays(file)))


def check_network_path(path: str | Path) -> None:
    """Raises Malformed if no network can be written at ``path``: to be known before one is built, not after it."""
    path = Path(path)
    if path.suffix != ".npz":
        raise Malformed(str(path), "a name ending in .npz", path.suffix or "none")
    check_writable(path)


def _arrays(file: NetworkFile) -> dict[str, Dense]:
    network, arrays = file.network, dict[str, Dense]()
    layers = list(zip(network.layers, network.widths, strict=False))
    if len(layers) > 1 and not layers[0][0].relu and not any(layers[0][0].bias):
        arrays["C"] = _weights(*layers.pop(0))
    integer = network.scale == 1 and (file.decoded is None or file.decoded.scale == 1)
    if not integer or not all(layer.relu for layer, _ in layers[:-1]):
        raise Malformed("network", "integers, and ReLU on every layer but C and the last", "another network")
    for i, (layer, width) in enumerate(layers, start=1):
        arrays |= {f"W{i}": _weights(layer, width), f"b{i}": _narrowest(layer.bias)}
    arrays["relu_last"] = np.array(int(layers[-1][0].relu), np.int8)
    if file.decoded is not None:
        decoder = file.decoded.layers[-1]
        arrays |= {"D": _weights(decoder, network.outputs), "c": _narrowest(decoder.bias)}
    if file.code is not None:
        arrays["C1"] = np.zeros((network.outputs, file.coded), np.int8)
        for r, marked in enumerate(file.code):
            arrays["C1"][r, list(marked)] = 1
    return arrays


def _weights(layer: Layer, width: int) -> Dense:
    """The matrix of a layer with ``width`` sources."""
    matrix = np.zeros((len(layer.bias), width), _type(chain.from_iterable(layer.weights)))
    for r, (sources, weights) in enumerate(zip(layer.sources, layer.weights, strict=True)):
        matrix[r, list(sources)] = weights
    return matrix


def _narrowest(values: tuple[int, ...]) -> Dense:
    return np.array(values, _type(values))


def _type(values: Iterable[int]) -> type[np.signedinteger[Any]]:
    """The smallest integer type that holds the values; raises Malformed beyond 64 bits."""
    bits = max((value.bit_length() for value in values), default=0)
    for kind in (np.int8, np.int16, np.int32, np.int64):
        if bits < np.iinfo(kind).bits:
            return kind
    raise Malformed("network", "weights and biases of less than 64 bits", f"{bits} bits")
