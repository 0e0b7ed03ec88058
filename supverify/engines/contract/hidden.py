"""The contract of the hidden step: h_r(y) = [at least two of S_r are active], for every y with at most k ones.

With g_j what input j adds to row r and T >= 1 its level, S_r = {j : 2 g_j >= T}. The row keeps the contract iff

    (a) the two smallest members and the k - 2 most negative others reach T      (k >= 2, two members),
    (b) the largest member and the k - 1 largest positive others do not          (k >= 1, a member),
    (c) the k largest positive others do not.

Members are positive, so that further members only help: (a) is the smallest sum with two members, (b) and (c) are the
largest with one and with none, and each is attained by an input with at most k ones (derived).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from os import cpu_count
from typing import NamedTuple, TypeVar

import numpy as np

from .shape import Shape, Undecided
from .sparse import Ints, Sparse, compiled, identity

PORTION = 16  # rows of one task
TASKS = 8  # handed to the threads at a time, so that a time limit takes effect
MOST_MEMBERS = 1 << 27  # of all rows together
MOST_ENTRIES = 1 << 26  # of a product of linear layers, but for the last
NEVER = -(1 << 62)

Tick = Callable[[str, int, int], None]
Part = TypeVar("Part")


class Members(NamedTuple):
    """S_r of each hidden neuron r (rows, ascending) and inputs that may break the contract, each padded with -1."""

    rows: Sparse
    suspects: Ints


def in_blocks(
    function: Callable[[int, int], Part], count: int, portion: int, what: str, tick: Tick
) -> Iterator[Part]:
    """``function(first, last)`` for blocks of 0..count-1 in order, on all cores; ``tick`` may raise to end it."""
    blocks = ((i, min(i + portion, count)) for i in range(0, count, portion))
    with ThreadPoolExecutor(cpu_count()) as pool:
        while batch := list(islice(blocks, TASKS)):
            yield from pool.map(lambda block: function(*block), batch)
            tick(what, batch[-1][1], count)


def members(parts: Shape, k: int, tick: Tick) -> Members:
    """S_r of all rows, and the suspects: none at all means that every row keeps the contract."""
    code, step = _code(parts), parts.hidden
    inspect = compiled(_inspect, _accumulate, _judge, _keep)
    inputs, found = parts.inputs, []
    total = 0
    for part in in_blocks(
        lambda first, last: inspect(first, last, step.weights, step.levels, code, inputs, k),
        len(step.levels),
        PORTION,
        "contract: hidden neurons",
        tick,
    ):
        total += len(part[1])
        if total > MOST_MEMBERS:
            raise Undecided(f"its hidden neurons have more than {MOST_MEMBERS} members")
        found.append(part)
    counts = np.concatenate([[0], *(np.diff(part[0]) for part in found)])
    columns = np.concatenate([part[1] for part in found])
    rows = Sparse(np.cumsum(counts), columns, np.ones(len(columns), dtype=np.int64))
    return Members(rows, np.concatenate([part[2] for part in found]))


def _code(parts: Shape) -> Sparse:
    """The product of the linear layers."""
    code = parts.linear[0] if parts.linear else identity(parts.inputs)
    for matrix in parts.linear[1:]:
        if sum(map(int, np.diff(code.pointer)[matrix.columns])) > MOST_ENTRIES:
            raise Undecided("the product of its linear layers is too large")
        code = product(matrix, code, parts.inputs)
    return code


def product(left: Sparse, right: Sparse, width: int) -> Sparse:
    """The product of two matrices, the right one with ``width`` columns."""
    return Sparse(*compiled(_product, _accumulate)(left, right, width))


def _product(left: Sparse, right: Sparse, width: int) -> tuple[Ints, Ints, Ints]:
    height = len(left.pointer) - 1
    totals, seen, touched = np.zeros(width, np.int64), np.full(width, -1, np.int64), np.zeros(width, np.int64)
    pointer, size = np.zeros(height + 1, np.int64), 0
    columns, values = np.zeros(64, np.int64), np.zeros(64, np.int64)
    for r in range(height):
        count = _accumulate(r, left, right, totals, seen, touched)
        while size + count > len(columns):
            columns = np.concatenate((columns, np.zeros_like(columns)))
            values = np.concatenate((values, np.zeros_like(values)))
        for j in np.sort(touched[:count]):
            if totals[j]:
                columns[size], values[size] = j, totals[j]
                size += 1
        pointer[r + 1] = size
    return pointer, columns[:size], values[:size]


def _accumulate(r: int, left: Sparse, right: Sparse, totals: Ints, seen: Ints, touched: Ints) -> int:
    """Row r of the product in ``totals``, the places where it may not be 0 in ``touched``, and how many they are."""
    count = 0
    for t in range(left.pointer[r], left.pointer[r + 1]):
        weight, middle = left.values[t], left.columns[t]
        for s in range(right.pointer[middle], right.pointer[middle + 1]):
            j = right.columns[s]
            if seen[j] != r:
                seen[j] = r
                totals[j] = 0
                touched[count] = j
                count += 1
            totals[j] += weight * right.values[s]
    return count


def _inspect(
    first: int, last: int, weights: Sparse, levels: Ints, code: Sparse, inputs: int, k: int
) -> tuple[Ints, Ints, Ints]:
    """Pointers and members of the rows first..last-1, and the suspects, up to three a row."""
    totals, seen, touched = np.zeros(inputs, np.int64), np.full(inputs, -1, np.int64), np.zeros(inputs, np.int64)
    pointer, size, columns = np.zeros(last - first + 1, np.int64), 0, np.zeros(64, np.int64)
    suspects, found = np.full((3 * (last - first), max(k, 2)), -1, np.int64), 0
    ids = np.zeros((4, k + 2), np.int64)
    for r in range(first, last):
        count = _accumulate(r, weights, code, totals, seen, touched)
        ids[:] = -1
        values = np.full((4, k + 2), NEVER, np.int64)
        while size + count > len(columns):
            columns = np.concatenate((columns, np.zeros_like(columns)))
        start = size
        for t in range(count):
            j = touched[t]
            g = totals[j]
            if 2 * g >= levels[r]:
                columns[size] = j
                size += 1
                _keep(values[0, :2], ids[0, :2], -g, j)
                _keep(values[1, :1], ids[1, :1], g, j)
            elif g > 0:
                _keep(values[2, :k], ids[2, :k], g, j)
            elif g < 0:
                _keep(values[3, : max(k - 2, 0)], ids[3, : max(k - 2, 0)], -g, j)
        columns[start:size] = np.sort(columns[start:size])
        pointer[r - first + 1] = size
        found = _judge(values, ids, levels[r], k, suspects, found)
    return pointer, columns[:size], suspects[:found]


def _keep(values: Ints, ids: Ints, value: int, j: int) -> None:
    """Puts j among the few largest values if it belongs there; they descend."""
    place = len(values)
    while place > 0 and value > values[place - 1]:
        place -= 1
        if place + 1 < len(values):
            values[place + 1], ids[place + 1] = values[place], ids[place]
    if place < len(values):
        values[place], ids[place] = value, j


def _judge(values: Ints, ids: Ints, level: int, k: int, suspects: Ints, found: int) -> int:
    """Writes down the inputs at which (a), (b) and (c) fail, and returns how many suspects there are now."""
    if level < 1:
        return found + 1  # the row fires when nothing is active: the suspect is the empty input
    low = alone = 0
    for t in range(k):
        alone += values[2, t] if ids[2, t] >= 0 else 0
    for t in range(k - 2):
        low -= values[3, t] if ids[3, t] >= 0 else 0
    if k >= 2 and ids[0, 1] >= 0 and low - values[0, 0] - values[0, 1] < level:
        suspects[found, :2] = ids[0, :2]
        suspects[found, 2:] = ids[3, : k - 2]
        found += 1
    beside = alone - (values[2, k - 1] if k >= 1 and ids[2, k - 1] >= 0 else 0)
    if k >= 1 and ids[1, 0] >= 0 and beside + values[1, 0] >= level:
        suspects[found, 0] = ids[1, 0]
        suspects[found, 1:k] = ids[2, : k - 1]
        found += 1
    if alone >= level:
        suspects[found, :k] = ids[2, :k]
        found += 1
    return found
