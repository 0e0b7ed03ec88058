"""Enumeration compiled by numba: depth first with prefix sums, free of Python's lock, exact in 64-bit words.

The compiled functions are made on first use, for numba takes a second to import.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from ..arrays import Arrays
from .tally import Extremes, Tally, failures

EMPTY = (1 << 63) - 1  # the lowest of no outputs, and minus the highest

Word = npt.NDArray[np.int64]
Flag = npt.NDArray[np.bool_]


class Scan:
    """The enumeration of one claim, which ``claim.fits``; several threads may use it at once."""

    def __init__(self, claim: Arrays) -> None:
        self.fits, self.outputs, self.parameters = claim.fits, claim.outputs, _parameters(claim)

    def tally(self, first: tuple[int, ...], inputs: int, deadline: float | None) -> Tally:
        """The tally of ``first`` and those behind it in the documented order, ``inputs`` of its size in all."""
        counts, wrong = np.zeros(9, dtype=np.int64), np.zeros(self.outputs, dtype=np.int64)
        firsts = np.zeros((self.outputs, len(first)), dtype=np.int64)
        begin = np.array(first, dtype=np.int64)
        _compiled()(begin, inputs, counts, wrong, firsts, *self.parameters)
        return _tally(len(first), counts, wrong, firsts)


def _tally(size: int, counts: Word, wrong: Word, firsts: Word) -> Tally:
    numbers = list(map(int, counts))
    ends = [None if abs(z) == EMPTY else z for z in numbers[5:]]
    return Tally(
        size=size,
        inputs=numbers[0],
        wrong_inputs=numbers[1],
        false_positives=numbers[2],
        false_negatives=numbers[3],
        ties=numbers[4],
        extremes=Extremes(lowest_false=ends[0], highest_false=ends[1], lowest_true=ends[2], highest_true=ends[3]),
        failures=failures(wrong, lambda outputs: firsts[outputs]),
    )


def _parameters(claim: Arrays) -> tuple[Any, ...]:
    """The arrays of all layers laid end to end, as the compiled function takes them."""
    layers = claim.layers
    inputs = len(claim.columns)
    starts = np.searchsorted(claim.clauses[:, 0], np.arange(inputs + 1)).astype(np.int64)
    empty = np.zeros(0, dtype=np.int64)
    widths = [claim.columns.shape[1], *(len(layer.bias) for layer in layers)]
    shifts = np.cumsum([0, *(len(layer.rows) for layer in layers)])
    return (
        claim.start,
        np.ascontiguousarray(claim.columns),
        np.array(widths, dtype=np.int64),
        np.array([claim.relu, *(layer.relu for layer in layers)]),
        np.concatenate([empty, *(layer.pointer + s for layer, s in zip(layers, shifts, strict=False))]),
        np.concatenate([empty, *(layer.rows for layer in layers)]),
        np.concatenate([empty, *(layer.weights for layer in layers)]),
        np.concatenate([empty, *(layer.bias for layer in layers)]),
        starts,
        np.ascontiguousarray(claim.clauses[:, 1:]),
        np.array([*claim.windows, EMPTY if claim.tie is None else claim.tie], dtype=np.int64),
    )


@cache
def _compiled() -> Callable[..., None]:
    """The compiled scan of some inputs; the functions it calls stay plain Python for everybody else."""
    import numba
    from numba.extending import register_jitable

    for function in (_add_columns, _propagate, _mark, _judge, _advance):
        register_jitable(function)
    compiled: Callable[..., None] = numba.njit(cache=True, nogil=True)(_scan)
    return compiled


def _scan(
    begin: Word,
    inputs: int,
    counts: Word,
    wrong: Word,
    firsts: Word,
    start: Word,
    columns: Word,
    widths: Word,
    relus: Flag,
    pointers: Word,
    rows: Word,
    weights: Word,
    biases: Word,
    clause_starts: Word,
    clauses: Word,
    limits: Word,
) -> None:
    """Adds up ``counts`` over ``inputs`` active sets, in order from ``begin`` on: inputs, wrong inputs, false
    positives, false negatives, ties, lowest and highest false output, lowest and highest true one. ``wrong`` counts
    the wrong inputs of each output, ``firsts`` gets the first of them."""
    size = len(begin)
    sums = np.zeros((size + 1, len(start)), dtype=np.int64)
    values = np.zeros((len(widths), widths.max()), dtype=np.int64)
    truth = np.zeros(widths[-1], dtype=np.bool_)
    on = np.zeros(len(columns), dtype=np.bool_)
    active = begin.copy()
    counts[5:] = EMPTY
    counts[6] = counts[8] = -EMPTY
    sums[0] = start
    changed = 0
    while counts[0] < inputs:
        _add_columns(sums, columns, active, changed)
        values[0, : len(start)] = sums[size]
        _propagate(values, widths, relus, pointers, rows, weights, biases)
        _mark(truth, on, active, clause_starts, clauses, True)
        if _judge(values[-1], relus[-1], truth, limits, counts, wrong, firsts, active):
            counts[1] += 1
        _mark(truth, on, active, clause_starts, clauses, False)
        counts[0] += 1
        changed = _advance(active, len(columns))


def _add_columns(sums: Word, columns: Word, active: Word, changed: int) -> None:
    """Prefix sums of the active columns, from the first place that changed."""
    for d in range(changed, len(active)):
        for r in range(sums.shape[1]):
            sums[d + 1, r] = sums[d, r] + columns[active[d], r]


def _propagate(
    values: Word, widths: Word, relus: Flag, pointers: Word, rows: Word, weights: Word, biases: Word
) -> None:
    """The sums of every further layer; only neurons that are not 0 after their ReLU are spread."""
    pointer, bias = 0, 0
    for layer in range(len(widths) - 1):
        for r in range(widths[layer + 1]):
            values[layer + 1, r] = biases[bias + r]
        for c in range(widths[layer]):
            x = values[layer, c]
            if x > 0 or (x < 0 and not relus[layer]):
                for t in range(pointers[pointer + c], pointers[pointer + c + 1]):
                    values[layer + 1, rows[t]] += weights[t] * x
        pointer += widths[layer] + 1
        bias += widths[layer + 1]


def _mark(truth: Flag, on: Flag, active: Word, clause_starts: Word, clauses: Word, value: bool) -> None:
    """Sets ``truth`` for every output with a clause inside ``active`` (or takes it back)."""
    for j in active:
        on[j] = True
    last = clauses.shape[1] - 1
    for j in active:
        for t in range(clause_starts[j], clause_starts[j + 1]):
            met = 0
            while met < last and on[clauses[t, met]]:
                met += 1
            if met == last:
                truth[clauses[t, last]] = value
    for j in active:
        on[j] = False


def _judge(
    outputs: Word, relu: bool, truth: Flag, limits: Word, counts: Word, wrong: Word, firsts: Word, active: Word
) -> bool:
    """Counts the wrong entries, the ties and the extremes of one input; says whether an entry is wrong."""
    low_false, high_false, low_true, high_true, tie = limits
    lowest_false, highest_false, lowest_true, highest_true = counts[5:]
    any_bad = False
    for i in range(len(truth)):
        z = 0 if relu and outputs[i] < 0 else outputs[i]
        if z == tie:
            counts[4] += 1
        if truth[i]:
            bad = z < low_true or z > high_true
            lowest_true, highest_true = min(lowest_true, z), max(highest_true, z)
        else:
            bad = z < low_false or z > high_false
            lowest_false, highest_false = min(lowest_false, z), max(highest_false, z)
        if bad:
            any_bad = True
            counts[3 if truth[i] else 2] += 1
            if wrong[i] == 0:
                firsts[i] = active
            wrong[i] += 1
    counts[5], counts[6], counts[7], counts[8] = lowest_false, highest_false, lowest_true, highest_true
    return any_bad


def _advance(active: Word, inputs: int) -> int:
    """The next active set: the first changed place, or 0 at the end, where nothing changes."""
    size = len(active)
    d = size - 1
    while d >= 0 and active[d] == inputs - size + d:
        d -= 1
    if d < 0:
        return 0
    active[d] += 1
    for e in range(d + 1, size):
        active[e] = active[e - 1] + 1
    return d
