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
from supverify.files.matrix import MOST_NEURONS, Budget, from_json, from_numpy
from supverify.files.npz import pack, read_arrays
from supverify.kernel.errors import Malformed

TABLES: dict[str, tuple[Table, str]] = {
    "no arrays": ({}, ": expected the weights of 1 to 1024 layers, such as W1 or fc1.weight"),
    "missing layer": (ARRAYS | {"W4": [[1]], "b4": [0]}, ": W3: expected shape (outputs, inputs), as W4 follows"),
    "bias without weights": ({"b1": [0]}, "in a sidecar), got the arrays b1"),
    "one bias without weights": (TWO | {"b2": [0]}, "in a sidecar), got b2, a bias without weights"),
    "long bias": (TWO | {"b1": [0, 0, 0]}, ": b1: expected shape (1,), got shape (3,)"),
    "bias as a column": (TWO | {"b1": [[0]]}, ": b1: expected shape (1,), got shape (1, 1)"),
    "bias as a number": (TWO | {"b1": 0}, ": b1: expected shape (1,), got shape ()"),
    "weights as a vector": (TWO | {"W1": [1, 1]}, ": W1: expected shape (outputs, inputs), got shape (2,)"),
    "transposed": (
        {"W1": [[1, 1], [1, 1], [1, 1]], "W2": [[1], [2], [3]]},
        ": W2: expected shape (outputs, inputs) = (..., 3), got (3, 1); transposed?",
    ),
    "transposed, by its bias": (
        ARRAYS | {"W2": [[1], [2]]},
        ": b2: expected shape (2,), got shape (1,), W2 (2, 1); transposed? (a sidecar may say",
    ),
    "code": (TWO | {"C": [[1], [1], [1]]}, ": W1: expected shape (outputs, inputs) = (..., 3), got (1, 2)"),
    "decoder": (TWO | {"D": [[1, 1]], "c": [0]}, ": W1: expected 2 outputs, the inputs of D, got shape (1, 2)"),
    "decoder as a vector": (TWO | {"D": [1]}, ": D: expected shape (outputs, 1), got shape (1,)"),
    "decoder's bias": (TWO | {"D": [[1]], "c": [1, 2]}, ": c: expected shape (1,), got shape (2,)"),
    "bias without decoder": (TWO | {"c": [0]}, ": D: expected shape (outputs, inputs), as there is a c, got no such"),
    "output code": (TWO | {"C1": [[1], [1]]}, ": C1: expected shape (1, inputs), got shape (2, 1)"),
    "output code of 2": (TWO | {"C1": [[0, 2]]}, ": C1[0]: expected 0 and 1 only, got 2"),
    "unknown": (TWO | {"V1": [[1]]}, ": expected the weights and biases of layers, such as W1, b1 or fc1.weight"),
    "unknown, by name": (TWO | {"running_mean": [1]}, "in a sidecar), got running_mean"),
    "recurrent": ({"rnn.weight_ih_l0": [[1]]}, ": expected the weights of 1 to 1024 layers"),
    "W01": (TWO | {"W01": [[1]]}, ": W2: expected shape (outputs, inputs), as W01 follows, got no such array"),
    "the same layer twice": (TWO | {"1.weight": [[1, 1]]}, ": expected one array like W1, got 1.weight"),
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
    "ragged": ({"W1": [[1, 2], [1]]}, ": W1[1]: expected a row of 2 numbers, as many as in the first, got 1"),
    "row missing": ({"W1": [[1, 2], 3]}, ": W1[1]: expected a row of 2 numbers"),
    "empty rows": (TWO | {"W1": [[]]}, ": W1: expected shape (outputs, inputs), got shape (1, 0)"),
    "empty": (TWO | {"W1": []}, ": W1: expected shape"),
    "text": (TWO | {"W1": [["1", 1]]}, ": W1[0][0]: expected a finite number, got '1'"),
    "nothing": (TWO | {"b1": [None]}, ": b1[0]: expected a finite number, got None"),
    "object": (TWO | {"W1": {"0": 1}}, ": W1: expected shape (outputs, inputs), got shape ()"),
    "deeper than it seems": ({"W1": [[1, [1]]]}, ": W1[0][1]: expected a finite number, got [1]"),
    "three dimensions": (TWO | {"W1": [[[1]]]}, ": W1: expected shape (outputs, inputs), got shape (1, 1, 1)"),
    "huge": (TWO | {"b1": [1 << 1024]}, ": b1[0]: expected a finite number"),
    "list": ([1], ": expected an object with arrays W1, b1, W2, b2, ..., got list"),
    "kernel, broken": ({"inputs": 1, "layers": [], "scale": 1}, ": network: expected a scale of at least 1"),
    "kernel, float": ({"inputs": 1.0, "layers": [], "scale": 1}, ": network.inputs: expected int, got 1.0"),
}


@pytest.mark.parametrize(("value", "fault"), JSONS.values(), ids=JSONS)
def test_json_network_is_refused(value: object, fault: str, tmp_path: Path) -> None:
    assert fault in refusal(read_network, dump(tmp_path / "n.json", value))


