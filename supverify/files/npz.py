"""npz files: arrays in a zip, read without trusting a word of them, written with the same bytes every time.

Nothing is unpickled, nothing is unpacked before its declared size is known to be small enough and its numbers are
asked for, and the header of an array is matched, not evaluated.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from math import prod
from pathlib import Path
from typing import Any, BinaryIO, cast

import numpy as np
import numpy.typing as npt

from supverify.kernel.errors import Malformed

from .matrix import Array, Budget, Stored, from_numpy
from .read import LARGEST_FILE, read_bytes

ARRAY = ".npy"
MAGIC = b"\x93NUMPY"
VERSIONS = (b"\x01", b"\x02", b"\x03")
LONGEST_HEADER = 1 << 12
HEADER = re.compile(
    rb"\s*\{\s*'descr'\s*:\s*'([<>|=][a-zA-Z]\d{1,4})'\s*,\s*'fortran_order'\s*:\s*(True|False)\s*,"
    rb"\s*'shape'\s*:\s*\(([\d\s,]*)\)\s*,?\s*\}\s*"
)
NUMBERS = frozenset({"b1", "f2", "f4", "f8", *(f"{kind}{size}" for kind in "iu" for size in (1, 2, 4, 8))})
WORDS = {"c": " (complex numbers)", "U": " (text)", "S": " (text)"}
FIRST_DAY = (1980, 1, 1, 0, 0, 0)
MEMBER = b"PK\x01\x02"  # starts the directory's entry of each member
MOST_ARRAYS = 1 << 12
MOST_UNPACKED = 1 << 30
"""Bytes of all arrays together; they are unpacked one after the other, each of at most LARGEST_FILE bytes."""
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})


def read_arrays(path: str | Path) -> dict[str, Stored]:
    """The arrays of integers, floats and truth values in an npz file, by name; raises Malformed."""
    data, place = read_bytes(path), str(path)
    if data.count(MEMBER) > MOST_ARRAYS:
        raise Malformed(place, f"at most {MOST_ARRAYS} arrays", "more")
    with _unzipping(place):
        if data.startswith(b"PK") and not zipfile.is_zipfile(io.BytesIO(data)):
            raise Malformed(place, "an npz file, as numpy.savez writes it", "the start of one: it was cut off")
        archive = zipfile.ZipFile(io.BytesIO(data))
        members = archive.infolist()
        _check_members(members, place)
        return {
            member.filename.removesuffix(ARRAY): _stored(archive, member, f"{place}: {member.filename}")
            for member in members
        }


@contextmanager
def _unzipping(place: str) -> Iterator[None]:
    broken = (zipfile.BadZipFile, zlib.error, OSError, EOFError, ValueError, RuntimeError)  # also of zipfile itself
    try:
        yield
    except broken as error:
        raise Malformed(place, "an npz file, as numpy.savez writes it", str(error)) from error


def _check_members(members: list[zipfile.ZipInfo], place: str) -> None:
    names = [member.filename for member in members]
    if any(name.endswith("data.pkl") for name in names):
        expected = "an npz file, not a pickle: save it with safetensors.torch.save_file(model.state_dict(), ...)"
        raise Malformed(place, expected, "a torch.save file")
    strange = [name for name in names if not name.endswith(ARRAY)]
    if strange or len(set(names)) < len(names):
        raise Malformed(place, "arrays, each name once", strange[0] if strange else max(names, key=names.count))
    for member in members:
        if member.compress_type not in METHODS:
            raise Malformed(f"{place}: {member.filename}", "a deflated or stored array", "another compression")
        if member.file_size > LARGEST_FILE:
            expected = f"at most {LARGEST_FILE} bytes once unpacked"
            raise Malformed(f"{place}: {member.filename}", expected, member.file_size)
    unpacked = sum(member.file_size for member in members)
    if unpacked > MOST_UNPACKED:
        raise Malformed(place, f"at most {MOST_UNPACKED} bytes once unpacked", unpacked)


def _stored(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: str) -> Stored:
    with archive.open(member) as file:
        shape, _, _ = _header(cast("BinaryIO", file), member.file_size, place)

    def read(budget: Budget) -> Array:
        with _unzipping(place):
            return from_numpy(_array(archive, member, place), place.removesuffix(ARRAY), budget)

    return Stored(shape, read)


def _header(file: BinaryIO, size: int, place: str) -> tuple[tuple[int, ...], str, bool]:
    """The shape, the type, and whether columns come first; the file is then at the numbers."""
    start = file.read(8)
    length = int.from_bytes(file.read(2 if start[6:7] == b"\x01" else 4), "little")
    text = file.read(min(length, LONGEST_HEADER))
    header = HEADER.fullmatch(text)
    if start[:6] != MAGIC or start[6:7] not in VERSIONS or header is None:
        objects = b"'|O'" in text
        raise Malformed(
            place, "an array of numbers in numpy's format", "Python objects" if objects else "another header"
        )
    shape = tuple(int(extent) for extent in header[3].split(b",") if extent.strip())
    kind = header[1].decode()
    if kind[1:] not in NUMBERS:
        meaning = WORDS.get(kind[1], "")
        raise Malformed(place, "integers or floats of at most 64 bits", f"type {kind}{meaning}")
    declared = prod(shape) * int(kind[2:])
    if declared > size:
        raise Malformed(place, f"the {declared} bytes of shape {shape}", f"{size} bytes")
    return shape, kind, header[2] == b"True"


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: str) -> npt.NDArray[Any]:
    with archive.open(member) as file:
        shape, kind, columns_first = _header(cast("BinaryIO", file), member.file_size, place)
        content = file.read()
    declared = prod(shape) * int(kind[2:])
    if len(content) != declared:
        raise Malformed(place, f"the {declared} bytes of shape {shape}", f"{len(content)} bytes")
    # A truth value is any byte but 0, as numpy reads it.
    flat = np.frombuffer(content, kind) if kind[1] != "b" else np.frombuffer(content, np.uint8) != 0
    return flat.reshape(shape, order="F" if columns_first else "C")


def pack(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """An npz file with these arrays; the same arrays give the same bytes."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(name + ARRAY, FIRST_DAY), content.getvalue(), zipfile.ZIP_DEFLATED)
    return data.getvalue()
