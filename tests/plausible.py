"""Whether the labels of growth claims are plausible in numbers: mpmath at growing places, on a logarithmic scale.

It shares nothing with the decision procedure but the parser. Trends mislead, so it only objects where a label goes
against a clear trend, and says nothing where there is none: slow convergence, noise, values too large to evaluate.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any

import mpmath as mp  # type: ignore[import-untyped]

from supverify.calculus.statement import Number, Term, Tree, Variable
from supverify.oracles.question import INFINITY, read_question

DIGITS = 600
FAR = [mp.mpf(10) ** k for k in (8, 16, 32, 64, 128)]
NEAR = [mp.mpf(k) for k in (20, 40, 80, 160, 320)]
SPREAD = 9  # integers from each place to twice that, where something oscillates
WRITTEN_OUT = 40_000  # the largest logarithm of a value that is written out
NOISY = frozenset({"floor", "ceil", "sin", "cos", "subfactorial"})

Logged = tuple[int, Any]


class Lost(Exception):
    """A value that cannot be evaluated."""


def of_value(x: Any) -> Logged:
    return (0, mp.mpf(0)) if x == 0 else (1 if x > 0 else -1, mp.log(abs(x)))


def value(item: Logged) -> Any:
    if not item[0]:
        return mp.mpf(0)
    if item[1] > WRITTEN_OUT:
        raise Lost
    x = item[0] * mp.exp(item[1])
    near = mp.nint(x)
    return near if near and abs(x - near) < mp.mpf(10) ** (-DIGITS // 4) else x


def plus(one: Logged, two: Logged) -> Logged:
    if not one[0] or not two[0]:
        return one if one[0] else two
    (s, a), (t, b) = sorted((one, two), key=lambda item: item[1], reverse=True)
    rest = 1 + s * t * mp.exp(b - a)
    if abs(rest) < mp.mpf(10) ** (-DIGITS // 2):
        raise Lost  # all digits cancel
    return (s if rest > 0 else -s), a + mp.log(abs(rest))


def power(base: Logged, exponent: Logged) -> Logged:
    number = value(exponent)
    if base[0] < 0:
        if number != mp.floor(number):
            raise Lost
        return (1 if mp.fmod(number, 2) == 0 else -1), base[1] * number
    return base[0], base[1] * number


def positive(item: Logged) -> Any:
    if item[0] <= 0:
        raise Lost
    return item[1]


def log_gamma(x: Any) -> Logged:
    if x <= 0:
        raise Lost
    return 1, mp.loggamma(x)


FORMS: dict[str, Callable[..., Logged]] = {
    "+": plus,
    "-": lambda a, b: plus(a, (-b[0], b[1])),
    "neg": lambda a: (-a[0], a[1]),
    "*": lambda a, b: (a[0] * b[0], a[1] + b[1]),
    "/": lambda a, b: (a[0] * b[0], a[1] - b[1]),
    "^": power,
    "exp": lambda a: (1, value(a)),
    "sqrt": lambda a: (a[0], a[1] / 2),
    "abs": lambda a: (abs(a[0]), a[1]),
    "ln": lambda a: of_value(positive(a)),
    "log2": lambda a: of_value(positive(a) / mp.log(2)),
    "log10": lambda a: of_value(positive(a) / mp.log(10)),
    "log": lambda a, b: of_value(positive(a) / positive(b)),
    "!": lambda a: log_gamma(value(a) + 1),
    "gamma": lambda a: log_gamma(value(a)),
    "loggamma": lambda a: of_value(log_gamma(value(a))[1]),
    "subfactorial": lambda a: (1, log_gamma(value(a) + 1)[1] - 1),
    "digamma": lambda a: of_value(mp.digamma(value(a))),
    "harmonic": lambda a: of_value(mp.digamma(value(a) + 1) + mp.euler),
    "LambertW": lambda a: of_value(lambert(positive(a))),
    "binom": lambda n, k: binomial(value(n), value(k)),
    "sin": lambda a: of_value(mp.sin(value(a))),
    "cos": lambda a: of_value(mp.cos(value(a))),
    "atan": lambda a: of_value(mp.atan(value(a))),
    "floor": lambda a: of_value(mp.floor(value(a))),
    "ceil": lambda a: of_value(mp.ceil(value(a))),
    "min": lambda a, b: min(a, b, key=value),
    "max": lambda a, b: max(a, b, key=value),
    "e": lambda: (1, mp.mpf(1)),
    "pi": lambda: of_value(mp.pi),
    "EulerGamma": lambda: of_value(mp.euler),
}


def lambert(log_of_argument: Any) -> Any:
    """t with t + ln(t) = s, by Newton's method."""
    if log_of_argument < 3:
        return mp.lambertw(mp.exp(log_of_argument)).real
    t = log_of_argument
    for _ in range(60):
        t = t * (1 + log_of_argument - mp.log(t)) / (1 + t)
    return t


def binomial(n: Any, k: Any) -> Logged:
    return 1, log_gamma(n + 1)[1] - log_gamma(k + 1)[1] - log_gamma(n - k + 1)[1]


