"""``ball.inequality``: closed inequalities, or all points of a finite range, by rigorous ball arithmetic (Arb).

Johansson 2017, "Arb: efficient arbitrary-precision midpoint-radius interval arithmetic". A ball holds the true value,
so a sign that the whole ball has is certain; while the ball holds 0 the precision is doubled, up to PRECISION bits.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache, reduce
from operator import add, mul
from typing import Any

from ..calculus.arithmetic import COMPARE, decide, evaluate, ranges
from ..calculus.audit import Accepted, Hole
from ..calculus.derivation import Step
from ..calculus.finite import points
from ..calculus.statement import RANGES, RELATIONS, Number, Term, Tree, Variable, show, show_values, substitute
from ..kernel.errors import Rejected

PRECISION = 1 << 13
RANGE = 10_000  # the longest sum or product; a 64th of it for each one nested inside
TAG = frozenset(("arb",))


def inequality(step: Step, premises: Sequence[Tree]) -> Accepted:
    """A closed relation, or one over a finite explicit range of integers, compared in balls.

        A(a)   A(a + 1)   ...   A(b)      each decided by balls that exclude equality
        -----------------------------
        forall integer a <= i <= b: A(i)

    Equality is never shown by balls: a tie that the kernel's integers do not settle is a hole.
    """
    if premises:
        raise Rejected(step.place, "no premises", f"{len(premises)}")
    if not isinstance(step.says, Term) or step.says.head not in RELATIONS:
        raise Rejected(step.place, "one relation", show(step.says))
    try:
        import flint  # noqa: F401
    except ImportError as missing:
        raise Hole("python-flint is not installed (extra: arb)") from missing
    count = 0
    for point in points(step.given, step.place) if step.given else [{}]:
        count += 1
        relation = substitute(step.says, point)
        answer = compare(relation)
        at = show_values(point) or "the closed statement"
        if answer is None:
            raise Hole(f"equal as far as {PRECISION} bits can tell, or undefined: {at}")
        if not answer:
            raise Rejected(step.place, show(step.says), f"false at {at}: {_sides(relation)}")
    return Accepted(oracles=TAG, detail=f"{count} instance{'s' * (count != 1)}")


def compare(relation: Tree) -> bool | None:
    """Whether a closed relation holds; None when neither integers nor balls of PRECISION bits tell."""
    from flint import ctx

    exact = decide(relation)
    if exact is not None or not isinstance(relation, Term):
        return exact
    precision = 64
    while precision <= PRECISION:
        with ctx.workprec(precision):
            left, right = (ball(side, {}) for side in relation.arguments)
            gap = left - right
            if gap > 0 or gap < 0:
                return COMPARE[relation.head](1 if gap > 0 else -1, 0)
        precision *= 2
    return None


def ball(tree: Tree, values: Mapping[str, Any]) -> Any:
    """A ball around the value of ``tree``, at flint's current precision; not-a-number where it is undefined."""
    from flint import arb, fmpq

    if isinstance(tree, Number):
        return arb(fmpq(tree.value.numerator, tree.value.denominator))
    if isinstance(tree, Variable):
        return values[tree.name]
    if tree.head in RANGES:
        return _range(tree, values)
    if tree.head == "^":
        return _power(ball(tree.arguments[0], values), tree.arguments[1], values)
    return functions()[tree.head](*(ball(part, values) for part in tree.arguments))


@cache
def functions() -> dict[str, Callable[..., Any]]:
    """Each head of the grammar as an operation on balls."""
    from flint import arb

    return {
        "+": add,
        "-": lambda x, y: x - y,
        "neg": lambda x: -x,
        "*": mul,
        "/": lambda x, y: x / y,
        "e": arb.const_e,
        "pi": arb.pi,
        "!": lambda x: (x + 1).gamma() if x >= 0 else arb.nan(),
        "binom": _binomial,
        "ln": lambda x: x.log(),
        "log2": lambda x: x.log() / arb.const_log2(),
        "log10": lambda x: x.log() / arb.const_log10(),
        "log": lambda x, base: x.log() / base.log(),
        "exp": lambda x: x.exp(),
        "sqrt": lambda x: x.sqrt(),
        "floor": lambda x: x.floor(),
        "ceil": lambda x: x.ceil(),
        "abs": abs,
        "min": lambda x, y: x.min(y),
        "max": lambda x, y: x.max(y),
        "EulerGamma": arb.const_euler,
        "gamma": lambda x: x.gamma() if x > 0 else arb.nan(),
        "loggamma": lambda x: x.lgamma() if x > 0 else arb.nan(),
        "digamma": lambda x: x.digamma() if x > 0 else arb.nan(),
        "harmonic": lambda x: (x + 1).digamma() + arb.const_euler() if x >= 0 else arb.nan(),
        "LambertW": lambda x: x.lambertw() if x >= 0 else arb.nan(),
        "sin": lambda x: x.sin(),
        "cos": lambda x: x.cos(),
        "atan": lambda x: x.atan(),
        "subfactorial": _subfactorial,
    }


def _binomial(n: Any, k: Any) -> Any:
    """n!/(k! (n - k)!) for integers 0 <= k <= n."""
    from flint import arb

    if not (k >= 0 and n >= k and n.is_integer() and k.is_integer()):
        return arb.nan()
    return (n + 1).gamma() / ((k + 1).gamma() * (n - k + 1).gamma())


def _subfactorial(n: Any) -> Any:
    """The integer nearest to n!/e, for integers n >= 1; 1 for n = 0."""
    from flint import arb

    if not (n >= 0 and n.is_integer()):
        return arb.nan()
    return ((n + 1).gamma() / arb.const_e() + arb(0.5)).floor() if n > 0 else arb(1)


def _power(base: Any, exponent: Tree, values: Mapping[str, Any]) -> Any:
    """x^n for integers n; otherwise only for x > 0."""
    from flint import arb

    number = ball(exponent, values)
    if number.is_integer():
        return base ** number.unique_fmpz()
    return (number * base.log()).exp() if base > 0 else arb.nan()


def _range(tree: Term, values: Mapping[str, Any]) -> Any:
    from flint import arb

    i, low, high, body = tree.arguments
    first, last, limit = evaluate(low), evaluate(high), RANGE >> (6 * ranges(body))
    if first is None or last is None or first.denominator != 1 or last.denominator != 1 or last - first > limit:
        raise Hole(f"the range of {show(tree)} is not explicit, or longer than {limit}")
    terms = (ball(body, {**values, show(i): arb(k)}) for k in range(int(first), int(last) + 1))
    return reduce(add, terms, arb(0)) if tree.head == "sum" else reduce(mul, terms, arb(1))


def _sides(relation: Tree) -> str:
    parts = relation.arguments if isinstance(relation, Term) else ()
    return " against ".join(ball(part, {}).str(10, radius=False) for part in parts)
