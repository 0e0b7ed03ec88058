"""Logarithms, exponentials and powers of sums, in a form in which equal functions tend to be equal sums.

A sum is written as its leading term times T with T -> 1, so that ln(T) and T^p are kernels which vanish or tend to 1;
an exponential gives up every part that is a power of the scale, and what grows beyond the scale extends it.
"""

from __future__ import annotations

from fractions import Fraction
from math import isqrt

from .constants import oscillations, power_sign, sign
from .expansion import definite, expand, lead
from .scale import Lead, Scale
from .series import vanishes
from .terms import (
    ONE,
    ZERO,
    Kernel,
    Power,
    Product,
    Sum,
    Undecided,
    as_power,
    as_sum,
    atom,
    is_zero,
    multiply_powers,
    prime_power,
    singles,
)
from .text import show

TRIAL = 10_000  # divisors tried; a larger factor is a kernel as it stands
EXPANDED = 8  # the largest power of a sum that is multiplied out


def log(scale: Scale, total: Sum) -> Sum:
    """The natural logarithm; raises Undecided unless ``total`` is known to be positive in the end."""
    if total.rational is not None:
        return _log_rational(scale, total.rational)
    if len(total.terms) == 1:
        ((product, coefficient),) = total.terms.items()
        if coefficient > 0 and all(_positive(kernel) for kernel, _ in product):
            found = _log_rational(scale, coefficient)
            for kernel, power in product:
                found += _log_kernel(scale, kernel) * as_sum(power)
            return found
    first, positive = definite(scale, total)
    if positive < 0:
        raise Undecided(f"the logarithm of {show(total)}, which is negative")
    if not total.basis:
        return scale.constant("log", total)
    found = log(scale, first.coefficient) if first.coefficient != total else scale.constant("log", total)
    for kernel, power in first.powers.items():
        if power != 0:
            found += scale.log_of(kernel) * as_sum(power)
    near_one = _over_lead(scale, total, first)
    return found if near_one == ONE else found + scale.constant("log", near_one)


def _over_lead(scale: Scale, total: Sum, first: Lead) -> Sum:
    """A sum over its leading term: it tends to 1."""
    powers = {kernel: multiply_powers(power, Fraction(-1)) for kernel, power in first.powers.items()}
    return total * power(scale, first.coefficient, Fraction(-1)) * scale.monomial(powers)


def _plainly_positive(kernel: Kernel) -> bool:
    """Kinds whose kernels are positive by what they are, and have a logarithm of a simpler form."""
    if kernel.kind == "sum":
        return bool(kernel.basis)
    return kernel.kind in ("basis", "prime", "e", "pi", "exp", "omega")


def _positive(kernel: Kernel) -> bool:
    if _plainly_positive(kernel):
        return True
    return not kernel.basis and kernel.kind != "sum" and not oscillations(atom(kernel)) and sign(atom(kernel)) > 0


def _log_kernel(scale: Scale, kernel: Kernel) -> Sum:
    if kernel.kind == "basis":
        return scale.log_of(kernel)
    if kernel.kind == "e":
        return ONE
    if kernel.kind == "exp" and kernel.argument is not None:
        return kernel.argument
    if kernel.kind == "omega" and kernel.argument is not None:
        return kernel.argument - atom(kernel)
    return scale.constant("log", kernel.argument if kernel.kind == "sum" else atom(kernel))


def _log_rational(scale: Scale, value: Fraction) -> Sum:
    if value <= 0:
        raise Undecided(f"the logarithm of {value}")
    found = ZERO
    for prime, power in factors(value):
        found += scale.constant("log", atom(scale.table.make("prime", None, prime))).scaled(Fraction(power))
    return found


def factors(value: Fraction) -> list[tuple[int, int]]:
    """The factors of a positive rational with their powers; beyond TRIAL^2 they need not be prime."""
    found = list[tuple[int, int]]()
    for rest, direction in ((value.numerator, 1), (value.denominator, -1)):
        divisor = 2
        while rest > 1:
            if divisor > TRIAL or divisor * divisor > rest:
                root = isqrt(rest)
                found.append((root, 2 * direction) if root * root == rest else (rest, direction))
                break
            while rest % divisor == 0:
                found.append((divisor, direction))
                rest //= divisor
            divisor += 1 + (divisor > 2)
    return found


