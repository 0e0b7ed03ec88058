"""Sparse integer matrices for the engine ``contract``, and its loops compiled where numba is installed."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from itertools import accumulate, chain
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from supverify.kernel.network import Layer

Ints = npt.NDArray[np.int64]
Flags = npt.NDArray[np.bool_]


class Sparse(NamedTuple):
    """Row r holds ``values`` in the ascending ``columns``, both from pointer[r] to pointer[r + 1]."""

    pointer: Ints
    columns: Ints
    values: Ints


@cache
def compiled(function: Callable[..., Any], *helpers: Callable[..., Any]) -> Callable[..., Any]:
    """``function`` compiled by numba with the ``helpers`` it calls, all of one file; itself without numba."""
    try:
        import numba
        from numba.extending import register_jitable
    except ImportError:
        return function
    for helper in helpers:
        register_jitable(helper)
    fast: Callable[..., Any] = numba.njit(cache=True, nogil=True)(function)
    return fast


def sparse(layer: Layer) -> Sparse:
    """The weights of a layer; the caller has checked that they fit 64 bits."""
    pointer = np.fromiter(accumulate(map(len, layer.sources), initial=0), dtype=np.int64)
    columns = np.fromiter(chain.from_iterable(layer.sources), dtype=np.int64, count=pointer[-1])
    one = next(chain.from_iterable(layer.weights), 0)
    if all(row.count(one) == len(row) for row in layer.weights):  # which is soon found out
        values = np.full(pointer[-1], one, dtype=np.int64)
    else:
        values = np.fromiter(chain.from_iterable(layer.weights), dtype=np.int64, count=pointer[-1])
    return Sparse(pointer, columns, values)


def identity(size: int) -> Sparse:
    """The unit matrix."""
    return Sparse(np.arange(size + 1), np.arange(size), np.ones(size, dtype=np.int64))


def grouped(rows: Ints, columns: Ints, values: Ints, height: int) -> Sparse:
    """The matrix with these entries, no two in one place."""
    order = np.lexsort((columns, rows))
    pointer = np.searchsorted(rows[order], np.arange(height + 1)).astype(np.int64)
    return Sparse(pointer, columns[order], values[order])


def listing(lists: list[Ints]) -> Sparse:
    """Row r has a one in each of the columns ``lists[r]``."""
    pointer = np.cumsum([0, *map(len, lists)], dtype=np.int64)
    columns = np.concatenate([np.zeros(0, dtype=np.int64), *lists])
    return Sparse(pointer, columns, np.ones(len(columns), dtype=np.int64))


def owners(matrix: Sparse) -> Ints:
    """The row of each entry."""
    return np.repeat(np.arange(len(matrix.pointer) - 1), np.diff(matrix.pointer))


def transposed(matrix: Sparse, width: int) -> Sparse:
    """The matrix with ``width`` columns by its columns."""
    order = np.argsort(matrix.columns, kind="stable")
    pointer = np.searchsorted(matrix.columns[order], np.arange(width + 1)).astype(np.int64)
    return Sparse(pointer, owners(matrix)[order], matrix.values[order])


def row_sums(matrix: Sparse, vector: Ints) -> Ints:
    """The product of the matrix and a vector."""
    terms = np.concatenate([[0], np.cumsum(matrix.values * vector[matrix.columns])])
    return np.asarray(terms[matrix.pointer[1:]] - terms[matrix.pointer[:-1]], dtype=np.int64)
