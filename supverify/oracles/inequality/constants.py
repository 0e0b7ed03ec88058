"""Exact real constants: rational combinations of products of rational powers of symbols such as ln 2, pi and 2^(1/3).

Two constants with one normal form are equal, so a tie is seen by integers and never guessed from digits. The converse
fails: a difference that is 0 without looking so keeps an enclosure around 0, and whoever asks for its sign gets None.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache
from typing import Any

from .factors import factors

ZERO_POWER = Fraction(0)
WORDS = 64  # terms of a constant
SIGN_BITS = 2048


class Undecided(Exception):
    """Raised where a proof step has no answer; the text says what was missing."""


class Open(Undecided):
    """Raised where more terms of a series may tell."""


@dataclass(frozen=True)
class Symbol:
    """A real number that is not looked into: ``prime`` p (its roots), pi, e, euler, or a function of a constant."""

    head: str
    argument: int | Constant | None = None

    @property
    def text(self) -> str:
        """The symbol as people write it; equal texts are equal symbols."""
        if self.argument is None:
            return self.head
        return str(self.argument) if self.head in ("prime", "value") else f"{self.head}({self.argument})"


Product = tuple[tuple[Symbol, Fraction], ...]  # sorted by text, no power 0


@dataclass(frozen=True)
class Constant:
    """The sum of coefficient times product of powers; no terms: 0."""

    terms: tuple[tuple[Product, Fraction], ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "_hash", hash(self.terms))

    def __hash__(self) -> int:  # kept: constants are looked up all the time
        return int(self._hash)  # type: ignore[attr-defined]

    def __str__(self) -> str:
        return _text(self)

    def __add__(self, other: Constant) -> Constant:
        return constant_sum([*self.terms, *other.terms])

    def __sub__(self, other: Constant) -> Constant:
        return self + other.scaled(Fraction(-1))

    def __mul__(self, other: Constant) -> Constant:
        return constant_sum(
            (_powers([*one, *two]), p * q) for one, p in self.terms for two, q in other.terms
        )._normalised()

    def scaled(self, factor: Fraction) -> Constant:
        """``factor`` times the constant."""
        return Constant(tuple((product, factor * c) for product, c in self.terms)) if factor else Constant()

    def rational(self) -> Fraction | None:
        """The number, if it is rational in normal form."""
        if not self.terms:
            return Fraction(0)
        return self.terms[0][1] if len(self.terms) == 1 and not self.terms[0][0] else None

    def rational_part(self) -> Fraction:
        """The rational summand of the normal form."""
        return dict(self.terms).get((), Fraction(0))

    def _normalised(self) -> Constant:
        """Roots of primes with their whole powers multiplied out."""
        parts = [_carried(product, c) for product, c in self.terms]
        return constant_sum(parts)


def constant_sum(terms: Iterable[tuple[Product, Fraction]]) -> Constant:
    """The normal form of a sum; raises Undecided when it gets too long."""
    total: dict[Product, Fraction] = {}
    for product, coefficient in terms:
        total[product] = total.get(product, ZERO_POWER) + coefficient
    if len(total) > WORDS:
        raise Undecided(f"a constant of more than {WORDS} terms")
    kept = ((product, c) for product, c in total.items() if c)
    return Constant(tuple(sorted(kept, key=lambda term: _key(term[0]))))


def rational(number: Fraction | int) -> Constant:
    """The constant of a rational number."""
    return Constant((((), Fraction(number)),)) if number else Constant()


def symbol(head: str, argument: int | Constant | None = None, power: Fraction = Fraction(1)) -> Constant:
    """One symbol as a constant, raised to ``power``."""
    return Constant(((((Symbol(head, argument), power),), Fraction(1)),))


PI, E, EULER = symbol("pi"), symbol("e"), symbol("EulerGamma")


@lru_cache(maxsize=1 << 14)
def power(base: Constant, exponent: Fraction) -> Constant:
    """base^exponent; raises Undecided where that is not defined or its sign not known."""
    if not exponent:
        return rational(1)
    if not base.terms:
        if exponent > 0:
            return base
        raise Undecided("a division by 0")
    if exponent.denominator > 1 and sign(base) != 1:
        raise Undecided(f"a root of {base}, which is not known to be positive")
    if len(base.terms) > 1:
        return _power_of_sum(base, exponent)
    ((product, coefficient),) = base.terms
    if exponent.denominator > 1 and any(not _positive(part) for part, _ in product):
        return symbol("value", base, exponent)
    raised = Constant(((_powers((part, q * exponent) for part, q in product), Fraction(1)),))
    return raised._normalised() * _rational_power(coefficient, exponent)


def _power_of_sum(base: Constant, exponent: Fraction) -> Constant:
    if exponent.denominator == 1 and 0 < exponent <= 6:
        return base if exponent == 1 else base * power(base, exponent - 1)
    negative = sign(base) == -1
    opaque = symbol("value", base.scaled(Fraction(-1)) if negative else base, exponent)
    return opaque.scaled(Fraction(-1)) if negative and exponent % 2 else opaque


def _rational_power(number: Fraction, exponent: Fraction) -> Constant:
    if exponent.denominator == 1:
        if abs(exponent) * max(number.numerator.bit_length(), number.denominator.bit_length()) > 1 << 20:
            raise Undecided("a power of too many digits")
        return rational(number ** int(exponent))
    parts = _powers((Symbol("prime", p), k * exponent) for p, k in factors(number).items())
    return Constant(((parts, Fraction(1)),))._normalised()


@lru_cache(maxsize=1 << 14)
def logarithm(argument: Constant) -> Constant:
    """ln of a constant; raises Undecided unless it is known to be positive."""
    if sign(argument) != 1:
        raise Undecided(f"a logarithm of {argument}, which is not known to be positive")
    if len(argument.terms) > 1 or any(not _positive(part) for part, _ in argument.terms[0][0]):
        return symbol("ln", argument)
    ((product, coefficient),) = argument.terms
    total = Constant()
    for p, k in factors(coefficient).items():
        total += symbol("ln", rational(p)).scaled(Fraction(k))
    for part, q in product:
        total += _log_of_symbol(part).scaled(q)
    return total


def _log_of_symbol(part: Symbol) -> Constant:
    if part.head == "e":
        return rational(1)
    if part.head == "exp" and isinstance(part.argument, Constant):
        return part.argument
    if part.head == "prime" and isinstance(part.argument, int):
        return symbol("ln", rational(part.argument))
    if part.head == "value" and isinstance(part.argument, Constant):
        return logarithm(part.argument)
    return symbol("ln", Constant(((((part, Fraction(1)),), Fraction(1)),)))


def exponential(argument: Constant) -> Constant:
    """exp of a constant: e^q, and x^q for a summand q ln x."""
    result, rest = rational(1), list[tuple[Product, Fraction]]()
    for product, coefficient in argument.terms:
        if not product:
            result = result * symbol("e", None, coefficient)
        elif len(product) == 1 and product[0][0].head == "ln" and product[0][1] == 1:
            inner = product[0][0].argument
            result = result * power(inner, coefficient) if isinstance(inner, Constant) else result
        else:
            rest.append((product, coefficient))
    return result * symbol("exp", constant_sum(rest)) if rest else result


@lru_cache(maxsize=1 << 14)
def sign(number: Constant) -> int | None:
    """-1, 0 or 1; None where neither the normal form nor SIGN_BITS bits of an enclosure tell."""
    known = number.rational()
    if known is not None:
        return (known > 0) - (known < 0)
    bits = 64
    while bits <= SIGN_BITS:
        enclosure = ball(number, bits)
        if enclosure > 0 or enclosure < 0:
            return 1 if enclosure > 0 else -1
        bits *= 2
    return None


@lru_cache(maxsize=1 << 14)
def ball(number: Constant, bits: int) -> Any:
    """An arb ball around the constant, worked out with ``bits`` bits."""
    from flint import arb, ctx, fmpq

    with ctx.workprec(bits):
        total = arb(0)
        for product, coefficient in number.terms:
            value = arb(fmpq(coefficient.numerator, coefficient.denominator))
            for part, q in product:
                value *= _raised(_symbol_ball(part, bits), q)
            total += value
        return total


def _raised(base: Any, q: Fraction) -> Any:
    from flint import arb, fmpq

    return base ** int(q) if q.denominator == 1 else base ** arb(fmpq(q.numerator, q.denominator))


def _symbol_ball(part: Symbol, bits: int) -> Any:
    from flint import arb

    if part.argument is None:
        return {"pi": arb.pi, "e": arb.const_e, "EulerGamma": arb.const_euler}[part.head]()
    if isinstance(part.argument, int):
        return arb(part.argument)
    inner = ball(part.argument, bits)
    operations = {"value": lambda x: x, "ln": lambda x: x.log(), "exp": lambda x: x.exp(), **_FUNCTIONS}
    return operations[part.head](inner)


_FUNCTIONS: Mapping[str, Any] = {
    "lnfact": lambda x: (x + 1).lgamma(),
    "digamma": lambda x: x.digamma(),
    "sin": lambda x: x.sin(),
    "cos": lambda x: x.cos(),
    "atan": lambda x: x.atan(),
}


def _positive(part: Symbol) -> bool:
    if part.head in ("prime", "pi", "e", "EulerGamma", "exp"):
        return True
    return sign(Constant(((((part, Fraction(1)),), Fraction(1)),))) == 1


def _powers(parts: Iterable[tuple[Symbol, Fraction]]) -> Product:
    total: dict[Symbol, Fraction] = {}
    for part, q in parts:
        total[part] = total.get(part, ZERO_POWER) + q
    return tuple(sorted(((part, q) for part, q in total.items() if q), key=lambda item: item[0].text))


def _carried(product: Product, coefficient: Fraction) -> tuple[Product, Fraction]:
    kept = list[tuple[Symbol, Fraction]]()
    for part, q in product:
        if part.head == "prime" and isinstance(part.argument, int):
            whole = q // 1
            coefficient *= Fraction(part.argument) ** int(whole)
            q -= whole
        if q:
            kept.append((part, q))
    return tuple(kept), coefficient


def _key(product: Product) -> str:
    return " ".join(f"{part.text}^{q}" for part, q in product)


@lru_cache(maxsize=1 << 14)
def _text(number: Constant) -> str:
    def power_text(part: Symbol, q: Fraction) -> str:
        return part.text if q == 1 else f"({part.text})^({q})"

    words = [
        "*".join([str(c)] * (c != 1 or not product) + [power_text(part, q) for part, q in product])
        for product, c in number.terms
    ]
    return "(" + " + ".join(words) + ")" if len(words) > 1 else (words or ["0"])[0]