@pytest.mark.parametrize(
    ("name", "helpful"),
    [
        ("n", "got a name without ending"),
        ("n.txt", "got a name ending in .txt"),
        ("n.npy", "numpy.savez(path, W1=..., b1=..., W2=...)"),
        ("n.pt", "not a pickle (reading one may run code): safetensors.torch.save_file(model.state_dict(), path)"),
        ("n.pth", "safetensors.torch.save_file"),
        ("n.pkl", "safetensors.torch.save_file"),
        ("n.npz", "got an empty file"),
        ("n.onnx", "got an empty file"),
        ("n.safetensors", "got an empty file"),
        ("n.json", "got an empty file"),
    ],
)
def test_other_formats_say_what_is_read(name: str, helpful: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"")
    line = refusal(read_network, tmp_path / name)
    assert line.startswith(": expected a network in .npz, .safetensors, .onnx or .json")
    assert helpful in line


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


def on_two_disks(archive: bytes) -> bytes:
    """The archive with a locator of its end, which says that there is a second disk."""
    end = archive.rindex(b"PK\x05\x06")
    return archive[:end] + struct.pack("<4sLQL", b"PK\x06\x07", 0, 0, 2) + archive[end:]


ARCHIVES: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "got an empty file"),
    "text": (b"W1 = [[1]]", "expected an npz file"),
    "array alone": (npy(plain(), bytes(8)), "expected an npz file"),
    "two disks": (on_two_disks(zipped([("W1.npy", npy(plain(), bytes(8)))])), "expected an npz file"),
    "other member": (zipped([("W1.txt", b"1")]), "expected arrays, each name once, got W1.txt"),
    "pickle": (
        zipped([("W1.npy", npy(plain("|O"), b"cos\nsystem\n(S'x'\ntR."))]),
        "in numpy's format, got Python objects",
    ),
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
    "no rows": (
        zipped([("W1.npy", npy(plain(shape="(0, 1)")))]),
        ": expected shape (outputs, inputs), got shape (0, 1)",
    ),
    "many dimensions": (zipped([("W1.npy", npy(plain(shape="(1, 1, 1)"), bytes(8)))]), "got shape (1, 1, 1)"),
    "too many dimensions": (
        zipped([("W1.npy", npy(plain(shape="(" + "1," * 99 + ")"), bytes(8)))]),
        "expected shape (outputs, inputs), got shape (1, 1, 1",
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
    monkeypatch.setattr(zipfile.ZipFile, "open", None)
    monkeypatch.setattr(npz_files, "LARGEST_FILE", 1 << 22)
    assert "W1.npy: expected at most 4194304 bytes once unpacked, got 8000128" in refusal(
        read_network, tmp_path / "n.npz"
    )
    monkeypatch.setattr(npz_files, "LARGEST_FILE", 1 << 29)
    monkeypatch.setattr(npz_files, "MOST_UNPACKED", 1 << 22)
    assert ": expected at most 4194304 bytes once unpacked, got 8008256" in refusal(read_network, tmp_path / "n.npz")
    monkeypatch.setattr(npz_files, "MOST_ARRAYS", 1)
    assert ": expected at most 1 arrays, got more" in refusal(read_network, tmp_path / "n.npz")


def test_saved_by_torch_under_another_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "n.npz").write_bytes(zipped([("archive/data.pkl", b""), ("archive/data/0", b"")]))
    assert "safetensors.torch.save_file" in refusal(read_network, tmp_path / "n.npz")


def test_too_many_weights_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supverify.files.matrix.MOST_NUMBERS", 10)
    budget = Budget(10)
    from_numpy(np.eye(5), "W1", budget)
    with pytest.raises(Malformed, match="b1: expected a file with at most 10 rows and entries other than 0 in all"):
        from_numpy(np.zeros(1), "b1", budget)


def test_wide_and_tall_matrices_are_refused() -> None:
    for shape in ((1, MOST_NEURONS + 1), (MOST_NEURONS + 1, 1), (MOST_NEURONS + 1,)):
        with pytest.raises(Malformed, match="each of them 1 to 1048576, got shape"):
            from_numpy(np.zeros(shape, np.int8), "W1")
        with pytest.raises(Malformed, match="dimensions of 1 to 1048576"):
            from_json(np.zeros(shape, np.int8).tolist(), "W1")


def test_integers_that_would_fill_the_memory_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = np.ones((10, 100))
    weights[0, 0] = 5e-324
    read_network(save(tmp_path / "n.npz", W1=weights))
    monkeypatch.setattr("supverify.files.exact.MOST_BITS", 1 << 20)
    assert "W1: expected numbers that take at most 1048576 bits" in refusal(read_network, tmp_path / "n.npz")


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=4))
def test_nothing_but_a_refusal_leaves_the_reader(place: int, damage: bytes) -> None:
    data = bytearray(pack({name: np.array(value, float) for name, value in ARRAYS.items()}))
    place %= len(data)
    data[place : place + len(damage)] = damage
    with pytest.MonkeyPatch.context() as patch, suppress(Malformed):
        patch.setattr(npz_files, "read_bytes", lambda _: bytes(data))
        for array in read_arrays("damaged.npz").values():
            array.read(Budget())
