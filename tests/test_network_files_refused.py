"""Network files: whatever is wrong with one, only a refusal that names the place leaves the reader."""

from __future__ import annotations

import io
import struct
import zipfile
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from written import ARRAYS, TWO, Table, dump, refusal, save

from supverify.files import npz as npz_files
from supverify.files import (
    read_network,
)
from supverify.files.matrix import from_numpy
from supverify.files.npz import pack, read_arrays
from supverify.kernel.errors import Malformed

TABLES: dict[str, tuple[Table, str]] = {
    "no arrays": ({}, ": W1: expected shape (outputs, inputs), got no such array"),
    "missing bias": ({"W1": [[1]]}, ": b1: expected shape (1,), got no such array"),
    "missing layer": (ARRAYS | {"W4": [[1]], "b4": [0]}, ": W3: expected shape (outputs, 1), got no such array"),
    "bias without weights": ({"b1": [0]}, ": W1: expected"),
    "long bias": (TWO | {"b1": [0, 0]}, ": b1: expected shape (1,), got shape (2,)"),
    "bias as a column": (TWO | {"b1": [[0]]}, ": b1: expected shape (1,), got shape (1, 1)"),
    "bias as a number": (TWO | {"b1": 0}, ": b1: expected shape (1,), got shape ()"),
    "weights as a vector": (TWO | {"W1": [1, 1]}, ": W1: expected shape (outputs, inputs), got shape (2,)"),
    "transposed": (ARRAYS | {"W2": [[1], [2]]}, ": W2: expected shape (outputs, 2), got shape (2, 1)"),
    "code": (TWO | {"C": [[1], [1], [1]]}, ": W1: expected shape (outputs, 3), got shape (1, 2)"),
    "decoder": (TWO | {"D": [[1, 1]], "c": [0]}, ": D: expected shape (outputs, 1), got shape (1, 2)"),
    "decoder without bias": (TWO | {"D": [[1]]}, ": c: expected shape (1,), got no such array"),
    "bias without decoder": (TWO | {"c": [0]}, ": D: expected shape (outputs, 1), got no such array"),
    "output code": (TWO | {"C1": [[1], [1]]}, ": C1: expected shape (1, inputs), got shape (2, 1)"),
    "output code of 2": (TWO | {"C1": [[0, 2]]}, ": C1[0]: expected 0 and 1 only, got 2"),
    "unknown": (TWO | {"V1": [[1]]}, ": expected the arrays W1, b1, W2, b2, ..., and C, D, c, C1, relu_last, got V1"),
    "torch": ({"fc1.weight": [[1]], "fc1.bias": [0]}, ", got fc1.weight"),
    "W0": (TWO | {"W0": [[1]]}, "got W0"),
    "W01": (TWO | {"W01": [[1]]}, "got W01"),
    "relu_last": (TWO | {"relu_last": 2}, ": relu_last: expected true or false, as one number 1 or 0, got 2"),
    "relu_last, two": (TWO | {"relu_last": [1, 1]}, ": relu_last: expected true or false"),
    "infinite": (TWO | {"b1": [float("inf")]}, ": b1[0]: expected a finite number, got inf"),
    "not a number": (TWO | {"W1": [[1.0, float("nan")]]}, ": W1[0][1]: expected a finite number, got nan"),
    "fine": (
        {f"{a}{i}": [[5e-324]] if a == "W" else [0] for i in range(1, 5) for a in "Wb"},
        ": W4: expected weights",
    ),
}


@pytest.mark.parametrize(("table", "fault"), TABLES.values(), ids=TABLES)
def test_network_is_refused(table: Table, fault: str, tmp_path: Path) -> None:
    assert fault in refusal(read_network, save(tmp_path / "n.npz", **table))
    assert fault in refusal(read_network, dump(tmp_path / "n.json", table))


JSONS: dict[str, tuple[object, str]] = {
    "ragged": (TWO | {"W1": [[1, 2], [1]]}, ": W1[1]: expected a row of 2 numbers, as many as in the first, got 1"),
    "row missing": (TWO | {"W1": [[1, 2], 3]}, ": W1[1]: expected a row of 2 numbers"),
    "empty rows": (TWO | {"W1": [[]]}, ": W1[0]: expected a row of 1 numbers"),
    "empty": (TWO | {"W1": []}, ": W1: expected shape"),
    "text": (TWO | {"W1": [["1", 1]]}, ": W1[0][0]: expected a finite number, got '1'"),
    "nothing": (TWO | {"b1": [None]}, ": b1[0]: expected a finite number, got None"),
    "object": (TWO | {"W1": {"0": 1}}, ": W1: expected a finite number"),
    "three dimensions": (TWO | {"W1": [[[1]]]}, ": W1[0][0]: expected a finite number"),
    "huge": (TWO | {"b1": [1 << 1024]}, ": b1[0]: expected a finite number"),
    "list": ([1], ": expected an object with the arrays"),
    "kernel, broken": ({"inputs": 1, "layers": [], "scale": 1}, ": network: expected a scale of at least 1"),
    "kernel, float": ({"inputs": 1.0, "layers": [], "scale": 1}, ": network.inputs: expected int, got 1.0"),
}


