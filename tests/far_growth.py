"""Whether a growth claim is true, from numbers far out: an evaluator of its own, on a logarithmic scale.

ln |f/g| is worked out at 10^(10^10), 10^(10^12) and 10^(10^14), between which ln ln m grows by 4.6 each time: a power
of a logarithm, and even ln ln m, moves it by more than what tends to a constant. Where digits cancel there are 2500
of them and smaller places. It shares nothing with the decision procedure but the parser. None where they do not tell:
numbers nearer to 1 mislead (ln(m)^50 against 2^sqrt(log2(m)) turns round only after 10^(10^5)).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import mpmath as mp  # type: ignore[import-untyped]

from supverify.calculus.statement import Number, Term, Tree, Variable

Signed = tuple[int, Any]  # a sign, and the logarithm of the size

SCALES: Sequence[tuple[int, Sequence[int]]] = (  # decimal digits, exponents of 10
    (100, (10**10, 10**12, 10**14)),
    (2500, (10, 100, 1000)),  # where the first digits cancel
)
LARGEST = 10**15  # of a logarithm of a value that is written out
MOVES, SETTLED = 0.1, 0.3


class Lost(Exception):
    """A value that cannot be evaluated with these digits."""


def signed(x: Any) -> Signed:
    return (0, mp.mpf(0)) if x == 0 else (1 if x > 0 else -1, mp.log(abs(x)))


def written(item: Signed) -> Any:
    if item[0] and abs(item[1]) > LARGEST:
        raise Lost
    return item[0] * mp.exp(item[1]) if item[0] else mp.mpf(0)


def plus(one: Signed, two: Signed) -> Signed:
    if not one[0] or not two[0]:
        return one if one[0] else two
    (s, a), (t, b) = sorted((one, two), key=lambda item: item[1], reverse=True)
    if a - b > LARGEST:
        return s, a
    rest = 1 + s * t * mp.exp(b - a)
    if abs(rest) < mp.mpf(10) ** (-mp.mp.dps // 2):
        raise Lost
    return s, a + mp.log(rest)


def power(base: Signed, exponent: Signed) -> Signed:
    if base[0] < 0:
        raise Lost
    if not base[0]:
        return (0, mp.mpf(0)) if exponent[0] > 0 else (1, mp.mpf(0))
    if not exponent[0] or not base[1]:
        return 1, mp.mpf(0)
    size = mp.log(abs(base[1])) + exponent[1]
    if size > LARGEST:
        raise Lost
    return 1, (1 if base[1] > 0 else -1) * exponent[0] * mp.exp(size)


def logarithm(item: Signed, base: Any = mp.e) -> Signed:
    if item[0] <= 0:
        raise Lost
    return signed(item[1] / mp.log(base))


def gamma(n: Any) -> Any:
    """ln of n!."""
    if n < 0:
        raise Lost
    return mp.loggamma(n + 1)


def binomial(n: Signed, k: Signed) -> Signed:
    """By Stirling without the terms that cancel: k ln(n/k) - (n - k) ln(1 - k/n), and logarithms."""
    a, b = written(n), written(k)
    if b < 0 or a < b:
        return (0, mp.mpf(0))
    if a - b < a * mp.mpf(10) ** (-mp.mp.dps // 2):
        raise Lost
    if a - b < 1000 and abs(a - b - mp.nint(a - b)) < 1e-20:
        rest = int(mp.nint(a - b))
        return 1, mp.fsum(mp.log(a - i) for i in range(rest)) - gamma(rest)
    if b < 1000 or a - b < 1000:
        return 1, gamma(a) - gamma(b) - gamma(a - b)
    rest = b * mp.log(a / b) - (a - b) * mp.log1p(-b / a)
    return 1, rest + (mp.log(a / b) - mp.log(a - b) - mp.log(2 * mp.pi)) / 2


def lambert(item: Signed) -> Signed:
    """t with ln t + t = ln x, by Newton's method."""
    if item[0] <= 0 or item[1] < 3:
        raise Lost
    t = item[1]
    for _ in range(40):
        t = t * (1 + item[1] - mp.log(t)) / (1 + t)
    return signed(t)


FORMS: dict[str, Callable[..., Signed]] = {
    "+": plus,
    "-": lambda a, b: plus(a, (-b[0], b[1])),
    "neg": lambda a: (-a[0], a[1]),
    "*": lambda a, b: (a[0] * b[0], a[1] + b[1]),
    "/": lambda a, b: (a[0] * b[0], a[1] - b[1]),
    "^": power,
    "exp": lambda a: (1, written(a)),
    "sqrt": lambda a: power(a, signed(mp.mpf(1) / 2)),
    "ln": logarithm,
    "log2": lambda a: logarithm(a, 2),
    "log10": lambda a: logarithm(a, 10),
    "!": lambda a: (1, gamma(written(a))),
    "binom": binomial,
    "LambertW": lambert,
    "e": lambda: (1, mp.mpf(1)),
    "pi": lambda: signed(mp.pi),
}


@cache
def evaluated(tree: Tree, exponent: int, digits: int) -> Signed:
    """At 10^exponent, with so many digits, which have to be mpmath's."""
    if isinstance(tree, Number):
        return signed(mp.mpf(tree.value.numerator) / tree.value.denominator)
    if isinstance(tree, Variable):
        return signed(mp.mpf(10) ** exponent)
    if tree.head not in FORMS:
        raise Lost
    return FORMS[tree.head](*(evaluated(part, exponent, digits) for part in tree.arguments))


def ratios(f: Tree, g: Tree) -> list[Any] | None:
    """ln |f/g| with its sign at the three places of the first scale on which it can be worked out."""
    for digits, exponents in SCALES:
        with mp.workdps(digits):
            try:
                return [FORMS["/"](*(evaluated(side, p, digits) for side in (f, g))) for p in exponents]
            except (Lost, OverflowError, ValueError, ZeroDivisionError):
                continue
    return None


def far_truth(claim: Term) -> bool | None:
    """Whether f = O(g), o, Omega, omega, Theta or f ~ g, as far as the numbers tell."""
    _, f, g = claim.arguments
    found = ratios(f, g)
    if found is None or not all(sign for sign, _ in found):
        return None  # not worked out, or a side that is 0
    if claim.head == "~":
        return _equal([abs(sign * mp.exp(min(size, 50)) - 1) for sign, size in found])
    sizes = [size for _, size in found]
    trend = _trend(sizes[1] - sizes[0], sizes[2] - sizes[1])
    holds = {"O": "=<", "o": "<", "Omega": "=>", "omega": ">", "Theta": "="}[claim.head]
    return None if trend == "?" else trend in holds


def _trend(before: Any, last: Any) -> str:
    """Whether ln |f/g| rises (>), falls (<) or settles (=) for certain."""
    if abs(last) < 1e-9 or (abs(last) < SETTLED * abs(before) and abs(last) < 0.1):
        return "="
    if abs(last) > MOVES and last * before > 0 and abs(last) > 0.5 * abs(before):
        return ">" if last > 0 else "<"
    return "?"


def _equal(gaps: Sequence[Any]) -> bool | None:
    if gaps[2] < 1e-3 and gaps[2] <= gaps[1] <= gaps[0]:
        return True
    return False if gaps[2] > 1e-2 and gaps[2] > 0.9 * gaps[1] else None
