"""Exact arithmetic on trees: a normal form, the value of closed expressions, closed comparisons decided.

The normal form is a polynomial with rational coefficients in atoms: variables and whatever arithmetic does not
look into, such as ``log2(m)``, with its own arguments in normal form. Two expressions with one normal form are
equal for all real values of their atoms. Every term denotes: x/0 is 0 (as in HOL Light and Coq), and functions
outside their domain have values of which nothing is known, so ``ln(0) >= 1`` is decided neither way.
Guards stand before every power, factorial and range: what would be too large stays an atom.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from fractions import Fraction
from functools import reduce
from math import ceil, comb, factorial, floor, isqrt, lcm
from operator import eq, ge, gt, le, lt, ne

from .statement import LOGIC, RANGES, RELATIONS, Number, Term, Tree, Variable, bound, show, substitute

Polynomial = dict[tuple[tuple[Tree, int], ...], Fraction]
BITS, ATOMS, MONOMIALS, ROUNDS = 1 << 16, 64, 256, 1000  # guards: a number, a monomial, a polynomial, a range
BASES: dict[str, Fraction | str] = {"log2": Fraction(2), "log10": Fraction(10), "ln": "e"}
EXACT: dict[str, Callable[[list[Fraction]], Fraction | int]] = {
    "min": min,
    "max": max,
    "abs": lambda values: abs(values[0]),
    "floor": lambda values: floor(values[0]),
    "ceil": lambda values: ceil(values[0]),
}
ONE = Number(Fraction(1))
COMPARE: dict[str, Callable[[int, int], bool]] = {">=": ge, "<=": le, ">": gt, "<": lt, "=": eq, "!=": ne}


class _TooLarge(Exception):
    """Raised where expanding would pass a guard; the expression then stays an atom as it stands."""


def normal(tree: Tree) -> Polynomial:
    """The polynomial equal to ``tree``."""
    if isinstance(tree, Number):
        return constant(tree.value)
    if isinstance(tree, Variable) or (bound(tree) and tree.head not in RANGES) or tree.head in RELATIONS:
        return _atom(tree)
    try:
        return _range(tree) if tree.head in RANGES else _apply(tree.head, [normal(part) for part in tree.arguments])
    except _TooLarge:
        return _atom(tree)


def value(polynomial: Polynomial) -> Fraction | None:
    """The number that a polynomial is, or None where atoms are left in it."""
    return polynomial.get((), Fraction(0)) if set(polynomial) <= {()} else None


def evaluate(tree: Tree) -> Fraction | None:
    """The exact value of a closed expression, or None where it has none or it is not worked out."""
    return value(normal(tree))


def difference(left: Tree, right: Tree) -> Polynomial:
    """The normal form of ``left - right``: empty if they are equal."""
    return add(normal(left), normal(right), Fraction(-1))


def constant(number: Fraction | int) -> Polynomial:
    """The polynomial that is a number."""
    return {(): Fraction(number)} if number else {}


def literal(number: Fraction | int) -> Tree:
    """The tree of a rational number."""
    return rebuild(constant(number))


def rebuild(polynomial: Polynomial) -> Tree:
    """A tree for ``polynomial``; equal polynomials give equal trees."""
    keyed = [(_product([*map(_power_tree, key)]), coefficient) for key, coefficient in polynomial.items()]
    terms = [(_scaled(tree, abs(c)), c > 0) for tree, c in sorted(keyed, key=lambda term: show(term[0]))]
    return _sum(terms) if terms else Number(Fraction(0))


def _sum(terms: list[tuple[Tree, bool]]) -> Tree:
    """The sum of terms with their signs; a long one is halved, so that no tree gets deep."""
    if len(terms) > 30:
        half = len(terms) // 2
        return Term("+", (_sum(terms[:half]), _sum(terms[half:])))
    (first, positive), *others = terms
    start = first if positive else Term("neg", (first,))
    return reduce(lambda tree, term: Term("+" if term[1] else "-", (tree, term[0])), others, start)


def _product(factors: list[Tree]) -> Tree:
    if len(factors) > 30:
        half = len(factors) // 2
        return Term("*", (_product(factors[:half]), _product(factors[half:])))
    return reduce(lambda left, right: Term("*", (left, right)), factors) if factors else ONE


def _power_tree(power: tuple[Tree, int]) -> Tree:
    return power[0] if power[1] == 1 else Term("^", (power[0], Number(Fraction(power[1]))))


def _scaled(tree: Tree, size: Fraction) -> Tree:
    top: Tree = Number(Fraction(size.numerator))
    top = top if tree == ONE else tree if size.numerator == 1 else Term("*", (top, tree))
    return top if size.denominator == 1 else Term("/", (top, Number(Fraction(size.denominator))))


def _atom(tree: Tree) -> Polynomial:
    return {((tree, 1),): Fraction(1)}


def add(left: Polynomial, right: Polynomial, scale: Fraction = Fraction(1)) -> Polynomial:
    """left + scale * right."""
    total = dict(left)
    for key, coefficient in right.items():
        total[key] = total.get(key, Fraction(0)) + scale * coefficient
    return {key: coefficient for key, coefficient in total.items() if coefficient}


def _multiply(left: Polynomial, right: Polynomial) -> Polynomial:
    if len(left) * len(right) > MONOMIALS or _bits(left) + _bits(right) > BITS:
        raise _TooLarge
    total: Polynomial = {}
    for one, p in left.items():
        for other, q in right.items():
            powers = dict(one)
            for atom, k in other:
                powers[atom] = powers.get(atom, 0) + k
            if len(powers) > ATOMS:
                raise _TooLarge
            key = tuple(sorted(powers.items(), key=lambda power: show(power[0])))
            total[key] = total.get(key, Fraction(0)) + p * q
    return {key: coefficient for key, coefficient in total.items() if coefficient}


def _bits(polynomial: Polynomial) -> int:
    return max((max(abs(c.numerator), c.denominator).bit_length() for c in polynomial.values()), default=0)


def _apply(head: str, parts: list[Polynomial]) -> Polynomial:
    """A function of polynomials: worked out where that is exact and small, an atom otherwise."""
    if head in ("+", "-"):
        return add(parts[0], parts[1], Fraction(1 if head == "+" else -1))
    if head == "neg":
        return add({}, parts[0], Fraction(-1))
    if head == "*":
        return _multiply(parts[0], parts[1])
    if head == "/":
        return _multiply(parts[0], _inverse(parts[1]))
    if head == "^":
        return _power(parts[0], parts[1])
    values = [number for part in parts if (number := value(part)) is not None]
    known = _function(head, values) if parts and len(values) == len(parts) else None
    if known is None and head == "ln" and parts[0] == _atom(Term("e")):
        known = Fraction(1)
    return constant(known) if known is not None else _atom(Term(head, tuple(map(rebuild, parts))))


def _function(head: str, values: list[Fraction]) -> Fraction | None:
    """The functions at rational points where they are rational and small; None elsewhere."""
    x = values[0]
    whole, n = x.denominator == 1, x.numerator
    if head in EXACT:
        return Fraction(EXACT[head](values))
    if head == "!" and whole and 0 <= n <= 2 * ROUNDS:
        return Fraction(factorial(n))
    if head == "binom" and whole and values[1].denominator == 1 and values[1] >= 0 and 0 <= n <= 2 * ROUNDS:
        return Fraction(comb(n, values[1].numerator))
    if head == "log2" and x > 0 and 1 in (n, x.denominator) and not (n * x.denominator) & (n * x.denominator - 1):
        return Fraction(n.bit_length() - x.denominator.bit_length())
    if head in ("ln", "log10") and x == 1:
        return Fraction(0)
    if head == "sqrt" and x >= 0:
        root = Fraction(isqrt(n), isqrt(x.denominator))
        return root if root * root == x else None
    return Fraction(1) if head == "exp" and x == 0 else None


def _inverse(polynomial: Polynomial) -> Polynomial:
    """1/polynomial, its leading coefficient taken out; 1/0 stays an atom, of which ``facts`` knows that it is 0."""
    if len(polynomial) != 1:
        lead = polynomial[min(polynomial, key=repr)] if polynomial else Fraction(1)
        part = rebuild(add({}, polynomial, 1 / lead))
        return {((Term("/", (ONE, part)), 1),): 1 / lead}
    ((key, coefficient),) = polynomial.items()
    ones = (_atom(Term("/", (ONE, atom))) for atom, k in key for _ in range(k))
    return reduce(_multiply, ones, constant(1 / coefficient))


def _power(base: Polynomial, exponent: Polynomial) -> Polynomial:
    """base^exponent: integer powers multiplied out, and b^(x + 3) = b^3 * b^x for numbers b > 0."""
    k, b, shift = value(exponent), value(base), exponent.get((), Fraction(0))
    whole = k is not None and k.denominator == 1 and (k >= 0 or bool(base))
    if whole and abs(shift) * (_bits(base) if b is not None else len(base) ** 2) <= (BITS if b is not None else 64):
        factor = base if shift >= 0 else _inverse(base)
        return (
            constant(b ** int(shift)) if b is not None else reduce(_multiply, [factor] * abs(int(shift)), constant(1))
        )
    if k is None and b is not None and b > 0 and shift // 1 and abs(shift) * _bits(base) <= BITS:
        rest = add(exponent, constant(shift // 1), Fraction(-1))
        return _multiply(constant(b ** int(shift // 1)), _power(base, rest))
    return _atom(Term("^", (rebuild(base), rebuild(exponent))))


def _range(tree: Term) -> Polynomial:
    """A sum or product over few explicit integers is worked out; its variable has no name in an atom."""
    variable, low, high, body = tree.arguments
    inner, first, last = ranges(body), evaluate(low), evaluate(high)
    if first is not None and last is not None and first.denominator == last.denominator == 1:
        with suppress(_TooLarge):
            return _unrolled(tree, range(int(first), int(last) + 1), ROUNDS >> (6 * inner))
    name = Variable(f"#{inner}")
    body = rebuild(normal(substitute(body, {show(variable): name})))
    return _atom(Term(tree.head, (name, rebuild(normal(low)), rebuild(normal(high)), body)))


def _unrolled(tree: Term, rounds: range, limit: int) -> Polynomial:
    if len(rounds) > limit:
        raise _TooLarge
    variable, _, _, body = tree.arguments
    terms = (normal(substitute(body, {show(variable): literal(i)})) for i in rounds)
    join, total = (add, constant(0)) if tree.head == "sum" else (_multiply, constant(1))
    for term in terms:
        total = join(total, term)
        if len(total) > ROUNDS:
            raise _TooLarge
    return total


def ranges(tree: Tree) -> int:
    """How deep sums and products are nested in ``tree``."""
    if not isinstance(tree, Term):
        return 0
    return (tree.head in RANGES) + max(map(ranges, tree.arguments), default=0)


def decide(statement: Tree) -> bool | None:
    """Whether a closed statement holds; None where exact arithmetic does not tell."""
    if not isinstance(statement, Term):
        return None
    if statement.head in COMPARE:
        sign = sign_of(difference(*statement.arguments))
        return None if sign is None else COMPARE[statement.head](sign, 0)
    if statement.head not in LOGIC:
        return None
    answers = [decide(part) for part in statement.arguments]
    if statement.head == "implies":  # A implies B is not (A and not B)
        answers[1] = _negate(answers[1])
    conjoined = False if False in answers else None if None in answers else True
    return conjoined if statement.head == "and" else _negate(conjoined)


def _negate(answer: bool | None) -> bool | None:
    return None if answer is None else not answer


def sign_of(polynomial: Polynomial) -> int | None:
    """The sign of a number, or of a rational combination of logarithms to one base; None if not known."""
    number = value(polynomial)
    if number is not None:
        return (number > 0) - (number < 0)
    heads = {atom.head for key in polynomial for atom, _ in key if isinstance(atom, Term)}
    if len(heads) != 1 or not heads <= set(BASES):
        return None
    base = BASES[heads.pop()]
    powers = [(_argument(key) if key else base, coefficient) for key, coefficient in polynomial.items()]
    known = [(number, coefficient) for number, coefficient in powers if number is not None]
    return _sign_of_powers(known) if len(known) == len(powers) else None


def _argument(key: tuple[tuple[Tree, int], ...]) -> Fraction | str | None:
    """The x of a monomial log(x): a number > 0 or "e"; None for anything else."""
    (atom, k), *more = key
    if more or k != 1 or not isinstance(atom, Term):
        return None
    number = evaluate(atom.arguments[0])
    return "e" if atom.arguments[0] == Term("e") else number if number is not None and number > 0 else None


def _sign_of_powers(powers: list[tuple[Fraction | str, Fraction]]) -> int | None:
    """How the product of number^power compares to 1, in integers; e lies between two of its partial sums."""
    scale = lcm(*(power.denominator for _, power in powers))
    exact = [(number, int(power * scale)) for number, power in powers if isinstance(number, Fraction)]
    exponent = int(sum(power for number, power in powers if number == "e") * scale)
    if 200 * abs(exponent) + sum(abs(power) * _bits(constant(number)) for number, power in exact) > BITS:
        return None
    product = reduce(lambda total, item: total * item[0] ** item[1], exact, Fraction(1))
    low = sum((Fraction(1, factorial(k)) for k in range(40)), Fraction(0))
    signs = {(x > 1) - (x < 1) for x in (product * e**exponent for e in (low, low + Fraction(2, factorial(40))))}
    return signs.pop() if len(signs) == 1 else None
