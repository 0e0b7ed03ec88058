"""How small a constant of nested roots can be without being 0: a bound that makes balls decide equality.

Burnikel, Fleischer, Mehlhorn and Schirra 2000, "A strong and easily computable separation bound for arithmetic
expressions involving radicals": an expression E of integers, + - * / and roots is U/L with conjugates bounded by u
and l, and if it is not 0 then |E| >= 1/(u^(D^2 - 1) l), D the product of the degrees of its different roots.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, lcm, log2

from .terms import Kernel, Sum

Bits = tuple[float, float]  # log2 of u and of l, rounded up where they are used


def separation(total: Sum) -> int | None:
    """Bits b such that the constant is 0 or at least 2^-b in size; None for what is not made of roots."""
    roots = dict[Kernel, int]()
    bits = _bits(total, roots)
    if bits is None:
        return None
    degree = 1
    for index in roots.values():
        degree *= index
    upper, lower = bits
    return ceil((degree**2 - 1) * max(upper, 0) + max(lower, 0)) + 8


def _bits(total: Sum, roots: dict[Kernel, int]) -> Bits | None:
    """log2 of u and l of a sum; the roots that occur are added to ``roots`` with their degrees."""
    found: Bits | None = None
    for product, coefficient in total.terms.items():
        upper, lower = log2(abs(coefficient.numerator)), log2(coefficient.denominator)
        for kernel, power in product:
            inner = _of_kernel(kernel, roots)
            if inner is None or not isinstance(power, Fraction):
                return None
            roots[kernel] = lcm(roots.get(kernel, 1), power.denominator)
            up, down = inner if power > 0 else inner[::-1]
            upper, lower = upper + up * float(abs(power)), lower + down * float(abs(power))
        found = (upper, lower) if found is None else (max(found[0] + lower, found[1] + upper) + 1, found[1] + lower)
    return found


def _of_kernel(kernel: Kernel, roots: dict[Kernel, int]) -> Bits | None:
    if kernel.kind == "prime" and isinstance(kernel.detail, int):
        return log2(kernel.detail), 0.0
    if kernel.kind == "sum" and kernel.argument is not None and not kernel.basis:
        return _bits(kernel.argument, roots)
    return None