@pytest.mark.parametrize(("value", "fault"), JSONS.values(), ids=JSONS)
def test_json_network_is_refused(value: object, fault: str, tmp_path: Path) -> None:
    assert fault in refusal(read_network, dump(tmp_path / "n.json", value))


@pytest.mark.parametrize("name", ["n.safetensors", "n.onnx", "n.pt", "n", "n.npy"])
def test_other_formats_say_what_is_read(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    assert "expected a network in .npz or .json" in refusal(read_network, tmp_path / name)


def zipped(members: list[tuple[str, bytes]]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members:
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return data.getvalue()


def npy(header: bytes, content: bytes = b"", *, version: bytes = b"\x01\x00") -> bytes:
    return b"\x93NUMPY" + version + struct.pack("<H", len(header)) + header + content


def plain(kind: str = "<f8", shape: str = "(1, 1)", order: str = "False") -> bytes:
    return f"{{'descr': '{kind}', 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()


ARCHIVES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "expected an npz file"),
    "text": (b"W1 = [[1]]", "expected an npz file"),
    "array alone": (npy(plain(), bytes(8)), "expected an npz file"),
    "other member": (zipped([("W1.txt", b"1")]), "expected arrays, each name once, got W1.txt"),
    "pickle": (zipped([("W1.npy", npy(plain("|O"), b"cos\nsystem\n(S'x'\ntR."))]), "in numpy's format, got another"),
    "object": (zipped([("W1.npy", npy(plain("|O8"), bytes(8)))]), "floats of at most 64 bits, got type |O8"),
    "complex": (zipped([("W1.npy", npy(plain("<c8"), bytes(8)))]), "got type <c8"),
    "text array": (zipped([("W1.npy", npy(plain("<U1"), bytes(4)))]), "got type <U1"),
    "long double": (zipped([("W1.npy", npy(plain("<f16"), bytes(16)))]), "got type <f16"),
    "code as header": (zipped([("W1.npy", npy(b"__import__('os').system('x')"))]), "in numpy's format, got another"),
    "no header": (zipped([("W1.npy", b"")]), "in numpy's format, got another"),
    "magic only": (zipped([("W1.npy", b"\x93NUMPY")]), "in numpy's format, got another"),
    "other version": (zipped([("W1.npy", npy(plain(), bytes(8), version=b"\x09\x00"))]), "got another header"),
    "too short": (zipped([("W1.npy", npy(plain(), bytes(7)))]), "expected the 8 bytes of shape (1, 1), got 7 bytes"),
    "too long": (zipped([("W1.npy", npy(plain(), bytes(9)))]), "expected the 8 bytes of shape (1, 1), got 9 bytes"),
    "huge shape": (zipped([("W1.npy", npy(plain(shape="(99999999999, 99999999999)")))]), "of shape (99999999999,"),
    "gap in shape": (zipped([("W1.npy", npy(plain(shape="(1 1)"), bytes(8)))]), "expected an npz file"),
    "no rows": (zipped([("W1.npy", npy(plain(shape="(0, 1)")))]), "none of them 0, got shape (0, 1)"),
    "many dimensions": (zipped([("W1.npy", npy(plain(shape="(1, 1, 1)"), bytes(8)))]), "got shape (1, 1, 1)"),
    "too many dimensions": (
        zipped([("W1.npy", npy(plain(shape="(" + "1," * 99 + ")"), bytes(8)))]),
        "expected an npz",
    ),
}


@pytest.mark.parametrize(("data", "fault"), ARCHIVES.values(), ids=ARCHIVES)
def test_archive_is_refused(data: bytes, fault: str, tmp_path: Path) -> None:
    (tmp_path / "n.npz").write_bytes(data)
    assert fault in refusal(read_network, tmp_path / "n.npz")


def test_archive_with_a_name_twice_is_refused(tmp_path: Path) -> None:
    array = npy(plain(), bytes(8))
    with pytest.warns(UserWarning, match="Duplicate name"):
        (tmp_path / "n.npz").write_bytes(zipped([("W1.npy", array), ("W1.npy", array)]))
    assert "expected arrays, each name once, got W1.npy" in refusal(read_network, tmp_path / "n.npz")


def test_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    arrays = {"W1": np.zeros((1000, 1000)), "b1": np.zeros(1000)}
    (tmp_path / "n.npz").write_bytes(pack(arrays))
    monkeypatch.setattr(npz_files, "LARGEST_FILE", 1 << 22)
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    assert "expected at most 4194304 bytes once unpacked, got 8008" in refusal(read_network, tmp_path / "n.npz")


def test_too_many_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supverify.files.matrix.MOST_WEIGHTS", 5)
    from_numpy(np.eye(5), "W1")
    with pytest.raises(Malformed, match="W1: expected at most 5 entries other than 0, got 6"):
        from_numpy(np.eye(6), "W1")


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_nothing_but_a_refusal_leaves_the_reader(place: int, damage: bytes) -> None:
    data = bytearray(pack({name: np.array(value, float) for name, value in ARRAYS.items()}))
    place %= len(data)
    data[place : place + len(damage)] = damage
    with pytest.MonkeyPatch.context() as patch, suppress(Malformed):
        patch.setattr(npz_files, "read_bytes", lambda _: bytes(data))
        for name, array in read_arrays("damaged.npz").items():
            from_numpy(array, name)
