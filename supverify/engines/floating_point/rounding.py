"""What rounding can do to a network in a floating-point format, in every order of summation.

Two bounds, neuron by neuron. (1) If all terms of a row are multiples of one power of two g and sum|w| max|x| + |b| is
at most 2^24 g (float32) or 2^53 g (float64), every partial sum in every order, fused or not, is a number of the
format: nothing is rounded. (2) Else a computed sum of n terms is within gamma (sum|w||x| + |b|) of the exact one,
gamma = (n+1) u / (1 - (n+1) u), u = 2^-24 or 2^-53 (Higham, Accuracy and Stability of Numerical Algorithms, 2nd
edition, section 3.1), and what the sources are off by comes with it, weighted. Everything is in integers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

from supverify.kernel.claim import Criterion
from supverify.kernel.network import Layer, Network

from .semantics import LARGEST, PRECISION, SMALLEST, Format

GUARD = 64  # bits behind the point in which errors are kept


@dataclass(frozen=True)
class Rounding:
    """``exact``: no partial sum is rounded in any order, else ``place`` names the first neuron where one may be.

    ``error`` bounds |computed - exact| of every output, in its own units; None where a number may leave the format.
    """

    exact: bool
    place: str
    error: Fraction | None


@dataclass(frozen=True)
class _Value:
    """A computed number: the range of its exact value, its error in units of 2^-GUARD, a power of two it is a
    multiple of (its exponent, None for 0)."""

    low: int
    high: int
    error: int
    grain: int | None

    def relu(self) -> _Value:
        return _Value(max(self.low, 0), max(self.high, 0), self.error, self.grain)

    @property
    def largest(self) -> int:
        return max(-self.low, self.high)


def rounding(network: Network, scales: tuple[int, ...], form: Format, k: int, *, rounded: int) -> Rounding:
    """The bounds for inputs with at most k ones; ``rounded`` weights and biases are not what the network says."""
    values: list[_Value] = [_Value(0, 1, 0, 0)] * network.inputs
    place = f"{rounded} weights and biases that {form} does not hold" if rounded else ""
    fits = not rounded or _normal(network, scales, form)
    for depth, (layer, scale) in enumerate(zip(network.layers, scales, strict=True)):
        rows = _Rows(form, scale, k if depth == 0 else None, 2 if rounded else 0)
        found = [rows.neuron(layer, r, values) for r in range(len(layer.bias))]
        if not place:
            place = next((f"layer {depth + 1}, neuron {r}: {why}" for r, (_, why, _) in enumerate(found) if why), "")
        fits = fits and all(safe for _, _, safe in found)
        values = [value.relu() if layer.relu else value for value, _, _ in found]
    error = Fraction(max(value.error for value in values), network.scale << GUARD) if fits else None
    return Rounding(not place, place, error)


def _normal(network: Network, scales: tuple[int, ...], form: Format) -> bool:
    """Whether no weight or bias is subnormal, so that rounding it is a relative error."""
    layers = zip(network.layers, scales, (1, *scales), strict=False)
    return all(
        all(abs(b) << SMALLEST[form] >= scale for b in layer.bias if b)
        and all(abs(w) << SMALLEST[form] >= scale // before for row in layer.weights for w in row)
        for layer, scale, before in layers
    )


@dataclass(frozen=True)
class _Rows:
    """The neurons of one layer: its scale, how many sources at most are not 0 (None: any number), and how often a
    weight is rounded before it is used."""

    form: Format
    scale: int
    active: int | None
    before: int

    def neuron(self, layer: Layer, r: int, values: list[_Value]) -> tuple[_Value, str, bool]:
        """The value of a neuron, why a partial sum may be rounded, and whether the format is never left."""
        terms, bias = [(w, values[j]) for j, w in layer.row(r)], layer.bias[r]
        count = len(terms) if self.active is None else min(self.active, len(terms))
        size = abs(bias) + _largest((abs(w) * x.largest for w, x in terms), count)
        error = inherited = _largest((abs(w) * x.error for w, x in terms), count)
        grains = [_twos(w) + x.grain for w, x in terms if x.grain is not None and x.largest]
        grain = min([*grains, *([_twos(bias)] if bias else [])], default=None)
        why = "its sources are rounded" if inherited else _rounds(size, grain, self.scale, self.form)
        if why or self.before:
            error += _gamma((size << GUARD) + inherited, count + 1 + self.before, self.form)
            error += -((-2 * (count + 1) * self.scale << GUARD) >> SMALLEST[self.form])
        low = bias - _largest((max(-w * x.low, -w * x.high, 0) for w, x in terms), count)
        high = bias + _largest((max(w * x.low, w * x.high, 0) for w, x in terms), count)
        safe = size + (error >> GUARD) + 1 <= self.scale << LARGEST[self.form]
        return _Value(low, high, error, grain), why, safe


def _largest(numbers: Iterator[int], count: int) -> int:
    return sum(sorted(numbers, reverse=True)[:count])


def _twos(number: int) -> int:
    """The exponent of the largest power of two that divides a number other than 0."""
    return (number & -number).bit_length() - 1


def _rounds(size: int, grain: int | None, scale: int, form: Format) -> str:
    """Why a partial sum of at most ``size``, a multiple of 2^grain, may be rounded; no text if it is not."""
    if grain is None:
        return ""
    if size > 1 << (PRECISION[form] + grain):
        bits = (size >> grain).bit_length()
        return f"partial sums of {bits} bits, {form} holds {PRECISION[form]}"
    if size > scale << LARGEST[form]:
        return f"partial sums beyond {form}"
    if (1 << (grain + SMALLEST[form])) < scale:
        return f"partial sums below the normal numbers of {form}"
    return ""


def _gamma(size: int, roundings: int, form: Format) -> int:
    """At least size n u / (1 - n u), for n (n + 1) u at most 1 no more than size (n + 1) u, rounded up."""
    precision = PRECISION[form]
    if roundings * (roundings + 1) > 1 << precision:
        raise OverflowError(f"{roundings} roundings in one sum, too many for the bound in {form}")
    return -((-size * (roundings + 1)) >> precision)


def tightened(criterion: Criterion, error: Fraction) -> Criterion | None:
    """A criterion that, met by the exact outputs, is met by ``criterion`` at any distance up to ``error``."""
    if not error:
        return criterion
    if criterion.kind == "readout":
        slack = error * Fraction(1 << 20, (1 << 20) - 1)  # more than the error: also where the end does not count
        return Criterion("separated", criterion.threshold, slack)
    if criterion.kind == "separated":
        return Criterion("separated", criterion.threshold, criterion.slack + error)
    if criterion.slack < error:
        return None
    return Criterion("linear", Fraction(1, 2), criterion.slack - error)
