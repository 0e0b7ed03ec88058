"""How each kind of kernel expands in an element of the scale: Taylor series, Stirling's series, fixed points.

Remainders: every series below is cut with the order of the first term left out. Stirling's series diverges, but its
remainder is at most the first omitted term and has its sign (Whittaker and Watson, section 12.33), and it may be
differentiated term by term, the remainder being analytic in a sector.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from math import comb, factorial, prod

from . import circular, elementary, special
from .constants import power_sign
from .expansion import expand
from .scale import Scale
from .series import (
    ZEROTH,
    Series,
    add,
    compose,
    constant,
    multiply,
    times,
    truncated,
    vanishes,
)
from .terms import ONE, ZERO, Kernel, Power, Sum, Truncated, Undecided, as_sum, multiply_powers, number

Expander = Callable[[Scale, Kernel, Series, Kernel, int], Series]
MINUS = Fraction(-1)


def expand_kernel(scale: Scale, kernel: Kernel, power: Power, element: Kernel, order: int) -> Series:
    """The expansion of a kernel to a power in ``element``, the fastest on which it depends."""
    if kernel.argument is None or (kernel.kind not in EXPANDERS and kernel.kind != "sum"):
        raise Undecided(f"an expansion of {kernel.kind}")
    inner = expand(scale, kernel.argument, element, order)
    if kernel.kind == "sum":
        return series_power(scale, inner, power, order)
    return series_power(scale, EXPANDERS[kernel.kind](scale, kernel, inner, element, order), power, order)


def series_power(scale: Scale, base: Series, power: Power, order: int) -> Series:
    """A series to a constant power."""
    if power == 1:
        return base
    lead, coefficient, small = _normalised(scale, base)
    front = elementary.power(scale, coefficient, power)
    return times(compose(_binomials(power, order), small), multiply_powers(lead, power), front)


def _normalised(scale: Scale, base: Series) -> tuple[Power, Sum, Series]:
    """``c * b^e * (1 + small)``: the parts of a series whose first coefficient is known not to be 0."""
    if not base.terms:
        raise Truncated("the leading term of what cancels")
    (lead, coefficient), rest = base.terms[0], Series(base.terms[1:], base.cut)
    inverse = elementary.power(scale, coefficient, MINUS)
    return lead, coefficient, times(rest, multiply_powers(lead, MINUS), inverse)


def _binomials(power: Power, order: int) -> list[Sum]:
    found = [ONE]
    for j in range(1, order):
        found.append(found[-1] * (as_sum(power) - number(j - 1)).scaled(Fraction(1, j)))
        if not found[-1] and j > 1:
            break
    return found if len(found) == order else found + [ZERO] * (order - len(found))


def series_log(scale: Scale, base: Series, element: Kernel, order: int) -> Series:
    """The logarithm of a series."""
    lead, coefficient, small = _normalised(scale, base)
    front = elementary.log(scale, coefficient) + scale.log_of(element) * as_sum(lead) * (ONE if lead != 0 else ZERO)
    return add(constant(front), compose(_log_coefficients(order), small))


def _log_coefficients(order: int) -> list[Sum]:
    return [ZERO] + [number(Fraction((-1) ** (j + 1), j)) for j in range(1, order)]


def _split(inner: Series) -> tuple[Sum, Series]:
    """The coefficient of power 0 and what vanishes; raises Undecided where the argument grows."""
    rest = inner.without_zeroth()
    if not vanishes(rest):
        raise Truncated("a bounded function of what grows")
    return inner.at(ZEROTH), rest


def _log(scale: Scale, kernel: Kernel, inner: Series, element: Kernel, order: int) -> Series:
    return series_log(scale, inner, element, order)


def _exp(scale: Scale, kernel: Kernel, inner: Series, element: Kernel, order: int) -> Series:
    limit, small = _split(inner)
    taylor = compose([number(Fraction(1, factorial(j))) for j in range(order)], small)
    return times(taylor, ZEROTH, elementary.exp(scale, limit))


def _trigonometric(scale: Scale, kernel: Kernel, inner: Series, element: Kernel, order: int) -> Series:
    """sin(a + u) = sin(a) cos(u) + cos(a) sin(u); likewise cos."""
    limit, small = _split(inner)
    sine, cosine = circular.sine(scale, limit), circular.cosine(scale, limit)
    front = (sine, cosine) if kernel.kind == "sin" else (cosine, -sine)
    signs = [number(Fraction((-1) ** (j // 2), factorial(j))) for j in range(order + 1)]
    even = compose([c if j % 2 == 0 else ZERO for j, c in enumerate(signs)], small)
    odd = compose([c if j % 2 else ZERO for j, c in enumerate(signs)], small)
    return add(times(even, ZEROTH, front[0]), times(odd, ZEROTH, front[1]))


def _arctangent(scale: Scale, kernel: Kernel, inner: Series, element: Kernel, order: int) -> Series:
    """atan(a + u) = atan(a) + atan(u/(1 + a^2 + a u))."""
    limit, small = _split(inner)
    divisor = add(constant(ONE + limit * limit), times(small, ZEROTH, limit)) if limit else constant(ONE)
    moved = multiply(small, series_power(scale, divisor, MINUS, order))
    coefficients = [number(Fraction((-1) ** (j // 2), j)) if j % 2 else ZERO for j in range(order + 1)]
    return add(constant(circular.arctangent(scale, limit)), compose(coefficients, moved))


def bernoulli(n: int) -> Fraction:
    """The Bernoulli number of an even n >= 2."""
    numbers = [Fraction(1)]
    for m in range(1, n + 1):
        numbers.append(-sum((comb(m + 1, k) * numbers[k] for k in range(m)), Fraction(0)) / (m + 1))
    return numbers[n]


def _lead_of(inner: Series) -> Power:
    if not inner.terms:
        raise Truncated("the leading term of what cancels")
    return inner.terms[0][0]


def _stirling(scale: Scale, kernel: Kernel, inner: Series, element: Kernel, order: int) -> Series:
    """The j-th derivative of loggamma(s) - (s - 1/2) ln(s) + s - ln(2 pi)/2 = sum B_2k/(2k (2k - 1) s^(2k - 1))."""
    derivative = kernel.detail if isinstance(kernel.detail, int) else 0
    lead = _lead_of(inner)
    if power_sign(lead) <= 0:
        limit, small = _split(inner)
        values = (special.stirling(scale, limit, derivative + i) for i in range(order))
        return compose([c.scaled(Fraction(1, factorial(i))) for i, c in enumerate(values)], small)
    total = Series(())
    for k in range(1, order + 1):
        exponent = 1 - 2 * k
        slope = prod(exponent - i for i in range(derivative))
        front = number(bernoulli(2 * k) / (2 * k * (2 * k - 1)) * slope)
        total = add(total, times(series_power(scale, inner, Fraction(exponent - derivative), order), ZEROTH, front))
    return truncated(total, multiply_powers(lead, Fraction(-1 - 2 * order - derivative)))


def _omega(scale: Scale, kernel: Kernel, inner: Series, element: Kernel, order: int) -> Series:
    """The t with t + ln(t) = s, by iteration of t = s - ln(t) or, where s moves little, of its correction."""
    lead = _lead_of(inner)
    if power_sign(lead) > 0:
        found = truncated(inner, ZEROTH)
        for _ in range(order):
            log = series_log(scale, found, element, order + 1)
            found = add(inner, times(log, ZEROTH, -ONE))
        return found
    limit, small = _split(inner)
    start = special.omega(scale, limit)
    inverse = elementary.power(scale, start, MINUS)
    slope = start * elementary.power(scale, ONE + start, MINUS)
    delta = Series((), small.terms[0][0] if small.terms else small.cut)
    for _ in range(order):
        tail = compose([ZERO, ZERO, *_log_coefficients(order + 1)[2:]], times(delta, ZEROTH, inverse))
        delta = times(add(small, times(tail, ZEROTH, -ONE)), ZEROTH, slope)
    return add(constant(start), delta)


def _taylor_at_zero(what: str, coefficient: Callable[[Scale, int], Sum]) -> Expander:
    """A function of what vanishes, by its power series without a constant term."""

    def expander(scale: Scale, kernel: Kernel, inner: Series, element: Kernel, order: int) -> Series:
        limit, small = _split(inner)
        if limit:
            raise Undecided(f"{what} of what vanishes at two speeds")
        return compose([ZERO, *(coefficient(scale, k) for k in range(1, order))], small)

    return expander


def _loggamma_coefficient(scale: Scale, k: int) -> Sum:
    """loggamma(1 + u) = -EulerGamma u + sum over k >= 2 of zeta(k) (-u)^k/k."""
    return -scale.constant("euler") if k == 1 else special.zeta(scale, k).scaled(Fraction((-1) ** k, k))


def _digamma_coefficient(scale: Scale, k: int) -> Sum:
    """digamma(1 + u) + EulerGamma = sum over k >= 1 of -zeta(k + 1) (-u)^k."""
    return special.zeta(scale, k + 1).scaled(Fraction((-1) ** (k + 1)))


def _lambert_coefficient(scale: Scale, k: int) -> Sum:
    """W(u) = sum over k >= 1 of (-k)^(k - 1)/k! u^k."""
    return number(Fraction((-k) ** (k - 1), factorial(k)))


EXPANDERS: Mapping[str, Expander] = {
    "log": _log,
    "exp": _exp,
    "sin": _trigonometric,
    "cos": _trigonometric,
    "atan": _arctangent,
    "stirling": _stirling,
    "omega": _omega,
    "loggamma1": _taylor_at_zero("loggamma", _loggamma_coefficient),
    "digamma1": _taylor_at_zero("digamma", _digamma_coefficient),
    "lambert0": _taylor_at_zero("LambertW", _lambert_coefficient),
}
