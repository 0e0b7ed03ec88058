"""Enumeration in genuine IEEE arithmetic: one documented order of summation, vectorised over the inputs.

numpy's elementwise products and sums round once each, to nearest even, in the format of their arrays. A layer adds
W[:, j] x_j for one source j after the other, therefore every sum is made from left to right; a source that is 0 adds
nothing. numpy's own ``@`` promises no order, so it is not used here.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from supverify.kernel.claim import Claim

from ..arrays import Flags, clauses, truths
from ..enumeration.subsets import Tails
from ..enumeration.tally import Extremes, Tally, batch_tally, together
from .floating import FloatLayer, FloatNetwork, Floats, FloatWindows, windows
from .semantics import Order, WrongValue

BATCH = 512
UNIT = Fraction(1, 1 << 1074)  # every finite float64 is an integer multiple of it
SPARSE = 4  # a source is followed into its own targets where fewer than one in so many rows reads it

Word = npt.NDArray[np.int64]


class Scan:
    """The enumeration of one claim; several threads may use it at once. Extremes are in units of ``UNIT`` / factor.

    Raises ArithmeticError where this process does not compute as IEEE 754 says.
    """

    def __init__(self, claim: Claim, network: FloatNetwork, order: Order) -> None:
        if not np.multiply(np.finfo(network.format).tiny, np.dtype(network.format).type(0.5)):
            raise ArithmeticError("this process flushes subnormal numbers to 0, which is not IEEE arithmetic")
        self.judge = _Judge(claim, network, order)
        self.tails = Tails(claim.network.inputs, min(1, claim.k))

    def tally(self, first: tuple[int, ...], inputs: int, deadline: float | None) -> Tally:
        """The tally of ``first`` and those behind it in the documented order, ``inputs`` of its size in all.

        Raises TimeoutError where the deadline passes before that.
        """
        return together(self._tallies(first, inputs, deadline))

    def _tallies(self, first: tuple[int, ...], inputs: int, deadline: float | None) -> Iterator[Tally]:
        tails = self.tails if first else Tails(self.tails.inputs, 0)
        for i, (active, _) in enumerate(tails.batches(first, inputs, BATCH)):
            if i and deadline is not None and time.monotonic() > deadline:
                raise TimeoutError
            yield self.judge.tally(active)


def outputs(network: FloatNetwork, active: Word, order: Order) -> Floats:
    """The outputs, outputs x batch, on the ascending active sets in the rows of ``active``."""
    with np.errstate(all="ignore"):
        values = _first(network.layers[0], active, order)
        for layer, following in zip(network.layers, network.layers[1:], strict=False):
            values = _times(following, np.maximum(values, 0) if layer.relu else values, order)
        return np.maximum(values, 0) if network.layers[-1].relu else values


def _first(layer: FloatLayer, active: Word, order: Order) -> Floats:
    """The first layer: the columns of the active inputs, added in their order."""
    columns, rows = np.ascontiguousarray(layer.weights.T), len(active)
    sums = np.zeros((rows, len(layer.bias)), dtype=columns.dtype)
    if order == "bias-first":
        sums += layer.bias
    for places in active.T:
        sums += columns[places]
    if order == "bias-last":
        sums += layer.bias
    return np.ascontiguousarray(sums.T)


def _times(layer: FloatLayer, x: Floats, order: Order) -> Floats:
    sums = np.zeros((len(layer.bias), x.shape[1]), dtype=x.dtype)
    term, finite = np.empty_like(sums), bool(np.isfinite(x).all())
    if order == "bias-first":
        sums += layer.bias[:, None]
    for weights, values in zip(layer.weights.T, x, strict=True):
        targets = np.flatnonzero(weights)
        if finite and SPARSE * len(targets) < len(weights):  # elsewhere it would add 0 times a finite number
            sums[targets] += np.multiply(weights[targets, None], values)
        else:
            np.multiply(weights[:, None], values, out=term)
            sums += term
    if order == "bias-last":
        sums += layer.bias[:, None]
    return sums


class _Judge:
    """Counts what one order of summation gets wrong on batches of inputs."""

    def __init__(self, claim: Claim, network: FloatNetwork, order: Order) -> None:
        self.claim, self.network, self.order = claim, network, order
        self.windows: FloatWindows = windows(claim.criterion, network.factor, network.format)
        self.clauses = clauses(claim)

    def entries(self, active: Word) -> tuple[Floats, Flags, Flags]:
        """The outputs, their truths and whether they are wrong, rows x outputs."""
        z = outputs(self.network, active, self.order)
        truth = truths(self.clauses, active, self.claim.network.inputs, len(z))
        kind, ends = z.dtype.type, self.windows
        low = np.where(truth, kind(ends.true[0]), kind(ends.false[0]))
        high = np.where(truth, kind(ends.true[1]), kind(ends.false[1]))
        wrong = ~((low <= z) & (z <= high))  # what is not a number is wrong
        return z.T, truth.T, np.ascontiguousarray(wrong.T)

    def tally(self, active: Word) -> Tally:
        """The counts of one batch."""
        z, truth, wrong = self.entries(active)
        ties = 0 if self.windows.tie is None else int(np.count_nonzero(z == self.windows.tie))
        finite, false, true = np.isfinite(z), ~truth, truth
        extremes = Extremes(
            lowest_false=_lowest(z[false & finite]),
            highest_false=_negative(_lowest(-z[false & finite])),
            lowest_true=_lowest(z[true & finite]),
            highest_true=_negative(_lowest(-z[true & finite])),
        )
        return batch_tally(active, wrong & false, wrong & true, ties=ties, extremes=extremes)


def _lowest(values: Floats) -> int | None:
    return int(Fraction(float(values.min())) / UNIT) if len(values) else None


def _negative(number: int | None) -> int | None:
    return None if number is None else -number


def wrong_values(claim: Claim, network: FloatNetwork, order: Order, active: Sequence[int]) -> tuple[WrongValue, ...]:
    """The outputs that are wrong when exactly ``active`` (ascending) is on: the replay of a counterexample."""
    row = np.array(active, dtype=np.int64).reshape(1, len(active))
    z, truth, wrong = _Judge(claim, network, order).entries(row)
    found = ((i, bool(truth[0, i]), float(z[0, i])) for i in np.flatnonzero(wrong[0]))
    factor = network.factor
    return tuple(
        WrongValue(output=int(i), truth=t, got=Fraction(value) / factor if np.isfinite(value) else None)
        for i, t, value in found
    )
