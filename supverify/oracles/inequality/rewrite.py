"""Statements brought to few analytic heads, each equal to what it replaces wherever the new form is defined.

The heads left are + - neg * / ^ ln exp floor ceil abs min max, ``lnfact`` (ln x!), ``harmonic``, ``digamma``,
``within`` (its first argument, defined where the second is >= 0), ``where_defined`` (likewise) and the constants.
Logarithms are taken apart, binomials and factorials become exp(lnfact), and sums and products over a range get
their closed forms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import reduce
from math import comb, factorial

from ...calculus.arithmetic import evaluate, literal, normal, rebuild
from ...calculus.statement import Number, Term, Tree, Variable, free, show
from .constants import Undecided

ZERO, ONE, TWO = Number(Fraction(0)), Number(Fraction(1)), Number(Fraction(2))
SMALL = 8  # a binomial with a lower argument up to this is a polynomial
POWERS = 8  # sums of powers up to this have their polynomial


def plus(*parts: Tree) -> Tree:
    """The sum of ``parts``."""
    return reduce(lambda left, right: Term("+", (left, right)), parts)


def minus(left: Tree, right: Tree) -> Tree:
    """left - right."""
    return Term("-", (left, right))


def times(left: Tree, right: Tree) -> Tree:
    """left * right."""
    return Term("*", (left, right))


def over(left: Tree, right: Tree) -> Tree:
    """left / right."""
    return Term("/", (left, right))


def whole_only(tree: Tree) -> bool:
    """Whether ``tree`` has a function of integers in it, of which nothing is known between them."""
    return isinstance(tree, Term) and (tree.head in ("binom", "subfactorial") or any(map(whole_only, tree.arguments)))


def simplified(tree: Tree) -> Tree:
    """The analytic form of an expression; raises Undecided for a head that is not known."""
    if not isinstance(tree, Term) or not tree.arguments:
        return tree
    if tree.head in ("sum", "prod"):
        return _closed(tree)
    parts = tuple(map(simplified, tree.arguments))
    first = parts[0]
    match tree.head:
        case "+" | "-" | "neg" | "*" | "/" | "^" | "floor" | "ceil" | "abs" | "min" | "max":
            return Term(tree.head, parts)
        case "exp" | "harmonic" | "digamma" | "sin" | "cos" | "atan" | "LambertW" | "lnfact" | "within":
            return Term(tree.head, parts)
        case "ln":
            return logarithm(first)
        case "log2" | "log10":
            return over(logarithm(first), Term("ln", (Number(Fraction(tree.head[3:])),)))
        case "log":
            return over(logarithm(first), logarithm(parts[1]))
        case "sqrt":
            return Term("^", (first, over(ONE, TWO)))
        case "!":
            return Term("exp", (Term("lnfact", parts),))
        case "binom":
            return binomial(first, parts[1])
        case "subfactorial":  # n!/e rounded, for integers n >= 1
            rounded = plus(over(Term("exp", (Term("lnfact", parts),)), Term("e")), over(ONE, TWO))
            return Term("within", (Term("floor", (rounded,)), minus(first, ONE)))
        case "gamma":
            return Term("exp", (Term("lnfact", (minus(first, ONE),)),))
        case "loggamma":
            return Term("lnfact", (minus(first, ONE),))
    raise Undecided(f"{tree.head}(...) is outside what explicit inequalities cover")


def without_common(left: Tree, right: Tree) -> tuple[Tree, Tree]:
    """Both sides without the summands that they share, whose expansions would not cancel."""
    terms = [summands(left), summands(right)]
    shared = Counter(terms[0]) & Counter(terms[1])
    if not shared:
        return left, right
    rests = [(Counter(side) - shared).elements() for side in terms]
    sums = [plus(ZERO, *(Term("neg", (t,)) if negative else t for t, negative in rest)) for rest in rests]
    return Term("where_defined", (sums[0], plus(*(t for t, _ in shared)))), sums[1]


def summands(tree: Tree, *, negative: bool = False) -> list[tuple[Tree, bool]]:
    """The terms of a sum, each with whether it is subtracted."""
    if isinstance(tree, Term) and tree.head in ("+", "-"):
        left, right = tree.arguments
        return summands(left, negative=negative) + summands(right, negative=negative ^ (tree.head == "-"))
    if isinstance(tree, Term) and tree.head == "neg":
        return summands(tree.arguments[0], negative=not negative)
    return [(tree, negative)]


def binomial(n: Tree, k: Tree) -> Tree:
    """binom(n, k): a polynomial for a small k, else by factorials."""
    for lower in (k, rebuild(normal(minus(n, k)))):
        number = evaluate(lower)
        if number is not None and number.denominator == 1 and 0 <= number <= SMALL:
            small = int(number)
            top: Tree = ONE
            for j in range(small):
                top = times(top, minus(n, literal(j)) if j else n)
            return Term("within", (over(top, literal(factorial(small))), minus(n, literal(small - 1))))
    return Term("exp", (_log_binomial(n, k),))


def _log_binomial(n: Tree, k: Tree) -> Tree:
    parts = [Term("lnfact", (part,)) for part in (n, k, rebuild(normal(minus(n, k))))]
    return minus(minus(parts[0], parts[1]), parts[2])


def logarithm(tree: Tree) -> Tree:
    """ln of a simplified tree, taken apart; defined at most where the logarithm is, and equal there."""
    if not isinstance(tree, Term):
        return Term("ln", (tree,))
    match tree.head, tree.arguments:
        case "exp", (inner,):
            return inner
        case "*", (left, right):
            return plus(logarithm(left), logarithm(right))
        case "/", (left, right):
            return minus(logarithm(left), logarithm(right))
        case "^", (base, exponent):
            return times(exponent, logarithm(base))
        case (("within" | "where_defined"), (inner, condition)):
            return Term(tree.head, (logarithm(inner), condition))
        case "e", ():
            return ONE
    return Term("ln", (tree,))


def _closed(tree: Term) -> Tree:
    """A sum or product over a range as an expression in its bounds, defined where high >= low - 1."""
    i, low, high, body = tree.arguments
    if not isinstance(i, Variable):
        raise Undecided(f"{show(tree)} has no variable")
    inner = simplified(body)
    if tree.head == "prod":
        return Term("exp", (_sum(i, simplified(low), simplified(high), logarithm(inner)),))
    return _sum(i, simplified(low), simplified(high), inner, body)


def _sum(i: Variable, low: Tree, high: Tree, *bodies: Tree) -> Tree:
    reasons = []
    for body in bodies:
        try:
            total: list[Tree] = []
            for key, coefficient in normal(body).items():
                outside = [(atom, k) for atom, k in key if i.name not in free(atom)]
                inside = [(atom, k) for atom, k in key if i.name in free(atom)]
                factor = rebuild({tuple(outside): coefficient})
                total.append(times(simplified(factor), _antidifference(i, low, high, inside)))
            if not total:
                return Number(Fraction(0))
            return Term("within", (plus(*total), minus(high, minus(low, ONE))))
        except Undecided as problem:
            reasons.append(str(problem))
    raise Undecided(reasons[0])


def _antidifference(i: Variable, low: Tree, high: Tree, inside: Sequence[tuple[Tree, int]]) -> Tree:
    """sum over i = low..high of the product of atoms with their powers."""
    before = minus(low, ONE)
    if not inside:
        return plus(minus(high, low), ONE)
    if len(inside) == 1:
        (atom, k) = inside[0]
        if atom == i and k <= POWERS:
            return minus(power_sum(high, k), power_sum(before, k))
        if k == 1 and isinstance(atom, Term):
            found = _of_atom(i, low, high, before, atom)
            if found is not None:
                return found
    shown = "*".join(f"{show(atom)}^{k}" for atom, k in inside)
    raise Undecided(f"no closed form is known for the sum of {shown}")


def _of_atom(i: Variable, low: Tree, high: Tree, before: Tree, atom: Term) -> Tree | None:
    if atom == Term("/", (ONE, i)):
        return minus(Term("harmonic", (high,)), Term("harmonic", (before,)))
    if atom == Term("ln", (i,)):
        return minus(Term("lnfact", (high,)), Term("lnfact", (before,)))
    if atom.head == "^" and i.name not in free(atom.arguments[0]) and atom.arguments[1] == i:
        base = simplified(atom.arguments[0])
        if evaluate(base) == 1:
            return None
        ends = (Term("^", (base, plus(high, ONE))), Term("^", (base, low)))
        return over(minus(*ends), minus(base, ONE))
    if atom.head == "binom" and atom.arguments[1] == i and evaluate(low) == 0 and high == atom.arguments[0]:
        return Term("^", (TWO, high))
    return None


def power_sum(n: Tree, k: int) -> Tree:
    """1^k + ... + n^k as a polynomial in n (Faulhaber), also at n = 0 and with its values at n < 0."""
    terms = []
    for j in range(k + 1):
        c = Fraction(comb(k + 1, j), k + 1) * _bernoulli_plus(j)
        if c:
            terms.append(times(literal(c), Term("^", (n, literal(k + 1 - j)))))
    return plus(*terms)


def _bernoulli_plus(j: int) -> Fraction:
    """The Bernoulli number with B1 = +1/2."""
    return Fraction(1, 2) if j == 1 else bernoulli(j)


def bernoulli(j: int) -> Fraction:
    """The Bernoulli number, B1 = -1/2."""
    numbers = [Fraction(1)]
    for n in range(1, j + 1):
        numbers.append(-sum((comb(n + 1, k) * numbers[k] for k in range(n)), Fraction(0)) / (n + 1))
    return numbers[j]
