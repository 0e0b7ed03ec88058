"""Network files: named arrays in npz or JSON, read as exact rational numbers and scaled to integers.

``W1, b1, W2, b2, ...`` (each W is outputs x inputs) are the layers, with ReLU between them; ``relu_last`` says
that the last one has a ReLU too. Optional: ``C`` (x = C y, before the first layer), ``D`` and ``c`` (a = D z + c,
after the last one), and ``C1`` (row r marks the problem outputs whose OR output r of the last layer is).
A float stands for the rational number that it is; in JSON, for the float64 nearest to the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from supverify.kernel.codec import decode
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Network

from .exact import RealLayer, exact_network
from .matrix import Array, Matrix, Vector, from_json, from_numpy, shape_of
from .npz import read_arrays
from .read import read_json, read_text, within

SUFFIXES = "a network in .npz or .json (.safetensors, .onnx and .pt are not read yet)"
NAMES = "W1, b1, W2, b2, ..., and C, D, c, C1, relu_last"
NAME = re.compile(r"[Wb][1-9][0-9]{0,3}|C|D|c|C1|relu_last")
KERNEL_KEYS = {"inputs", "layers", "scale"}

Code = tuple[tuple[int, ...], ...]


@dataclass(frozen=True)
class NetworkFile:
    """What a network file says: the network, the same with its decoder, and the OR-code of its outputs.

    ``decoded`` is ``network`` followed by one linear layer; ``code[r]`` lists those of the ``coded`` problem
    outputs whose OR output r of ``network`` is.
    """

    network: Network
    decoded: Network | None = None
    code: Code | None = None
    coded: int = 0

    def __post_init__(self) -> None:
        if self.decoded is not None and self.decoded.layers[:-1] != self.network.layers:
            raise Malformed("decoded", "the layers of the network and one more", self.decoded.widths)
        if self.code is not None and len(self.code) != self.network.outputs:
            raise Malformed("code", f"{self.network.outputs} rows, one for each output", len(self.code))
        if any(not 0 <= i < self.coded for marked in self.code or () for i in marked):
            raise Malformed("code", f"outputs of the problem, 0..{self.coded - 1}", self.code)

    def read_as(self, criterion: str) -> tuple[Network, Code | None]:
        """The network that a criterion is about, and its output code.

        ``code`` is about the coded outputs; the other criteria about the decoded ones, where there is a decoder.
        """
        if self.decoded is None or (criterion == "code" and self.code is not None):
            return self.network, self.code
        return self.decoded, None


def read_network(path: str | Path) -> NetworkFile:
    """The network in an .npz file, or in JSON: the same arrays as nested lists, or a network as the kernel writes it.

    Raises Malformed naming the array, what was expected of it and what is there.
    """
    path, place = Path(path), str(path)
    if path.suffix == ".npz":
        arrays = read_arrays(path)
        return _assemble({name: from_numpy(array, f"{place}: {name}") for name, array in arrays.items()}, place)
    if path.suffix != ".json":
        raise Malformed(
            place, SUFFIXES, f"a name ending in {path.suffix}" if path.suffix else "a name without ending"
        )
    table = read_json(read_text(path), place)
    if not isinstance(table, dict):
        raise Malformed(place, f"an object with the arrays {NAMES}", type(table).__name__)
    if set(table) == KERNEL_KEYS:
        with within(place):
            return NetworkFile(decode(Network, table, "network"))
    _check_names(table, place)
    return _assemble({name: from_json(value, f"{place}: {name}") for name, value in table.items()}, place)


def _check_names(names: Mapping[str, object], place: str) -> None:
    strange = next((name for name in names if not NAME.fullmatch(name)), None)
    if strange is not None:
        raise Malformed(place, f"the arrays {NAMES}", strange)


def _assemble(arrays: Mapping[str, Array], place: str) -> NetworkFile:
    """The network file that the named arrays say; raises Malformed."""
    _check_names(arrays, place)
    named = _Named(arrays, place)
    layers = list(named.layers())
    outputs = layers[-1].weights.shape[0]
    decoded = exact_network([*layers, named.decoder(outputs)]) if {"D", "c"} & set(arrays) else None
    if "C1" not in arrays:
        return NetworkFile(exact_network(layers), decoded)
    code = named.code(outputs)
    return NetworkFile(exact_network(layers), decoded, code.sources, code.width)


@dataclass(frozen=True)
class _Named:
    """The arrays of one file, asked for by name and shape; every refusal names the file and the array."""

    arrays: Mapping[str, Array]
    place: str

    def refuse(self, name: str, expected: str) -> Malformed:
        got = f"shape {shape_of(self.arrays[name])}" if name in self.arrays else "no such array"
        return Malformed(f"{self.place}: {name}", expected, got)

    def matrix(self, name: str, *, rows: int | None = None, columns: int | None = None) -> Matrix:
        array = self.arrays.get(name)
        wanted = f"shape ({rows or 'outputs'}, {columns or 'inputs'})"
        if not isinstance(array, Matrix) or array.shape != (rows or array.shape[0], columns or array.width):
            raise self.refuse(name, wanted)
        return array

    def vector(self, name: str, length: int) -> Vector:
        array = self.arrays.get(name)
        if not isinstance(array, tuple) or len(array) != length:
            raise self.refuse(name, f"shape ({length},)")
        return array

    def layers(self) -> Iterator[RealLayer]:
        """C, if there is one, then W1, b1, W2, b2, ..."""
        numbers = [int(name[1:]) for name in self.arrays if name[0] in "Wb"]
        last, width = max(numbers, default=1), None
        if "C" in self.arrays:
            code = self.matrix("C")
            width = code.shape[0]
            yield RealLayer(code, (0,) * width, False, f"{self.place}: C")
        for i in range(1, last + 1):
            weights = self.matrix(f"W{i}", columns=width)
            width = weights.shape[0]
            relu = i < last or self.relu_last()
            yield RealLayer(weights, self.vector(f"b{i}", width), relu, f"{self.place}: W{i}")

    def relu_last(self) -> bool:
        flag = self.arrays.get("relu_last", 0)
        flag = flag[0] if isinstance(flag, tuple) and len(flag) == 1 else flag
        if flag not in (0, 1):
            raise Malformed(f"{self.place}: relu_last", "true or false, as one number 1 or 0", flag)
        return bool(flag)

    def decoder(self, outputs: int) -> RealLayer:
        decoder = self.matrix("D", columns=outputs)
        return RealLayer(decoder, self.vector("c", decoder.shape[0]), False, f"{self.place}: D")

    def code(self, outputs: int) -> Matrix:
        code = self.matrix("C1", rows=outputs)
        for r, values in enumerate(code.values):
            if set(values) - {1}:
                raise Malformed(f"{self.place}: C1[{r}]", "0 and 1 only", next(x for x in values if x != 1))
        return code
