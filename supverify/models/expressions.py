"""The expressions in which the paper states its bounds, evaluated."""

from __future__ import annotations

from dataclasses import dataclass
from math import log2, sqrt


@dataclass(frozen=True, kw_only=True)
class Expressions:
    """What stands inside the O and Omega of Adler & Shavit 2025, for M outputs and n neurons.

    ``upper_neurons``: sqrt(M) log2 M; ``lower_neurons``: sqrt(M log2 M); ``lower_bits``: M log2 M. ``f`` =
    n / (sqrt(M) log2 M), None at M = 1; ``capacity``: n^2 / log2 n, None at n = 1; both None without an n. Their
    constants are not the paper's: no number here is a bound by itself. Rounded to hundredths, ``f`` to 1e-4.
    """

    upper_neurons: float
    lower_neurons: float
    lower_bits: float
    f: float | None
    capacity: float | None


def expressions(outputs: int, neurons: int | None = None) -> Expressions:
    """The expressions for that many outputs, at least 1, and neurons, at least 1."""
    logarithm = log2(outputs)
    upper = sqrt(outputs) * logarithm
    return Expressions(
        upper_neurons=round(upper, 2),
        lower_neurons=round(sqrt(outputs * logarithm), 2),
        lower_bits=round(outputs * logarithm, 2),
        f=round(neurons / upper, 4) if neurons and upper else None,
        capacity=round(neurons**2 / log2(neurons), 2) if neurons and neurons > 1 else None,
    )
