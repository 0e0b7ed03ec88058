"""Leading terms: sums expanded in the fastest element of the scale they depend on, its coefficients in the next."""

from __future__ import annotations

from fractions import Fraction

from .constants import oscillations, sign
from .scale import DEPTH, Lead, Scale
from .series import Series, add, multiply, series
from .terms import ZERO, Kernel, Power, Product, Sum, Truncated, Undecided, is_zero
from .text import show

ORDERS = (2, 4, 8, 16, 28)  # terms of an infinite series that are tried


def lead(scale: Scale, total: Sum) -> Lead | None:
    """The leading term of ``total``, or None where it is 0; its coefficient is not 0, unless it oscillates.

    Raises Undecided where a coefficient cannot be told from 0 or everything cancels as far as is tried.
    """
    if total in scale.leads:
        return scale.leads[total]
    scale.depth += 1
    if scale.depth > DEPTH:
        raise Undecided("leading terms nested too deeply")
    try:
        found = None if is_zero(total) else _lead(scale, total)
    finally:
        scale.depth -= 1
    scale.leads[total] = found
    return found


def _lead(scale: Scale, total: Sum) -> Lead | None:
    fastest = scale.top(total)
    if fastest is None:
        if not oscillations(total) and not sign(total):  # raises Undecided where it cannot be told from 0
            return None
        return Lead(total, {})
    for order in ORDERS:
        try:
            found = expand(scale, total, fastest, order)
        except Truncated:
            continue
        for power, coefficient in found.terms:
            inner = lead(scale, coefficient)
            if inner is not None:
                return Lead(inner.coefficient, {fastest: power, **inner.powers})
        if found.cut is None:
            return None
    raise Undecided(f"whether {show(total)} is 0: all cancels in {ORDERS[-1]} terms")


def definite(scale: Scale, total: Sum) -> tuple[Lead, int]:
    """The leading term of what has to differ from 0, and the sign of its coefficient; raises Undecided."""
    found = lead(scale, total)
    if found is None:
        raise Undecided("0 where a sign is needed")
    return found, sign(found.coefficient)


def expand(scale: Scale, total: Sum, element: Kernel, order: int) -> Series:
    """The expansion in ``element``, the fastest on which ``total`` depends; ``order`` terms of an infinite series."""
    from .functions import expand_kernel  # it asks for leading terms itself

    key = (total, element, order)
    if key not in scale.expansions:
        plain, result = list[tuple[Power, Sum]](), Series(())
        for product, coefficient in total.terms.items():
            power, rest, opaque = _split(product, element, coefficient)
            if not opaque:
                plain.append((power, rest))
                continue
            term = Series(((power, rest),))
            for kernel, exponent in opaque:
                term = multiply(term, expand_kernel(scale, kernel, exponent, element, order))
            result = add(result, term)
        scale.expansions[key] = add(result, series(plain))
    return scale.expansions[key]


def _split(product: Product, element: Kernel, coefficient: Fraction) -> tuple[Power, Sum, Product]:
    """The power of the element, what is free of it, and the kernels that depend on it."""
    power: Power = Fraction(0)
    free, opaque = list[tuple[Kernel, Power]](), list[tuple[Kernel, Power]]()
    for kernel, exponent in product:
        if kernel is element:
            power = exponent
        else:
            (opaque if element in kernel.basis else free).append((kernel, exponent))
    return power, Sum({tuple(free): coefficient}), tuple(opaque)


def leading_sum(scale: Scale, found: Lead) -> Sum:
    """A leading term as a sum."""
    return found.coefficient * scale.monomial(found.powers)


def limit_of(scale: Scale, total: Sum) -> Sum | None:
    """The constant to which ``total`` tends; None where it grows without bound."""
    found = lead(scale, total)
    if found is None:
        return ZERO
    way = scale.direction(found.powers)
    return None if way > 0 else found.coefficient if way == 0 else ZERO