def exp(scale: Scale, total: Sum) -> Sum:
    """The exponential; raises Undecided where it is not known whether ``total`` grows, falls or stays bounded."""
    result, rest = ONE, ZERO
    for term in singles(total):
        known = _exp_of_term(scale, term)
        result, rest = (result, rest + term) if known is None else (result * known, rest)
    return result * _exp_of_rest(scale, rest)


def _exp_of_rest(scale: Scale, rest: Sum) -> Sum:
    """exp of a sum as it stands: what grows leaves it for the scale, and the limit as a constant."""
    result = ONE
    while rest.basis and (first := lead(scale, rest)) is not None:
        way = scale.direction(first.powers)
        if way < 0 or (way == 0 and oscillations(first.coefficient)):
            break
        if way == 0:
            result, rest = result * exp(scale, first.coefficient), rest - first.coefficient
            break
        kernel, ratio = _element_like(scale, rest, first)
        result, rest = result * atom(kernel, ratio), rest - scale.log_of(kernel) * as_sum(ratio)
    return result * scale.constant("exp", rest) if not is_zero(rest) else result


def _exp_of_term(scale: Scale, term: Sum) -> Sum | None:
    """exp of a term that is a constant times a known logarithm, as a power; None for any other."""
    ((product, coefficient),) = term.terms.items()
    if not product:
        return atom(scale.table.make("e"), coefficient)
    moving = tuple((kernel, power) for kernel, power in product if kernel.basis)
    factor = Sum({tuple(item for item in product if not item[0].basis): coefficient})
    if not moving:
        return _exp_of_constant(scale, product, coefficient)
    for kernel, log_of in scale.logs.items():
        if log_of.terms == {moving: 1}:
            return atom(kernel, as_power(factor))
    if len(moving) == 1 and moving[0][1] == 1:
        kernel = moving[0][0]
        if kernel.kind == "log" and kernel.argument is not None:
            return power(scale, kernel.argument, as_power(factor))
        if kernel.kind == "omega" and kernel.argument is not None:
            whole = exp(scale, factor * kernel.argument)
            return whole * atom(kernel, as_power(factor.scaled(Fraction(-1))))
    return None


def _exp_of_constant(scale: Scale, product: Product, coefficient: Fraction) -> Sum | None:
    """exp(q ln(c)) = c^q; None where the term is not of that form."""
    if len(product) != 1 or product[0][1] != 1 or product[0][0].kind != "log":
        return None
    inner = product[0][0].argument
    return None if inner is None else power(scale, inner, coefficient)


def _element_like(scale: Scale, total: Sum, first: Lead) -> tuple[Kernel, Power]:
    """An element of the scale, a known or a new one, and the power that grows or falls like exp of a growing sum."""
    way = sign(first.coefficient)
    for kernel in reversed(scale.order):
        log_lead = lead(scale, scale.log_of(kernel)) if kernel is not scale.order[0] else None
        if log_lead is not None and scale.compare(log_lead.powers, first.powers) == 0:
            return kernel, as_power(first.coefficient * power(scale, log_lead.coefficient, Fraction(-1)))
    plain = scale.monomial(first.powers)
    if any(tuple(item for item in product if item[0].basis) in plain.terms for product in total.terms):
        return _inserted(scale, plain, first), as_power(first.coefficient)
    return _inserted(scale, _slow_part(scale, total).scaled(Fraction(way)), first), Fraction(way)


def _slow_part(scale: Scale, total: Sum) -> Sum:
    """``total`` without the parts that vanish faster than any power of what makes it grow."""
    while True:
        found, top = lead(scale, total), scale.top(total)
        if found is None or top is None or found.powers.get(top, 0) != 0:
            return total
        found_in_top = expand(scale, total, top, 8)
        if not vanishes(found_in_top.without_zeroth()):
            raise Undecided(f"the part of {show(total)} that grows")
        total = found_in_top.at(Fraction(0))


def _inserted(scale: Scale, log_of_new: Sum, wanted: Lead) -> Kernel:
    """The new element exp(log_of_new), behind all whose logarithms grow more slowly."""
    first, way = definite(scale, log_of_new)
    if way < 0 or scale.compare(first.powers, wanted.powers) != 0:
        raise Undecided(f"the growth of {show(log_of_new)}")
    place = len(scale.order)
    while place > 1:
        other = lead(scale, scale.log_of(scale.order[place - 1]))
        if other is not None and scale.compare(first.powers, other.powers) > 0:
            break
        place -= 1
    return scale.insert(log_of_new, place)


