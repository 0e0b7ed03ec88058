"""Enumeration with numpy, batch by batch, at any magnitude: dense layers by BLAS, in exact limbs.

Faster than the compiled scan where layers are dense, and the only one where numbers outgrow 64 bits.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice, pairwise

import numpy as np
import numpy.typing as npt

from . import limbs
from .arrays import Arrays
from .limbs import Limbs, carry, joined, split
from .subsets import sums
from .tally import NOBODY, Extremes, Tally

BATCH = 1024
DENSEST = 1 << 26  # weights of dense layers that are kept in memory
TASKS = 8  # batches handed to the threads at a time
EMPTY = 1 << 62  # beyond every limb

Word = npt.NDArray[np.int64]
Flag = npt.NDArray[np.bool_]


def scan(claim: Arrays, size: int) -> Iterator[Tally]:
    """The tallies of all inputs with ``size`` ones, in the documented order."""
    network = prepare(claim)
    batches = sums(network.start, network.columns, size, BATCH)

    def task(batch: tuple[Word, Word]) -> Tally:
        active, values = batch
        return _tally(claim, active, network.outputs(values), network)

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        while some := list(islice(batches, TASKS)):
            yield from pool.map(task, some)


def dense_weights(claim: Arrays) -> int:
    """The entries of the dense layers after the first, zeros included."""
    widths = [len(claim.start), *(len(layer.bias) for layer in claim.layers)]
    return sum(a * b for a, b in pairwise(widths))


def prepare(claim: Arrays) -> Limbs:
    """The network in the widest limbs whose products are exact; raises MemoryError for layers too large if dense."""
    if dense_weights(claim) > DENSEST:
        raise MemoryError(f"more than {DENSEST} weights in dense layers")
    if claim.bound < limbs.EXACT:
        found = _in_limbs(claim, limbs.WHOLE)
    else:
        found = next(found for bits in range(limbs.WIDEST, 0, -1) if (found := _in_limbs(claim, bits)) is not None)
    if found is None:
        raise ArithmeticError("no limbs in which every product is exact")
    return found


def _in_limbs(claim: Arrays, bits: int) -> Limbs | None:
    counts = [limbs.count(bound, bits) for bound in claim.bounds]
    products = []
    for layer, incoming, outgoing in zip(claim.layers, counts, counts[1:], strict=False):
        product = limbs.product(layer.dense(), layer.bias, bits, incoming=incoming, outgoing=outgoing)
        if product is None:
            return None
        products.append(product)
    start = np.concatenate(split(claim.start, bits, counts[0]))
    columns = np.concatenate(split(claim.columns, bits, counts[0]), axis=1)
    relus = (claim.relu, *(layer.relu for layer in claim.layers))
    return Limbs(bits, start, columns, tuple(products), relus, counts[-1])


@dataclass
class _Outputs:
    """The outputs of a batch in limbs, compared with integers."""

    z: Word
    bits: int
    limbs: int
    bound: int

    def __post_init__(self) -> None:
        self.known: dict[int, tuple[Flag, Flag]] = {}

    @property
    def width(self) -> int:
        """How many outputs there are."""
        return len(self.z[0]) // self.limbs

    def compare(self, number: int) -> tuple[Flag, Flag]:
        """Where the outputs are below, and where they are equal to, ``number``."""
        if number not in self.known:
            self.known[number] = self._compare(number)
        return self.known[number]

    def below(self, number: int) -> Flag:
        """Where the outputs are below ``number``; a comparison with the integer before it serves as well."""
        if number - 1 in self.known:
            less, equal = self.known[number - 1]
            return less | equal
        return self.compare(number)[0]

    def _compare(self, number: int) -> tuple[Flag, Flag]:
        shape = (len(self.z), self.width)
        if abs(number) > self.bound:
            return np.full(shape, number > 0), np.zeros(shape, dtype=bool)
        if self.limbs == 1:
            return self.z < number, np.equal(self.z, number)
        digits = split(np.array([number], dtype=object), self.bits, self.limbs)
        rest = self.z - np.repeat(np.concatenate(digits), self.width)
        carry(rest, self.bits, self.limbs)
        parts = rest.reshape(len(rest), self.limbs, self.width)
        return parts[:, -1] < 0, ~_any(parts != 0, axis=1)

    def extreme(self, among: Flag, *, highest: bool) -> int | None:
        """The lowest or the highest of the outputs marked in ``among``."""
        parts = self.z.reshape(len(self.z), self.limbs, self.width)
        pick, worst = (np.max, -EMPTY) if highest else (np.min, EMPTY)
        top = int(pick(np.where(among, parts[:, -1], worst)))
        if top == worst:
            return None
        found = [top]
        rows, places = np.nonzero((parts[:, -1] == top) & among) if self.limbs > 1 else ((), ())
        for i in reversed(range(self.limbs - 1)):
            values = parts[rows, i, places]
            found.append(int(pick(values)))
            rows, places = rows[values == found[-1]], places[values == found[-1]]
        return joined(found[::-1], self.bits)


def _tally(claim: Arrays, active: Word, z: Word, network: Limbs) -> Tally:
    if network.relus[-1]:
        parts = z.reshape(len(z), network.outgoing, -1)
        z = (parts * (parts[:, -1:] >= 0)).reshape(z.shape)
    outputs = _Outputs(z, network.bits, network.outgoing, claim.bound)
    truth = _truth(claim, active, outputs.width)
    ties = 0 if claim.tie is None else int(outputs.compare(claim.tie)[1].sum())
    low_false, high_false, low_true, high_true = claim.windows
    positives = ~truth & (outputs.below(low_false) | ~outputs.below(high_false + 1))
    negatives = truth & (outputs.below(low_true) | ~outputs.below(high_true + 1))
    wrong = positives | negatives
    rows, failing = np.flatnonzero(_any(wrong, axis=1)), _any(wrong, axis=0)
    return Tally(
        size=active.shape[1],
        inputs=len(active),
        wrong_inputs=len(rows),
        false_positives=int(positives.sum()),
        false_negatives=int(negatives.sum()),
        ties=ties,
        extremes=_extremes(outputs, truth, both_sides=claim.both_sides),
        first=tuple(map(int, active[rows[0]])) if len(rows) else None,
        wrong_per_output=wrong.sum(axis=0, dtype=np.int64),
        first_per_output=np.where(failing[:, None], active[wrong.argmax(axis=0)], NOBODY),
    )


def _any(flags: Flag, *, axis: int) -> Flag:
    found: Flag = np.logical_or.reduce(flags, axis=axis)
    return found


def _extremes(outputs: _Outputs, truth: Flag, *, both_sides: bool) -> Extremes:
    return Extremes(
        lowest_false=outputs.extreme(~truth, highest=False) if both_sides else None,
        highest_false=outputs.extreme(~truth, highest=True),
        lowest_true=outputs.extreme(truth, highest=False),
        highest_true=outputs.extreme(truth, highest=True) if both_sides else None,
    )


def _truth(claim: Arrays, active: Word, outputs: int) -> Flag:
    """Batch x outputs."""
    ones = np.zeros((len(claim.columns), len(active)), dtype=bool)
    np.put_along_axis(ones, active.T, True, axis=0)
    truth = np.zeros((outputs, len(active)), dtype=bool)
    hits = ones[claim.clauses[:, 0]]
    for inputs in claim.clauses[:, 1:-1].T:
        hits &= ones[inputs]
    order = claim.clauses[:, -1]
    if len(np.unique(order)) == len(order):
        truth[order] = hits
    else:
        np.logical_or.at(truth, order, hits)
    return np.ascontiguousarray(truth.T)
