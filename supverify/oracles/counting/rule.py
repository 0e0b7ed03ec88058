"""``counting.family``, ``counting.descriptions``: how many members a family has, how many bits tell them apart.

    says = "unlabelled_ands(m, M) = binom(binom(m, 2), M)"     says = "b > log2(permutations(m)) - 1"
    by = "counting.family"                                     by = "counting.descriptions"
                                                               given = "..., permutations(m) <= descriptions(b)"
                                                               family = "permutations(m)"    bits = "1"
                                                               error = "0"                   inputs = "every"

Every hypothesis that a counting bound rests on has its field; one that is missing is a hole, never a default.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...calculus.arithmetic import ONE, decide, difference, evaluate, literal
from ...calculus.audit import Accepted, Hole
from ...calculus.derivation import Step
from ...calculus.facts import Fact, facts_of, holds, instance, is_integer
from ...calculus.grammar import parse
from ...calculus.statement import Term, Tree, Variable, conditions, conjuncts, declared, show, show_values, substitute
from ...kernel.errors import Rejected
from .families import FAMILIES, Family, expanded, family_of
from .identities import equal

TAG = frozenset(("counting",))
TURNED = {">=": "<=", "<=": ">=", "=": "="}
MISSING = {
    "family": "which family is not stated: the bound is about its size",
    "error": "the error allowed is not stated: say error = 0, or d for up to d wrong outputs",
    "inputs": "the inputs are not stated: every, or those of a random or an expected kind",
    "bits": "bits per parameter not stated: with Theta(log m') bits only Omega(sqrt(m')) follows",
}


def family(step: Step, premises: Sequence[Tree]) -> Accepted:
    """The size of a family by the recurrence of a bijection, and by listing its members at small sizes.

    F(start) = N(start)     F(n + 1) = N's recurrence at F(n)     F = N wherever the members were listed
    -----------------------------------------------------------------------------------------------------
                                G: N(...) = F      (<= where the bijection only bounds)
    """
    counted, relation, formula = _sides(step)
    known = FAMILIES[counted.head]
    facts = _facts(step, premises)
    _domain(step, known, counted, (*facts, *facts_of(*map(expanded, conditions(step.given)))))
    general = _general(step, known, counted, formula)
    _small(step, known, counted, general, relation)
    if known.upper and relation != "<=":
        raise Hole(f"{counted.head}(...) is only bounded from above, by {known.bijection}")
    _recurrence(step, known, general)
    return Accepted(oracles=TAG, detail=f"{known.meaning}: {known.bijection}; listed at {len(known.small)} sizes")


def _sides(step: Step) -> tuple[Term, str, Tree]:
    """The family's size, how it compares to the formula, and the formula."""
    says = step.says
    if isinstance(says, Term) and says.head in TURNED:
        left, right = says.arguments
        for one, other, relation in ((left, right, says.head), (right, left, TURNED[says.head])):
            if isinstance(one, Term) and family_of(one) is not None and family_of(other) is None:
                return one, relation, other
    wanted = "the size of a family = (<=, >=) a formula, the families being " + ", ".join(FAMILIES)
    raise Rejected(step.place, wanted, show(says))


def _facts(step: Step, premises: Sequence[Tree]) -> tuple[Fact, ...]:
    kinds, facts = declared(step.given), facts_of(*step.given)
    for reference, statement in zip(step.premises, premises, strict=True):
        place = f"{step.place}, from {reference.name}"
        needed, body = instance(statement, reference.values, kinds, facts, place)
        for part in needed:
            if not holds(part, facts):
                raise Rejected(place, f"{show(part)} to be known", "it is not")
        facts += facts_of(body)
    return facts


def _domain(step: Step, known: Family, counted: Term, facts: Sequence[Fact]) -> None:
    """Raises Hole unless the family's sizes are known to be what they should be."""
    values = dict(zip(known.parameters, counted.arguments, strict=True))
    for value in values.values():
        if not is_integer(value, declared(step.given), facts):
            raise Hole(f"{show(value)} is not known to be an integer")
    for condition in map(parse, known.domain):
        wanted = substitute(condition, values)
        if not holds(expanded(wanted), facts):
            raise Hole(f"the range is not stated: {show(wanted)} has to be known for {show(counted)}")


def _general(step: Step, known: Family, counted: Term, formula: Tree) -> Tree:
    """The formula in the family's own parameters; the sizes have to be different variables."""
    names = [part.name for part in counted.arguments if isinstance(part, Variable)]
    if len(set(names)) != len(known.parameters):
        raise Rejected(step.place, f"{counted.head} of {len(known.parameters)} different variables", show(counted))
    return substitute(formula, dict(zip(names, map(Variable, known.parameters), strict=True)))


def _small(step: Step, known: Family, counted: Term, formula: Tree, relation: str) -> None:
    """The statement at every small size of its range, against the members listed one by one."""
    for sizes in known.small:
        values = dict(zip(known.parameters, map(literal, sizes), strict=True))
        named = {show(part): value for part, value in zip(counted.arguments, values.values(), strict=True)}
        if not all(decide(substitute(condition, named)) is True for condition in conditions(step.given)):
            continue
        count = known.members(*sizes)
        answer = decide(Term(relation, (literal(count), substitute(formula, values))))
        if answer is False:
            got = f"{count} against {evaluate(substitute(formula, values))} at {show_values(values)}"
            raise Rejected(step.place, f"{known.meaning}: the formula's number of them", got)
        if answer is None:
            raise Hole(f"the formula is not worked out at {show_values(values)}")


