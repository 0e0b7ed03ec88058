"""``z3.valid``: a statement that follows from its context and premises in the arithmetic of integers and reals.

Z3 sees polynomials. Everything else, such as m! or log2(m), becomes a fresh variable of which nothing is known, the
same one wherever the same normal form occurs. So ``unsat`` carries over to the statement, while a model refutes it
only if nothing was abstracted and exact arithmetic confirms the counterexample.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import Any

from ..calculus.arithmetic import COMPARE, decide, difference, literal, normal, rebuild
from ..calculus.audit import Accepted, Hole
from ..calculus.derivation import Step
from ..calculus.facts import facts_of, instance
from ..calculus.statement import (
    RELATIONS,
    Term,
    Tree,
    Variable,
    conditions,
    conjunction,
    declared,
    show,
    show_values,
    substitute,
)
from ..kernel.errors import Rejected

SECONDS = 10.0
TAG = frozenset(("z3",))


def valid(step: Step, premises: Sequence[Tree]) -> Accepted:
    """Premises and context imply the statement.

    G, premises at their values, not A   is unsatisfiable over the integers and reals
    ---------------------------------------------------------------------------------
                                       G: A
    """
    import z3

    translator = Translator(declared(step.given))
    solver = z3.Solver()
    solver.set("timeout", round(SECONDS * 1000))
    for condition in conditions(step.given):
        solver.add(translator.statement(condition))
    for reference, statement in zip(step.premises, premises, strict=True):
        place = f"{step.place}, from {reference.name}"
        needed, body = instance(statement, reference.values, translator.kinds, facts_of(*step.given), place)
        solver.add(z3.Implies(z3.And(*map(translator.statement, needed)), translator.statement(body)))
    solver.add(z3.Not(translator.statement(step.says)), *translator.side_conditions)
    answer = solver.check()
    if answer == z3.unsat:
        seen = ", ".join(show(tree) for tree in translator.abstracted)
        return Accepted(oracles=TAG, detail=f"whatever the values of {seen}" if seen else "")
    if answer == z3.unknown:
        raise Hole(f"Z3 does not know: {solver.reason_unknown()}")
    if translator.abstracted:
        seen = ", ".join(show(tree) for tree in translator.abstracted)
        raise Hole(f"does not follow from the context and the premises when nothing else is known of {seen}")
    raise _refutation(step, translator.point(solver.model()))


def _refutation(step: Step, point: dict[str, Tree]) -> Exception:
    """Rejected when exact arithmetic confirms the model, Hole otherwise."""
    at = show_values(point)
    context = decide(substitute(conjunction(conditions(step.given)), point))
    if context is not True or decide(substitute(step.says, point)) is not False:
        return Hole(f"Z3's counterexample {at} is not confirmed by exact arithmetic")
    return Rejected(step.place, show(step.says), f"false at {at}")


class Translator:
    """From statements to Z3 formulas: real arithmetic in which the integer variables are integers."""

    def __init__(self, kinds: dict[str, str]) -> None:
        self.kinds = kinds
        self.abstracted: dict[Tree, Any] = {}
        self.side_conditions: list[Any] = []

    def statement(self, tree: Tree) -> Any:
        """The formula for a statement without quantifiers; raises Hole for any other."""
        import z3

        if not isinstance(tree, Term) or tree.head not in (*RELATIONS, "and", "not", "implies"):
            raise Hole(f"{show(tree)} is not a quantifier-free arithmetic statement")
        if tree.head in RELATIONS:
            return COMPARE[tree.head](self.expression(rebuild(difference(*tree.arguments))), 0)
        join = {"and": z3.And, "not": z3.Not, "implies": z3.Implies}[tree.head]
        return join(*(self.statement(part) for part in tree.arguments))

    def expression(self, tree: Tree) -> Any:
        """A real term for the normal form of ``tree``."""
        import z3

        total = z3.RealVal(0)
        for key, coefficient in normal(tree).items():
            product = z3.RealVal(str(coefficient))
            for atom, power in key:
                for _ in range(power):
                    product = product * self.atom(atom)
            total = total + product
        return total

    def atom(self, tree: Tree) -> Any:
        """A variable of the context, or the fresh one that stands for anything else."""
        import z3

        if isinstance(tree, Variable):
            integral = self.kinds.get(tree.name) == "integer"
            return z3.ToReal(z3.Int(tree.name)) if integral else z3.Real(tree.name)
        if tree not in self.abstracted:
            fresh = z3.Real(f"#{show(tree)}")  # no variable of the grammar starts with #
            self.abstracted[tree] = fresh
            if isinstance(tree, Term) and tree.head == "/":
                top, divisor = map(self.expression, tree.arguments)
                self.side_conditions.append(z3.Implies(divisor != 0, fresh * divisor == top))
        return self.abstracted[tree]

    def point(self, model: Any) -> dict[str, Tree]:
        """The rational values of a model; raises Hole if one is irrational."""
        import z3

        values: dict[str, Tree] = {}
        for name, kind in self.kinds.items():
            number = model.eval(z3.Int(name) if kind == "integer" else z3.Real(name), model_completion=True)
            if not (z3.is_int_value(number) or z3.is_rational_value(number)):
                raise Hole(f"Z3's counterexample is irrational: {name} = {number}")
            values[name] = literal(Fraction(str(number.as_fraction() if kind == "real" else number.as_long())))
        return values
