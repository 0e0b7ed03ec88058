"""An independent reading of inequality certificates: mpmath and its own intervals, nothing of ``supverify.oracles``.

Of supverify it uses the parser alone. Blocks are proved again (intervals of 60 digits, their own derivatives). Of the
tail, the arithmetic that makes one term dominate is proved again; that the terms are the expansion of left - right is
tested at points far apart, each with all the digits that it needs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import Any

from mpmath import mp, mpf  # type: ignore[import-untyped]

from supverify.calculus.grammar import parse
from supverify.calculus.statement import Number, Term, Tree, Variable, show

PIECES = (1, 8, 64, 512)  # parts into which a block is cut until its derivative has a sign
SLACK = mpf(10) ** -40


class Refused(Exception):
    """The certificate does not show what it claims."""


def require(condition: object, complaint: str) -> None:
    if not condition:
        raise Refused(complaint)


@dataclass(frozen=True)
class Jet:
    """Values between ``low`` and ``high``; the derivative between ``down`` and ``up``, NaN where there is none."""

    low: Any
    high: Any
    down: Any = mp.nan
    up: Any = mp.nan


def check(certificate: Mapping[str, Any], claim: str, start: int | None) -> None:
    """Raises Refused unless the certificate shows ``claim`` from ``start`` on (None: from the least m0)."""
    with mp.workdps(60):
        require(certificate["claim"] == show(parse(claim)), "another claim")
        if "cases" in certificate:
            cases = certificate["cases"]
            modulus = cases[0]["points"]["modulus"]
            require([case["points"]["residue"] for case in cases] == list(range(modulus)), "a case is missing")
            for case in cases:
                _check(case, parse(case["claim"]), certificate["variable"], None, real=False)
            return
        _check(certificate, parse(claim), certificate["variable"], start, real=certificate["kind"] == "real")


def _check(entry: Mapping[str, Any], relation: Tree, name: str, start: int | None, *, real: bool) -> None:
    assert isinstance(relation, Term)
    sides = relation.arguments if relation.head in (">=", ">") else relation.arguments[::-1]
    strict = relation.head in (">", "<")
    fails, blocks, tail = entry["fails"], entry["range"], entry["tail"]
    if fails is not None and fails["left"] is not None:
        for side, (low, high) in zip(sides, (fails["left"], fails["right"]), strict=True):
            value = number(side, {name: mpf(fails["at"])})
            value = mp.log(value) if fails["form"] == "log" else value
            require(mpf(low) - SLACK <= value <= mpf(high) + SLACK, f"{show(side)} is not in its enclosure")
        require(not _holds(sides, strict, name, fails["at"]), f"it does not fail at {fails['at']}")
    first = start if start is not None else None if fails is None else int(fails["at"]) + 1
    place: Fraction | int | None = first
    for block in blocks:
        low, high = Fraction(block["from"]), Fraction(block["to"])
        require(place is None or low == place or (real and low <= place), f"a gap before {low}")
        require(low <= high, f"an empty block at {low}")
        _block(sides, strict, name, low, high, block["by"])
        place = high if real else high + 1
    if tail is not None:
        require(tail["sign"] in (0, 1), "a tail with the wrong sign")
        require(not (strict and tail["sign"] == 0), "a tie on the tail")
        require(place is None or tail["from"] <= place, f"a gap before {tail['from']}")
        _tail(sides, name, tail)


def _holds(sides: tuple[Tree, ...], strict: bool, name: str, point: Any) -> bool:
    digits = 60 + 2 * len(str(point))
    with mp.workdps(digits):
        left, right = (
            number(side, {name: mpf(Fraction(point).numerator) / Fraction(point).denominator}) for side in sides
        )
        tie = abs(left - right) <= max(abs(left), abs(right)) * mpf(10) ** (10 - digits)
        return bool(left > right or tie) if not strict else bool(left > right and not tie)


def _block(sides: tuple[Tree, ...], strict: bool, name: str, low: Fraction, high: Fraction, by: str) -> None:
    ends = [_holds(sides, strict, name, end) for end in (low, high)]
    require(all(ends), f"false at an end of {low}..{high}")
    if by == "point":
        require(high - low <= 5000, "too many points")
        require(
            all(_holds(sides, strict, name, int(low) + i) for i in range(int(high - low) + 1)), "false at a point"
        )
        return None
    with mp.workdps(60 + 2 * len(str(high))):
        if (
            high - low <= 64
            and low.denominator == high.denominator == 1
            and "sum(" in show(sides[0]) + show(sides[1])
        ):
            return require(
                all(_holds(sides, strict, name, low + i) for i in range(int(high - low))), "false at a point"
            )
        if any(all(_piece(sides, strict, name, *cut) for cut in _cuts(low, high, pieces)) for pieces in PIECES):
            return None
    raise Refused(f"{low}..{high} is not shown by {by}")


def _cuts(low: Fraction, high: Fraction, pieces: int) -> list[tuple[Any, Any]]:
    start, end = (mpf(x.numerator) / x.denominator for x in (low, high))
    ratio = (end / start) ** (mpf(1) / pieces) if start > 0 else None
    points = [start * ratio**i if ratio else start + (end - start) * i / pieces for i in range(pieces + 1)]
    return list(pairwise(points))


def _piece(sides: tuple[Tree, ...], strict: bool, name: str, low: Any, high: Any) -> bool:
    """Whether left - right, or the difference of their logarithms, is shown right between two points."""
    try:
        left, right = (jet(side, {name: Jet(low, high, mpf(1), mpf(1))}) for side in sides)
        if left.low > right.high or (not strict and left.low == right.high):
            return True
        ends = [tuple(number(side, {name: end}) for side in sides) for end in (low, high)]
        forms = [(left, right, [one - other for one, other in ends])]
        if left.low > 0 and right.low > 0:
            forms.append((_ln(left), _ln(right), [mp.log(one) - mp.log(other) for one, other in ends]))
        return any(_shown(one, other, gaps, high - low, strict) for one, other, gaps in forms)
    except (Refused, ValueError, ZeroDivisionError):
        return False


def _shown(left: Jet, right: Jet, gaps: list[Any], width: Any, strict: bool) -> bool:
    """By the sign of the derivative and one end, or by one end and the size of the derivative."""
    down, up = left.down - right.up, left.up - right.down
    right_signs = [gap > SLACK * (1 if strict else -1) for gap in gaps]
    if (down >= 0 and right_signs[0]) or (up <= 0 and right_signs[1]):
        return True
    return bool(gaps[0] + down * width > 0 or gaps[1] - up * width > 0)


def _tail(sides: tuple[Tree, ...], name: str, tail: Mapping[str, Any]) -> None:
    terms, start = tail["terms"], int(tail["from"])
    parsed = [parse(entry["term"]) for entry in terms]
    for power in (1, Fraction(3, 2), 2, 3):
        point = int(mp.floor(mpf(start) ** (mpf(power.numerator) / power.denominator)))
        lost = 20 + _digits(sides, name, point)
        with mp.workdps(80 + 8 * len(str(point)) + 2 * lost):
            left, right = (number(side, {name: mpf(point)}) for side in sides)
            gap = mp.log(left) - mp.log(right) if tail["form"] == "log" else left - right
            ends = [_coefficient(entry["coefficient"]) for entry in terms]
            values = [number(tree, {name: mpf(point)}) for tree in parsed]
            pairs = list(zip(ends, values, strict=True))
            low, high = (mp.fsum(end[i] * value for end, value in pairs) for i in (0, 1))
            room = mpf(10) ** (lost - mp.dps) * max([abs(v) * max(map(abs, e)) for e, v in pairs], default=mpf(1))
            require(low - room <= gap, f"the terms are too large at {point}")
            require(gap <= high + room or tail["form"] == "rounded", f"the terms are too small at {point}")
    if terms:
        ends = [_coefficient(entry["coefficient"]) for entry in terms]
        _dominated(name, start, parsed, ends, terms, mpf(tail["share"]))


def _digits(sides: tuple[Tree, ...], name: str, point: int) -> int:
    """Digits that the logarithms of the sides have before the point; Refused where these are too many."""
    sizes = [abs(number(side, {name: mpf(point)})) for side in sides]
    digits = max(int(mp.log10(1 + abs(mp.log(size)))) for size in sizes if size > 0)
    require(digits < 3000, "numbers too large to test")
    return digits


def _dominated(
    name: str, start: int, parsed: list[Tree], ends: list[tuple[Any, Any]], terms: Any, share: Any
) -> None:
    left = [low for low, _ in ends]
    for j, entry in enumerate(terms):
        if j == 0 or left[j] >= 0:
            continue
        i = entry.get("against")
        require(isinstance(i, int) and 0 <= i < j, f"term {j} is set against nothing")
        quotients = [
            number(parsed[j], {name: x}) / number(parsed[i], {name: x})
            for x in (mpf(start), 2 * mpf(start), mpf(start) ** 2, mpf(start) ** 3)
        ]
        require(quotients == sorted(quotients, reverse=True), f"term {j} grows beside term {i}")
        require(quotients[0] <= mpf(entry["ratio"]) * (1 + SLACK), f"the ratio of term {j}")
        left[i] += left[j] * mpf(entry["ratio"])
        require(left[i] > -SLACK, f"term {i} is used up")
    require(left[0] * (1 + mpf(10) ** -12) >= share > 0, "the share")


def _coefficient(entry: Any) -> tuple[Any, Any]:
    if isinstance(entry, str):
        value = number(parse(entry), {})
        return value, value
    return mpf(entry[0]), mpf(entry[1])


def number(tree: Tree, values: Mapping[str, Any]) -> Any:
    """The value of ``tree`` in mpmath at the current precision."""
    if isinstance(tree, Number):
        return mpf(tree.value.numerator) / tree.value.denominator
    if isinstance(tree, Variable):
        return values[tree.name]
    if tree.head in ("sum", "prod"):
        return _range(tree, values)
    parts = [number(part, values) for part in tree.arguments]
    if tree.head in ("floor", "ceil"):
        near = mp.nint(parts[0])
        exact = abs(parts[0] - near) < mpf(10) ** (15 - mp.dps)
        return near if exact else getattr(mp, tree.head)(parts[0])
    return _FUNCTIONS[tree.head](*parts)


def _range(tree: Term, values: Mapping[str, Any]) -> Any:
    closed = _closed(tree)
    if closed is not None:
        return number(closed, values)
    return mp.harmonic(number(tree.arguments[2], values))


def _closed(tree: Term) -> Tree | None:
    """The textbook form of the few ranges that the claims have; None for the harmonic numbers."""
    i, low, high, body = tree.arguments
    n, shown = f"({show(high)})", show(body).replace(show(i), "i")
    require(low == Number(Fraction(1)), "a range from 1 on")
    forms = {
        "sum i": f"{n}*({n} + 1)/2",
        "sum i^2": f"{n}*({n} + 1)*(2*{n} + 1)/6",
        "sum i^3": f"({n}*({n} + 1)/2)^2",
        "sum i^4": f"{n}*({n} + 1)*(2*{n} + 1)*(3*{n}^2 + 3*{n} - 1)/30",
        "sum 2^i": f"2^({n} + 1) - 2",
        "prod 2*i": f"2^{n}*{n}!",
        "prod 3*i": f"3^{n}*{n}!",
    }
    require(tree.head == "sum" or f"prod {shown}" in forms, f"the range {show(tree)}")
    require(shown == "1/i" or f"{tree.head} {shown}" in forms, f"the range {show(tree)}")
    return None if shown == "1/i" else parse(forms[f"{tree.head} {shown}"])


_FUNCTIONS: Mapping[str, Callable[..., Any]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "neg": lambda x: -x,
    "*": lambda x, y: x * y,
    "/": lambda x, y: x / y,
    "^": lambda x, y: x ** (int(y) if y == int(y) and abs(y) < 10**6 else y),
    "!": lambda x: mp.gamma(x + 1),
    "binom": lambda n, k: mp.binomial(n, k),
    "ln": mp.log,
    "log2": lambda x: mp.log(x) / mp.log(2),
    "log10": lambda x: mp.log(x) / mp.log(10),
    "log": lambda x, b: mp.log(x) / mp.log(b),
    "exp": mp.exp,
    "sqrt": mp.sqrt,
    "abs": abs,
    "min": min,
    "max": max,
    "e": lambda: +mp.e,
    "pi": lambda: +mp.pi,
    "EulerGamma": lambda: +mp.euler,
}


def jet(tree: Tree, values: Mapping[str, Jet]) -> Jet:
    """Values and derivatives of ``tree`` over an interval, by the rules for each head."""
    if isinstance(tree, Number):
        value = number(tree, {})
        return Jet(value, value, mpf(0), mpf(0))
    if isinstance(tree, Variable):
        return values[tree.name]
    if not set(_names(tree)) & set(values):
        value = number(tree, {})
        return Jet(value, value, mpf(0), mpf(0))
    if tree.head in ("sum", "prod"):
        return _range_jet(tree, values)
    inner = tree.arguments[0] if tree.arguments else tree
    if tree.head in ("ln", "log2", "log10") and isinstance(inner, Term) and inner.head == "!":
        scale = 1 if tree.head == "ln" else 1 / mp.log(int(tree.head[3:]))
        return _scaled(_log_factorial(jet(inner.arguments[0], values)), scale)
    parts = [jet(part, values) for part in tree.arguments]
    x, y = parts[0], parts[-1]
    match tree.head:
        case "+":
            return Jet(x.low + y.low, x.high + y.high, x.down + y.down, x.up + y.up)
        case "-":
            return Jet(x.low - y.high, x.high - y.low, x.down - y.up, x.up - y.down)
        case "neg":
            return Jet(-x.high, -x.low, -x.up, -x.down)
        case "*":
            return _times(x, y)
        case "/":
            return _times(x, _inverse(y))
        case "^":
            return _power(x, y)
        case "ln":
            return _ln(x)
        case "log2" | "log10":
            return _scaled(_ln(x), 1 / mp.log(int(tree.head[3:])))
        case "log":
            return _times(_ln(x), _inverse(_ln(y)))
        case "exp":
            return _monotone_jet(x, mp.exp, mp.exp)
        case "sqrt":
            require(x.low > 0, "a root")
            return _monotone_jet(x, mp.sqrt, lambda t: 1 / (2 * mp.sqrt(t)), falling=True)
        case "!":
            return _monotone_jet(_log_factorial(x), mp.exp, mp.exp)
        case "binom":
            difference = Jet(x.low - y.high, x.high - y.low, x.down - y.up, x.up - y.down)
            logs = [_log_factorial(part) for part in (x, y, difference)]
            logarithm = Jet(
                logs[0].low - logs[1].high - logs[2].high,
                logs[0].high - logs[1].low - logs[2].low,
                logs[0].down - logs[1].up - logs[2].up,
                logs[0].up - logs[1].down - logs[2].down,
            )
            return _monotone_jet(logarithm, mp.exp, mp.exp)
        case "floor" | "ceil":
            ends = [number(Term(tree.head, (Variable("t"),)), {"t": end}) for end in (x.low, x.high)]
            return Jet(*ends)
        case "min" | "max":
            pick = min if tree.head == "min" else max
            return Jet(pick(x.low, y.low), pick(x.high, y.high))
        case "abs":
            require(x.low >= 0 or x.high <= 0, "an absolute value around 0")
            return x if x.low >= 0 else Jet(-x.high, -x.low, -x.up, -x.down)
    raise Refused(f"{tree.head} is not known")


def _names(tree: Tree) -> list[str]:
    if isinstance(tree, Variable):
        return [tree.name]
    return [name for part in tree.arguments for name in _names(part)] if isinstance(tree, Term) else []


def _range_jet(tree: Term, values: Mapping[str, Jet]) -> Jet:
    """The closed form, or the harmonic numbers, whose derivative at x lies between 1/(x + 1) and 1/x."""
    closed = _closed(tree)
    if closed is not None:
        return jet(closed, values)
    x = jet(tree.arguments[2], values)
    require(x.low > 0 and x.down >= 0, "a harmonic number below 0")
    return Jet(mp.harmonic(x.low), mp.harmonic(x.high), x.down / (x.high + 1), x.up / x.low)


def _scaled(x: Jet, c: Any) -> Jet:
    return _times(x, Jet(c, c, mpf(0), mpf(0)))


def _hull(numbers: list[Any]) -> tuple[Any, Any]:
    return (mp.nan, mp.nan) if any(map(mp.isnan, numbers)) else (min(numbers), max(numbers))


def _times(x: Jet, y: Jet) -> Jet:
    value = _hull([a * b for a in (x.low, x.high) for b in (y.low, y.high)])
    one = _hull([a * b for a in (x.down, x.up) for b in (y.low, y.high)])
    other = _hull([a * b for a in (x.low, x.high) for b in (y.down, y.up)])
    return Jet(*value, one[0] + other[0], one[1] + other[1])


def _inverse(x: Jet) -> Jet:
    require(x.low > 0 or x.high < 0, "a division by 0")
    rates = _hull([-d / v**2 for d in (x.down, x.up) for v in (x.low, x.high)])
    return Jet(1 / x.high, 1 / x.low, *rates)


def _power(x: Jet, y: Jet) -> Jet:
    if y.low == y.high and y.down == y.up == 0:
        n = y.low
        require(x.low > 0 or (n == int(n) and n > 0), "a power of what may be negative")
        whole = int(n) if n == int(n) else n
        ends = [x.low**whole, x.high**whole] + ([mpf(0)] if x.low < 0 < x.high and n != 1 else [])
        rates = [n * t ** (whole - 1) for t in (x.low, x.high)] + ([mpf(0)] if x.low < 0 < x.high and n != 1 else [])
        slopes = _hull([r * d for r in rates for d in (x.down, x.up)])
        return Jet(*_hull(ends), *slopes)
    return _monotone_jet(_times(y, _ln(x)), mp.exp, mp.exp)


def _ln(x: Jet) -> Jet:
    require(x.low > 0, "a logarithm")
    return _monotone_jet(x, mp.log, lambda t: 1 / t, falling=True)


def _log_factorial(x: Jet) -> Jet:
    require(x.low >= 1, "a factorial below 1")
    return _monotone_jet(x, lambda t: mp.loggamma(t + 1), lambda t: mp.digamma(t + 1))


def _monotone_jet(
    x: Jet, function: Callable[[Any], Any], rate: Callable[[Any], Any], *, falling: bool = False
) -> Jet:
    """An increasing function whose derivative is monotone, too."""
    rates = [rate(x.high), rate(x.low)] if falling else [rate(x.low), rate(x.high)]
    return Jet(function(x.low), function(x.high), *_hull([r * d for r in rates for d in (x.down, x.up)]))
