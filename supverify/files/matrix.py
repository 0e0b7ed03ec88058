"""Arrays as files hold them, exactly: each number an int, a finite float or a fraction, matrices without zeros.

An array of a file is ``Stored`` until it is asked for: its shape is known, its numbers are not yet read. What one
file may cost is bounded by a ``Budget``, however large the zeros around its numbers are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from supverify.kernel.errors import Malformed

MOST_NUMBERS = 1 << 23
"""Entries other than 0, rows and biases that one file may have together."""
MOST_NEURONS = 1 << 20
"""Rows or columns of one matrix."""
BLOCK = 1 << 20
"""Entries that are looked at together."""
LARGEST = 1 << 1024
"""No number has this magnitude or more, as in float64."""
EXACT = 1 << 53
"""Floats of a smaller magnitude that are integers are read as integers."""

Number = int | float | Fraction
Vector = tuple[Number, ...]
Dense = npt.NDArray[Any]


@dataclass
class Budget:
    """What is left of the numbers that one file may have."""

    left: int = MOST_NUMBERS

    def spend(self, count: int, place: str) -> None:
        """Takes ``count`` numbers from it; raises Malformed where there are no more."""
        self.left -= count
        if self.left < 0:
            expected = f"a file with at most {MOST_NUMBERS} rows and entries other than 0 in all"
            raise Malformed(place, expected, f"{-self.left} more up to here")


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

    def transposed(self) -> Matrix:
        """Rows as columns."""
        columns: list[list[tuple[int, Number]]] = [[] for _ in range(self.width)]
        for r, (sources, values) in enumerate(zip(self.sources, self.values, strict=True)):
            for j, value in zip(sources, values, strict=True):
                columns[j].append((r, value))
        exchanged = tuple(tuple(r for r, _ in column) for column in columns)
        return Matrix(len(self.sources), exchanged, tuple(tuple(x for _, x in column) for column in columns))


Array = Matrix | Vector | Number


@dataclass(frozen=True)
class Stored:
    """An array of a file with its shape as numpy writes it; ``read`` gives its numbers, or raises Malformed."""

    shape: tuple[int, ...]
    read: Callable[[Budget], Array]


def diagonal(width: int, value: Number) -> Matrix:
    """The value at each place of the diagonal."""
    if not value:
        return Matrix(width, ((),) * width, ((),) * width)
    return Matrix(width, tuple((j,) for j in range(width)), ((value,),) * width)


def times(values: Vector, factor: Fraction) -> Vector:
    """Every value times the factor, exactly."""
    return values if factor == 1 else tuple(Fraction(value) * factor for value in values)


def as_stored(block: Dense) -> Dense:
    """The numbers of a block are those of the array."""
    return block


def bfloat16(block: Dense) -> Dense:
    """The numbers of a block of bfloat16, which numpy does not have: the upper halves of float32."""
    return (block.astype(np.uint32) << 16).view(np.float32)


def from_numpy(
    array: Dense, place: str, budget: Budget | None = None, *, widen: Callable[[Dense], Dense] = as_stored
) -> Array:
    """The array of integers or floats, of at most two dimensions; raises Malformed.

    ``widen`` makes numpy's numbers of a block of the array; only a block at a time is held in that form.
    """
    budget = budget or Budget()
    if array.ndim > 2 or not array.size or max(array.shape, default=0) > MOST_NEURONS:
        expected = f"one or two dimensions, each of them 1 to {MOST_NEURONS}"
        raise Malformed(place, expected, f"shape {array.shape}")
    if array.ndim < 2:
        budget.spend(array.size, place)
        values = _checked(widen(array), place, 0).tolist()
        return tuple(values) if isinstance(values, list) else values
    rows = list(_rows(array, place, budget, widen))
    return Matrix(array.shape[1], tuple(sources for sources, _ in rows), tuple(values for _, values in rows))


def _rows(
    array: Dense, place: str, budget: Budget, widen: Callable[[Dense], Dense]
) -> Iterator[tuple[tuple[int, ...], Vector]]:
    """The columns and the values of what is not 0 in each row."""
    height, width = array.shape
    shared = tuple(range(width))  # one object for each column, not for each entry
    step = max(1, BLOCK // width)
    for first in range(0, height, step):
        block = _checked(widen(array[first : first + step]), place, first)
        rows, columns = np.nonzero(block)
        budget.spend(len(rows) + len(block), place)
        values, sources = block[rows, columns].tolist(), [shared[j] for j in columns.tolist()]
        ends = np.searchsorted(rows, np.arange(1, len(block) + 1)).tolist()
        for start, end in zip([0, *ends], ends, strict=False):
            yield tuple(sources[start:end]), tuple(values[start:end])


def _checked(block: Dense, place: str, first: int) -> Dense:
    """The block, of which every number is finite; as integers if they all are."""
    if block.dtype.kind == "b":
        return block.astype(np.uint8)
    if block.dtype.kind != "f":
        return block
    wrong = np.argwhere(~np.isfinite(block))
    if len(wrong):
        where = [int(i) for i in wrong[0]]
        shown = [where[0] + first, *where[1:]] if where else []
        raise Malformed(place + "".join(f"[{i}]" for i in shown), "a finite number", str(block[tuple(where)]))
    integral = float(np.abs(block).max()) < EXACT and (block == np.trunc(block)).all()
    return block.astype(np.int64) if integral else block


def from_json(value: object, place: str, budget: Budget | None = None) -> Array:
    """The array in nested lists of numbers, of at most two dimensions; raises Malformed."""
    budget = budget or Budget()
    if not isinstance(value, list):
        return _number(value, place)
    if len(value) > MOST_NEURONS or (value and isinstance(value[0], list) and len(value[0]) > MOST_NEURONS):
        raise Malformed(place, f"dimensions of 1 to {MOST_NEURONS}", "more")
    if not (value and isinstance(value[0], list)):
        budget.spend(len(value), place)
        return tuple(_number(x, f"{place}[{i}]") for i, x in enumerate(value))
    width, rows = len(value[0]), []
    for r, row in enumerate(value):
        if not isinstance(row, list) or len(row) != width or not row:
            got = f"{len(row)} numbers" if isinstance(row, list) else row
            raise Malformed(f"{place}[{r}]", f"a row of {max(width, 1)} numbers, as many as in the first", got)
        rows.append([(j, number) for j, x in enumerate(row) if (number := _number(x, f"{place}[{r}][{j}]"))])
        budget.spend(len(rows[-1]) + 1, place)
    sources = tuple(tuple(j for j, _ in row) for row in rows)
    return Matrix(width, sources, tuple(tuple(x for _, x in row) for row in rows))


def json_shape(value: object) -> tuple[int, ...]:
    """The shape that the first entries of nested lists promise, up to three dimensions."""
    shape: list[int] = []
    while isinstance(value, list) and len(shape) < 3:
        shape.append(len(value))
        value = value[0] if value else None
    return tuple(shape)


def _number(value: object, place: str) -> Number:
    if isinstance(value, bool):
        return int(value)
    if not isinstance(value, int | float) or not -LARGEST < value < LARGEST:
        raise Malformed(place, "a finite number", repr(value))
    return value
