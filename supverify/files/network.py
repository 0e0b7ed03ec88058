"""Network files, read as exact rational numbers and scaled to integers: npz, safetensors, JSON and ONNX.

Named arrays are ``W1, b1, W2, b2, ...`` or what ``naming`` reads as layers (each W is outputs x inputs; without a
bias it is zero), with ReLU between them; ``relu_last`` says that the last one has a ReLU too. Optional: ``C``
(x = C y, before the first layer), ``D`` and ``c`` (a = D z + c, after the last one), and ``C1`` (row r marks the
problem outputs whose OR output r of the last layer is). What a file does not say, a ``sidecar`` may.
A float stands for the rational number that it is; in JSON, for the float64 nearest to the text.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeVar

import numpy as np

from supverify.kernel.claim import Criterion
from supverify.kernel.codec import decode
from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer, Network

from .arrays import NamedArrays
from .exact import RealLayer, exact_networks
from .matrix import Budget, Stored, from_json, from_numpy, json_shape
from .notebook import network_html
from .npz import read_arrays
from .read import read_json, read_text, within
from .safetensors import read_tensors
from .sidecar import Sidecar, read_sidecar

READ = "a network in .npz, .safetensors, .onnx or .json"
PICKLES = {".pt", ".pth", ".pkl", ".pickle", ".ckpt", ".bin", ".joblib"}
PICKLED = f"{READ}, not a pickle (reading one may run code): safetensors.torch.save_file(model.state_dict(), path)"
ONE_ARRAY = f"{READ}; one array is not a network: numpy.savez(path, W1=..., b1=..., W2=...)"
SAVED = f"{READ}; save the arrays with numpy.savez(path, W1=..., b1=...)"
KERNEL_KEYS = {"inputs", "layers", "scale"}

Code = tuple[tuple[int, ...], ...]
Item = TypeVar("Item")


@dataclass(frozen=True, kw_only=True)
class ReadLayer:
    """How one layer was read: the arrays of the file, the shape of its weights, and whether a ReLU follows."""

    weights: str
    bias: str | None
    outputs: int
    inputs: int
    relu: bool

    def __str__(self) -> str:
        bias = f" + {self.bias}" if self.bias else ""
        return f"{self.weights} ({self.outputs}, {self.inputs}){bias}{', ReLU' if self.relu else ''}"


@dataclass(frozen=True)
class NetworkFile:
    """What a network file says: the network, the same with its decoder, and the OR-code of its outputs.

    ``decoded`` is ``network`` followed by one linear layer; ``code[r]`` lists those of the ``coded`` problem
    outputs whose OR output r of ``network`` is. How it was read: ``layers``, the arrays that are ``unused``, the
    path of the ``sidecar`` if there is one, and the ``criterion`` that it names. ``scales[l]`` is what the numbers
    of layer l were multiplied by, with all layers before it, the decoder last; the kernel's own format gives none.
    """

    network: Network = field(repr=False)
    decoded: Network | None = field(default=None, repr=False)
    code: Code | None = field(default=None, repr=False)
    coded: int = 0
    layers: tuple[ReadLayer, ...] = field(default=(), compare=False)
    unused: tuple[str, ...] = field(default=(), compare=False)
    sidecar: str | None = field(default=None, compare=False)
    criterion: Criterion | None = field(default=None, compare=False)
    scales: tuple[int, ...] = field(default=(), compare=False, repr=False)

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

    def scales_as(self, criterion: str) -> tuple[int, ...]:
        """The scales of the layers of the network that a criterion is about: what floats are to be divided by."""
        depth = len(self.read_as(criterion)[0].layers)
        return self.scales[:depth] or (1,) * depth

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return network_html(self)


def read_network(
    path: str | Path, *, layers: Sequence[str] | None = None, sidecar: str | Path | None = None
) -> NetworkFile:
    """The network in an .npz, .safetensors, .onnx or .json file (arrays, or a network as the kernel writes it).

    ``layers`` names its layers in their order where the names of the arrays do not tell; ``sidecar`` is the file
    with what else is to be known (None: PATH.json, if there is one). Raises Malformed naming the array or the node,
    what was expected of it and what is there.
    """
    path, place = Path(path), str(path)
    _check_suffix(path)
    if path.is_file() and not path.stat().st_size:
        raise Malformed(place, READ, "an empty file")
    said = read_sidecar(path, None if sidecar is None else Path(sidecar))
    said = said if layers is None else replace(said, layers=tuple(layers))
    if path.suffix == ".json":
        table = read_json(read_text(path), place)
        if not isinstance(table, dict):
            raise Malformed(place, "an object with arrays W1, b1, W2, b2, ...", type(table).__name__)
        if "kind" in table:
            raise Malformed(place, "a network with arrays W1, b1, ... (the problem comes second)", "a problem")
        if set(table) == KERNEL_KEYS:
            return _of_kernel(table, said, place)
        stored = {name: _of_json(value, f"{place}: {name}") for name, value in table.items()}
        return _assembled(NamedArrays.of_file(stored, said, place))
    if path.suffix == ".onnx":
        return _of_onnx(path, said)
    ordered = path.suffix == ".npz"  # safetensors.save_file sorts the names
    stored = read_arrays(path) if ordered else read_tensors(path)
    return _assembled(NamedArrays.of_file(stored, said, place, ordered=ordered))


def network_of(arrays: Mapping[str, object], *, layers: Sequence[str] | None = None) -> NetworkFile:
    """The network of numpy arrays in memory, named and shaped as in an .npz file; ``layers`` as in ``read_network``.

    Raises Malformed for what is no network, and for arrays of other numbers than integers, truth values and floats
    of at most 64 bits.
    """
    said = Sidecar(layers=None if layers is None else tuple(layers))
    stored = {name: _in_memory(array, f"arrays: {name}") for name, array in arrays.items()}
    return _assembled(NamedArrays.of_file(stored, said, "arrays"))


def _in_memory(array: object, place: str) -> Stored:
    expected = "a numpy array of integers or floats of at most 64 bits"
    if not isinstance(array, np.ndarray):
        raise Malformed(place, expected, type(array).__name__)
    if array.dtype.kind not in "biuf" or array.dtype.itemsize > 8 or isinstance(array, np.ma.MaskedArray):
        masked = "a masked one of " if isinstance(array, np.ma.MaskedArray) else ""
        raise Malformed(place, expected, f"{masked}{array.dtype}")
    plain = np.asarray(array)  # numpy.matrix has other rules of indexing
    return Stored(plain.shape, lambda budget: from_numpy(plain, place, budget))


def _check_suffix(path: Path) -> None:
    suffix = path.suffix
    if path.is_dir():
        raise Malformed(str(path), READ, "a folder")
    if suffix in (".npz", ".safetensors", ".onnx", ".json"):
        return
    expected = PICKLED if suffix in PICKLES else ONE_ARRAY if suffix == ".npy" else SAVED
    raise Malformed(str(path), expected, f"a name ending in {suffix}" if suffix else "a name without ending")


def _of_json(value: object, place: str) -> Stored:
    return Stored(json_shape(value), lambda budget: from_json(value, place, budget))


def _of_kernel(table: dict[str, object], said: Sidecar, place: str) -> NetworkFile:
    said.check_only(("outputs",), "a network as the kernel writes it")
    _check_size(table["layers"], place)
    with within(place):
        network: Network = decode(Network, table, "network")
    widths = zip(network.layers, network.widths, strict=False)
    layers = tuple(
        ReadLayer(weights=f"layers[{i}]", bias=None, outputs=len(layer.bias), inputs=width, relu=layer.relu)
        for i, (layer, width) in enumerate(widths)
    )
    return NetworkFile(_chosen(network, said), layers=layers, sidecar=said.path, criterion=said.criterion)


def _check_size(layers: object, place: str) -> None:
    """Raises Malformed where decoding would take much more memory than the text; what it is made of is not asked."""
    budget = Budget()
    for i, layer in enumerate(layers if isinstance(layers, list) else ()):
        for key in ("sources", "weights"):
            rows = layer.get(key) if isinstance(layer, dict) else None
            for row in rows if isinstance(rows, list) else ():
                budget.spend(1 + (len(row) if isinstance(row, list) else 0), f"{place}: layers[{i}].{key}")


def _of_onnx(path: Path, said: Sidecar) -> NetworkFile:
    from .onnx_graph import read_layers

    said.check_only(("outputs", "C", "D", "c", "C1"), "a graph, whose layers have their order")
    budget = Budget()
    layers = read_layers(path, budget)
    return _assembled(NamedArrays.around(layers, said, str(path), budget))


def _assembled(named: NamedArrays) -> NetworkFile:
    """The network file that the arrays say; raises Malformed."""
    layers, decoder = named.layers(), named.decoder()
    code = named.code()
    network, decoded, scales = exact_networks(layers, decoder)
    if decoded is not None:
        decoded = _chosen(decoded, named.said)
    else:
        network = _chosen(network, named.said)
    return NetworkFile(
        network,
        decoded,
        code.sources if code else None,
        code.width if code else 0,
        layers=tuple(map(_as_read, [*layers, *([decoder] if decoder else [])])),
        unused=named.unused(),
        sidecar=named.said.path,
        criterion=named.said.criterion,
        scales=scales,
    )


def _as_read(layer: RealLayer) -> ReadLayer:
    outputs, inputs = layer.weights.shape
    return ReadLayer(weights=layer.name, bias=layer.bias_name, outputs=outputs, inputs=inputs, relu=layer.relu)


def _chosen(network: Network, said: Sidecar) -> Network:
    """The network with the outputs that the sidecar names, in its order."""
    if said.outputs is None:
        return network
    last, rows = network.layers[-1], said.outputs
    if not rows or not all(0 <= r < network.outputs for r in rows):
        raise Malformed(f"{said.place}: outputs", f"some of the outputs 0..{network.outputs - 1}", rows)
    layer = Layer(_at(last.sources, rows), _at(last.weights, rows), _at(last.bias, rows), last.relu)
    return Network(network.inputs, (*network.layers[:-1], layer), network.scale)


def _at(items: tuple[Item, ...], chosen: tuple[int, ...]) -> tuple[Item, ...]:
    return tuple(items[i] for i in chosen)
