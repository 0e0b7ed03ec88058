"""Claims about what is monotone in an oscillation, such as m^(2 + sin(m)): decided at the ends of its range.

f <= f at the upper end everywhere:    O and o hold if they do there
f >= f at 3/4, infinitely often, if the oscillation fills its range:    O and o fail if they do there
likewise from below for Omega and omega
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction

from ...calculus.arithmetic import literal
from ...calculus.statement import Term, Tree, Variable, free
from .constants import sign
from .expansion import lead
from .oscillation import fills_its_range
from .scale import Scale
from .terms import ONE, Sum, Undecided
from .translate import as_sum

UPPER, LOWER = ("O", "o"), ("Omega", "omega")
INCREASING = frozenset({"exp", "ln", "log2", "log10", "sqrt", "LambertW", "harmonic", "atan"})
JUMPING = frozenset({"floor", "ceil", "subfactorial"})  # these would oscillate beside it
NEAR = Fraction(3, 4)  # sin(s) comes above 3/4 and below -3/4 infinitely often

Decide = Callable[[Term], bool]


def decide_at_ends(claim: Term, *, integer: bool, holds: Decide) -> tuple[bool, str]:
    """The answer to f = O(g) and the like, ``holds`` that to claims without the oscillation; raises Undecided."""
    variable, f, g = claim.arguments
    name = variable.name if isinstance(variable, Variable) else ""
    found = set(_oscillating(f, name))
    if len(found) != 1 or set(_oscillating(g, name)) or heads(claim) & JUMPING:
        raise Undecided("more than one oscillation in an exponent")
    (wave,) = found
    monotone = Monotone(name, integer, wave)
    way = monotone.direction(f)
    if not way or min(monotone.signs(f)) < 0:
        raise Undecided("what is not known to be monotone in an oscillation, or not to be positive")
    if claim.head == "Theta":
        parts = [decide_at_ends(Term(head, claim.arguments), integer=integer, holds=holds) for head in ("O", "Omega")]
        return min(parts, key=lambda part: part[0])
    if claim.head not in (*UPPER, *LOWER):
        raise Undecided(f"{claim.head} with an oscillation in an exponent")
    return _at_ends(claim, monotone, way if claim.head in UPPER else -way, holds)


def _at_ends(claim: Term, monotone: Monotone, way: int, holds: Decide) -> tuple[bool, str]:
    variable, f, g = claim.arguments

    def at(value: Fraction) -> bool:
        return holds(Term(claim.head, (variable, monotone.replaced(f, value), g)))

    if at(Fraction(way)):
        return True, f"true with {way} in place of the oscillation, and monotone in it"
    if monotone.fills_its_range() and not at(way * NEAR):
        return False, f"false with {way * NEAR} in place of the oscillation, which is passed infinitely often"
    raise Undecided("an oscillation in an exponent")


def heads(tree: Tree) -> frozenset[str]:
    """The heads that occur in a tree."""
    if not isinstance(tree, Term):
        return frozenset()
    return frozenset((tree.head,)).union(*map(heads, tree.arguments))


def _oscillating(tree: Tree, name: str) -> list[Term]:
    """The sines and cosines of what varies, outermost first."""
    if not isinstance(tree, Term) or name not in free(tree):
        return []
    if tree.head in ("sin", "cos"):
        return [tree]
    return [wave for part in tree.arguments for wave in _oscillating(part, name)]


class Monotone:
    """How expressions depend on one oscillation in [-1, 1]: increasing (1), decreasing (-1), not at all (0)."""

    def __init__(self, name: str, integer: bool, wave: Term) -> None:
        self.name, self.integer, self.wave = name, integer, wave

    def fills_its_range(self) -> bool:
        """Whether the oscillation comes near every value infinitely often."""
        scale = Scale(self.name, self.integer)
        kernels = as_sum(self.wave, scale).kernels()
        return len(kernels) == 1 and all(fills_its_range(scale, kernel) for kernel in kernels)

    def replaced(self, tree: Tree, value: Fraction) -> Tree:
        """``tree`` with a number in place of the oscillation."""
        if tree == self.wave:
            return literal(value)
        if not isinstance(tree, Term):
            return tree
        return Term(tree.head, tuple(self.replaced(part, value) for part in tree.arguments))

    def signs(self, tree: Tree, minus: Sum | None = None) -> list[int]:
        """The signs of a monotone expression (less 1, if that is asked) at both ends of the range."""
        found = []
        for value in (Fraction(-1), Fraction(1)):
            scale = Scale(self.name, self.integer)
            total = as_sum(self.replaced(tree, value), scale)
            first = lead(scale, total if minus is None else total - minus)
            found.append(0 if first is None else sign(first.coefficient))
        return found

    def direction(self, tree: Tree) -> int:
        """1, -1 or 0; raises Undecided where none is known to hold for all values."""
        if tree == self.wave:
            return 1
        if not isinstance(tree, Term):
            return 0
        ways = [self.direction(part) for part in tree.arguments]
        if not any(ways):
            return 0
        rule = self._rules().get(tree.head)
        if rule is None and tree.head not in INCREASING:
            raise Undecided(f"how {tree.head} depends on an oscillation")
        return rule(tree.arguments, ways) if rule else ways[0]

    def _rules(self) -> Mapping[str, Callable[[tuple[Tree, ...], list[int]], int]]:
        return {
            "+": lambda parts, ways: _joined(ways),
            "-": lambda parts, ways: _joined([ways[0], -ways[1]]),
            "neg": lambda parts, ways: -ways[0],
            "*": lambda parts, ways: self._product(*_dependent_first(parts, ways)),
            "/": lambda parts, ways: self._product(parts, [ways[0], -ways[1]]),
            "^": self._power,
        }

    def _product(self, parts: tuple[Tree, ...], ways: list[int]) -> int:
        signs = [self.signs(part) for part in parts]
        if not ways[1]:  # by the sign of the factor that does not depend on the oscillation
            return ways[0] * signs[1][0]
        if min(signs[0] + signs[1]) < 0 or min(signs[1]) == 0:
            raise Undecided("a product with an oscillation of which a factor may be negative")
        return _joined(ways)

    def _power(self, parts: tuple[Tree, ...], ways: list[int]) -> int:
        base, exponent = parts
        if min(self.signs(base)) <= 0:
            raise Undecided("a power of what may be negative")
        if ways[0] and ways[1]:
            raise Undecided("an oscillation in base and exponent")
        other = self.signs(exponent) if ways[0] else self.signs(base, ONE)
        return (ways[0] or ways[1]) * (1 if min(other) >= 0 else -1 if max(other) <= 0 else 0)


def _dependent_first(parts: tuple[Tree, ...], ways: list[int]) -> tuple[tuple[Tree, ...], list[int]]:
    """The factors of a product in an order in which the first depends on the oscillation."""
    return (parts, ways) if ways[0] else (parts[::-1], ways[::-1])


def _joined(ways: list[int]) -> int:
    """The common direction of a sum's terms."""
    found = set(ways) - {0}
    if len(found) != 1:
        raise Undecided("a sum of what increases and what decreases with an oscillation")
    return found.pop()
