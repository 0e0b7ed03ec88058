"""Layers on whole batches, exact at any magnitude: integers in limbs, products by BLAS on limbs.

A number is the sum of its limbs times 2^(bits * place); all limbs but the last are in [0, 2^bits), the last has the
sign. A batch of vectors is a matrix rows x (limbs * width), limb by limb. Limbs of weights have few enough bits that
every partial sum of a product, in whatever order BLAS adds, is an integer that float64 holds exactly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Word = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[Any]

EXACT = 1 << 53
"""Sums of integers whose magnitudes add up to no more are exact in float64, in any order."""
WHOLE = 53  # bits of a limb where one is enough
WIDEST = 26  # bits of a limb where it is not
ALONE = 1 << 18  # multiplications up to which OpenBLAS starts no threads


def count(bound: int, bits: int) -> int:
    """How many limbs hold every number of magnitude at most ``bound``."""
    return max(1, -(-bound.bit_length() // bits))


def split(numbers: Integers, bits: int, limbs: int) -> list[Word]:
    """The limbs of an array of integers."""
    mask, parts = (1 << bits) - 1, []
    for _ in range(limbs - 1):
        parts.append((numbers & mask).astype(np.int64))
        numbers = numbers >> bits
    return [*parts, numbers.astype(np.int64)]


def carry(values: Word, bits: int, limbs: int) -> None:
    """Brings limbs of any size into their range, in place."""
    width = values.shape[1] // limbs
    for i in range(limbs - 1):
        low, high = values[:, i * width : (i + 1) * width], values[:, (i + 1) * width : (i + 2) * width]
        high += low >> bits
        low &= (1 << bits) - 1


def joined(limbs: Sequence[int], bits: int) -> int:
    """The number that the limbs stand for."""
    return sum(int(limb) << (bits * i) for i, limb in enumerate(limbs))


def times(x: Floats, block: Floats) -> Floats:
    """x @ block in pieces so small that BLAS takes one thread for each: to share them costs more than it gains."""
    depth, outputs = block.shape
    if not depth:
        return np.zeros((len(x), outputs))
    columns = max(1, min(outputs, ALONE // (8 * depth)))
    rows = max(1, min(len(x), ALONE // (columns * depth)))
    whole = len(x) - len(x) % rows
    y = np.empty((len(x), outputs))
    for begin in range(0, outputs, columns):
        part = block[:, begin : begin + columns]
        with np.errstate(invalid="ignore"):  # some BLAS kernels raise it for lanes they leave unused
            stacked = np.matmul(x[:whole].reshape(whole // rows, rows, depth), part)
            rest = x[whole:] @ part
        y[:whole, begin : begin + columns] = stacked.reshape(whole, part.shape[1])
        y[whole:, begin : begin + columns] = rest
    return y


@dataclass(frozen=True)
class Product:
    """W x + bias from ``incoming`` limbs to ``outgoing`` ones, x of any sign.

    Limb s of W x is the product of the incoming limbs from ``starts[s]`` on with ``blocks[s]``.
    """

    bits: int
    incoming: int
    outgoing: int
    starts: tuple[int, ...]
    blocks: tuple[Floats, ...]
    bias: tuple[Word, ...]

    def __call__(self, x: Word, *, relu: bool) -> Word:
        """The limbs of W max(x, 0) + bias, or of W x + bias."""
        width, outputs = x.shape[1] // self.incoming, len(self.bias[0])
        factor = _positive(x, width) if relu else _signed(x, self.bits, width)
        y = np.empty((len(x), self.outgoing * outputs), dtype=np.int64)
        for s, (start, block, bias) in enumerate(zip(self.starts, self.blocks, self.bias, strict=True)):
            part = y[:, s * outputs : (s + 1) * outputs]
            part[:] = times(factor[:, start * width : start * width + len(block)], block)
            part += bias
        carry(y, self.bits, self.outgoing)
        return y


def _positive(x: Word, width: int) -> Floats:
    """The limbs of max(x, 0)."""
    if x.shape[1] == width:
        return np.maximum(x, 0).astype(np.float64)
    top = x[:, None, -width:]
    return (x.reshape(len(x), -1, width) * (top >= 0)).reshape(x.shape).astype(np.float64)


def _signed(x: Word, bits: int, width: int) -> Floats:
    """Limbs of x that all have its sign, so that none stands for more than x."""
    signs = np.where(x[:, None, -width:] < 0, -1, 1)
    magnitude = (x.reshape(len(x), -1, width) * signs).reshape(x.shape)
    carry(magnitude, bits, x.shape[1] // width)
    return (magnitude.reshape(len(x), -1, width) * signs).reshape(x.shape).astype(np.float64)


def product(weights: Integers, bias: Integers, bits: int, *, incoming: int, outgoing: int) -> Product | None:
    """The product by ``weights`` (outputs x inputs), None where float64 might round a partial sum.

    No |x| needs more than ``incoming`` limbs, no sum over |w| |x| more than ``outgoing``; with limbs of ``WHOLE``
    bits the caller knows that no such sum exceeds ``EXACT``.
    """
    limbs = count(int(np.abs(weights).max(initial=0)), bits)
    signs = np.where(weights < 0, -1, 1).astype(np.int64)
    digits = [signs * part for part in split(np.abs(weights), bits, limbs)]
    starts, blocks = [], []
    for s in range(outgoing):  # limbs from there on are 0, for the sums need no more
        places = range(max(0, s - limbs + 1), min(s, incoming - 1) + 1)
        block = np.concatenate([digits[s - i].T for i in places] or [np.zeros((0, len(bias)), dtype=np.int64)])
        if bits < WHOLE and int(np.abs(block).sum(axis=0).max()) << bits > EXACT:
            return None
        starts.append(places.start)
        blocks.append(block.astype(np.float64))
    return Product(bits, incoming, outgoing, tuple(starts), tuple(blocks), tuple(split(bias, bits, outgoing)))


@dataclass(frozen=True)
class Limbs:
    """A network on limbs: the first layer by its value without active inputs and each input's column."""

    bits: int
    start: Word
    columns: Word
    products: tuple[Product, ...]
    relus: tuple[bool, ...]
    outgoing: int

    def outputs(self, sums: Word) -> Word:
        """The limbs of the outputs, rows x (limbs * outputs), before the last layer's own ReLU."""
        first = self.products[0].incoming if self.products else self.outgoing
        carry(sums, self.bits, first)
        for product_, relu in zip(self.products, self.relus, strict=False):
            sums = product_(sums, relu=relu)
        return sums
