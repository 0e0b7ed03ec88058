"""Arrays as files hold them, exactly: each number an int or a finite float, matrices without their zeros."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from supverify.kernel.errors import Malformed

MOST_WEIGHTS = 1 << 24
"""Entries other than 0 that one matrix may have."""
LARGEST = 1 << 1024
"""No number has this magnitude or more, as in float64."""

Number = int | float
Vector = tuple[Number, ...]


@dataclass(frozen=True)
class Matrix:
    """Row r has ``values[r][i]`` in column ``sources[r][i]``; sources ascend, every other entry is 0."""

    width: int
    sources: tuple[tuple[int, ...], ...]
    values: tuple[Vector, ...]

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns, at least one of each."""
        return len(self.sources), self.width


Array = Matrix | Vector | Number


def from_numpy(array: npt.NDArray[Any], place: str) -> Array:
    """The array of integers or floats, of at most two dimensions; raises Malformed."""
    if array.ndim > 2 or not array.size:
        raise Malformed(place, "one or two dimensions, none of them 0", f"shape {array.shape}")
    wrong = np.argwhere(~np.isfinite(array))
    if len(wrong):
        raise Malformed(place + "".join(f"[{i}]" for i in wrong[0]), "a finite number", str(array[tuple(wrong[0])]))
    array = array.astype(np.uint8) if array.dtype.kind == "b" else array
    if array.ndim < 2:
        values = array.tolist()
        return tuple(values) if isinstance(values, list) else values
    if np.count_nonzero(array) > MOST_WEIGHTS:
        raise Malformed(place, f"at most {MOST_WEIGHTS} entries other than 0", int(np.count_nonzero(array)))
    columns = [np.flatnonzero(row) for row in array]
    weights = tuple(tuple(row[where].tolist()) for row, where in zip(array, columns, strict=True))
    return Matrix(array.shape[1], tuple(tuple(where.tolist()) for where in columns), weights)


def from_json(value: object, place: str) -> Array:
    """The array in nested lists of numbers, of at most two dimensions; raises Malformed."""
    if not isinstance(value, list):
        return _number(value, place)
    if not (value and isinstance(value[0], list)):
        return tuple(_number(x, f"{place}[{i}]") for i, x in enumerate(value))
    width, rows = len(value[0]), []
    for r, row in enumerate(value):
        if not isinstance(row, list) or len(row) != width or not row:
            got = f"{len(row)} numbers" if isinstance(row, list) else row
            raise Malformed(f"{place}[{r}]", f"a row of {max(width, 1)} numbers, as many as in the first", got)
        rows.append([(j, number) for j, x in enumerate(row) if (number := _number(x, f"{place}[{r}][{j}]"))])
    sources = tuple(tuple(j for j, _ in row) for row in rows)
    return Matrix(width, sources, tuple(tuple(x for _, x in row) for row in rows))


def _number(value: object, place: str) -> Number:
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, int | float) or not -LARGEST < value < LARGEST:
        raise Malformed(place, "a finite number", repr(value))
    return value


def shape_of(array: Array) -> tuple[int, ...]:
    """The shape as numpy writes it."""
    if isinstance(array, Matrix):
        return array.shape
    return (len(array),) if isinstance(array, tuple) else ()
