"""safetensors files: a length, a JSON header, and the bytes that it points into.

Read here rather than by the safetensors package: for numpy that has no bfloat16, and it takes any header size. The
rules are the format's: every byte of the data belongs to exactly one tensor, in the order of their offsets.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from supverify.kernel.errors import Malformed

from .matrix import Array, Budget, Dense, Stored, as_stored, bfloat16, from_numpy
from .read import read_bytes, read_json

LONGEST_HEADER = 1 << 22
METADATA = "__metadata__"
KEYS = {"dtype", "shape", "data_offsets"}


@dataclass(frozen=True)
class _Type:
    """How numpy holds the numbers of a type, and how it gets at them."""

    numpy: str
    widen: Callable[[Dense], Dense] = as_stored

    @property
    def size(self) -> int:
        return int(self.numpy[-1])


def _truth(block: Dense) -> Dense:
    return block.astype(np.bool_)


TYPES = {
    "BOOL": _Type("|u1", _truth),
    "BF16": _Type("<u2", bfloat16),
    **{f"F{8 * size}": _Type(f"<f{size}") for size in (2, 4, 8)},
    **{f"{kind.upper()}{8 * size}": _Type(f"<{kind}{size}") for kind in "iu" for size in (1, 2, 4, 8)},
}


def read_tensors(path: str | Path) -> dict[str, Stored]:
    """The tensors of a safetensors file by name, in the order of its header; raises Malformed."""
    data, place = memoryview(read_bytes(path)), str(path)
    length = int.from_bytes(data[:8], "little")
    if len(data) < 8 or length > min(len(data) - 8, LONGEST_HEADER):
        expected = f"a safetensors file, with a header of at most {LONGEST_HEADER} bytes"
        raise Malformed(place, expected, f"{len(data)} bytes" if len(data) < 8 else f"a header of {length} bytes")
    header = read_json(_text(bytes(data[8 : 8 + length]), place), place)
    if not isinstance(header, dict):
        raise Malformed(place, "a header with the tensors", type(header).__name__)
    found = {name: _tensor(value, f"{place}: {name}") for name, value in header.items() if name != METADATA}
    content = data[8 + length :]
    _check_covered(found, len(content), place)
    return {name: _stored(tensor, content, f"{place}: {name}") for name, tensor in found.items()}


def _text(header: bytes, place: str) -> str:
    try:
        return header.decode()
    except UnicodeDecodeError as error:
        raise Malformed(place, "a header of UTF-8 text", f"byte {error.object[error.start]}") from error


@dataclass(frozen=True)
class _Tensor:
    type: _Type
    shape: tuple[int, ...]
    start: int
    end: int


def _tensor(value: object, place: str) -> _Tensor:
    if not isinstance(value, dict) or set(value) != KEYS:
        raise Malformed(place, "dtype, shape and data_offsets", value)
    kind = TYPES.get(value["dtype"]) if isinstance(value["dtype"], str) else None
    if kind is None:
        raise Malformed(f"{place}.dtype", f"one of {', '.join(TYPES)}", value["dtype"])
    shape, offsets = _sizes(value["shape"], f"{place}.shape"), _sizes(value["data_offsets"], f"{place}.data_offsets")
    if len(offsets) != 2 or offsets[1] - offsets[0] != prod(shape) * kind.size:
        expected = f"two offsets, {prod(shape) * kind.size} bytes apart for shape {shape}"
        raise Malformed(f"{place}.data_offsets", expected, offsets)
    return _Tensor(kind, shape, *offsets)


def _sizes(value: object, place: str) -> tuple[int, ...]:
    if not isinstance(value, list) or len(value) > 8 or not all(type(n) is int and 0 <= n < 1 << 63 for n in value):
        raise Malformed(place, "a list of sizes", value)
    return tuple(value)


def _check_covered(tensors: dict[str, _Tensor], length: int, place: str) -> None:
    end = 0
    for name, tensor in sorted(tensors.items(), key=lambda item: (item[1].start, item[1].end)):
        if tensor.start != end:
            raise Malformed(f"{place}: {name}", f"data from byte {end} on, where the last tensor ends", tensor.start)
        end = tensor.end
    if end != length:
        raise Malformed(place, f"{end} bytes of data, as the header says", length)


def _stored(tensor: _Tensor, content: memoryview, place: str) -> Stored:
    def read(budget: Budget) -> Array:
        if len(tensor.shape) > 2 or not all(tensor.shape):
            raise Malformed(place, "one or two dimensions, none of them 0", f"shape {tensor.shape}")
        flat = np.frombuffer(content[tensor.start : tensor.end], tensor.type.numpy)
        return from_numpy(flat.reshape(tensor.shape), place, budget, widen=tensor.type.widen)

    return Stored(tensor.shape, read)
