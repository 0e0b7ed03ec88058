"""safetensors files: what the reference package writes is read exactly, what breaks the format's rules is refused."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import save as reference
from written import ARRAYS, refusal

from supverify.files import NetworkFile, read_network
from supverify.files.safetensors import TYPES, read_tensors
from supverify.kernel.network import Layer, Network

Header = dict[str, Any]
DIAGONAL = Network(2, (Layer(((0,), (1,)), ((3,), (-5,)), (0, 0), False),), 1)


def raw(header: object, content: bytes = b"", *, length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + content


def tensor(dtype: str, shape: list[int], start: int, end: int) -> Header:
    return {"dtype": dtype, "shape": shape, "data_offsets": [start, end]}


def bfloat16(values: list[list[float]]) -> bytes:
    return (np.array(values, "<f4").view("<u4") >> 16).astype("<u2").tobytes()


@pytest.mark.parametrize("kind", ["<f2", "<f4", "<f8", "<i1", "<i2", "<i4", "<i8"])
def test_what_the_reference_package_writes_is_read(kind: str, tmp_path: Path) -> None:
    arrays = {"fc.weight": np.diag([3, -5]).astype(kind), "fc.bias": np.zeros(2, kind)}
    (tmp_path / "n.safetensors").write_bytes(reference(arrays, metadata={"format": "pt"}))
    assert read_network(tmp_path / "n.safetensors") == NetworkFile(DIAGONAL)


def test_truth_values_and_unsigned_integers_are_read(tmp_path: Path) -> None:
    for kind, value in (("?", 1), ("<u1", 200), ("<u2", 60_000), ("<u4", 1 << 31), ("<u8", 1 << 63)):
        arrays = {"weight": np.array([[value, 0]]).astype(kind) if kind == "?" else np.array([[value, 0]], kind)}
        (tmp_path / "n.safetensors").write_bytes(reference(arrays))
        network = Network(2, (Layer(((0,),), ((value,),), (0,), False),))
        assert read_network(tmp_path / "n.safetensors") == NetworkFile(network)


def test_bfloat16_is_read_exactly(tmp_path: Path) -> None:
    weights = [[3.0, 0.0], [0.0, -5.0]]
    (tmp_path / "n.safetensors").write_bytes(raw({"W": tensor("BF16", [2, 2], 0, 8)}, bfloat16(weights)))
    assert read_network(tmp_path / "n.safetensors") == NetworkFile(DIAGONAL)
    tiny = [[2.0**-126, 1.0]]
    (tmp_path / "n.safetensors").write_bytes(raw({"W": tensor("BF16", [1, 2], 0, 4)}, bfloat16(tiny)))
    network = Network(2, (Layer(((0, 1),), ((1, 1 << 126),), (0,), False),), 1 << 126)
    assert read_network(tmp_path / "n.safetensors") == NetworkFile(network)


WEIGHTS = struct.pack("<4f", 1, 0, 0, 1)
REFUSED: dict[str, tuple[bytes, str]] = {
    "cut before the header": (
        b"\x08\0\0",
        "expected a safetensors file, with a header of at most 4194304 bytes, got 3",
    ),
    "cut in the header": (raw({"W": tensor("F32", [2, 2], 0, 16)})[:20], "got a header of"),
    "cut in the data": (
        raw({"W": tensor("F32", [2, 2], 0, 16)}, WEIGHTS[:-1]),
        "expected 16 bytes of data, as the header",
    ),
    "more data": (
        raw({"W": tensor("F32", [2, 2], 0, 16)}, WEIGHTS + b"\0"),
        "expected 16 bytes of data, as the header says, got 17",
    ),
    "huge header": (raw(b"{}", length=(1 << 64) - 1), "got a header of 18446744073709551615 bytes"),
    "long header": (raw(b" " * (1 << 22) + b"{}"), "got a header of 4194306 bytes"),
    "no JSON": (raw(b"{"), "expected JSON"),
    "no text": (raw(b'{"\xff": 1}'), "expected a header of UTF-8 text"),
    "deep": (raw(b"[" * 100_000), "expected JSON"),
    "list": (raw([]), "expected a header with the tensors, got list"),
    "name twice": (raw(b'{"W": 1, "W": 1}'), "expected each key once, got W"),
    "no tensor": (raw({"W": [1]}), ": W: expected dtype, shape and data_offsets"),
    "more keys": (
        raw({"W": tensor("F32", [2, 2], 0, 16) | {"x": 1}}, WEIGHTS),
        ": W: expected dtype, shape and data_off",
    ),
    "type": (raw({"W": tensor("F8_E4M3", [4, 4], 0, 16)}, WEIGHTS), ": W.dtype: expected one of BOOL, BF16, F16"),
    "type that is none": (
        raw({"W": {"dtype": [], "shape": [1], "data_offsets": [0, 1]}}, b"1"),
        ": W.dtype: expected one of",
    ),
    "negative size": (raw({"W": tensor("F32", [-2, -2], 0, 16)}, WEIGHTS), ": W.shape: expected a list of sizes"),
    "size that is no integer": (raw({"W": tensor("F32", [2.0, 2], 0, 16)}, WEIGHTS), ": W.shape: expected a list of"),  # type: ignore[list-item]
    "size that is a truth value": (
        raw({"W": tensor("F32", [True, 4], 0, 16)}, WEIGHTS),
        ": W.shape: expected a list",
    ),
    "product beyond 64 bits": (
        raw({"W": tensor("F32", [1 << 62, 4], 0, 0)}),
        f"expected two offsets, {1 << 66} bytes apart for shape",
    ),
    "many dimensions": (raw({"W": tensor("F32", [1] * 9, 0, 4)}, bytes(4)), ": W.shape: expected a list of sizes"),
    "three dimensions": (
        raw({"W": tensor("F32", [2, 2, 1], 0, 16)}, WEIGHTS),
        ": W: expected shape (outputs, inputs)",
    ),
    "nothing in it": (
        raw({"W": tensor("F32", [0, 4], 0, 0)}),
        ": W: expected shape (outputs, inputs), got shape (0, 4)",
    ),
    "other offsets": (
        raw({"W": tensor("F32", [2, 2], 0, 12)}, WEIGHTS),
        ": W.data_offsets: expected two offsets, 16 bytes",
    ),
    "offsets outside": (raw({"W": tensor("F32", [2, 2], 4, 20)}, WEIGHTS), ": W: expected data from byte 0 on"),
    "overlap": (
        raw({"W1": tensor("F32", [2, 2], 0, 16), "W2": tensor("F32", [2, 2], 0, 16)}, WEIGHTS),
        ": W2: expected data from byte 16 on, where the last tensor ends, got 0",
    ),
    "hole": (
        raw({"W1": tensor("F32", [1, 2], 0, 8), "W2": tensor("F32", [1, 1], 12, 16)}, WEIGHTS),
        ": W2: expected data from byte 8 on",
    ),
    "not a number": (
        raw({"W": tensor("BF16", [1, 2], 0, 4)}, b"\0\0\xc0\x7f"),
        ": W[0][1]: expected a finite number, got nan",
    ),
    "infinite": (
        raw({"W": tensor("F16", [2, 1], 0, 4)}, b"\0\0\0\xfc"),
        ": W[1][0]: expected a finite number, got -inf",
    ),
    "steers a terminal": (
        raw({"\x1b[2J.weight": tensor("F32", [2, 2], 0, 16)}, WEIGHTS),
        "expected names of printable",
    ),
}


@pytest.mark.parametrize(("data", "fault"), REFUSED.values(), ids=REFUSED)
def test_broken_file_is_refused(data: bytes, fault: str, tmp_path: Path) -> None:
    (tmp_path / "n.safetensors").write_bytes(data)
    assert fault in refusal(read_network, tmp_path / "n.safetensors")


@given(st.data())
def test_every_type_is_read_as_the_reference_package_reads_it(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    """The same numbers for random bytes of each type, as Python numbers."""
    name = data.draw(st.sampled_from([name for name in TYPES if name != "BF16"]))
    kind = np.dtype("?" if name == "BOOL" else TYPES[name].numpy)
    content = data.draw(st.binary(min_size=6 * kind.itemsize, max_size=6 * kind.itemsize))
    array = np.frombuffer(content, kind if name != "BOOL" else np.uint8).reshape(2, 3)
    array = array != 0 if name == "BOOL" else array
    array = np.nan_to_num(array, posinf=0, neginf=0) if kind.kind == "f" else array
    path = tmp_path_factory.mktemp("types") / "n.safetensors"
    path.write_bytes(reference({"W": np.ascontiguousarray(array)}))
    read = read_network(path)
    layer = read.network.layers[0]
    rows = [
        [0.0 if j not in s else w[s.index(j)] for j in range(3)]
        for s, w in zip(layer.sources, layer.weights, strict=True)
    ]
    assert [[x / read.network.scale for x in row] for row in rows] == [
        [float(x) for x in row] for row in array.tolist()
    ]


def test_tensors_come_with_their_shapes_and_are_read_when_asked_for(tmp_path: Path) -> None:
    arrays = {name: np.array(value, float) for name, value in ARRAYS.items()} | {"x": np.full((2, 2, 2), np.nan)}
    (tmp_path / "n.safetensors").write_bytes(reference(arrays))
    assert {name: stored.shape for name, stored in read_tensors(tmp_path / "n.safetensors").items()} == {
        name: array.shape for name, array in arrays.items()
    }
    assert "got x" in refusal(read_network, tmp_path / "n.safetensors")
    assert read_network(tmp_path / "n.safetensors", layers=["1", "2"]).unused == ("x",)