def _recurrence(step: Step, known: Family, formula: Tree) -> None:
    """The formula starts where the family does and grows as its members do."""
    n = Variable(known.on)
    step_tree, divisor, room, start = known.trees(known.step, known.divisor, known.room, known.start)
    domain = known.trees(*known.domain, *known.known)
    facts, formula = facts_of(*domain, room), expanded(formula)
    after = substitute(formula, {known.on: Term("+", (n, ONE))})
    first = substitute(formula, {known.on: literal(0)})
    if not equal(first, start, facts_of(*domain)):
        raise Hole(f"that {show(first)} is {show(start)} is not seen")
    grown = substitute(step_tree, {"N": formula})
    if not equal(Term("*", (divisor, after)), grown, facts):
        raise Hole(f"that {show(Term('*', (divisor, after)))} is {show(grown)} is not seen")


def descriptions(step: Step, premises: Sequence[Tree]) -> Accepted:
    """Some member of a family needs more than log2 of its size, less 1, bits (the pigeonhole principle).

    N(...) <= descriptions(b)          N(...) <= descriptions(b)*hamming_ball(m, d)     (G has this condition)
    -------------------------------    ------------------------------------------------
    G: b > log2(N(...)) - 1            G: b > log2(N(...)/hamming_ball(m, d)) - 1
    """
    fields = {key: step.arguments.get(key, "") for key in MISSING}
    for key, text in fields.items():
        if not text:
            raise Hole(MISSING[key])
    counted = parse(fields["family"], f"{step.place}, family")
    _hypotheses(step, fields, counted)
    b, size = _conclusion(step)
    ball = _ball(step, fields["error"], counted)
    facts = _facts(step, premises)
    for size_of in (counted, ball):
        if isinstance(size_of, Term):
            _domain(
                step, FAMILIES[size_of.head], size_of, (*facts, *facts_of(*map(expanded, conditions(step.given))))
            )
    room: Tree = Term("descriptions", (b,))
    wanted_size = counted if ball is None else Term("/", (counted, ball))
    needed = Term("<=", (counted, room if ball is None else Term("*", (room, ball))))
    if not is_integer(b, declared(step.given), facts) or not holds(Term(">=", (b, literal(0))), facts):
        raise Hole(f"{show(b)} is not known to be an integer >= 0")
    if not any(_same(part, needed) for item in step.given for part in conjuncts(item)):
        raise Hole(f"which descriptions serve which members is not stated: {show(needed)} in given")
    if difference(size, wanted_size) and not _known_equal(size, wanted_size, facts):
        raise Rejected(step.place, f"b > log2({show(wanted_size)}) - 1", show(step.says))
    return Accepted(oracles=TAG, assumptions=(_model(fields, counted),), detail=f"{fields['bits']} bits a parameter")


def _hypotheses(step: Step, fields: dict[str, str], counted: Tree) -> None:
    known = family_of(counted)
    if known is None or not isinstance(counted, Term) or counted.head in ("descriptions", "hamming_ball"):
        raise Rejected(
            step.place, "a family of problems: permutations, labelled_ands, unlabelled_ands", show(counted)
        )
    if _members(known, counted) == 1:
        raise Rejected(step.place, "a family of more than one member", f"vacuous: {show(counted)} = 1 needs 0 bits")
    if fields["inputs"] not in ("every", "random", "expected"):
        raise Rejected(step.place, "inputs = every, random or expected", fields["inputs"])
    if fields["inputs"] != "every":
        raise Hole(f"{fields['inputs']} inputs: which outputs may be wrong there is not expressed; every input is")
    bits = evaluate(parse(fields["bits"], f"{step.place}, bits"))
    if bits is not None and (bits.denominator > 1 or bits < 1):
        raise Rejected(step.place, "bits = an integer >= 1 or an expression", fields["bits"])


def _members(known: Family, counted: Term) -> int | None:
    """The number of members, where the family's sizes are given and small, or nothing is chosen at all."""
    sizes = [evaluate(part) for part in counted.arguments]
    if counted.head != "permutations" and sizes[1] == 0:
        return 1
    whole = tuple(int(size) for size in sizes if size is not None)
    return known.members(*whole) if whole in known.small else None


def _conclusion(step: Step) -> tuple[Tree, Tree]:
    """b and F of ``b > log2(F) - 1``."""
    says = step.says
    if isinstance(says, Term) and says.head in (">", "<"):
        b, bound = says.arguments if says.head == ">" else says.arguments[::-1]
        match bound:
            case Term("-", (Term("log2", (size,)), one)) if evaluate(one) == 1:
                return b, size
    raise Rejected(step.place, "b > log2(F) - 1", show(says))


def _ball(step: Step, error: str, counted: Tree) -> Tree | None:
    """The Hamming ball of ``error`` wrong outputs; None for none."""
    d = parse(error, f"{step.place}, error")
    if evaluate(d) == 0:
        return None
    if not isinstance(counted, Term) or counted.head != "permutations":
        raise Hole(f"a ball with {error} wrong outputs is counted for permutations only")
    return Term("hamming_ball", (counted.arguments[0], d))


def _same(part: Tree, wanted: Term) -> bool:
    """Whether a condition is the wanted one, up to normal form."""
    if not isinstance(part, Term) or part.head not in ("<=", ">="):
        return False
    left, right = part.arguments if part.head == "<=" else part.arguments[::-1]
    return not difference(Term("-", (left, right)), Term("-", wanted.arguments))


def _known_equal(size: Tree, wanted: Tree, facts: Sequence[Fact]) -> bool:
    return holds(Term("=", (size, wanted)), facts)


def _model(fields: dict[str, str], counted: Tree) -> str:
    wrong = "every output right" if fields["error"] == "0" else f"at most {fields['error']} outputs wrong"
    return (
        f"One fixed deterministic algorithm serves all of {show(counted)}, told only by its parameters of "
        f"{fields['bits']} bits each, with {wrong} on every input."
    )
