"""What is known in a context: which expressions are >= 0, > 0 or = 0, and what follows without search.

No multiplier and no case is ever invented here: a sign is read off one fact, or off the shape of the expression.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from supverify.kernel.errors import Rejected

from .arithmetic import ONE, Polynomial, add, decide, evaluate, normal, rebuild, value
from .statement import (
    RANGES,
    Number,
    Term,
    Tree,
    Variable,
    conditions,
    conjuncts,
    declared,
    free,
    show,
    substitute,
    unquantify,
)

Fact = tuple[Polynomial, str]  # the polynomial is ">", ">=" or "=" 0
OPPOSITE = {">=": "<", "<": ">=", "<=": ">", ">": "<=", "=": "!=", "!=": "="}
ENOUGH = {">=": (">", ">=", "="), ">": (">",), "=": ("=",)}
ZERO = Number(Fraction(0))


def oriented(statement: Tree) -> tuple[Tree, str] | None:
    """``f <= g`` as (g - f, ">="): an expression and how it compares to 0; None if it is no relation."""
    if not isinstance(statement, Term) or statement.head not in OPPOSITE:
        return None
    left, right = statement.arguments
    if statement.head in ("<=", "<"):
        return Term("-", (right, left)), ">=" if statement.head == "<=" else ">"
    return Term("-", (left, right)), statement.head


def negation(statement: Tree) -> Tree:
    """``not statement``, with a relation turned into its opposite and a double negation removed."""
    if not isinstance(statement, Term) or statement.head not in (*OPPOSITE, "not"):
        return Term("not", (statement,))
    return statement.arguments[0] if statement.head == "not" else Term(OPPOSITE[statement.head], statement.arguments)


def facts_of(*statements: Tree) -> tuple[Fact, ...]:
    """The facts that relations state, one by one or in conjunctions; other statements give none."""
    parts = (oriented(part) for statement in statements for part in conjuncts(statement))
    return tuple((normal(part[0]), part[1]) for part in parts if part and part[1] != "!=")


def sign(tree: Tree, facts: Sequence[Fact]) -> str:
    """How ``tree`` is known to compare to 0: ">", ">=" or "="; "" if that is not known."""
    return _sign(tree, facts) or _shape(rebuild(normal(tree)), facts)


def holds(statement: Tree, facts: Sequence[Fact]) -> bool:
    """Whether ``statement`` follows: by exact arithmetic, from one fact, or by the signs of its operands."""
    if not isinstance(statement, Term):
        return False
    if statement.head == "and":
        return all(holds(part, facts) for part in statement.arguments)
    if statement.head == "implies":
        return holds(statement.arguments[1], (*facts, *facts_of(statement.arguments[0])))
    if statement.head == "not" and (turned := negation(statement.arguments[0])) != statement:
        return holds(turned, facts)
    goal = oriented(statement)
    if goal and goal[1] == "!=":
        return ">" in (sign(goal[0], facts), sign(Term("neg", (goal[0],)), facts)) or decide(statement) is True
    return bool(goal and sign(goal[0], facts) in ENOUGH[goal[1]]) or decide(statement) is True


def _sign(tree: Tree, facts: Sequence[Fact]) -> str:
    polynomial = normal(tree)
    number = value(polynomial)
    if number is not None:
        return ">" if number > 0 else "" if number else "="
    found = {_read(polynomial, fact) for fact in facts}
    return next((known for known in ("=", ">", ">=") if known in found), "") or _shape(tree, facts)


def _read(polynomial: Polynomial, fact: Fact) -> str:
    """The sign of ``polynomial`` if it is the fact's own polynomial plus a constant >= 0."""
    known, relation = fact
    scales = (1, -1) if relation == "=" else (1,)
    rests = [value(add(polynomial, known, Fraction(-scale))) for scale in scales]
    return next((">" if rest else relation for rest in rests if rest is not None and rest >= 0), "")


def _shape(tree: Tree, facts: Sequence[Fact]) -> str:
    """The sign that the outermost operation takes from the signs of its operands."""
    if not isinstance(tree, Term):
        return ""
    if tree.head in ("ln", "log2", "log10"):
        return _sign(Term("-", (tree.arguments[0], ONE)), facts)
    if tree.head in ("e", "pi", "exp", "abs"):
        return ">=" if tree.head == "abs" else ">"
    signs = [
        _sign(part, facts) for part in tree.arguments if tree.head in ("+", "-", "neg", "*", "/", "^", "!", "sqrt")
    ]
    if tree.head == "^":
        exponent = evaluate(tree.arguments[1])
        even = exponent is not None and exponent.denominator == 1 and exponent % 2 == 0
        return ">" if signs[0] == ">" else ">=" if even or "" not in signs else ""
    if "=" in signs and tree.head in ("*", "/"):
        return "="
    if tree.head in ("-", "neg"):
        return signs[0] if signs[-1] == "=" else ""
    if not signs or "" in signs:
        return ""
    if tree.head == "+":
        return ">" if ">" in signs else "=" if set(signs) == {"="} else ">="
    return ">" if set(signs) == {">"} or tree.head == "!" else signs[0] if tree.head == "sqrt" else ">="


def is_integer(tree: Tree, kinds: Mapping[str, str], facts: Sequence[Fact] = ()) -> bool:
    """Whether ``tree`` is known to be an integer when the variables have these kinds."""
    number = evaluate(tree)
    if number is not None or isinstance(tree, Number):
        return number is not None and number.denominator == 1
    if isinstance(tree, Variable):
        return kinds.get(tree.name) == "integer"
    if tree.head in ("floor", "ceil"):
        return True
    if tree.head in RANGES:
        i, low, high, _ = tree.arguments
        if show(i) in kinds:  # then facts about the outer variable of that name would leak in
            return False
        kinds, facts = {**kinds, show(i): "integer"}, (*facts, *facts_of(Term("<=", (low, i)), Term("<=", (i, high))))
    natural = {"^": tree.arguments[1:], "!": tree.arguments, "binom": tree.arguments}.get(tree.head, ())
    closed = tree.head in ("+", "-", "*", "neg", "abs", "min", "max", "^", "!", "binom", *RANGES)
    parts = all(is_integer(part, kinds, facts) for part in tree.arguments)
    return closed and parts and all(sign(part, facts) for part in natural)


def instance(
    statement: Tree, values: Mapping[str, Tree], kinds: Mapping[str, str], facts: Sequence[Fact], place: str
) -> tuple[tuple[Tree, ...], Tree]:
    """Conditions and body of a universal statement at ``values``; a variable without one stands for itself.

    Raises Rejected unless every value is an expression in the variables of ``kinds``, of the kind that is asked.
    """
    context, body = unquantify(statement)
    wanted = declared(context)
    chosen = {name: values.get(name, Variable(name)) for name in wanted}
    for name, term in {**values, **chosen}.items():
        if name not in wanted or not free(term) <= set(kinds):
            raise Rejected(
                place, f"values in {sorted(kinds)} for the variables {sorted(wanted)}", f"{name} = {show(term)}"
            )
        if wanted[name] == "integer" and not is_integer(term, kinds, facts):
            raise Rejected(place, f"an integer for {name}", show(term))
    return tuple(substitute(item, chosen) for item in conditions(context)), substitute(body, chosen)
