"""Numbers for people: log10 |f/g| at places that no float reaches, each enclosed in a ball.

They decide nothing. A value is kept as its sign and the logarithm of its size, so that exp(m!) has a place too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ...calculus.statement import Number, Tree, Variable
from ..balls import functions

PLACES = (10, 100, 1000)  # powers of ten
PRECISION = 1 << 13
HUGE = 1 << 15  # bits of a value that is still written out

Logged = tuple[int, Any]  # the sign, and a ball around ln of the size


def evidence(f: Tree, g: Tree, variable: str) -> dict[str, str]:
    """``{"10^10": log10 |f/g| there, ...}``, as far as it can be enclosed."""
    from flint import arb, ctx

    found = dict[str, str]()
    with ctx.workprec(PRECISION):
        for power in PLACES:
            place = (1, arb(10).log() * power)
            try:
                gap = (_size(f, variable, place) - _size(g, variable, place)) / arb(10).log()
            except (ArithmeticError, KeyError, ValueError):
                continue
            if gap.is_finite() and gap.rel_accuracy_bits() > 20:
                found[f"10^{power}"] = gap.str(6, radius=False)
    return found


def _size(tree: Tree, variable: str, place: Logged) -> Any:
    sign, size = logged(tree, variable, place)
    if not sign:
        raise ArithmeticError("0")
    return size


def logged(tree: Tree, variable: str, place: Logged) -> Logged:
    """The value of ``tree`` where the variable has the value ``place``; raises ArithmeticError where it is lost."""
    from flint import arb, fmpq

    if isinstance(tree, Number):
        return of_value(arb(fmpq(tree.value.numerator, tree.value.denominator)))
    if isinstance(tree, Variable):
        return place if tree.name == variable else _lost()
    parts = [logged(part, variable, place) for part in tree.arguments]
    if tree.head in _FORMS:
        return _FORMS[tree.head](*parts)
    return of_value(functions()[tree.head](*map(value, parts)))


def _lost() -> Logged:
    raise ArithmeticError("a value that is lost")


def of_value(ball: Any) -> Logged:
    """A ball as sign and logarithm; raises ArithmeticError if its sign is not known."""
    if ball.is_zero():
        return 0, ball
    if ball > 0 or ball < 0:
        return (1 if ball > 0 else -1), abs(ball).log()
    return _lost()


def value(item: Logged) -> Any:
    """The value itself; raises ArithmeticError where it is too large to be written out."""
    from flint import arb

    sign, size = item
    if not sign:
        return arb(0)
    return sign * size.exp() if abs(size) < HUGE else _lost()


def _times(one: Logged, two: Logged) -> Logged:
    return one[0] * two[0], one[1] + two[1]


def _over(one: Logged, two: Logged) -> Logged:
    return (one[0] * two[0], one[1] - two[1]) if two[0] else _lost()


def _plus(one: Logged, two: Logged) -> Logged:
    """By the larger one: a (1 + b/a)."""
    if not one[0] or not two[0]:
        return two if not one[0] else one
    (s, a), (t, b) = (one, two) if one[1].mid() >= two[1].mid() else (two, one)
    sign, factor = of_value(1 + s * t * (b - a).exp())
    return s * sign, a + factor


def _power(base: Logged, exponent: Logged) -> Logged:
    number = value(exponent)
    if base[0] > 0:
        return 1, base[1] * number
    if base[0] < 0 and number.is_integer():
        return (1 if number.unique_fmpz() % 2 == 0 else -1), base[1] * number
    return _lost()


def _gamma(item: Logged) -> Logged:
    return 1, value(item).lgamma()


def _factorial(item: Logged) -> Logged:
    return 1, (value(item) + 1).lgamma()


def _binomial(total: Logged, chosen: Logged) -> Logged:
    n, k = value(total), value(chosen)
    return 1, (n + 1).lgamma() - (k + 1).lgamma() - (n - k + 1).lgamma()


def _log(item: Logged) -> Logged:
    return of_value(item[1]) if item[0] > 0 else _lost()


def _log_to(base: int) -> Callable[[Logged], Logged]:
    from flint import arb

    def log(item: Logged) -> Logged:
        return _over(_log(item), of_value(arb(base).log()))

    return log


def _log_of_base(item: Logged, base: Logged) -> Logged:
    return _over(_log(item), _log(base))


_FORMS: Mapping[str, Callable[..., Logged]] = {
    "+": _plus,
    "-": lambda one, two: _plus(one, (-two[0], two[1])),
    "neg": lambda one: (-one[0], one[1]),
    "*": _times,
    "/": _over,
    "^": _power,
    "exp": lambda item: (1, value(item)),
    "sqrt": lambda item: (item[0], item[1] / 2) if item[0] >= 0 else _lost(),
    "ln": _log,
    "log": _log_of_base,
    "log2": lambda item: _log_to(2)(item),
    "log10": lambda item: _log_to(10)(item),
    "abs": lambda item: (abs(item[0]), item[1]),
    "!": _factorial,
    "gamma": _gamma,
    "binom": _binomial,
}