def logged(tree: Tree, variable: str, place: Any) -> Logged:
    """Sign and logarithm of the size of ``tree`` at ``place``."""
    if isinstance(tree, Number):
        return of_value(mp.mpf(tree.value.numerator) / tree.value.denominator)
    if isinstance(tree, Variable):
        return of_value(place)
    return FORMS[tree.head](*(logged(part, variable, place) for part in tree.arguments))


def ratio(tree: Term, place: Any) -> Any:
    """ln |f/g| at a place, or |f/g - 1| for ~, or |f - v| for a limit."""
    variable, f, g = tree.arguments
    assert isinstance(variable, Variable)
    if tree.head == "limit":
        if g in (INFINITY, Term("neg", (INFINITY,))):
            sign, size = logged(f, variable.name, place)
            return sign * (-1 if g != INFINITY else 1) * max(size, 0)
        gap = plus(logged(f, variable.name, place), logged(Term("neg", (g,)), variable.name, place))
        return mp.exp(min(gap[1], 50)) if gap[0] else mp.mpf(0)
    (s, a), (t, b) = logged(f, variable.name, place), logged(g, variable.name, place)
    if tree.head == "~":
        return abs(s * t * mp.exp(min(a - b, 50)) - 1) if s and t else mp.mpf(1)
    return a - b if s and t else mp.ninf if t else mp.inf


def heads(tree: Tree) -> frozenset[str]:
    if not isinstance(tree, Term):
        return frozenset()
    return frozenset((tree.head,)).union(*map(heads, tree.arguments))


def objection(claim: str, label: bool) -> str | None:
    """Why the label is not plausible; None where nothing is against it, "silent" where numbers say nothing."""
    tree = read_question(claim).statement
    assert isinstance(tree, Term)
    noisy = bool(heads(tree) & NOISY) or "(-1)" in claim
    if noisy and ("for real" in claim or " x " in claim):
        return "silent"  # integers are no sample of the reals
    for places in (FAR, NEAR):
        with mp.workdps(DIGITS):
            try:
                runs = [[ratio(tree, x) for x in spread(p, SPREAD if noisy else 1)] for p in places]
            except (Lost, ValueError, OverflowError, ZeroDivisionError, MemoryError):
                continue
            return judge(tree, runs, label, noisy=noisy)
    return "silent"


def spread(place: Any, count: int) -> list[Any]:
    """Integers of both parities from a place to twice that."""
    return [mp.floor(place * (1 + mp.mpf(i) / count)) + i % 2 for i in range(count)]


def judge(tree: Term, runs: Sequence[Sequence[Any]], label: bool, *, noisy: bool) -> str | None:
    """The label against the trend of the largest and the smallest values."""
    upper, lower = [max(run) for run in runs], [min(run) for run in runs]
    if tree.head == "limit" and tree.arguments[2] in (INFINITY, Term("neg", (INFINITY,))):
        seen = True if rises(lower) and lower[-1] > 3 else False if falls_or_stays(upper) or lower[-1] < 0 else None
    elif tree.head in ("~", "limit"):
        seen = True if upper[-1] < 1e-3 or halves(upper) else False if upper[-1] > 1e-3 and stalls(upper) else None
    else:
        seen = of_growth(tree.head, trend(upper, noisy), trend(lower, noisy))
    return "silent" if seen is None else None if seen is label else f"numbers say {seen}: {mp.nstr(upper, 4)}"


def trend(values: Sequence[Any], noisy: bool) -> str:
    """What ln |f/g| does: "up", "down", "flat", or "?" where that is not clear."""
    if any(mp.isinf(v) for v in values):
        return "down" if values[-1] == mp.ninf else "?"
    steps = [b - a for a, b in pairwise(values)]
    last, before = steps[-1], steps[-2]
    if noisy and max(values) - min(values) < 2:
        return "flat"
    if noisy and not (rises(values) or rises([-v for v in values])):
        return "?"
    if abs(last) < 0.004 or abs(last) < 0.6 * abs(before) < 1:
        return "flat"
    if last * before > 0 and abs(last) > 0.85 * abs(before) and abs(last) > 0.2:
        return "up" if last > 0 else "down"
    return "?"


def of_growth(head: str, upper: str, lower: str) -> bool | None:
    """What the trends of the largest and the smallest |f/g| say about f = head(g)."""
    answers: dict[str, Callable[[], bool | None]] = {
        "O": lambda: {"up": False, "flat": True, "down": True}.get(upper),
        "o": lambda: {"up": False, "flat": False, "down": True}.get(upper),
        "Omega": lambda: {"up": True, "flat": True, "down": False}.get(lower),
        "omega": lambda: {"up": True, "flat": False, "down": False}.get(lower),
        "Theta": lambda: (
            False if upper == "up" or lower == "down" else True if (upper, lower) == ("flat", "flat") else None
        ),
    }
    return answers[head]()


def rises(values: Sequence[Any]) -> bool:
    return all(b > a for a, b in pairwise(values))


def falls_or_stays(values: Sequence[Any]) -> bool:
    return bool(values[-1] <= values[-2] * mp.mpf("1.001"))


def halves(values: Sequence[Any]) -> bool:
    return bool(values[-1] < 0.62 * values[-2] < 0.4 * values[-3])


def stalls(values: Sequence[Any]) -> bool:
    return bool(values[-1] > 0.93 * values[-2])
