"""The kernel's own rules of inference. Each either answers Accepted or refuses; none of them searches.

Below, G is the step's ``given``, and premises are universal statements, used at the values that ``from`` names;
a premise's conditions there must be known from G and from the premises named before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction

from supverify.kernel.errors import Rejected

from .arithmetic import ONE, add, difference, evaluate, normal, rebuild, value
from .audit import Accepted, Rule
from .derivation import Reference, Step, parse_values
from .facts import ENOUGH, ZERO, Fact, facts_of, holds, instance, is_integer, negation, oriented, sign
from .finite import arithmetic, instances
from .grammar import parse
from .statement import (
    RANGES,
    Term,
    Tree,
    Variable,
    conjuncts,
    declared,
    free,
    is_declaration,
    show,
    substitute,
    unquantify,
)


def known(given: Sequence[Tree], premises: Sequence[tuple[Reference, Tree]], place: str) -> tuple[Fact, ...]:
    """The facts of a context and of premises used in it; raises Rejected where a premise does not apply."""
    kinds, facts = declared(given), facts_of(*given)
    for reference, statement in premises:
        conditions, body = instance(statement, reference.values, kinds, facts, f"{place}, from {reference.name}")
        for condition in conditions:
            if not holds(condition, facts):
                raise Rejected(f"{place}, from {reference.name}", f"{show(condition)} to be known", "it is not")
        facts += facts_of(body)
    return facts


def combination(step: Step, premises: Sequence[Tree]) -> Accepted:
    """Compares two sides by a difference whose sign can be seen.

        f - g = because,  because >= 0 by its facts and its shape
        --------------------------------------------------------- (likewise >, =)
                           G: f >= g

    Without ``because`` the statement must follow from one fact, or f - g must be the sum of all premises'
    differences plus a constant >= 0, which is transitivity.
    """
    used = list(zip(step.premises, premises, strict=True))
    facts = known(step.given, used, step.place)
    own = facts_of(*step.given)
    because = step.arguments.get("because")
    for part in conjuncts(step.says):
        goal = oriented(part)
        if because is None and (holds(part, facts) or _adds_up(goal, facts[len(own) :])):
            continue
        if goal is None or goal[1] == "!=" or because is None:
            raise Rejected(
                step.place, f"{show(part)} to follow from the premises", "it does not; is a because missing?"
            )
        reason = parse(because, f"{step.place}, because")
        gap = difference(goal[0], reason)
        if gap:
            wanted = f"because to be {show(rebuild(normal(goal[0])))}"
            raise Rejected(step.place, wanted, f"it is {show(rebuild(gap))} less")
        if (seen := sign(reason, facts)) not in ENOUGH[goal[1]]:
            raise Rejected(
                step.place, f"{show(reason)} {goal[1]} 0 to be known", f"{seen} 0" if seen else "nothing known"
            )
    return Accepted()


def _adds_up(goal: tuple[Tree, str] | None, facts: Sequence[Fact]) -> bool:
    if goal is None or not facts:
        return False
    rest = normal(goal[0])
    for polynomial, _ in facts:
        rest = add(rest, polynomial, Fraction(-1))
    over, signs = value(rest), {relation for _, relation in facts}
    if over is None or over < 0 or goal[1] == "!=":
        return False
    total = ">" if over > 0 or ">" in signs else "=" if signs == {"="} else ">="
    return total in ENOUGH[goal[1]]


def induction(step: Step, premises: Sequence[Tree]) -> Accepted:
    """Induction on the integer variable named by ``on``; the premises are the base and the step.

        G, n = a: A(a)      G, integer n >= a, A(n): A(n + 1)
        -----------------------------------------------------
                   G, integer n >= a: A(n)

    Other conditions on n may only bound it from above; then the step may use them at n and at n + 1.
    """
    name = step.arguments.get("on", "")
    start, others = _start(step, name)
    if len(premises) != 2:
        raise Rejected(step.place, "two premises: the base and the step", f"{len(premises)}")
    base, successor = ([pair] for pair in zip(step.premises, premises, strict=True))
    n, after = {name: start}, {name: Term("+", (Variable(name), ONE))}
    given = [*(item for item in step.given if name not in free(item)), *(substitute(item, n) for item in others)]
    facts = known(given, base, f"{step.place}, base")
    if not holds(substitute(step.says, n), facts):
        raise Rejected(f"{step.place}, base", show(substitute(step.says, n)), "a base that does not say so")
    given = [*step.given, *(substitute(item, after) for item in others), step.says]
    facts = known(given, successor, f"{step.place}, step")
    if not holds(substitute(step.says, after), facts):
        raise Rejected(f"{step.place}, step", show(substitute(step.says, after)), "a step that does not say so")
    return Accepted()


def _start(step: Step, name: str) -> tuple[Tree, list[Tree]]:
    """Where the induction starts, and the other conditions on its variable, all of them upper bounds."""
    kinds, start, others = declared(step.given), None, list[Tree]()
    for item in step.given:
        if name not in free(item) or is_declaration(item):
            continue
        left, right = item.arguments if isinstance(item, Term) and len(item.arguments) == 2 else (item, item)
        head = item.head if isinstance(item, Term) else ""
        if head in (">=", ">"):
            left, right, head = right, left, {">=": "<=", ">": "<"}[head]
        if head == "<=" and right == Variable(name) and name not in free(left) and start is None:
            start = left
        elif head in ("<=", "<") and left == Variable(name) and name not in free(right):
            others.append(item)
        else:
            raise Rejected(step.place, f"one lower bound and upper bounds for {name}", show(item))
    if start is None or kinds.get(name) != "integer" or not is_integer(start, kinds, facts_of(*step.given)):
        raise Rejected(step.place, "on = an integer variable with an integer lower bound in given", name)
    return start, others


def unfold(step: Step, premises: Sequence[Tree]) -> Accepted:
    """The last term of a sum (or factor of a product).

                   b >= a
    ----------------------------------------
    sum(i=a..b, f) = sum(i=a..b-1, f) + f(b)
    """
    facts = known(step.given, list(zip(step.premises, premises, strict=True)), step.place)
    sides = step.says.arguments if isinstance(step.says, Term) and step.says.head == "=" else (ONE, ONE)
    whole, right = sides
    if not isinstance(whole, Term) or whole.head not in RANGES:
        raise Rejected(step.place, "an equation with a sum or product on its left", show(step.says))
    i, low, high, body = whole.arguments
    kinds = declared(step.given)
    if not (is_integer(low, kinds, facts) and is_integer(high, kinds, facts) and sign(Term("-", (high, low)), facts)):
        raise Rejected(step.place, f"{show(high)} >= {show(low)}, both integers, to be known", "it is not")
    shorter = Term(whole.head, (i, low, Term("-", (high, ONE)), body))
    expected = Term(RANGES[whole.head], (shorter, substitute(body, {show(i): high})))
    if difference(right, expected):
        raise Rejected(step.place, f"{show(whole)} = {show(rebuild(normal(expected)))}", show(step.says))
    return Accepted()


def termwise(step: Step, premises: Sequence[Tree]) -> Accepted:
    """Compares sums (or products of factors >= 0) term by term.

    G, integer i, a <= i <= b: f(i) >= g(i)        (and g(i) >= 0 for products)
    ----------------------------------------------------------------------------
                   G: sum(i=a..b, f) >= sum(i=a..b, g)
    """
    parts = step.says.arguments if isinstance(step.says, Term) and step.says.head in (">=", "<=") else ()
    sides = [side for side in parts if isinstance(side, Term) and side.head in RANGES]
    if len(sides) != 2 or len({(side.head, side.arguments[:3]) for side in sides}) != 1:
        raise Rejected(step.place, "sum >= sum or prod >= prod over the same range", show(step.says))
    i, low, high, _ = sides[0].arguments
    if show(i) in declared(step.given) or not all(is_integer(end, declared(step.given)) for end in (low, high)):
        raise Rejected(step.place, "integer bounds, and a variable that given does not declare", show(step.says))
    given = [*step.given, Term("integer", (i,)), Term("<=", (low, i)), Term("<=", (i, high))]
    facts = known(given, list(zip(step.premises, premises, strict=True)), step.place)
    left, right = (side.arguments[3] for side in sides)
    upper, lower = (left, right) if step.says == Term(">=", parts) else (right, left)
    wanted = [Term(">=", (upper, lower))] + [Term(">=", (lower, ZERO))] * (sides[0].head == "prod")
    for part in wanted:
        if not holds(part, facts):
            raise Rejected(step.place, f"{show(part)} for every {show(i)} of the range", "that is not known")
    return Accepted()


def refute(step: Step, premises: Sequence[Tree]) -> Accepted:
    """Refutes a universal statement by an instance, named by ``at``.

    C(t)     not A(t)
    ----------------------------
    not (forall x with C(x): A(x))
    """
    claim = step.says.arguments[0] if isinstance(step.says, Term) and step.says.head == "not" else step.says
    context, _ = unquantify(claim)
    facts = known(step.given, list(zip(step.premises, premises, strict=True)), step.place)
    if not context or claim == step.says:
        raise Rejected(step.place, "not (forall ...)", show(step.says))
    at = parse_values(step.arguments.get("at", ""), f"{step.place}, at")
    conditions, body = instance(claim, at, declared(step.given), facts, step.place)
    for part in (*conditions, negation(body)):
        if not holds(part, facts):
            raise Rejected(step.place, f"{show(part)} to be known", "it is not")
    return Accepted(detail="counterexample " + ", ".join(f"{name} = {show(term)}" for name, term in at.items()))


def growth(step: Step, premises: Sequence[Tree]) -> Accepted:
    """An asymptotic statement over the integers from an inequality with an explicit ``constant`` c, from ``at`` on.

    integer m >= a: f >= c*g and g >= 0      integer m >= a: f <= c*g and f >= 0
    -----------------------------------      -----------------------------------      (c > 0 a number)
          f = Omega(g) as m -> oo                    f = O(g) as m -> oo
    """
    if not isinstance(step.says, Term) or step.says.head not in ("O", "Omega") or step.given:
        raise Rejected(step.place, "f = O(g) or f = Omega(g), nothing given", show(step.statement))
    m, f, g = step.says.arguments
    c = parse(step.arguments.get("constant", "0"), f"{step.place}, constant")
    start = parse_values(step.arguments.get("at", ""), f"{step.place}, at").get(show(m), m)
    if evaluate(start) is None or not (evaluate(c) or 0) > 0:
        raise Rejected(step.place, f"numbers: constant > 0, at = {show(m)} = ...", f"{show(c)}, {show(start)}")
    given = [Term("integer", (m,)), Term(">=", (m, start))]
    facts = known(given, list(zip(step.premises, premises, strict=True)), step.place)
    scaled = Term("*", (c, g))
    order, smaller = ((f, scaled), g) if step.says.head == "Omega" else ((scaled, f), f)
    for part in (Term(">=", order), Term(">=", (smaller, ZERO))):
        if not holds(part, facts):
            raise Rejected(step.place, f"{show(part)} for {show(m)} >= {show(start)}", "that is not known")
    return Accepted(detail=f"constant {show(c)}, from {show(start)} on")


def cite(step: Step, premises: Sequence[Tree]) -> Accepted:
    """An assumption: nothing is checked, and everything that rests on it says so."""
    if premises or not step.arguments.get("source"):
        raise Rejected(step.place, "a source and no premises", step.arguments.get("source", "no source"))
    return Accepted(assumptions=(f"{show(step.statement)} ({step.arguments['source']})",))


RULES: Mapping[str, Rule] = {
    rule.__name__: rule
    for rule in (arithmetic, instances, combination, induction, unfold, termwise, refute, growth, cite)
}
