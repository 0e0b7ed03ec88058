"""The scale of growth: products of powers of x, ln x, ln ln x, ln ln ln x and of exp of slower sums, with bounds.

``Monomial`` is one product; it is positive for x >= START. ``growth`` tells where it goes; ``falls`` proves that it
only falls from a point on, by the sign of its logarithmic slope x M'/M, which is again a sum over the scale. So its
value at that point bounds it on the whole tail.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cmp_to_key, lru_cache
from typing import Any

from .constants import Constant, Undecided, ball, rational, sign

START = 16  # from e^e on, ln ln ln x > 0
BITS = 256  # precision of every number in a tail argument
LOGS = ("m", "ln(m)", "ln(ln(m))", "ln(ln(ln(m)))")
NONE = (Fraction(0),) * len(LOGS)


@dataclass(frozen=True)
class Monomial:
    """x^p0 (ln x)^p1 (ln ln x)^p2 (ln ln ln x)^p3 exp(sum of constant * growing monomial)."""

    powers: tuple[Fraction, ...] = NONE
    exponent: tuple[tuple[Monomial, Constant], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash((self.powers, self.exponent)))

    def __hash__(self) -> int:  # kept: monomials are looked up all the time
        return int(self._hash)  # type: ignore[attr-defined]

    def __str__(self) -> str:
        parts = [
            name if p == 1 else f"{name}^{p if p.denominator == 1 and p > 0 else f'({p})'}"
            for name, p in zip(LOGS, self.powers, strict=True)
            if p
        ]
        if self.exponent:
            parts.append("exp(" + " + ".join(f"({c})*{inner}" for inner, c in self.exponent) + ")")
        return "*".join(parts) or "1"

    def __mul__(self, other: Monomial) -> Monomial:
        powers = tuple(p + q for p, q in zip(self.powers, other.powers, strict=True))
        return Monomial(powers, exponents([*self.exponent, *other.exponent]))

    def __truediv__(self, other: Monomial) -> Monomial:
        return self * other.power(Fraction(-1))

    def power(self, exponent: Fraction) -> Monomial:
        """The monomial raised to ``exponent``."""
        powers = tuple(p * exponent for p in self.powers)
        return Monomial(powers, exponents((inner, c.scaled(exponent)) for inner, c in self.exponent))


ONE = Monomial()


def shown(number: int) -> str:
    """A point as text, a long one by its size."""
    return str(number) if number < 10**30 else f"2^{number.bit_length() - 1}"


def logs(*powers: int | Fraction) -> Monomial:
    """The monomial with these powers of x, ln x, ln ln x and ln ln ln x."""
    return Monomial(tuple(Fraction(p) for p in powers) + NONE[len(powers) :])


def exponents(terms: Iterable[tuple[Monomial, Constant]]) -> tuple[tuple[Monomial, Constant], ...]:
    """The canonical sum in an exp: like terms together, none that is 0."""
    total: dict[Monomial, Constant] = {}
    for inner, c in terms:
        total[inner] = total[inner] + c if inner in total else c
    return tuple(sorted(((inner, c) for inner, c in total.items() if c.terms), key=lambda term: str(term[0])))


def log_of(monomial: Monomial) -> dict[Monomial, Constant]:
    """ln of a monomial, as a sum over the scale."""
    total = dict(monomial.exponent)
    for i, p in enumerate(monomial.powers):
        if not p:
            continue
        if i + 1 == len(LOGS):
            raise Undecided("a fourth iterated logarithm")
        inner = logs(*[0] * (i + 1), 1)
        total[inner] = total[inner] + rational(p) if inner in total else rational(p)
    return {inner: c for inner, c in total.items() if c.terms}


@lru_cache(maxsize=1 << 16)
def growth(monomial: Monomial) -> int:
    """1 if the monomial tends to infinity, -1 if it tends to 0, 0 if it is 1; raises Undecided."""
    if not monomial.exponent:
        return next((1 if p > 0 else -1 for p in monomial.powers if p), 0)
    if not any(monomial.powers) and len(monomial.exponent) == 1:
        return _known_sign(monomial.exponent[0][1])
    terms = log_of(Monomial((*monomial.powers[:-1], Fraction(0)), monomial.exponent))
    lead = descending(terms)[0]
    if growth(lead) <= 0:
        raise Undecided(f"the growth of {monomial}")
    return _known_sign(terms[lead])


def _known_sign(number: Constant) -> int:
    found = sign(number)
    if found is None:
        raise Undecided(f"the sign of {number}")
    return found


def descending(monomials: Iterable[Monomial]) -> list[Monomial]:
    """From the fastest growing to the slowest; raises Undecided where two cannot be compared."""

    def order(one: Monomial, two: Monomial) -> int:
        return growth(two / one)

    return sorted(monomials, key=cmp_to_key(order))


@lru_cache(maxsize=1 << 14)
def slope(monomial: Monomial) -> dict[Monomial, Constant]:
    """x M'/M, exact: p0 + p1/ln x + p2/(ln x ln ln x) + ... + the sum of c * inner * slope(inner)."""
    total: dict[Monomial, Constant] = {}

    def collect(part: Monomial, c: Constant) -> None:
        total[part] = total[part] + c if part in total else c

    for i, p in enumerate(monomial.powers):
        if p:
            collect(logs(0, *[-1] * i), rational(p))
    for inner, c in monomial.exponent:
        for part, factor in slope(inner).items():
            collect(inner * part, c * factor)
    return {part: c for part, c in total.items() if c.terms}


