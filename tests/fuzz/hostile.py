"""Files that are small for what they ask for: each one has to be read, or refused, in little memory and time.

python tests/fuzz/hostile.py    # all of them, each in a process of its own with at most 2 GiB of address space
"""

from __future__ import annotations

import io
import json
import os
import struct
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

Writer = Callable[[Path], object]


def _header(shape: tuple[int, ...], kind: str = "|i1") -> bytes:
    text = f"{{'descr': '{kind}', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def _zeros(shape: tuple[int, ...], kind: str = "|i1") -> bytes:
    return _header(shape, kind) + bytes(int(np.prod(shape)) * int(kind[-1]))


def _deflated(path: Path, arrays: dict[str, bytes]) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in arrays.items():
            archive.writestr(f"{name}.npy", content)


def zip_bomb(path: Path) -> None:
    """Two layers of 500 MB of zeros each in four megabytes."""
    _deflated(path, {f"W{i}": _zeros((22_000, 22_000)) for i in (1, 2)})


def tall_zeros(path: Path) -> None:
    """A million rows without an entry."""
    _deflated(path, {"W1": _zeros((1 << 20, 80))})


def many_tall_layers(path: Path) -> None:
    """A thousand layers of a million rows."""
    layer = io.BytesIO()
    np.save(layer, np.zeros((1 << 20, 1), np.int8))
    wide = _zeros((1, 1 << 20))
    _deflated(path, {f"W{i}": layer.getvalue() if i % 2 else wide for i in range(1, 1001)})


