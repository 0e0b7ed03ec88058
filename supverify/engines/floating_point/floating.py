"""A network in a floating-point format: the numbers of its file, not the scaled integers of the kernel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from supverify.kernel.claim import Criterion
from supverify.kernel.network import Network

from ..enumeration.scan_numpy import DENSEST
from .semantics import LARGEST, LEAST, PRECISION, Format

Floats = npt.NDArray[Any]  # float32 or float64
End = Fraction | None


@dataclass(frozen=True)
class FloatLayer:
    """weights (outputs x inputs) and bias in the format."""

    weights: Floats
    bias: Floats
    relu: bool


@dataclass(frozen=True)
class FloatNetwork:
    """An output z stands for the number z / factor."""

    format: Format
    layers: tuple[FloatLayer, ...]
    factor: Fraction


def not_held(network: Network, scales: tuple[int, ...], form: Format) -> int:
    """How many weights and biases the format does not hold; raises OverflowError where one is beyond it.

    scales[l], a power of two, is what the integers of layer l were multiplied by, with all layers before it.
    """
    count = 0
    for layer, scale, before in zip(network.layers, scales, (1, *scales), strict=False):
        count += sum(not _holds(b, scale, form) for b in layer.bias)
        count += sum(not _holds(w, scale // before, form) for row in layer.weights for w in row)
    return count


def _holds(number: int, scale: int, form: Format) -> bool:
    """Whether number / scale is one of the format's numbers."""
    size = abs(number)
    if size >= scale << LARGEST[form] + 1:
        raise OverflowError(f"a weight or bias is beyond {form}")
    lowest = number & -number
    return not number or (size < lowest << PRECISION[form] and lowest << LEAST[form] >= scale)


def float_network(network: Network, scales: tuple[int, ...], form: Format) -> FloatNetwork:
    """The network in the format, scales as in ``not_held``.

    A number is rounded to float64, then to the format, each to nearest even. Raises OverflowError where one is
    beyond the format, MemoryError for layers too large if dense.
    """
    layers, widths = [], network.widths
    if sum(a * b for a, b in pairwise(widths)) > DENSEST:
        raise MemoryError(f"more than {DENSEST} weights in dense layers")
    for layer, scale, before, width in zip(network.layers, scales, (1, *scales), widths, strict=False):
        weights = np.zeros((len(layer.bias), width), dtype=form)
        for r, (sources, numbers) in enumerate(zip(layer.sources, layer.weights, strict=True)):
            weights[r, list(sources)] = _rounded(numbers, scale // before, form)
        layers.append(FloatLayer(weights, _rounded(layer.bias, scale, form), layer.relu))
    return FloatNetwork(form, tuple(layers), Fraction(network.scale, scales[-1]))


def _rounded(numbers: Iterable[int], scale: int, form: Format) -> Floats:
    """The numbers divided by the scale, in the format."""
    with np.errstate(over="ignore"):
        values = np.array([x / scale for x in numbers], dtype=np.float64).astype(form)
    if not np.isfinite(values).all():
        raise OverflowError(f"a weight or bias is beyond {form}")
    return values


@dataclass(frozen=True)
class FloatWindows:
    """The lowest and the highest float that is right for a false output, and for a true one; the float of a tie."""

    false: tuple[float, float]
    true: tuple[float, float]
    tie: float | None


def windows(criterion: Criterion, factor: Fraction, form: Format) -> FloatWindows:
    """The criterion for floats z that stand for z / factor: exact comparisons, without rounding the threshold."""
    level, slack = criterion.threshold * factor, criterion.slack * factor
    nearest = float(_nearest(level, form))
    tie = nearest if Fraction(nearest) == level else None
    if criterion.kind == "readout":
        strict = criterion.strict
        false, true = (
            _window(None, level, form, open_high=not strict),
            _window(level, None, form, open_low=strict),
        )
    elif criterion.kind == "separated":
        false, true = _window(None, level - slack, form), _window(level + slack, None, form)
    else:
        false, true = _window(-slack, slack, form), _window(factor - slack, factor + slack, form)
    return FloatWindows(false, true, tie)


def _window(
    low: End, high: End, form: Format, *, open_low: bool = False, open_high: bool = False
) -> tuple[float, float]:
    """The lowest and the highest float between two numbers; None is no end, and infinity counts."""
    first = -np.inf if low is None else _least(low, form, above=open_low)
    last = np.inf if high is None else -_least(-high, form, above=open_high)
    return first, last


def _least(number: Fraction, form: Format, *, above: bool) -> float:
    """The lowest float that is at least (``above``: more than) the number."""
    kind = np.dtype(form).type
    up, down = kind(np.inf), kind(-np.inf)
    with np.errstate(over="ignore"):
        value = max(np.nextafter(_nearest(number, form), down), np.finfo(form).min)
        while value < up and (Fraction(float(value)) < number or (above and Fraction(float(value)) == number)):
            value = np.nextafter(value, up)
    return float(value)


def _nearest(number: Fraction, form: Format) -> np.floating[Any]:
    """A float next to the number, the largest one for what is beyond."""
    largest = np.finfo(form).max
    if abs(number) >= Fraction(float(largest)):
        return np.dtype(form).type(largest if number > 0 else -largest)
    with np.errstate(all="ignore"):
        return np.dtype(form).type(float(number))
