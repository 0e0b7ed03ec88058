"""``sympy.identity``: two expressions are equal on the whole domain, because SymPy simplifies their difference to 0.

SymPy works in a process of its own that is ended when its time is up; text goes in and text comes out. It cancels
and rewrites as if every expression were defined, so the kernel first has to know that each divisor is positive, each
logarithm has a positive argument, and so on. A counterexample at small integers is looked for with exact arithmetic.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice, product
from pathlib import Path
from typing import Any

from ..calculus.arithmetic import ONE, decide, evaluate, literal
from ..calculus.audit import Accepted, Hole
from ..calculus.derivation import Step
from ..calculus.facts import Fact, facts_of, is_integer, sign
from ..calculus.grammar import parse
from ..calculus.statement import (
    CONSTANTS,
    Number,
    Term,
    Tree,
    Variable,
    bound,
    conditions,
    conjunction,
    declared,
    show,
    show_values,
    substitute,
)
from ..kernel.errors import Rejected

SECONDS = 20.0
SPOTS = 400  # small integer points at which exact arithmetic has a look first
TAG = frozenset(("sympy",))


def identity(step: Step, premises: Sequence[Tree]) -> Accepted:
    """An equation that simplifies to 0 = 0.

    simplify(f - g) is 0,   every operation in f and g defined under G
    ------------------------------------------------------------------
                              G: f = g
    """
    if premises or not isinstance(step.says, Term) or step.says.head != "=":
        raise Rejected(step.place, "one equation, without premises", show(step.says))
    for point in _spots(step.given):
        if decide(substitute(step.says, point)) is False:
            at = show_values(point)
            raise Rejected(step.place, show(step.says), f"false at {at}" if at else "false")
    facts = facts_of(*step.given)
    for side in step.says.arguments:
        defined(side, declared(step.given), facts)
    answer = _ask(step.says, _assumptions(step.given, facts))
    if answer != "0":
        raise Hole(f"SymPy leaves {answer}")
    return Accepted(oracles=TAG)


def _spots(given: Sequence[Tree]) -> Iterator[dict[str, Tree]]:
    """Small integer points of the context."""
    names = list(declared(given))
    for numbers in islice(product(range(-1, 7), repeat=len(names)), SPOTS):
        point = {name: literal(number) for name, number in zip(names, numbers, strict=True)}
        if decide(substitute(conjunction(conditions(given)), point)) is True:
            yield point


def defined(tree: Tree, kinds: Mapping[str, str], facts: Sequence[Fact]) -> None:
    """Raises Hole unless every operation in ``tree`` is known to be defined."""
    if not isinstance(tree, Term):
        return
    if bound(tree):
        raise Hole(f"sums and products are not translated: {show(tree)}")
    for part in tree.arguments:
        defined(part, kinds, facts)
    if not _within_domain(tree, kinds, facts):
        raise Hole(f"not known to be defined: {show(tree)}")


def _within_domain(tree: Term, kinds: Mapping[str, str], facts: Sequence[Fact]) -> bool:
    """Whether the arguments, themselves defined, are known to lie in the domain of the head."""
    signs = [sign(part, facts) for part in tree.arguments]
    match tree.head:
        case "/":
            return signs[1] == ">"
        case "^":
            exponent = evaluate(tree.arguments[1])
            return signs[0] == ">" or (exponent is not None and exponent.denominator == 1 and exponent > 0)
        case "!" | "binom" | "subfactorial":
            return "" not in signs and all(is_integer(part, kinds, facts) for part in tree.arguments)
        case "sqrt" | "harmonic" | "LambertW":
            return signs[0] != ""
        case "ln" | "log2" | "log10" | "gamma" | "loggamma" | "digamma":
            return signs[0] == ">"
        case "log":
            return signs == [">", ">"] and sign(Term("-", (tree.arguments[1], ONE)), facts) == ">"
    return True


def _assumptions(given: Sequence[Tree], facts: Sequence[Fact]) -> list[str]:
    """``name kind sign`` of each variable, for SymPy's symbols."""
    words = {">": "positive", ">=": "nonnegative"}
    return [f"{name} {kind} {words.get(sign(Variable(name), facts), '-')}" for name, kind in declared(given).items()]


def _ask(equation: Tree, assumptions: Sequence[str]) -> str:
    """What SymPy simplifies the difference of the two sides to, as text."""
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join((root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))))
    try:
        done = subprocess.run(  # our own interpreter, no shell, and -P: no module from the working folder
            [sys.executable, "-P", "-m", f"{__package__}.computer_algebra"],
            input="\n".join((show(equation), *assumptions)),
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=True,
        )
    except subprocess.TimeoutExpired as late:
        raise Hole(f"SymPy did not answer within {SECONDS} seconds") from late
    except subprocess.CalledProcessError as failed:
        raise Hole(f"SymPy failed: {(failed.stderr.strip() or 'without a word').splitlines()[-1]}") from failed
    return done.stdout.strip()


def translate(tree: Tree, symbols: Mapping[str, Any]) -> Any:
    """The SymPy expression for ``tree``; raises KeyError for heads that are not translated."""
    import sympy

    if isinstance(tree, Number):
        return sympy.Rational(tree.value.numerator, tree.value.denominator)
    if isinstance(tree, Variable):
        return symbols[tree.name]
    if tree.head in CONSTANTS:
        return {"e": sympy.E, "pi": sympy.pi, "EulerGamma": sympy.EulerGamma}[tree.head]
    heads = {
        "+": sympy.Add,
        "-": lambda x, y: x - y,
        "neg": lambda x: -x,
        "*": sympy.Mul,
        "/": lambda x, y: x / y,
        "^": sympy.Pow,
        "!": sympy.factorial,
        "binom": sympy.binomial,
        "ln": sympy.log,
        "log2": lambda x: sympy.log(x) / sympy.log(2),
        "log10": lambda x: sympy.log(x) / sympy.log(10),
        "log": lambda x, base: sympy.log(x) / sympy.log(base),
        "exp": sympy.exp,
        "sqrt": sympy.sqrt,
        "floor": sympy.floor,
        "ceil": sympy.ceiling,
        "abs": sympy.Abs,
        "min": sympy.Min,
        "max": sympy.Max,
        "gamma": sympy.gamma,
        "loggamma": sympy.loggamma,
        "digamma": sympy.digamma,
        "harmonic": sympy.harmonic,
        "subfactorial": sympy.subfactorial,
        "LambertW": sympy.LambertW,
        "sin": sympy.sin,
        "cos": sympy.cos,
        "atan": sympy.atan,
    }
    return heads[tree.head](*(translate(part, symbols) for part in tree.arguments))


def main() -> None:
    """The other process: reads an equation and its variables, writes the simplified difference."""
    import sympy

    equation, *variables = sys.stdin.read().splitlines()
    symbols = {}
    for name, kind, known in map(str.split, variables):
        symbols[name] = sympy.Symbol(name, **{kind: True, **({} if known == "-" else {known: True})})
    tree = parse(equation)
    left, right = (translate(side, symbols) for side in (tree.arguments if isinstance(tree, Term) else ()))
    rest = sympy.simplify(sympy.expand_log(sympy.combsimp(left - right)))
    sys.stdout.write("0" if rest is sympy.S.Zero else str(rest))


if __name__ == "__main__":
    main()
