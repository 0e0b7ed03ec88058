"""npz files: arrays in a zip, read without trusting a word of them, written with the same bytes every time.

Nothing is unpickled, nothing is unpacked before its declared size is known to be small enough, and the header of
an array is matched, not evaluated.
"""

from __future__ import annotations

import io
import lzma
import re
import zipfile
import zlib
from collections.abc import Mapping
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from supverify.kernel.errors import Malformed

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
FIRST_DAY = (1980, 1, 1, 0, 0, 0)


def read_arrays(path: str | Path) -> dict[str, npt.NDArray[Any]]:
    """The arrays of integers, floats and truth values in an npz file, by name; raises Malformed for anything else."""
    data = io.BytesIO(read_bytes(path))
    try:
        with zipfile.ZipFile(data) as archive:
            members = archive.infolist()
            _check_members(members, str(path))
            return {
                member.filename.removesuffix(ARRAY): _array(archive, member, f"{path}: {member.filename}")
                for member in members
            }
    except (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, ValueError, RuntimeError) as error:
        raise Malformed(str(path), "an npz file, as numpy.savez writes it", str(error)) from error


def _check_members(members: list[zipfile.ZipInfo], place: str) -> None:
    names = [member.filename for member in members]
    strange = [name for name in names if not name.endswith(ARRAY)]
    if strange or len(set(names)) < len(names):
        raise Malformed(place, "arrays, each name once", strange[0] if strange else max(names, key=names.count))
    unpacked = sum(member.file_size for member in members)
    if unpacked > LARGEST_FILE:
        raise Malformed(place, f"at most {LARGEST_FILE} bytes once unpacked", unpacked)


def _array(archive: zipfile.ZipFile, member: zipfile.ZipInfo, place: str) -> npt.NDArray[Any]:
    with archive.open(member) as file:
        start = file.read(8)
        length = int.from_bytes(file.read(2 if start[6:7] == b"\x01" else 4), "little")
        header = HEADER.fullmatch(file.read(min(length, LONGEST_HEADER)))
        if start[:6] != MAGIC or start[6:7] not in VERSIONS or header is None:
            raise Malformed(place, "an array of numbers in numpy's format", "another header")
        shape = tuple(int(size) for size in header[3].split(b",") if size.strip())
        kind = header[1].decode()
        if kind[1:] not in NUMBERS:
            raise Malformed(place, "integers or floats of at most 64 bits", f"type {kind}")
        declared = prod(shape) * int(kind[2:])
        if declared > member.file_size:
            raise Malformed(place, f"the {declared} bytes of shape {shape}", f"{member.file_size} bytes")
        content = file.read()
    if len(content) != declared:
        raise Malformed(place, f"the {declared} bytes of shape {shape}", f"{len(content)} bytes")
    # A truth value is any byte but 0, as numpy reads it.
    flat = np.frombuffer(content, kind) if kind[1] != "b" else np.frombuffer(content, np.uint8) != 0
    return flat.reshape(shape, order="F" if header[2] == b"True" else "C")


def pack(arrays: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """An npz file with these arrays; the same arrays give the same bytes."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, version=(1, 0), allow_pickle=False)
            archive.writestr(zipfile.ZipInfo(name + ARRAY, FIRST_DAY), content.getvalue(), zipfile.ZIP_DEFLATED)
    return data.getvalue()