@lru_cache(maxsize=1 << 16)
def falls(monomial: Monomial, start: int) -> bool:
    """Whether the monomial is proved not to grow anywhere on [start, oo)."""
    terms = {part: -ball(c, BITS) for part, c in slope(monomial).items()}
    return not terms or bool(least_share(terms, start)[0] > 0)


@lru_cache(maxsize=1 << 16)
def value_at(monomial: Monomial, start: int) -> Any:
    """A ball around the monomial's value at the integer ``start``."""
    from flint import arb, ctx, fmpq

    with ctx.workprec(BITS):
        total, base = arb(1), arb(start)
        for p in monomial.powers:
            if p:
                total *= base ** int(p) if p.denominator == 1 else base ** arb(fmpq(p.numerator, p.denominator))
            base = base.log()
        inside = arb(0)
        for inner, c in monomial.exponent:
            inside += ball(c, BITS) * value_at(inner, start)
        return total * inside.exp() if monomial.exponent else total


@dataclass(frozen=True)
class Counted:
    """A term of a sum on a tail; a negative one is ``against`` the positive one with that index, ``ratio`` of it."""

    monomial: Monomial
    coefficient: Any
    against: int | None = None
    ratio: Any = None


def least_share(terms: Mapping[Monomial, Any], start: int) -> tuple[Any, tuple[Counted, ...]]:
    """A number > 0 if the sum of ball * monomial is proved positive on [start, oo), and how its terms were counted.

    A term whose ball has negative numbers, down to -d, is set against a faster one, c M with c > 0: their quotient of
    monomials r falls, so c M - d N >= (c - d r(start)) M. The slowest one with enough left is taken. The number is
    what is left of the fastest term's coefficient.
    """
    from flint import arb, ctx

    with ctx.workprec(BITS):
        order = descending(terms)
        left, counted = [terms[monomial].lower() for monomial in order], list[Counted]()
        for j, monomial in enumerate(order):
            need = -left[j]
            if j == 0 or not need > 0:
                counted.append(Counted(monomial, terms[monomial]))
                continue
            counted.append(_set_against(order, left, j, terms[monomial], start))
            if counted[-1].against is None:
                return arb.neg_inf(), tuple(counted)
        return left[0], tuple(counted)


def _set_against(order: Sequence[Monomial], left: list[Any], j: int, coefficient: Any, start: int) -> Counted:
    for i in range(j - 1, -1, -1):
        if not left[i] > 0 or not falls(order[j] / order[i], start):
            continue
        ratio = value_at(order[j] / order[i], start).upper()
        rest = (left[i] + left[j] * ratio).lower()
        if rest > 0:
            left[i] = rest
            return Counted(order[j], coefficient, i, ratio)
    return Counted(order[j], coefficient)


def exponential_monomial(growing: list[tuple[Monomial, Constant]]) -> Monomial:
    """exp of growing terms; a rational multiple of an iterated logarithm is a power of what is inside."""
    powers, inside = list(ONE.powers), list[tuple[Monomial, Constant]]()
    for monomial, c in growing:
        place = _iterated_logarithm(monomial)
        if place:
            share = c.rational_part()
            powers[place - 1] += share
            c = c - rational(share)
        inside.append((monomial, c))
    return Monomial(tuple(powers), exponents(inside))


def _iterated_logarithm(monomial: Monomial) -> int:
    """1 for ln x, 2 for ln ln x, 3 for ln ln ln x; 0 for any other monomial."""
    ones = [i for i, p in enumerate(monomial.powers) if p]
    return ones[0] if not monomial.exponent and len(ones) == 1 and monomial.powers[ones[0]] == 1 else 0
