"""A growth claim or a limit decided: over the integers or the reals, in every residue class that matters."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import Any

from ...calculus.statement import Term, Tree, Variable, free, show
from ..decision import Answer, Decision, undecided
from .claims import TAGS, Reading, decide_on
from .monotone import decide_at_ends, heads
from .residues import classes
from .scale import Scale
from .terms import Undecided
from .witness import evidence

SENSITIVE = frozenset({"floor", "ceil", "sin", "cos", "subfactorial"})
ONLY_INTEGERS = frozenset({"subfactorial"})


def decide_growth(statement: Tree, *, kind: str = "integer", stated: bool = True) -> Decision:
    """``Term(head, (x, f, g))`` for O, o, Omega, omega, Theta, ~ or ``Term("limit", (x, f, v))``.

    ``kind`` says over what x ranges; where it is not ``stated`` and the answers differ, the certificate says so.
    Undecided names what could not be told; never a guess. Raises nothing.
    """
    if not isinstance(statement, Term) or len(statement.arguments) != 3:
        return undecided("no growth claim and no limit")
    variable, f, g = statement.arguments
    loose = sorted((free(f) | free(g)) - free(variable))
    if loose:
        return undecided(f"{', '.join(loose)} not tied to {show(variable)}: add 'with {loose[0]} = ...'")
    if not _depends_on_kind(statement):
        return _decision(_over(statement, integer=True), statement, {})
    first = _over(statement, integer=kind == "integer")
    if stated:
        return _decision(first, statement, {"over": kind})
    other = _over(statement, integer=kind != "integer")
    names = {True: "integer", False: "real"}
    if first.verdict == "undecided" and heads(statement) & ONLY_INTEGERS:
        return _decision(other, statement, {"over": names[kind != "integer"]})
    if first.verdict == other.verdict:
        return _decision(first, statement, {"over": "integers and reals"})
    said = {"over": f"{kind} {show(variable)}", f"over {names[kind != 'integer']}": other.verdict}
    return _decision(first, statement, said)


def _numbers(statement: Term) -> dict[str, str]:
    """What a refutation shows on a logarithmic scale: f/g, or f - v for a limit."""
    variable, f, g = statement.arguments
    name = variable.name if isinstance(variable, Variable) else ""
    return {} if statement.head == "limit" else evidence(f, g, name)


def _decision(reading: Reading, statement: Term, more: Mapping[str, Any]) -> Decision:
    oracles = TAGS if reading.verdict != "undecided" else frozenset[str]()
    certificate = {**reading.certificate, **more}
    if reading.verdict == "false":
        certificate["log10 |f/g|"] = _numbers(statement)
    return Decision(verdict=reading.verdict, certificate=certificate, reason=reading.reason, oracles=oracles)


def _depends_on_kind(tree: Tree) -> bool:
    """Whether integers and reals may make a difference: rounding, circular functions, powers of what is negative."""
    if not isinstance(tree, Term):
        return False
    negative_base = (
        tree.head == "^" and isinstance(tree.arguments[0], Term) and tree.arguments[0].head in ("neg", "-")
    )
    return tree.head in SENSITIVE or negative_base or any(map(_depends_on_kind, tree.arguments))


def _over(statement: Term, *, integer: bool) -> Reading:
    variable = statement.arguments[0]
    name = variable.name if isinstance(variable, Variable) else ""
    if not integer:
        return _safely(Scale(name, integer=False), statement)
    readings = {where: _safely(Scale(name, integer=True), part) for where, part in classes(statement, name)}
    return _together(readings)


def _safely(scale: Scale, claim: Tree) -> Reading:
    try:
        if not isinstance(claim, Term):
            raise Undecided("no claim")
        return _read(scale, claim)
    except Undecided as missing:
        return Reading("undecided", f"not told: {missing}", {})
    except (ArithmeticError, RecursionError, MemoryError, ValueError) as problem:
        return Reading("undecided", f"{type(problem).__name__} while expanding: {problem}", {})


def _read(scale: Scale, claim: Term) -> Reading:
    """By one expansion or, where an oscillation stands in the way, by two without it."""
    try:
        return decide_on(scale, claim)
    except Undecided:
        if claim.head == "limit" or not heads(claim) & {"sin", "cos"}:
            raise
        first = sys.exc_info()[1]

    def holds(part: Term) -> bool:
        found = decide_on(Scale(scale.variable, scale.integer), part)
        if found.verdict == "undecided":
            raise Undecided(found.reason)
        return found.verdict == "true"

    try:
        answer, reason = decide_at_ends(claim, integer=scale.integer, holds=holds)
    except Undecided as second:
        raise Undecided(f"{first}; {second}") from second
    return Reading("true" if answer else "false", reason, {})


def _together(readings: Mapping[str, Reading]) -> Reading:
    """The claim holds if it does in every class; one class refutes it."""
    if len(readings) == 1:
        return next(iter(readings.values()))
    order: tuple[Answer, ...] = ("false", "undecided", "true")
    where, worst = min(readings.items(), key=lambda item: order.index(item[1].verdict))
    certificate = {**worst.certificate, "class": where, "classes": {w: r.verdict for w, r in readings.items()}}
    return Reading(
        worst.verdict, f"{where}: {worst.reason}" if worst.verdict != "true" else worst.reason, certificate
    )
