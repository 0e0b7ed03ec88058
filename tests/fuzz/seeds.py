"""A whole file of every kind, from which broken ones are made."""

from __future__ import annotations

import json
import struct
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from supverify.files import read_network, read_problem
from supverify.files.npz import pack

ARRAYS: dict[str, Any] = {"W1": [[1.5, -2, 0], [0, 1, 3]], "b1": [0.25, -1], "W2": [[1, 0.5]], "b2": [-1]}
TORCH = {"0.weight": "W1", "0.bias": "b1", "2.weight": "W2", "2.bias": "b2"}
AROUND: dict[str, Any] = {
    "C": np.eye(3, 4).tolist(),
    "D": [[2], [0]],
    "c": [0, 1],
    "C1": [[1, 0, 1]],
    "relu_last": True,
}


@dataclass(frozen=True)
class Kind:
    """A kind of file: the name it has, its whole content, and how it is read."""

    file: str
    content: bytes
    read: Callable[[Path], object] = read_network


def _floats(kind: str) -> dict[str, Any]:
    return {name: np.array(value, kind) for name, value in ARRAYS.items()}


def safetensors(header: object, content: bytes) -> bytes:
    """The file with this header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + content


def _tensors() -> bytes:
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    content = b""
    for name, (ours, kind, dtype) in {
        "0.weight": ("W1", "<f4", "F32"),
        "0.bias": ("b1", "<f2", "F16"),
        "2.weight": ("W2", "<f8", "F64"),
        "2.bias": ("b2", "<i8", "I64"),
    }.items():
        data = np.array(ARRAYS[ours], kind).tobytes()
        shape = np.array(ARRAYS[ours]).shape
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [len(content), len(content) + len(data)]}
        content += data
    return safetensors(header, content)


def _kernel() -> bytes:
    first = {"sources": [[0, 1], [1, 2]], "weights": [[3, -4], [2, 6]], "bias": [1, -2], "relu": True}
    last = {"sources": [[0, 1]], "weights": [[2, 1]], "bias": [-8], "relu": False}
    return json.dumps({"inputs": 3, "layers": [first, last], "scale": 4}).encode()


def message(number: int, *parts: bytes) -> bytes:
    """A field of a protocol buffer that holds bytes, or the message that the parts make."""
    content = b"".join(parts)
    length, size = bytearray(), len(content)
    while size > 127:
        length.append(size & 127 | 128)
        size >>= 7
    return bytes([number << 3 | 2, *length, size]) + content


def _onnx() -> bytes:
    """Gemm with transB, Relu, Transpose, MatMul and Add, as onnx.helper serialises them."""

    def tensor(name: str) -> bytes:
        array = np.array(ARRAYS[name], "<f4")
        dims = b"".join(bytes([8, size]) for size in array.shape)
        return message(5, dims, b"\x10\x01", message(8, name.encode()), message(9, array.tobytes()))

    def node(operator: str, inputs: str, output: str, *attributes: bytes) -> bytes:
        names = [message(1, name.encode()) for name in inputs.split()]
        return message(
            1, *names, message(2, output.encode()), message(3, b"/n"), message(4, operator.encode()), *attributes
        )

    def integer(name: str, value: int) -> bytes:
        return message(5, message(1, name.encode()), bytes([24, value, 160, 1, 2]))

    def value(number: int, name: str) -> bytes:
        shape = message(2, message(1, message(2, b"N")), message(1, bytes([8, 3])))
        return message(number, message(1, name.encode()), message(2, message(1, b"\x08\x01", shape)))

    nodes = [
        node("Gemm", "y W1 b1", "g", integer("transB", 1)),
        node("Relu", "g", "h"),
        node("Transpose", "W2", "t", message(5, message(1, b"perm"), bytes([64, 1, 64, 0, 160, 1, 7]))),
        node("MatMul", "h t", "m"),
        node("Add", "b2 m", "z"),
    ]
    graph = message(7, *nodes, message(2, b"g"), *map(tensor, ARRAYS), value(11, "y"), value(12, "z"))
    return b"\x08\x08" + graph + message(8, b"\x0a\x00\x10\x11")


def _sidecar(path: Path) -> object:
    """Reads the file as the sidecar of a network."""
    network = path.with_name("whole.npz")
    if not network.exists():
        network.write_bytes(pack(_floats("<f8")))
    return read_network(network, sidecar=path)


SIDECAR = {"threshold": "1/2", "strict": True, "layers": ["1", "2"], "outputs": [0], "D": [[2], [0]], "c": "b1"}
KINDS: dict[str, Kind] = {
    "npz": Kind("n.npz", pack({**_floats("<f4"), **{name: np.array(x) for name, x in AROUND.items()}})),
    "safetensors": Kind("n.safetensors", _tensors()),
    "onnx": Kind("n.onnx", _onnx()),
    "json": Kind("n.json", json.dumps({TORCH.get(name, name): x for name, x in (ARRAYS | AROUND).items()}).encode()),
    "kernel": Kind("n.json", _kernel()),
    "sidecar": Kind("s.json", json.dumps(SIDECAR | {"c": [0, 1]}).encode(), _sidecar),
    "problem": Kind("p.json", b'{"kind": "2-and", "inputs": 4, "pairs": [[3, 0], [1, 2], [1, 0]]}', read_problem),
    "and": Kind("p.json", b'{"kind": "and", "inputs": 4, "clauses": [[0, 1, 3], [2]]}', read_problem),
    "edges": Kind("p.txt", b"inputs 9\n0 1 # an AND\n\n8 3\n", read_problem),
}