def power(scale: Scale, base: Sum, exponent: Power) -> Sum:
    """``base`` to a constant power; raises Undecided unless it is known to be defined."""
    if exponent == 0 or base == ONE:
        return ONE
    whole = isinstance(exponent, Fraction) and exponent.denominator == 1
    if not base:
        return _power_of_zero(exponent)
    if base.rational is not None:
        return rational_power(scale, base.rational, exponent)
    if len(base.terms) == 1:
        return _power_of_product(scale, base, exponent)
    if whole and isinstance(exponent, Fraction) and 0 < exponent <= EXPANDED:
        half = power(scale, base, Fraction(int(exponent) // 2))
        return half * half * (base if exponent.numerator % 2 else ONE)
    first, way = definite(scale, base)
    if way < 0 and not whole:
        raise Undecided(f"a power of {show(base)}, which is negative")
    if not base.basis:
        return _power_of_constant(scale, base, exponent, way)
    monomial = _power_of_product(scale, scale.monomial(first.powers), exponent)
    near_one = scale.table.make("sum", _over_lead(scale, base, first))
    return power(scale, first.coefficient, exponent) * monomial * atom(near_one, exponent)


def _power_of_zero(exponent: Power) -> Sum:
    if power_sign(exponent) < 0:
        raise Undecided("a division by 0")
    return ZERO


def _power_of_constant(scale: Scale, base: Sum, exponent: Power, way: int) -> Sum:
    """A power of a constant sum, its smallest coefficient taken out."""
    size = min(map(abs, base.terms.values()))
    front = rational_power(scale, size, exponent)
    if way < 0 and isinstance(exponent, Fraction):
        front = front.scaled(Fraction(-1) ** int(exponent))
    return front * atom(scale.table.make("sum", base.scaled(way / size)), exponent)


def _power_of_product(scale: Scale, base: Sum, exponent: Power) -> Sum:
    ((product, coefficient),) = base.terms.items()
    plain = all(_plainly_positive(kernel) for kernel, _ in product)
    whole = isinstance(exponent, Fraction) and exponent.denominator == 1
    if not plain and not (whole and power_sign(exponent) > 0):
        _, way = definite(scale, base)
        if not whole:
            if way < 0:
                raise Undecided(f"a power of {show(base)}, which is negative")
            if any(definite(scale, atom(kernel))[1] < 0 for kernel, _ in product) or coefficient < 0:
                return exp(scale, log(scale, base) * as_sum(exponent))
    result = rational_power(scale, coefficient, exponent)
    for kernel, inner in product:
        result = result * _power_of_kernel(scale, kernel, multiply_powers(inner, exponent))
    return result


def _power_of_kernel(scale: Scale, kernel: Kernel, exponent: Power) -> Sum:
    if kernel.kind == "prime" and isinstance(kernel.detail, int):
        return rational_power(scale, Fraction(kernel.detail), exponent)
    if kernel.kind == "exp" and kernel.argument is not None:
        return exp(scale, kernel.argument * as_sum(exponent))
    if kernel.kind == "e" and isinstance(exponent, Sum):
        return exp(scale, exponent)
    return atom(kernel, exponent)


def rational_power(scale: Scale, base: Fraction, exponent: Power) -> Sum:
    """A rational number to a constant power."""
    if isinstance(exponent, Sum):
        return exp(scale, _log_rational(scale, base) * exponent)
    if base < 0:
        if exponent.denominator != 1:
            raise Undecided(f"{base} to the power {exponent}")
        return rational_power(scale, -base, exponent).scaled(Fraction((-1) ** (exponent.numerator % 2)))
    if base == 0:
        return _power_of_zero(exponent)
    result = ONE
    for prime, times in factors(base):
        kernel, wanted = scale.table.make("prime", None, prime), exponent * times
        whole = wanted.numerator // wanted.denominator
        result = result.scaled(prime_power(kernel, whole)) * atom(kernel, wanted - whole)
    return result


def general_power(scale: Scale, base: Sum, exponent: Sum) -> Sum:
    """``base`` to any power: exp(exponent ln(base)) unless the exponent is a constant."""
    if not exponent.basis and not oscillations(exponent):
        return power(scale, base, as_power(exponent))
    return exp(scale, exponent * log(scale, base))
