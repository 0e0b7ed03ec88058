"""The audit: the format, each rule on the corpus, outcomes and what they rest on, and the axioms."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from supverify.calculus.arithmetic import decide, literal, normal, rebuild
from supverify.calculus.audit import Accepted, Audit, Hole, Outcome, Rule, audit
from supverify.calculus.axioms import AXIOMS
from supverify.calculus.derivation import Derivation, Step, read_derivation
from supverify.calculus.facts import facts_of, holds, is_integer, sign
from supverify.calculus.grammar import parse, parse_context
from supverify.calculus.rules import RULES
from supverify.calculus.statement import Tree, declared, free, is_declaration, show, substitute, unquantify
from supverify.kernel.errors import Malformed, Rejected
from supverify.kernel.verdict import Status
from supverify.oracles import audit_file, rules
from supverify.oracles.balls import compare
from supverify.report.derived import derivation_entry

CORPUS = Path(__file__).parent / "corpus"


def files(folder: str) -> list[object]:
    """The derivations of one folder of the corpus."""
    found = sorted((CORPUS / folder).glob("*.md"))
    assert found
    return [pytest.param(path, id=path.stem) for path in found]


def note(path: Path) -> str:
    """What the first line of a corpus file, an HTML comment, says about it."""
    return path.read_text().splitlines()[0].removeprefix("<!-- ").removesuffix(" -->")


@pytest.mark.parametrize("path", files("accept"))
def test_accepted(path: Path) -> None:
    result = audit_file(path)
    assert [r.step.id for r in result.results if r.outcome is not Outcome.ACCEPTED] == []
    assert (result.status, result.reason) == (Status.PROVED, "")


@pytest.mark.parametrize("path", files("reject"))
def test_refused(path: Path) -> None:
    result = audit_file(path)
    step, outcome, why = note(path).split(": ", 2)
    judged = {r.step.id: r for r in result.results}[step]
    assert judged.outcome == outcome
    assert why in (judged.expected or judged.detail or result.reason)
    assert result.status is not Status.PROVED
    assert result.reason
    if judged.outcome is Outcome.REJECTED:
        assert judged.expected
        assert judged.got
        assert f"step {step}" in judged.place
    elif judged.outcome is not Outcome.ACCEPTED:
        assert judged.detail


@pytest.mark.parametrize("path", files("malformed"))
def test_malformed(path: Path) -> None:
    with pytest.raises(Malformed) as refusal:
        audit_file(path)
    assert note(path) in refusal.value.expected
    assert refusal.value.place.startswith(path.name)


PREFIXES = {  # of the corpus files about a rule, where that is not its name
    "sympy.identity": "sympy",
    "z3.valid": "z3",
    "ball.inequality": "ball",
    "inequality.tail": "inequality",
    "counting.family": "family",
    "counting.descriptions": "descriptions",
    "growth.multiseries": "multiseries",
    "probability.existence": "existence",
}


def test_every_rule_is_refused_more_often_than_accepted() -> None:
    for name in rules():
        prefix = PREFIXES.get(name, name)
        accepted, refused = (len(list((CORPUS / folder).glob(f"{prefix}-*.md"))) for folder in ("accept", "reject"))
        assert refused >= accepted >= 1, name
    assert len(files("reject")) > 2 * len(files("accept"))


# Outcomes and what they rest on


def step(name: str, by: str, *premises: str, says: str = "2 > 1") -> str:
    """A step block."""
    return f'```step\nid = "{name}"\nsays = "{says}"\nby = "{by}"\nfrom = {list(premises)}\n```\n'.replace("'", '"')


def derivation(*steps: str, establishes: str = "last", claim: str = "2 > 1", more: str = "") -> Derivation:
    """A derivation of one claim."""
    header = f'id = "d"\ntitle = "d"\nclaims = ["{claim}"]\nestablishes = ["{establishes}"]\n{more}'
    return read_derivation(f"```derivation\n{header}\n```\n" + "".join(steps), "d.md")


def _tool(step: Step, premises: Sequence[Tree]) -> Accepted:
    return Accepted(oracles=frozenset((step.id,)), assumptions=(f"assumed by {step.id}",))


def _missing(step: Step, premises: Sequence[Tree]) -> Accepted:
    raise Hole("the tool is missing")


def _wrong(step: Step, premises: Sequence[Tree]) -> Accepted:
    raise Rejected(step.place, "this", "that")


def _crash(step: Step, premises: Sequence[Tree]) -> Accepted:
    raise ZeroDivisionError("inside the tool")


TABLE: dict[str, Rule] = {"tool": _tool, "missing": _missing, "wrong": _wrong, "crash": _crash}


def test_oracles_and_assumptions_follow_the_premises() -> None:
    done = derivation(
        step("a", "tool"), step("b", "tool"), step("unused", "tool"), step("last", "tool", "a", "b", "a")
    )
    result = audit(done, TABLE)
    assert result.status is Status.PROVED
    assert result.oracles == {"a", "b", "last"}
    assert result.assumptions == ("assumed by a", "assumed by b", "assumed by last")
    assert [r.oracles for r in result.results][:3] == [{"a"}, {"b"}, {"unused"}]


def test_modelling_assumptions_are_listed_first() -> None:
    done = derivation(step("last", "tool"), more='modelling = ["bits are bits"]')
    assert audit(done, TABLE).assumptions == ("bits are bits", "assumed by last")


def test_permit_is_an_allow_list() -> None:
    done = derivation(step("a", "tool"), step("last", "tool", "a"))
    assert audit(done, TABLE, permit=["a", "last"]).status is Status.PROVED
    refused = audit(done, TABLE, permit=["a"])
    assert [r.outcome for r in refused.results] == [Outcome.ACCEPTED, Outcome.HOLE]
    assert "last" in refused.results[1].detail
    assert refused.status is Status.UNKNOWN
    assert [r.outcome for r in audit(done, TABLE, permit=[]).results] == [Outcome.HOLE, Outcome.BLOCKED]


@pytest.mark.parametrize(
    ("rule", "outcome"), [("missing", Outcome.HOLE), ("crash", Outcome.HOLE), ("wrong", Outcome.REJECTED)]
)
def test_whatever_is_not_accepted_blocks(rule: str, outcome: Outcome) -> None:
    result = audit(derivation(step("a", rule), step("b", "tool", "a"), step("last", "tool", "b")), TABLE)
    assert [r.outcome for r in result.results] == [outcome, Outcome.BLOCKED, Outcome.BLOCKED]
    assert (result.status, result.oracles) == (Status.UNKNOWN, frozenset())


def test_an_unused_hole_does_no_harm_but_an_unused_error_does() -> None:
    last = step("last", "tool")
    assert audit(derivation(step("a", "missing"), last), TABLE).status is Status.PROVED
    assert audit(derivation(step("a", "wrong"), last), TABLE).status is Status.UNKNOWN


def test_forward_references_and_unknown_rules_are_rejected() -> None:
    result = audit(derivation(step("a", "tool", "last"), step("last", "tools")), TABLE)
    assert [r.outcome for r in result.results] == [Outcome.REJECTED, Outcome.REJECTED]
    assert (result.results[0].got, result.results[1].got) == ("last", "tools")


def test_success_is_exactly_the_claim() -> None:
    for claim in ("3 > 1", "1 < 2", "not (not (2 > 1))", "2 >= 1"):
        result = audit(derivation(step("last", "tool"), claim=claim), TABLE)
        assert result.status is Status.UNKNOWN
        assert claim in result.reason
    assert audit(derivation(step("last", "tool"), establishes="first"), TABLE).reason == "step first is missing"


def refuted(result: Audit) -> list[str]:
    return [item.statement for item in derivation_entry(result, path="").conclusions if item.status == "REFUTED"]


def test_what_is_refuted_is_the_operand_of_not() -> None:
    claim = "not (forall integer m >= 1: m >= 2)"
    block = step("last", "refute", says=claim).replace("from", 'at = "m = 1"\nfrom')
    result = audit(derivation(block, claim=claim), RULES)
    assert refuted(result) == ["forall integer m >= 1: m >= 2"]
    assert refuted(audit(derivation(step("last", "missing"), claim=claim), TABLE)) == []


def test_steps_inside_other_blocks_are_prose() -> None:
    example = "````markdown\n" + step("shown", "tool") + "````\n"
    assert [s.id for s in derivation(example, step("last", "tool")).steps] == ["last"]


# Signs and integers, against values


CONTEXT = parse_context("integers m >= 2, 0 <= k <= m, real x > 0, y")
FACTS = facts_of(*CONTEXT)
EXPRESSIONS = st.recursive(
    st.sampled_from(["m", "k", "x", "y", "0", "1", "3", "1/2"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]}){t[1]}({t[2]})"),
        inner.map(lambda t: f"({t})^2"),
        inner.map(lambda t: f"({t})^3"),
        inner.map(lambda t: f"abs({t})"),
        inner.map(lambda t: f"-({t})"),
    ),
    max_leaves=6,
).map(parse)
WHOLE = st.integers(0, 6).map(Fraction)
POINTS = st.tuples(WHOLE, WHOLE, st.fractions(0, 5), st.fractions(-5, 5)).filter(
    lambda point: 2 <= point[0] >= point[1] and point[2] > 0
)


@given(EXPRESSIONS, POINTS)
def test_signs_and_integers_are_right_at_every_point(tree: Tree, point: tuple[Fraction, ...]) -> None:
    values = {name: literal(number) for name, number in zip("mkxy", point, strict=True)}
    relation = {"": "0 = 0", ">": "t > 0", ">=": "t >= 0", "=": "t = 0"}[sign(tree, FACTS)]
    at_point = substitute(parse(relation), {"t": substitute(tree, values)})
    assert compare(at_point) in (True, None)  # None: a division by 0, of which nothing is known
    if is_integer(tree, declared(CONTEXT), FACTS):
        assert compare(substitute(parse("t = floor(t)"), {"t": substitute(tree, values)})) is True


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("m - 2", True),
        ("m - 1 > 0", True),
        ("m - 3", False),
        ("m - k", True),
        ("m - k > 0", False),
        ("k", True),
        ("x*m", True),
        ("x - m", False),
        ("y^2", True),
        ("y^2 > 0", False),
        ("y^3", False),
        ("x^y > 0", True),
        ("y^x", False),
        ("k!", True),
        ("y!", False),
        ("log2(m)", True),
        ("log2(m - 1) > 0", False),
        ("log2(x)", False),
        ("1/x > 0", True),
        ("1/y", False),
        ("sqrt(x) > 0", True),
        ("exp(y) > 0", True),
        ("-m", False),
        ("m - k >= 0 and x > 0", True),
        ("m != 1", True),
        ("m != k", False),
        ("sqrt(k) > 0", False),
        ("not (m < 2)", True),
        ("not (m < 3)", False),
        ("y >= 7 implies y >= 5", True),
        ("y >= 5 implies y >= 7", False),
        ("forall real z: z >= z", False),
    ],
)
def test_what_is_known_in_a_context(text: str, known: bool) -> None:
    tree = parse(text if any(sign in text for sign in "<>=") else f"{text} >= 0")
    assert holds(tree, FACTS) is known


@pytest.mark.parametrize(
    ("text", "known"),
    [
        ("m + k", True),
        ("m/2", False),
        ("2*x", False),
        ("2^k", True),
        ("2^(k - 1)", False),
        ("m!", True),
        ("(k - m)!", False),
        ("binom(m, k)", True),
        ("binom(k - m, k)", False),
        ("sum(i=0..k, 2^i)", True),
        ("sum(k=0..m, 2^k)", False),
        ("floor(x)", True),
        ("e", False),
        ("log2(8)", True),
    ],
)
def test_which_expressions_are_integers(text: str, known: bool) -> None:
    assert is_integer(parse(text), declared(CONTEXT), FACTS) is known


FACTORS = st.sampled_from(["x", "y", "x - y", "x + y - 1", "2 - x*y", "x^2 - y", "m - 2", "3*m - x"])
WEIGHTS = st.sampled_from(["1", "1/2", "3", "m", "x^2", "(x - m)^2", "y^2 + 1", "-1", "y", "x - 1"])
RATIONALS = [Fraction(n, 2) for n in range(-4, 7)]


@given(
    st.lists(st.tuples(FACTORS, st.sampled_from([">=", ">", "=", "<="])), min_size=1, max_size=3),
    st.lists(st.tuples(WEIGHTS, FACTORS, FACTORS | st.just("1")), min_size=1, max_size=3),
    st.sampled_from([">=", ">", "="]),
    st.booleans(),
)
def test_combination_accepts_nothing_false(
    hypotheses: list[tuple[str, str]], terms: list[tuple[str, str, str]], relation: str, expanded: bool
) -> None:
    conditions = ", ".join(f"({factor} {sign} 0)" for factor, sign in hypotheses)
    context = parse_context(f"integer m >= 1, real x, y, {conditions}")
    because = " + ".join(f"({a})*({b})*({c})" for a, b, c in terms)
    goal = show(rebuild(normal(parse(because)))) if expanded else because
    says = parse(f"{goal} {relation} 0")
    judged = Step(id="last", given=context, says=says, by="combination", arguments={"because": because})
    try:
        RULES["combination"](judged, ())
    except Rejected:
        return
    for m, x, y in product([Fraction(1), Fraction(2), Fraction(4)], RATIONALS, RATIONALS):
        point = {"m": literal(m), "x": literal(x), "y": literal(y)}
        if all(decide(substitute(item, point)) for item in context if not is_declaration(item)):
            assert decide(substitute(says, point)) is True


# The axioms


NUMBERS = {
    "integer": st.integers(0, 9).map(Fraction),
    "real": st.fractions(0, 9, max_denominator=7) | st.fractions(-3, 9, max_denominator=3),
}


@pytest.mark.parametrize("name", sorted(AXIOMS))
@given(data=st.data())
def test_axioms_hold_at_every_point(name: str, data: st.DataObject) -> None:
    context, body = unquantify(parse(AXIOMS[name]))
    drawn = {variable: data.draw(NUMBERS[kind], variable) for variable, kind in declared(context).items()}
    values = {variable: literal(number) for variable, number in drawn.items()}
    conditions = [compare(substitute(item, values)) for item in context if not is_declaration(item)]
    if all(conditions):
        assert compare(substitute(body, values)) in (True, None)  # None: a tie that balls cannot settle


@pytest.mark.parametrize("name", sorted(AXIOMS))
def test_axioms_are_closed_and_printed_as_they_stand(name: str) -> None:
    statement = parse(AXIOMS[name])
    assert not free(statement)
    assert show(statement) == AXIOMS[name].replace("integers", "integer")