def zip_directory(path: Path) -> None:
    """A directory of four million members, which all are the same one."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("W1.npy", _zeros((1, 1)))
    whole = data.getvalue()
    at = whole.index(b"PK\x01\x02")
    end = whole.index(b"PK\x05\x06")
    count = 4 << 20
    size = (end - at) * count
    path.write_bytes(
        whole[:at] + whole[at:end] * count + b"PK\x05\x06" + struct.pack("<HHHHLLH", 0, 0, 65535, 65535, size, at, 0)
    )


def many_weights(path: Path) -> None:
    """Sixteen million different floats."""
    np.savez(path, allow_pickle=False, W1=np.random.default_rng(0).random((4000, 4000)))


def as_many_weights_as_are_read(path: Path) -> None:
    """Eight million different floats: the most that is read, and then scaled to integers."""
    np.savez(path, allow_pickle=False, W1=np.random.default_rng(0).random((2890, 2900), np.float32))


def tiny_weight(path: Path) -> None:
    """One of four million weights is so small that all others become integers of 2000 bits."""
    weights = np.random.default_rng(0).random((2000, 2000)) * 1e300
    weights[0, 0] = 5e-324
    np.savez(path, allow_pickle=False, W1=weights)


def safetensors_zeros(path: Path) -> None:
    """Half a gigabyte of zeros of two bytes, in a sparse file."""
    length = 16_000 * 16_000 * 2
    header = json.dumps({"W": {"dtype": "BF16", "shape": [16_000, 16_000], "data_offsets": [0, length]}}).encode()
    with path.open("wb") as file:
        file.write(struct.pack("<Q", len(header)) + header)
        file.truncate(8 + len(header) + length)


def json_of(unit: str, start: str, end: str) -> Writer:
    """Fifty million characters of one unit."""

    def write(path: Path) -> None:
        count = (3 << 24) - len(start) - len(end) - 8
        path.write_text(start + unit * (count // len(unit)) + unit.rstrip(",") + end, "utf-8")

    return write


def onnx_of(unit: bytes, *prefix: int, before: bytes = b"") -> Writer:
    """Sixty-seven million bytes of one unit in the field numbers of ``prefix``, each a message in the one before.

    The last message but one begins with ``before``.
    """

    def write(path: Path) -> None:
        content = unit * ((1 << 26) // len(unit))
        heads, length = b"", len(content)
        for number in reversed(prefix):
            head = bytes([number << 3 | 2]) + _varint(length)
            head = before + head if not heads else head
            heads, length = head + heads, length + len(head)
        path.write_bytes(heads + content)

    return write


def _varint(value: int) -> bytes:
    content = bytearray()
    while value > 127:
        content.append(value & 127 | 128)
        value >>= 7
    return bytes([*content, value])


def onnx_nested(path: Path) -> None:
    """A graph in an attribute of a node of a graph in an attribute, a hundred thousand deep."""
    content = b""
    for _ in range(20_000):
        content = b"\x0a" + _varint(len(content)) + content  # a node of a graph
        content = b"\x2a" + _varint(len(content)) + content  # an attribute of a node
        content = b"\x32" + _varint(len(content)) + content  # a graph of an attribute
    path.write_bytes(b"\x3a" + _varint(len(content)) + content)


def text_of(unit: str) -> Writer:
    """Fifty million characters of one line."""
    return lambda path: path.write_text(unit * ((3 << 24) // len(unit)), "utf-8")


KERNEL = '{"inputs": 1, "scale": 1, "layers": [{"sources": [], "weights": ['
PAIRS = '{"kind": "2-and", "inputs": 2, "pairs": ['
FILES: dict[str, tuple[str, Writer]] = {
    "zip bomb": ("n.npz", zip_bomb),
    "tall zeros": ("n.npz", tall_zeros),
    "many tall layers": ("n.npz", many_tall_layers),
    "zip directory": ("n.npz", zip_directory),
    "many weights": ("n.npz", many_weights),
    "as many weights as are read": ("n.npz", as_many_weights_as_are_read),
    "tiny weight": ("n.npz", tiny_weight),
    "safetensors of zeros": ("n.safetensors", safetensors_zeros),
    "JSON of lists": ("n.json", json_of("[],", '{"W1": [', "]}")),
    "JSON of objects": ("n.json", json_of("{},", '{"W1": [', "]}")),
    "JSON of floats": ("n.json", json_of("1.5,", '{"W1": [[', "]]}")),
    "JSON of rows": ("n.json", json_of("[1],", '{"W1": [', "]}")),
    "JSON as the kernel writes it": ("n.json", json_of("[1],", KERNEL, '], "bias": [], "relu": true}]}')),
    "JSON as the kernel writes it, layers": ("n.json", json_of("[],", '{"inputs": 1, "scale": 1, "layers": [', "]}")),
    "JSON of brackets": ("n.json", json_of("[", "", "")),
    "ONNX of empty nodes": ("n.onnx", onnx_of(b"\x0a\x00", 7)),
    "ONNX of empty initializers": ("n.onnx", onnx_of(b"\x2a\x00", 7)),
    "ONNX of small numbers": ("n.onnx", onnx_of(b"\x01", 7, 5, 7, before=b"\x08\x01\x10\x07")),
    "ONNX of floats not packed": ("n.onnx", onnx_of(b"\x25\x00\x00\x80\x3f", 7, 5)),
    "ONNX of unknown fields": ("n.onnx", onnx_of(b"\x98\x06\x01")),
    "ONNX nested": ("n.onnx", onnx_nested),
    "problem of pairs": ("p.json", json_of("[0,1],", PAIRS, "]}")),
    "problem of lists": ("p.json", json_of("[],", PAIRS, "]}")),
    "problem of keys": ("p.json", json_of('"":0,', "{", "}")),
    "edges": ("p.txt", text_of("0 1\n")),
    "edges on one line": ("p.txt", text_of("0 1 ")),
    "edges of empty lines": ("p.txt", text_of("\n")),
    "edges of other lines": ("p.txt", text_of("\r")),
}


def read_under_limits(name: str, folder: Path) -> dict[str, Any]:
    """What became of the file ``name``, as ``limits`` says it; raises CalledProcessError if nothing was said."""
    file, writer = FILES[name]
    writer(folder / file)
    kind = "problem" if file.startswith("p") else "network"
    root = Path(__file__).resolve().parents[2]
    command = [sys.executable, str(Path(__file__).with_name("limits.py")), str(folder / file), kind]
    done = subprocess.run(
        command, env=os.environ | {"PYTHONPATH": str(root)}, capture_output=True, text=True, check=True
    )
    answer: dict[str, Any] = json.loads(done.stdout)
    return answer


def main() -> None:
    """A line for each file; the first one that is neither read nor refused ends it."""
    for name in FILES:
        with tempfile.TemporaryDirectory() as folder:
            answer = read_under_limits(name, Path(folder))
        said = (answer["refused"] or "read").partition("expected ")[2] or "read"
        print(f"{name:38} {answer['peak'] >> 20:5} MiB {answer['seconds']:6.2f} s  {said[:90]}", flush=True)  # noqa: T201


if __name__ == "__main__":
    main()
