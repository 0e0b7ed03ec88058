"""Enumeration with numpy, batch by batch, at any magnitude: dense layers by BLAS, in exact limbs.

Faster than the compiled scan where layers are dense, and the only one where numbers outgrow 64 bits.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from ..arrays import Arrays, truths
from . import limbs
from .limbs import Limbs, carry, joined, split
from .subsets import Sums
from .tally import Extremes, Tally, batch_tally, together

BATCH = 1024
DENSEST = 1 << 26  # weights of dense layers that are kept in memory
EMPTY = 1 << 62  # beyond every limb

Word = npt.NDArray[np.int64]
Flag = npt.NDArray[np.bool_]


class Scan:
    """The enumeration of one claim; several threads may use it at once. Raises MemoryError, as ``prepare`` does."""

    def __init__(self, claim: Arrays) -> None:
        self.claim, self.fits, self.network = claim, claim.fits, prepare(claim)
        self.sums = Sums(self.network.start, self.network.columns)

    def tally(self, first: tuple[int, ...], inputs: int, deadline: float | None) -> Tally:
        """The tally of ``first`` and those behind it in the documented order, ``inputs`` of its size in all.

        Raises TimeoutError where the deadline passes before that.
        """
        return together(self._tallies(first, inputs, deadline))

    def _tallies(self, first: tuple[int, ...], inputs: int, deadline: float | None) -> Iterator[Tally]:
        for i, (active, values) in enumerate(self.sums.batches(first, inputs, BATCH)):
            if i and deadline is not None and time.monotonic() > deadline:
                raise TimeoutError
            yield _tally(self.claim, active, self.network.outputs(values), self.network)


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
        return parts[:, -1] < 0, np.logical_and.reduce(parts == 0, axis=1)

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
    truth = np.ascontiguousarray(truths(claim.clauses, active, len(claim.columns), outputs.width).T)
    ties = 0 if claim.tie is None else int(outputs.compare(claim.tie)[1].sum())
    low_false, high_false, low_true, high_true = claim.windows
    positives = ~truth & (outputs.below(low_false) | ~outputs.below(high_false + 1))
    negatives = truth & (outputs.below(low_true) | ~outputs.below(high_true + 1))
    extremes = _extremes(outputs, truth, both_sides=claim.both_sides)
    return batch_tally(active, positives, negatives, ties=ties, extremes=extremes)


def _extremes(outputs: _Outputs, truth: Flag, *, both_sides: bool) -> Extremes:
    return Extremes(
        lowest_false=outputs.extreme(~truth, highest=False) if both_sides else None,
        highest_false=outputs.extreme(~truth, highest=True),
        lowest_true=outputs.extreme(truth, highest=False),
        highest_true=outputs.extreme(truth, highest=True) if both_sides else None,
    )
