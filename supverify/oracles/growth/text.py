"""What sums look like to people: plain text in the notation of the statement language."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from .terms import Kernel, Oscillation, Power, Product, Sum

LONGEST = 400  # characters
NAMED = {"pi": "pi", "e": "e", "euler": "EulerGamma"}
CALLS = {"log": "ln", "lambert": "LambertW", "stirling": "stirling_remainder"}


def show(total: Sum) -> str:
    """The text of a sum, cut where it gets long."""
    text = " + ".join(_term(product, c) for product, c in total.terms.items()).replace("+ -", "- ") or "0"
    return text if len(text) <= LONGEST else text[: LONGEST - 3] + "..."


def show_product(powers: Mapping[Kernel, Power], coefficient: Sum) -> str:
    """``coefficient`` times a product of elements of the scale, the fastest first."""
    factors = [_factor(kernel, power) for kernel, power in powers.items() if power != 0]
    front = show(coefficient)
    if len(coefficient.terms) > 1 and factors:
        front = f"({front})"
    shown = factors if front == "1" and factors else [front, *factors]
    return "*".join(shown)


def _term(product: Product, coefficient: Fraction) -> str:
    factors = [_factor(kernel, power) for kernel, power in product]
    if not factors:
        return str(coefficient)
    front = {1: [], -1: ["-"]}.get(coefficient) if coefficient.denominator == 1 else None  # type: ignore[call-overload]
    if front is not None:
        return "".join(front) + "*".join(factors)
    return "*".join([f"({coefficient})" if coefficient.denominator > 1 else str(coefficient), *factors])


def _factor(kernel: Kernel, power: Power) -> str:
    base = show_kernel(kernel)
    if power == 1:
        return base
    if kernel.kind == "basis" and kernel.argument is not None and base.startswith("exp("):
        base = f"({base})"
    simple = isinstance(power, Fraction) and power.denominator == 1 and power > 0
    return f"{base}^{power}" if simple else f"{base}^({show(power) if isinstance(power, Sum) else power})"


def show_kernel(kernel: Kernel) -> str:
    """The text of a kernel."""
    inner = show(kernel.argument) if kernel.argument is not None else ""
    if kernel.kind in NAMED:
        return NAMED[kernel.kind]
    if kernel.kind == "prime":
        return str(kernel.detail)
    if kernel.kind == "sum":
        return f"({inner})"
    if kernel.kind == "basis":
        return f"exp({inner})" if kernel.argument is not None else str(kernel.detail)
    if isinstance(kernel.detail, Oscillation):
        return f"{kernel.detail.name}({show(kernel.detail.argument)})"
    if kernel.kind == "zeta":
        return f"zeta({kernel.detail})"
    return f"{CALLS.get(kernel.kind, kernel.kind)}({inner})"
