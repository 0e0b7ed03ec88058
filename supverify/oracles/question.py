"""What people ask, read: a growth claim, a limit or an inequality, with what its variables are.

    f = O(g) as x -> oo              likewise Omega, Theta, o, omega, and f ~ g
    limit(f, x -> oo) = v            v a number, oo or -oo; lim(f, x, oo) = v is the same
    f >= g for integer m >= 5        likewise > <= <, "real x"; ? or a name in place of 5 asks for the smallest one
    ... with M = m^2, k = 3          variables tied to the one that grows
    ... for integer m, for real x    what a growth claim ranges over, where that makes a difference

The rest is the statement language of the calculus; here E is e as well. Where nothing is said, a variable whose name
begins with one of i to n (in either case) is an integer, any other a real number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from ..calculus.grammar import LENGTH, parse, parse_context
from ..calculus.statement import (
    GROWTH,
    Number,
    Term,
    Tree,
    Variable,
    conjuncts,
    declared,
    free,
    is_statement,
    quantify,
    substitute,
)
from ..kernel.errors import Malformed

PLACE = "claim"
CLAUSE = re.compile(r"\s+(as|for|with|where|when)\s+", re.ASCII)
LIMIT = re.compile(
    r"lim(?:it)?\s*\((.*),\s*([A-Za-z_]\w*)\s*(?:->|,)\s*(\S+?)\s*\)\s*=\s*(\S.*)", re.ASCII | re.DOTALL
)
TO_INFINITY = re.compile(r"([A-Za-z_]\w*)\s*->\s*\+?(?:oo|infinity|inf)", re.ASCII)
INFINITY = Term("oo")
INFINITIES = {sign + name: INFINITY for sign in ("", "+") for name in ("oo", "inf", "infinity")}
INFINITIES |= {f"-{name}": Term("neg", (INFINITY,)) for name in ("oo", "inf", "infinity")}
KIND_WORDS = {"integer": "integer", "integers": "integer", "real": "real", "reals": "real", "natural": "integer"}
INTEGER_INITIALS = frozenset("ijklmnIJKLMN")

Kind = Literal["integer", "real"]


@dataclass(frozen=True, kw_only=True)
class Question:
    """One claim: ``statement`` is Term(O, (x, f, g)) and the like, Term("limit", (x, f, v)), or an inequality."""

    form: Literal["growth", "limit", "inequality"]
    statement: Tree
    variable: str = ""
    kind: Kind = "integer"
    kind_stated: bool = False
    ties: Mapping[str, Tree] = field(default_factory=dict)


def read_question(text: str) -> Question:
    """The question in ``text``; raises Malformed. Nothing is evaluated, and long texts are refused unread."""
    if len(text) > LENGTH:
        raise Malformed(PLACE, f"a text of at most {LENGTH} characters", "another")
    if text.strip().startswith("forall"):
        return _inequality(parse(text, PLACE), ())
    body, *rest = CLAUSE.split(_with_e(" ".join(text.split())))
    clauses = list(zip(rest[::2], rest[1::2], strict=True))
    towards = [_towards(part) for word, part in clauses if word == "as"]
    context = tuple(item for word, part in clauses if word == "for" for item in _context(part))
    ties = dict(tie for word, part in clauses if word in ("with", "where", "when") for tie in _ties(part))
    if len(towards) > 1:
        raise Malformed(PLACE, "one variable that tends to oo", ", ".join(towards))
    if limit := LIMIT.fullmatch(body):
        return _limit(limit, context, ties)
    variable = towards[0] if towards else _untied(ties)
    statement = parse(f"{body} as {variable} -> oo" if variable and _is_growth(body) else body, PLACE)
    if isinstance(statement, Term) and statement.head in GROWTH:
        return _growth("growth", statement, context, ties)
    if towards:
        raise Malformed(PLACE, "f = O(g), f ~ g or the like before 'as'", body)
    return _inequality(_tied(statement, ties), context)


def _with_e(text: str) -> str:
    """E is e, unless the text declares or ties a variable of that name."""
    named = re.search(r"\bE\s*(?:->|=[^=]|[<>])|(?:integers?|reals?)\s+E\b", text, re.ASCII)
    return text if named else re.sub(r"\bE\b", "e", text, flags=re.ASCII)


def _is_growth(body: str) -> bool:
    return "~" in body or re.search(r"=\s*(?:O|o|Omega|omega|Theta)\s*\(", body, re.ASCII) is not None


def _towards(text: str) -> str:
    found = TO_INFINITY.fullmatch(text.strip())
    if not found:
        raise Malformed(PLACE, "as x -> oo", f"as {text}")
    return found[1]


def _context(text: str) -> tuple[Tree, ...]:
    """``all integers m >= ?``: declarations and conditions; a variable without a kind gets it by its name."""
    words = re.sub(r"^(?:all|every|any|each)\s+", "", text.strip()).replace("?", "m0")
    first = words.split(" ")[0]
    if first in KIND_WORDS:
        words = words.replace(first, KIND_WORDS[first], 1)
    else:
        if membership := re.fullmatch(r"([A-Za-z_]\w*) in \S+", words, re.ASCII):
            raise Malformed(
                PLACE, f"for integer {membership[1]} >= 1, or for real {membership[1]} > 0", f"for {text}"
            )
        name = re.search(r"[A-Za-z_]\w*", words, re.ASCII)
        words = f"{kind_of(name[0]) if name else 'integer'} {words}"
    return parse_context(words, PLACE)


def kind_of(name: str) -> Kind:
    """Integer or real, by the first letter of a name."""
    return "integer" if name[:1] in INTEGER_INITIALS else "real"


def _ties(text: str) -> list[tuple[str, Tree]]:
    """``M = m^2, k = 3``."""
    found = list[tuple[str, Tree]]()
    for part in _split_at_commas(text):
        for tie in conjuncts(parse(part, PLACE)):
            if not isinstance(tie, Term) or tie.head != "=" or not isinstance(tie.arguments[0], Variable):
                raise Malformed(PLACE, "with M = an expression", part)
            found.append((tie.arguments[0].name, tie.arguments[1]))
    return found


def _split_at_commas(text: str) -> list[str]:
    parts, depth = [""], 0
    for sign in text:
        depth += {"(": 1, ")": -1}.get(sign, 0)
        if sign == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += sign
    return parts


def _untied(ties: Mapping[str, Tree]) -> str:
    """The variable to which the others are tied, if it is one."""
    names = sorted(frozenset[str]().union(*map(free, ties.values())) - set(ties))
    return names[0] if len(names) == 1 else ""


def _tied(tree: Tree, ties: Mapping[str, Tree]) -> Tree:
    """``tree`` with its tied variables replaced, at most as often as there are ties."""
    for _ in ties:
        tree = substitute(tree, ties)
    return tree


def _growth(
    form: Literal["growth", "limit"], statement: Term, context: tuple[Tree, ...], ties: Mapping[str, Tree]
) -> Question:
    variable, *sides = statement.arguments
    name = variable.name if isinstance(variable, Variable) else ""
    if name in ties:
        raise Malformed(PLACE, f"a variable that is not tied in 'as {name} -> oo'", name)
    kinds = declared(context)
    tied = Term(statement.head, (variable, *(_tied(side, ties) for side in sides)))
    stated = kinds.get(name)
    kind: Kind = "real" if (stated or kind_of(name)) == "real" else "integer"
    return Question(
        form=form, statement=tied, variable=name, kind=kind, kind_stated=stated is not None, ties=dict(ties)
    )


def _limit(found: re.Match[str], context: tuple[Tree, ...], ties: Mapping[str, Tree]) -> Question:
    body, name, towards, value = found.groups()
    if INFINITIES.get(towards) != INFINITY:
        raise Malformed(PLACE, "limit(f, x -> oo) = v", f"{name} -> {towards}")
    limit = INFINITIES.get(value.replace(" ", "")) or parse(value, PLACE)
    f = parse(body, PLACE)
    for side in (f, limit):
        if is_statement(side):
            raise Malformed(PLACE, "an expression", "a statement")
    return _growth("limit", Term("limit", (Variable(name), f, limit)), context, ties)


def _inequality(statement: Tree, context: tuple[Tree, ...]) -> Question:
    if not is_statement(statement):
        raise Malformed(
            PLACE, "a statement such as f = O(g), limit(f, x -> oo) = v, f >= g for integer m >= 5", "a term"
        )
    missing = free(statement) - set(declared(context))
    if missing and not context:
        name = min(missing)
        if len(missing) > 1:
            raise Malformed(PLACE, f"for integer or real {', '.join(sorted(missing))}", "no range")
        kind = kind_of(name)
        context = (Term(kind, (Variable(name),)), Term(">=", (Variable(name), Number(Fraction(1)))))
    return Question(form="inequality", statement=quantify(context, statement))
