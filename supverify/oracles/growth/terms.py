"""Exact sums of products of kernels: the one form in which expressions are kept.

A kernel is a function that algebra does not look into: an element of the scale, a constant such as log 2, or a
function of a sum such as exp(1/x). Sums are polynomials in kernels with rational coefficients and constant powers.
Products reduce what has a normal form: powers of primes, exp(a) exp(b) = exp(a + b), T^2 for a kernel T that is
itself a sum, cos^2 = 1 - sin^2.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cached_property

LARGEST_SUM = 4000  # terms
LARGEST_NUMBER = 1 << 14  # bits


class Undecided(Exception):
    """What could not be told, and why; the answer to a claim is then neither true nor false."""


class Truncated(Undecided):
    """Too few terms of an infinite series were taken; with more of them it may be told."""


@dataclass(frozen=True, eq=False)
class Kernel:
    """``kind`` applied to ``argument``; one object for each, made by its table.

    ``basis`` holds the elements of the scale on which the kernel depends, none for a constant. ``detail`` is a prime,
    the order of a derivative, or the interval of an oscillation.
    """

    number: int
    kind: str
    argument: Sum | None
    detail: object
    basis: frozenset[Kernel]
    table: Kernels = field(repr=False)

    def __hash__(self) -> int:
        return self.number


@dataclass(frozen=True)
class Oscillation:
    """``name`` of an ``argument`` that has no limit, such as sin(m): a value that stays in [low, high]."""

    name: str
    argument: Sum
    low: Fraction
    high: Fraction


class Kernels:
    """The kernels of one question, each made once."""

    def __init__(self) -> None:
        self.made: dict[tuple[str, Sum | None, object], Kernel] = {}

    def make(self, kind: str, argument: Sum | None = None, detail: object = None, *, basis: bool = False) -> Kernel:
        """The kernel of this kind; ``basis`` says that it is an element of the scale."""
        key = (kind, argument, detail)
        if key not in self.made:
            inner = argument.basis if argument is not None else frozenset[Kernel]()
            kernel = Kernel(len(self.made), kind, argument, detail, inner, self)
            if basis:
                object.__setattr__(kernel, "basis", frozenset((kernel,)))
            self.made[key] = kernel
        return self.made[key]


@dataclass(frozen=True, eq=False)
class Sum:
    """The terms of a sum: coefficients != 0 of products of kernels, as ``((kernel, power), ...)``."""

    terms: Mapping[Product, Fraction]

    @cached_property
    def _key(self) -> frozenset[tuple[Product, Fraction]]:
        return frozenset(self.terms.items())

    @cached_property
    def _hash(self) -> int:
        return hash(self._key)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sum) and (self is other or self._key == other._key)

    def __bool__(self) -> bool:
        return bool(self.terms)

    @cached_property
    def basis(self) -> frozenset[Kernel]:
        """The elements of the scale that occur, also inside of kernels."""
        return frozenset[Kernel]().union(*(kernel.basis for kernel in self.kernels()))

    @property
    def rational(self) -> Fraction | None:
        """The rational number that this is, or None."""
        return self.terms.get((), Fraction(0)) if set(self.terms) <= {()} else None

    def kernels(self) -> set[Kernel]:
        """The kernels that occur in a product or in a power."""
        found: set[Kernel] = set()
        for product in self.terms:
            for kernel, power in product:
                found.add(kernel)
                if isinstance(power, Sum):
                    found |= power.kernels()
        return found

    def __add__(self, other: Sum) -> Sum:
        terms = dict(self.terms)
        for product, coefficient in other.terms.items():
            terms[product] = terms.get(product, Fraction(0)) + coefficient
            if not terms[product]:
                del terms[product]
        return _limited(terms)

    def __neg__(self) -> Sum:
        return self.scaled(Fraction(-1))

    def __sub__(self, other: Sum) -> Sum:
        return self + -other

    def scaled(self, factor: Fraction) -> Sum:
        """``factor`` times this."""
        return Sum({product: factor * c for product, c in self.terms.items()}) if factor else ZERO

    def __mul__(self, other: Sum) -> Sum:
        total: dict[Product, Fraction] = {}
        if len(self.terms) * len(other.terms) > 16 * LARGEST_SUM:
            raise Undecided(f"a product has more than {16 * LARGEST_SUM} terms")
        for one, p in self.terms.items():
            for two, q in other.terms.items():
                for product, coefficient in _product(one, two).terms.items():
                    total[product] = total.get(product, Fraction(0)) + p * q * coefficient
        return _limited({product: c for product, c in total.items() if c})


Power = Fraction | Sum  # a Sum only if it is a constant and no rational number
Product = tuple[tuple[Kernel, Power], ...]
ZERO = Sum({})


def number(value: Fraction | int) -> Sum:
    """The sum that is a rational number."""
    return Sum({(): Fraction(value)}) if value else ZERO


ONE = number(1)


def atom(kernel: Kernel, power: Power = Fraction(1)) -> Sum:
    """A kernel to a power, reduced."""
    return _reduced({kernel: power})


def singles(total: Sum) -> Iterator[Sum]:
    """The terms, each as a sum of its own."""
    return (Sum({product: coefficient}) for product, coefficient in total.terms.items())


def as_power(total: Sum) -> Power:
    """A constant as a power: a Fraction where it is rational."""
    return total if total.rational is None else total.rational


def as_sum(power: Power) -> Sum:
    """A power as a sum."""
    return power if isinstance(power, Sum) else number(power)


def add_powers(one: Power, two: Power) -> Power:
    """one + two."""
    if isinstance(one, Fraction) and isinstance(two, Fraction):
        return one + two
    return as_power(as_sum(one) + as_sum(two))


def multiply_powers(one: Power, two: Power) -> Power:
    """one * two."""
    if isinstance(one, Fraction) and isinstance(two, Fraction):
        return one * two
    return as_power(as_sum(one) * as_sum(two))


def _limited(terms: dict[Product, Fraction]) -> Sum:
    if len(terms) > LARGEST_SUM:
        raise Undecided(f"a sum has more than {LARGEST_SUM} terms")
    return Sum(terms)


def _product(one: Product, two: Product) -> Sum:
    if not one or not two:
        return Sum({one or two: Fraction(1)})
    powers: dict[Kernel, Power] = dict(one)
    for kernel, power in two:
        powers[kernel] = add_powers(powers[kernel], power) if kernel in powers else power
    return _reduced(powers)


def _reduced(powers: dict[Kernel, Power]) -> Sum:
    """The product of kernels to powers, in normal form."""
    factor, kept, exponents, others = Fraction(1), dict[Kernel, Power](), ZERO, list[Sum]()
    for kernel, power in powers.items():
        whole = power.numerator // power.denominator if isinstance(power, Fraction) else 0
        if kernel.kind == "prime" and whole:
            factor *= prime_power(kernel, whole)
            power -= whole  # type: ignore[operator]
        elif kernel.kind == "exp" and kernel.argument is not None:
            exponents += kernel.argument * as_sum(power)
            power = Fraction(0)
        elif kernel.kind == "sum" and whole >= 1 and kernel.argument is not None:
            others += [kernel.argument] * whole
            power -= whole  # type: ignore[operator]
        elif whole >= 2 and (sine := _sine_of(kernel)) is not None:
            others += [ONE - atom(sine, Fraction(2))] * (whole // 2)
            power -= whole // 2 * 2  # type: ignore[operator]
        if power != 0:
            kept[kernel] = power
    if exponents:
        table = next(iter(powers)).table
        kept[table.make("exp", exponents)] = Fraction(1)
    total = Sum({tuple(sorted(kept.items(), key=lambda item: item[0].number)): factor})
    for other in others:
        total = total * other
    return total


def _sine_of(kernel: Kernel) -> Kernel | None:
    """The sine of the same argument, if the kernel is a cosine."""
    if kernel.kind == "cos":
        return kernel.table.make("sin", kernel.argument, kernel.detail)
    if kernel.kind == "oscillation" and isinstance(kernel.detail, Oscillation) and kernel.detail.name == "cos":
        return kernel.table.make("oscillation", None, replace(kernel.detail, name="sin"))
    return None


def prime_power(kernel: Kernel, power: int) -> Fraction:
    """p^power; raises Undecided for numbers that are too long."""
    base = kernel.detail
    if not isinstance(base, int) or base.bit_length() * abs(power) > LARGEST_NUMBER:
        raise Undecided(f"a number of more than {LARGEST_NUMBER} bits")
    return Fraction(base) ** power


def cleared(total: Sum) -> Sum:
    """``total`` times powers of its sum kernels that leave none of them in a denominator: 0 if and only if it was."""
    done: set[Kernel] = set()
    while True:
        kernels = {k for product in total.terms for k, _ in product if k.kind == "sum"} - done
        if not kernels or not total:
            return total
        kernel = max(kernels, key=lambda k: k.number)
        done.add(kernel)
        found = [dict(product).get(kernel, Fraction(0)) for product in total.terms]
        rational = [power for power in found if isinstance(power, Fraction)]
        if len(rational) == len(found) and (least := min(rational)) < 0:
            total = _raised(total, kernel, -Fraction(least))


def _raised(total: Sum, kernel: Kernel, power: Fraction) -> Sum:
    """``total`` times a power of a kernel, powers added before anything is multiplied out."""
    raised = ZERO
    for product, coefficient in total.terms.items():
        powers = dict(product)
        powers[kernel] = add_powers(powers.get(kernel, Fraction(0)), power)
        raised += _reduced(powers).scaled(coefficient)
    return raised


def is_zero(total: Sum) -> bool:
    """Whether exact algebra shows that ``total`` is 0; False says nothing."""
    return not total or not cleared(total)
