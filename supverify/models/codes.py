"""0/1 codes (a column of fixed weight for each feature) and the network layers made from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from supverify.kernel.network import Layer

Bits = npt.NDArray[np.bool_]
Counts = npt.NDArray[np.int64]
SPREAD = 2  # a row with so many ones more than another is never drawn before it


def draw(rng: np.random.Generator, *, length: int, weight: int, count: int) -> Bits:
    """A random code (length x count) with ``weight`` ones in each column, spread evenly over the rows."""
    code = np.zeros((length, count), dtype=np.bool_)
    redraw(code, range(count), weight, rng)
    return code


def redraw(code: Bits, columns: Sequence[int], weight: int, rng: np.random.Generator) -> None:
    """Draws these columns of a code anew, in place.

    A row's chance falls with its load: crowded rows, not average ones, are where codes first fail.
    """
    code[:, columns] = False
    load = code.sum(axis=1).astype(np.float64)
    for j in columns:
        rows = np.argpartition(load + SPREAD * rng.random(len(code)), weight - 1)[:weight]
        code[rows, j] = True
        load[rows] += 1


def product(left: Bits, right: Bits) -> Counts:
    """The integer matrix product of two 0/1 matrices."""
    # float32 BLAS is exact here: every partial sum is an integer of at most the inner width, far below 2^24.
    sums: Counts = (left.astype(np.float32) @ right.astype(np.float32)).astype(np.int64)
    return sums


def union(left: Bits, right: Bits) -> Bits:
    """min(1, left right): row r is the union of the rows of ``right`` that row r of ``left`` chooses."""
    return product(left, right) > 0


def threshold(matrix: Bits | Counts, level: int) -> tuple[Layer, Layer]:
    """[matrix x >= level] for integer x, as the ReLU layers u = relu(level - matrix x) and relu(1 - u)."""
    width = len(matrix)
    invert = Layer(tuple((r,) for r in range(width)), ((-1,),) * width, (1,) * width, relu=True)
    return linear(-matrix.astype(np.int64), bias=level, relu=True), invert


def linear(matrix: Bits | Counts, *, bias: int = 0, relu: bool = False) -> Layer:
    """z = matrix x + bias."""
    rows, integers = supports(matrix), matrix.astype(np.int64)
    weights = tuple(tuple(row[list(places)].tolist()) for row, places in zip(integers, rows, strict=True))
    return Layer(rows, weights, (bias,) * len(rows), relu)


def decoder(code: Bits, weight: int) -> Layer:
    """a = code^T x - (weight - 1): 1 where the 0/1 vector x has all ones of a feature's column, else at most 0."""
    return linear(code.T, bias=1 - weight)


def supports(matrix: Bits | Counts) -> tuple[tuple[int, ...], ...]:
    """The places of what is not 0 in each row, ascending."""
    return tuple(tuple(map(int, np.flatnonzero(row))) for row in matrix)
