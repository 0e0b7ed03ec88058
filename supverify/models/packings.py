"""Packings: many sets of w of n rows that meet pairwise in at most ``overlap`` rows.

They come from Reed-Solomon codes (Kautz & Singleton 1964) or are all sets of one size; rows are given up while enough
sets are left without them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np
import numpy.typing as npt

from .codes import Bits
from .fields import field

Sets = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Packing:
    """``sets`` (count x w, rows ascending in each) of 0..neurons-1, any two with at most ``overlap`` in common."""

    sets: Sets
    neurons: int
    overlap: int
    how: str

    @property
    def weight(self) -> int:
        """The rows in each set."""
        return int(self.sets.shape[1])

    def code(self) -> Bits:
        """The sets as the columns of a 0/1 matrix (neurons x count)."""
        code = np.zeros((self.neurons, len(self.sets)), dtype=np.bool_)
        code[self.sets, np.arange(len(self.sets))[:, None]] = True
        return code


def all_sets(neurons: int, weight: int, count: int) -> Packing:
    """The first ``count`` of all sets of ``weight`` rows: any two differ, and that is all."""
    chosen = [s for s, _ in zip(combinations(range(neurons), weight), range(count), strict=False)]
    return Packing(np.array(chosen, dtype=np.int64), neurons, weight - 1, f"all {weight}-subsets of {neurons}")


def reed_solomon(q: int, weight: int, overlap: int) -> Packing:
    """The q^(overlap + 1) polynomials of degree <= overlap over GF(q), each the set of its ``weight`` values.

    Row x q + v says that the value at the point x is v; the point after the last, q, is infinity, where the value
    is the leading coefficient. ``weight`` is at most q + 1. Two polynomials agree in at most ``overlap`` points.
    """
    sums, products = field(q)
    coefficients = np.indices((q,) * (overlap + 1)).reshape(overlap + 1, -1)
    values = np.empty((coefficients.shape[1], weight), dtype=np.int64)
    for x in range(weight):
        value = coefficients[0]
        for c in coefficients[1:] if x < q else ():
            value = sums[products[value, x], c]
        values[:, x] = x * q + value
    return Packing(values, weight * q, overlap, f"Reed-Solomon code over GF({q}), degree <= {overlap}")


def truncated(packing: Packing, count: int, rng: np.random.Generator) -> Packing:
    """``count`` of the sets, on the rows left when those that fewest sets use are given up one after the other."""
    sets, rows = packing.sets, np.ones(packing.neurons, dtype=np.bool_)
    load = np.bincount(sets.ravel(), minlength=packing.neurons)
    while True:
        least = int(np.argmin(np.where(rows, load + rng.random(len(load)), np.inf)))
        if len(sets) - load[least] < count:
            break
        gone = (sets == least).any(axis=1) if load[least] else np.zeros(len(sets), dtype=np.bool_)
        load -= np.bincount(sets[gone].ravel(), minlength=packing.neurons)
        sets, rows[least] = sets[~gone], False
    names = np.cumsum(rows) - 1
    return replace(packing, sets=names[sets[:count]], neurons=int(rows.sum()))
