"""Expressions and statements: one immutable tree, its grammar and its text printer (``grammar`` parses).

    expression  12, 0.25 (exact), variables, e, pi, + - * / ^ (or **), postfix !, the names of FUNCTIONS,
                sum(i=a..b, f), prod(i=a..b, f); log(x) is ln(x), log(x, b) has base b
    statement   f R g, R one of >= <= > < = != (a >= b > c is a conjunction); A and B; not A; A implies B
                (or =>); forall CONTEXT: A; f = O(g) as m -> oo, likewise Omega, Theta, o, omega; f ~ g as m -> oo
    context     integer m >= 1, 1 <= i <= m, real x, m^2 >= x: kinds, variables, conditions. The left side of
                a relation (the right one if the left is no variable) or the middle of a chain is declared if it
                is a variable that is not yet; (p <= q) in brackets only states a condition. Every declared
                variable scopes over the whole context.

x/0 is 0, x! is Gamma(x + 1) for real x >= 0, and of any other function outside its domain nothing is known.
``m!=3`` reads as "m differs from 3". ``as m -> oo`` may be left out if m is the only variable.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True)
class Number:
    """A decimal literal >= 0; ``ValueError`` for any other number, which has to be a quotient or a negation."""

    value: Fraction

    def __post_init__(self) -> None:
        if self.value < 0 or (self.value.denominator > 1 and 10**400 % self.value.denominator):
            raise ValueError(f"{self.value} is not a decimal literal")


@dataclass(frozen=True)
class Variable:
    """A variable; the quantifier that binds it tells its kind."""

    name: str


@dataclass(frozen=True)
class Term:
    """``head`` applied to ``arguments``. Binders: sum (i, a, b, f), O (m, f, g), forall (*context, body)."""

    head: str
    arguments: tuple[Tree, ...] = ()


Tree = Number | Variable | Term

# What people type: the head and the number of arguments. More names need a line here and nothing else.
FUNCTIONS = {name: (name, 1) for name in ["ln", "log2", "log10", "exp", "sqrt", "floor", "ceil", "abs"]} | {
    "factorial": ("!", 1),
    "ceiling": ("ceil", 1),
    "Abs": ("abs", 1),
    "binom": ("binom", 2),
    "binomial": ("binom", 2),
    "log": ("log", 2),
    **{name: (name.lower(), 2) for name in ("min", "Min", "max", "Max")},
    **{name: (name, 1) for name in ("gamma", "loggamma", "digamma", "harmonic", "subfactorial", "LambertW")},
    **{name: (name, 1) for name in ("sin", "cos", "atan")},
    **{name: (name, 1) for name in ("permutations", "descriptions")},  # sizes of families: rule counting.family
    **{name: (name, 2) for name in ("labelled_ands", "unlabelled_ands", "hamming_ball")},
    "failure_chance": ("failure_chance", 8),  # of random codes: rule probability.existence
}
CONSTANTS, RANGES = ("e", "pi", "EulerGamma"), {"sum": "+", "prod": "*"}
KINDS = {"integer": "integer", "integers": "integer", "real": "real", "reals": "real"}
RELATIONS, GROWTH = (">=", "<=", ">", "<", "=", "!="), ("O", "Omega", "Theta", "o", "omega", "~")
LOGIC = ("and", "not", "implies")
# Each operator's strength, and the strength that its left and right operands need.
BINARY = dict.fromkeys((*RELATIONS, "~"), (5, 6, 6)) | {
    "implies": (1, 2, 1),
    "and": (3, 4, 4),
    "+": (7, 7, 8),
    "-": (7, 7, 8),
    "*": (8, 8, 9),
    "/": (8, 8, 9),
    "^": (12, 13, 10),
}


def is_statement(tree: Tree) -> bool:
    """Whether ``tree`` is true or false, not a number."""
    return isinstance(tree, Term) and tree.head in (*RELATIONS, *GROWTH, *LOGIC, "forall")


def conjuncts(statement: Tree) -> tuple[Tree, ...]:
    """The parts of a conjunction; any other statement is its own only part."""
    return statement.arguments if isinstance(statement, Term) and statement.head == "and" else (statement,)


def conjunction(parts: Sequence[Tree]) -> Tree:
    """The flat conjunction of ``parts``."""
    flat = tuple(inner for part in parts for inner in conjuncts(part))
    return flat[0] if len(flat) == 1 else Term("and", flat)


def quantify(context: Sequence[Tree], body: Tree) -> Tree:
    """``forall context: body``; the body alone where there is nothing to quantify."""
    return Term("forall", (*context, body)) if context else body


def unquantify(statement: Tree) -> tuple[tuple[Tree, ...], Tree]:
    """The context and the body of a statement; the inverse of ``quantify``."""
    if isinstance(statement, Term) and statement.head == "forall":
        return statement.arguments[:-1], statement.arguments[-1]
    return (), statement


def is_declaration(item: Tree) -> bool:
    """Whether an item of a context declares a variable; the others are conditions."""
    return isinstance(item, Term) and item.head in KINDS


def conditions(context: Sequence[Tree]) -> tuple[Tree, ...]:
    """The parts of a context that are no declarations."""
    return tuple(item for item in context if not is_declaration(item))


def declared(context: Sequence[Tree]) -> dict[str, str]:
    """The kind of each variable that a context declares."""
    return {show(item.arguments[0]): item.head for item in context if isinstance(item, Term) and is_declaration(item)}


def bound(tree: Tree) -> tuple[str, ...]:
    """The names that the outermost head binds, in all of its arguments."""
    if not isinstance(tree, Term) or tree.head not in (*RANGES, *GROWTH, "forall"):
        return ()
    first = tree.arguments[0]
    return (first.name,) if isinstance(first, Variable) else tuple(declared(tree.arguments))


def free(tree: Tree) -> frozenset[str]:
    """The names of the free variables."""
    if isinstance(tree, Variable):
        return frozenset((tree.name,))
    inner = (free(part) for part in tree.arguments) if isinstance(tree, Term) else ()
    return frozenset[str]().union(*inner).difference(bound(tree))


def substitute(tree: Tree, values: Mapping[str, Tree]) -> Tree:
    """``tree`` with its free variables replaced; a bound variable that would capture is renamed."""
    if isinstance(tree, Variable):
        return values.get(tree.name, tree)
    if not isinstance(tree, Term):
        return tree
    inside = free(tree)
    values = {name: value for name, value in values.items() if name in inside}
    taken = inside.union(*(free(value) for value in values.values()))
    for name in bound(tree) if values else ():
        fresh = name
        while fresh in taken:
            fresh += "_"
        values[name], taken = Variable(fresh), taken | {fresh}
    return Term(tree.head, tuple(substitute(part, values) for part in tree.arguments)) if values else tree


def show(tree: Tree, strength: int = 0) -> str:
    """The text of ``tree``, in brackets where it binds less than ``strength``; ``parse`` reads it back."""
    if isinstance(tree, Number):
        return _decimal(tree.value)
    if isinstance(tree, Variable):
        return tree.name
    text, own = _render(tree.head, tree.arguments)
    return f"({text})" if own < strength else text


def _render(head: str, arguments: tuple[Tree, ...]) -> tuple[str, int]:
    """The text without outer brackets, and how strongly it binds."""
    if head in GROWTH:
        left, right = show(arguments[1], 6), show(arguments[2], 6 if head == "~" else 0)
        return f"{left} {'~ ' + right if head == '~' else f'= {head}({right})'} as {show(arguments[0])} -> oo", 5
    if head == "and":
        return " and ".join(_show_chain(run) for run in chains(arguments)), 3
    if head in BINARY:
        own, left_strength, right_strength = BINARY[head]
        sign = head if head in "*/^" else f" {head} "
        return show(arguments[0], left_strength) + sign + show(arguments[1], right_strength), own
    if head == "forall":
        return f"forall {show_context(arguments[:-1])}: {show(arguments[-1])}", 0
    if head in RANGES:
        i, low, high, body = arguments
        return f"{head}({show(i)}={show(low, 7)}..{show(high, 7)}, {show(body, 6)})", 20
    if head in ("neg", "not"):
        return ("-" + show(arguments[0], 10), 10) if head == "neg" else ("not " + show(arguments[0], 6), 4)
    if head == "!":
        return show(arguments[0], 13) + "!", 12
    return head + (f"({', '.join(show(part, 6) for part in arguments)})" if arguments else ""), 20


def show_values(values: Mapping[str, Tree]) -> str:
    """``m = 2, x = 1/2``."""
    return ", ".join(f"{name} = {show(value)}" for name, value in values.items())


def show_context(context: Sequence[Tree]) -> str:
    """``integer m >= 1, 1 <= i <= m``: each declaration joined with the condition that follows it."""
    shown, known, kind, runs = list[str](), set[str](), "", chains(context)
    while runs:
        run = runs.pop(0)
        item, name, text = run[0], subject(run), _show_chain(run)
        if isinstance(item, Term) and is_declaration(item):
            text = name = show(item.arguments[0])
            if runs and subject(runs[0]) == name:
                text = _show_chain(runs.pop(0))
            known.add(name)
            text, kind = text if kind == item.head else f"{item.head} {text}", item.head
        shown.append(f"({text})" if name and name not in known else text)
    return ", ".join(shown)


def subject(chain: Sequence[Tree]) -> str | None:
    """The variable that a relation (left side, else right side) or a chain of two (middle) is about."""
    first = chain[0] if 1 <= len(chain) <= 2 else None
    sides = first.arguments if isinstance(first, Term) and first.head in RELATIONS else ()
    about = [side.name for side in sides[len(chain) - 1 :] if isinstance(side, Variable)]
    return about[0] if about else None


def chains(statements: Sequence[Tree]) -> list[tuple[Tree, ...]]:
    """The statements in runs: relations in one direction, each going on from the right side of the last."""
    runs: list[tuple[Tree, ...]] = []
    for part in statements:
        if runs and _continues(runs[-1][-1], part):
            runs[-1] += (part,)
        else:
            runs.append((part,))
    return runs


def _continues(last: Tree, part: Tree) -> bool:
    if not isinstance(last, Term) or not isinstance(part, Term):
        return False
    one_way = any({last.head, part.head} <= heads for heads in ({">=", ">", "="}, {"<=", "<", "="}))
    return one_way and last.arguments[1] == part.arguments[0]


def _show_chain(run: Sequence[Tree]) -> str:
    later = (f" {part.head} {show(part.arguments[1], 6)}" for part in run[1:] if isinstance(part, Term))
    return show(run[0], 4) + "".join(later)


def _decimal(value: Fraction) -> str:
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    digits = str(value * 10**places).zfill(places + 1)
    return f"{digits[:-places]}.{digits[-places:]}" if places else digits
