"""Enumeration with numpy, batch by batch: where numba is missing, or numbers outgrow 64 bits."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, islice

import numpy as np
import numpy.typing as npt

from .arrays import Arrays, Integers, Matrix
from .tally import Tally

BATCH = 2048
EXACT_FLOAT = 1 << 53  # sums below it are exact in float64, in any order


def scan(claim: Arrays, size: int) -> Iterator[Tally]:
    """The tallies of all inputs with ``size`` ones, in the documented order."""
    matrices = [_dense(layer, claim.bound) for layer in claim.layers]
    chosen = combinations(range(len(claim.columns)), size)
    while batch := list(islice(chosen, BATCH)):
        yield _tally(claim, np.array(batch, dtype=np.int64).reshape(len(batch), size), matrices)


def _dense(layer: Matrix, bound: int) -> Integers:
    """The transposed weights: as float64 for BLAS where every partial sum is an integer it holds exactly."""
    dense = layer.dense().T
    return dense.astype(np.float64) if bound < EXACT_FLOAT else dense


def _outputs(claim: Arrays, active: npt.NDArray[np.int64], matrices: list[Integers]) -> Integers:
    values = claim.start + claim.columns[active].sum(axis=1)
    relu = claim.relu
    for layer, dense in zip(claim.layers, matrices, strict=True):
        values = np.maximum(values, 0) if relu else values
        product = values.astype(dense.dtype) @ dense
        values, relu = product.astype(layer.bias.dtype) + layer.bias, layer.relu
    final: Integers = np.maximum(values, 0) if relu else values
    return final


def _truth(claim: Arrays, active: npt.NDArray[np.int64], outputs: int) -> npt.NDArray[np.bool_]:
    """Batch x outputs."""
    ones = np.zeros((len(active), len(claim.columns)), dtype=bool)
    np.put_along_axis(ones, active, True, axis=1)
    truth = np.zeros((outputs, len(active)), dtype=bool)
    hits = ones[:, claim.clauses[:, 0]]
    for inputs in claim.clauses[:, 1:-1].T:
        hits &= ones[:, inputs]
    np.logical_or.at(truth, claim.clauses[:, -1], hits.T)
    return truth.T


def _tally(claim: Arrays, active: npt.NDArray[np.int64], matrices: list[Integers]) -> Tally:
    z = _outputs(claim, active, matrices)
    truth = _truth(claim, active, z.shape[1])
    low_false, high_false, low_true, high_true = claim.windows
    positives = ~truth & ((z < low_false) | (z > high_false))
    negatives = truth & ((z < low_true) | (z > high_true))
    p, q = claim.level
    margins = np.where(truth, z * q - p, p - z * q)
    wrong = np.flatnonzero((positives | negatives).any(axis=1))
    return Tally(
        size=active.shape[1],
        inputs=len(active),
        wrong_inputs=len(wrong),
        false_positives=int(positives.sum()),
        false_negatives=int(negatives.sum()),
        ties=int((margins == 0).sum()),
        margin=int(margins.min()),
        first=tuple(map(int, active[wrong[0]])) if len(wrong) else None,
    )
