"""In which arithmetic a network is said to be right: three named semantics, never one word "verified".

``exact``: every sum is the real number. ``ieee(FORMAT, ORDER)``: weights, biases, products and sums are rounded to
nearest even in FORMAT; a row is summed from its first source to its last, each product rounded and then added (no
fused multiply-add), the bias after all products or before them; the input code and the decoder are layers like the
others. ``any-order(FORMAT)``: in whatever order, fused or not, the terms of a row are added. In all three an output
is compared with the threshold as the exact number that it is; the threshold itself is not rounded.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from supverify.kernel.errors import Malformed
from supverify.kernel.verdict import Verdict

from ..answer import Statistics

Format = Literal["float32", "float64"]
Order = Literal["bias-last", "bias-first"]
ORDERS: tuple[Order, ...] = ("bias-last", "bias-first")
PRECISION: dict[Format, int] = {"float32": 24, "float64": 53}  # bits of a number, the leading one included
LARGEST: dict[Format, int] = {"float32": 127, "float64": 1023}  # 2^LARGEST does not overflow, its double does
SMALLEST: dict[Format, int] = {"float32": 126, "float64": 1022}  # 2^-SMALLEST is the least normal number
LEAST: dict[Format, int] = {"float32": 149, "float64": 1074}  # every number is a multiple of 2^-LEAST
EXACT, ANY = "exact", "any-order"
SPELLINGS = "exact, float32, float64, any-order:float32 or any-order:float64"


@dataclass(frozen=True)
class Arithmetic:
    """One semantics: exact without a format, of every order without an order."""

    format: Format | None = None
    order: Order | None = None

    def __str__(self) -> str:
        if self.format is None:
            return EXACT
        return f"{ANY}({self.format})" if self.order is None else f"ieee({self.format}, {self.order})"


EXACTLY = Arithmetic()


def arithmetic(text: str, order: Order = "bias-last") -> Arithmetic:
    """The semantics that is written exact, float32, any-order:float64, ...; raises Malformed."""
    kind, _, name = text.rpartition(":")
    formats: dict[str, Format] = {"float32": "float32", "float64": "float64"}
    if order not in ORDERS:
        raise Malformed("order", " or ".join(ORDERS), order)
    if text == EXACT:
        return EXACTLY
    if name not in formats or kind not in ("", ANY) or text.startswith(":"):
        raise Malformed("arithmetic", SPELLINGS, text)
    return Arithmetic(formats[name], None if kind else order)


@dataclass(frozen=True, kw_only=True)
class WrongValue:
    """An output that is wrong on the counterexample, and the float that it is there (None: not finite)."""

    output: int
    truth: bool
    got: Fraction | None


@dataclass(frozen=True, kw_only=True)
class ArithmeticVerdict(Verdict):
    """The verdict in one semantics; ``refuted_in`` is the order in which the counterexample is wrong
    (None: in every one, as over the real numbers).

    ``error`` bounds the distance of every computed output from the exact one, in every order; ``rounded`` counts the
    weights and biases that the format does not hold.
    """

    semantics: Arithmetic
    statistics: Statistics | None = None
    refuted_in: Order | None = None
    wrong: tuple[WrongValue, ...] = ()
    error: Fraction | None = None
    rounded: int = 0
    seconds: float = 0.0
