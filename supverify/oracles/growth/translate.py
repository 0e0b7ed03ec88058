"""From the tree of a statement to a sum on a scale: powers and binomials by exp, ln and Gamma.

b^p = exp(p ln(b))      s! = Gamma(s + 1)       binom(n, k) = n!/(k! (n - k)!)
harmonic(s) = digamma(s + 1) + EulerGamma        subfactorial(n) = n!/e + t with -1/2 <= t <= 1/2
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import cache

from ...calculus.statement import Number, Tree, Variable, show
from . import circular, elementary, rounding, special
from .expansion import lead
from .scale import Scale
from .terms import ONE, Sum, Undecided, number

FALLING = 40  # the largest k of binom(n, k) that is multiplied out


def as_sum(tree: Tree, scale: Scale) -> Sum:
    """The sum that ``tree`` is on the scale of its variable; raises Undecided for what is not treated."""
    if isinstance(tree, Number):
        return number(tree.value)
    if isinstance(tree, Variable):
        if tree.name != scale.variable:
            raise Undecided(f"{tree.name} is not tied to {scale.variable}: say, with {tree.name} = ...")
        return scale.main
    if tree.head not in _functions():
        raise Undecided(f"{tree.head}(...) is not treated: {show(tree)}")
    return _functions()[tree.head](scale, *(as_sum(part, scale) for part in tree.arguments))


@cache
def _functions() -> Mapping[str, Callable[..., Sum]]:
    return {
        "+": lambda scale, x, y: x + y,
        "-": lambda scale, x, y: x - y,
        "neg": lambda scale, x: -x,
        "*": lambda scale, x, y: x * y,
        "/": lambda scale, x, y: x * elementary.power(scale, y, Fraction(-1)),
        "^": _power,
        "e": lambda scale: scale.constant("e"),
        "pi": special.pi,
        "EulerGamma": lambda scale: scale.constant("euler"),
        "!": lambda scale, x: special.gamma(scale, x + ONE),
        "gamma": special.gamma,
        "loggamma": special.loggamma,
        "digamma": special.digamma,
        "harmonic": lambda scale, x: special.digamma(scale, x + ONE) + scale.constant("euler"),
        "binom": _binomial,
        "subfactorial": _subfactorial,
        "LambertW": special.lambert,
        "ln": elementary.log,
        "log2": lambda scale, x: _log_to_base(scale, x, number(2)),
        "log10": lambda scale, x: _log_to_base(scale, x, number(10)),
        "log": _log_to_base,
        "exp": elementary.exp,
        "sqrt": lambda scale, x: elementary.power(scale, x, Fraction(1, 2)),
        "sin": circular.sine,
        "cos": circular.cosine,
        "atan": circular.arctangent,
        "abs": rounding.absolute,
        "max": rounding.larger,
        "min": lambda scale, x, y: -rounding.larger(scale, -x, -y),
        "floor": rounding.floor,
        "ceil": lambda scale, x: -rounding.floor(scale, -x),
    }


def _log_to_base(scale: Scale, total: Sum, base: Sum) -> Sum:
    return elementary.log(scale, total) * elementary.power(scale, elementary.log(scale, base), Fraction(-1))


def _power(scale: Scale, base: Sum, exponent: Sum) -> Sum:
    negative = base.rational is not None and base.rational < 0
    if negative and scale.integer and exponent.rational is None:
        parity = rounding.parity(scale, exponent)
        return elementary.general_power(scale, -base, exponent).scaled(Fraction((-1) ** parity))
    return elementary.general_power(scale, base, exponent)


def _binomial(scale: Scale, total: Sum, chosen: Sum) -> Sum:
    for part in (chosen, total - chosen):
        if part.rational is not None and part.rational.denominator == 1 and part.rational <= FALLING:
            return _falling(total, int(part.rational))
    logs = [special.loggamma(scale, part + ONE) for part in (total, chosen, total - chosen)]
    return elementary.exp(scale, logs[0] - logs[1] - logs[2])


def _falling(total: Sum, k: int) -> Sum:
    """n (n - 1) ... (n - k + 1)/k!; 0 for k < 0."""
    found = ONE if k >= 0 else ONE - ONE
    for i in range(k):
        found = (found * (total - number(i))).scaled(Fraction(1, i + 1))
    return found


def _subfactorial(scale: Scale, total: Sum) -> Sum:
    found = lead(scale, total)
    if found is None or scale.direction(found.powers) <= 0 or not scale.integer:
        raise Undecided("subfactorial of what is no growing integer")
    near = circular.oscillation(scale, "derangements", total, -1, 1).scaled(Fraction(1, 2))
    return elementary.exp(scale, special.loggamma(scale, total + ONE) - ONE) + near
