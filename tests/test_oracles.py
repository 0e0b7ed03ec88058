"""The outside tools: their translators agree with each other, and what they cannot do is a hole."""

from __future__ import annotations

import os
import sys
from fractions import Fraction
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supverify.calculus.arithmetic import evaluate, literal
from supverify.calculus.audit import Hole, Outcome, StepResult, audit
from supverify.calculus.derivation import read_derivation
from supverify.calculus.grammar import parse
from supverify.calculus.statement import Number, Tree, substitute
from supverify.kernel.errors import Malformed
from supverify.oracles import audit_file, balls, computer_algebra, rules, smt

TOOLS = ("sympy.identity", "z3.valid", "ball.inequality")


def judged(says: str, by: str, context: str = "", *premises: str) -> StepResult:
    """The outcome of one step after ``premises``, which are assumptions: ``context: says``."""
    blocks = [
        f'```step\nid = "p{i}"\ngiven = "{given}"\nsays = "{stated}"\nby = "cite"\nsource = "test"\n```'
        for i, (given, _, stated) in enumerate(premise.partition(": ") for premise in premises)
    ]
    used = ", ".join(f'"p{i}"' for i in range(len(premises)))
    blocks.append(f'```step\nid = "last"\ngiven = "{context}"\nsays = "{says}"\nby = "{by}"\nfrom = [{used}]\n```')
    header = f'```derivation\nid = "d"\ntitle = "d"\nclaims = ["{says}"]\nestablishes = ["last"]\n```\n'
    return audit(read_derivation(header + "\n".join(blocks), "d.md"), rules()).results[-1]


# The translators, against each other

VALUES = {"m": 3, "n": 7, "k": 2}
CLOSED = {name: Number(Fraction(value)) for name, value in VALUES.items()}


def _compound(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    binary = st.tuples(inner, st.sampled_from("+-*/"), inner).map(lambda t: f"({t[0]}) {t[1]} ({t[2]})")
    positive = st.sampled_from(["ln", "log2", "log10", "sqrt"])
    return st.one_of(
        binary,
        st.tuples(positive, inner).map(lambda t: f"{t[0]}(({t[1]})^2 + 1)"),
        st.tuples(st.sampled_from(["abs", "floor", "ceil"]), inner).map(lambda t: f"{t[0]}({t[1]})"),
        st.tuples(st.sampled_from(["min", "max"]), inner, inner).map(lambda t: f"{t[0]}({t[1]}, {t[2]})"),
        st.tuples(inner, st.integers(0, 3)).map(lambda t: f"({t[0]})^{t[1]}"),
        inner.map(lambda t: f"log(abs({t}) + 2, abs({t}) + 3)"),
    )


LEAVES = [
    "m",
    "n",
    "k",
    "1",
    "1/3",
    "2.5",
    "n!",
    "binom(n, k)",
    "2^m",
    "e",
    "pi",
    "exp(k)",
    "m^(1/k)",
    "(-k)^n",
    "-m",
]
TEXTS = st.recursive(st.sampled_from(LEAVES), _compound, max_leaves=5)


@given(TEXTS)
def test_sympy_and_balls_and_the_kernel_agree(text: str) -> None:
    import sympy
    from flint import arb, ctx, fmpq

    tree = parse(text)
    with ctx.workprec(200):
        ours = balls.ball(tree, {name: arb(value) for name, value in VALUES.items()})
        exact = evaluate(substitute(tree, CLOSED))
        if exact is not None and ours.is_finite():
            assert ours.overlaps(arb(fmpq(exact.numerator, exact.denominator)))
    theirs = computer_algebra.translate(tree, {name: sympy.Integer(value) for name, value in VALUES.items()})
    if ours.is_finite() and float(ours.rad()) < 1e-20:
        number = sympy.N(theirs, 30)
        assert abs(float(number) - float(ours.mid())) <= 1e-9 * max(1.0, abs(float(number)))


@given(TEXTS)
def test_z3_and_the_kernel_agree(text: str) -> None:
    import z3

    tree = parse(text)
    translator = smt.Translator(dict.fromkeys(VALUES, "integer"))
    term = translator.expression(tree)
    known = [(z3.Int(name), z3.IntVal(value)) for name, value in VALUES.items()]
    for atom, fresh in translator.abstracted.items():
        exact = evaluate(substitute(atom, CLOSED))
        known += [] if exact is None else [(fresh, z3.RealVal(str(exact)))]
    value, ours = z3.simplify(z3.substitute(term, *known)), evaluate(substitute(tree, CLOSED))
    if ours is not None and z3.is_rational_value(value):
        assert value.as_fraction() == ours


def test_one_atom_is_one_fresh_variable() -> None:
    translator = smt.Translator({"m": "integer"})
    for text in ("log2(m + 1)", "log2(1 + m)", "log2(2*m - m + 1)"):
        translator.expression(parse(text))
    assert len(translator.abstracted) == 1


# The rules


@settings(max_examples=60)
@given(st.lists(st.integers(-3, 3), min_size=6, max_size=6), st.sampled_from([">=", ">", "=", "!=", "<", "<="]))
def test_z3_and_balls_agree_with_brute_force(coefficients: list[int], relation: str) -> None:
    terms = zip(coefficients, ["1", "m", "n", "m*n", "m^2", "n^2"], strict=True)
    says = " + ".join(f"({c})*{term}" for c, term in terms) + f" {relation} 0"
    truth = all(
        balls.compare(substitute(parse(says), {"m": Number(Fraction(m)), "n": Number(Fraction(n))}))
        for m, n in product(range(4), repeat=2)
    )
    for tool in ("z3.valid", "ball.inequality"):
        result = judged(says, tool, "integers 0 <= m <= 3, 0 <= n <= 3")
        assert result.outcome is (Outcome.ACCEPTED if truth else Outcome.REJECTED)
        assert truth or "false at m = " in result.got


def test_z3_uses_premises_only_where_they_apply() -> None:
    premise = "integer n >= 5: n! >= 100"
    assert judged("m! >= 50", "z3.valid", "integer n >= 5, (n >= 0), m, (m = n)", premise).outcome is Outcome.HOLE
    assert judged("n! >= 50", "z3.valid", "integer n >= 6", premise).outcome is Outcome.ACCEPTED
    assert judged("n! >= 50", "z3.valid", "integer n >= 4", premise).outcome is Outcome.HOLE
    assert judged("n! >= 50", "z3.valid", "real n >= 6", premise).outcome is Outcome.REJECTED


def test_z3_says_what_it_abstracted() -> None:
    result = judged("log2(m)^2 >= 0", "z3.valid", "integer m >= 1")
    assert (result.outcome, result.oracles, result.detail) == (
        Outcome.ACCEPTED,
        frozenset({"z3"}),
        "whatever the values of log2(m)",
    )


@pytest.mark.parametrize(
    ("says", "context"),
    [
        ("x/x = 1", "real x"),
        ("m/2*2 = m + 1", "integer m"),
        ("x^2 != 2", "real x"),
        ("m^2 >= m + 1", "integer m"),
        ("2*x >= x", "real x"),
    ],
)
def test_z3_never_accepts_what_is_false(says: str, context: str) -> None:
    assert judged(says, "z3.valid", context).outcome in (Outcome.REJECTED, Outcome.HOLE)


def test_z3_out_of_time_is_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smt, "SECONDS", 0.001)
    fermat = "x^3 + y^3 != z^3"
    assert judged(fermat, "z3.valid", "integers x >= 1, y >= 1, z >= 1").outcome is Outcome.HOLE


def test_sympy_out_of_time_is_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(computer_algebra, "SECONDS", 0.01)
    result = judged("ln(x^2) = 2*ln(x)", "sympy.identity", "real x > 0")
    assert (result.outcome, "seconds" in result.detail) == (Outcome.HOLE, True)


@pytest.mark.parametrize("program", ["false", "nowhere-to-be-found"])
def test_sympy_that_fails_is_a_hole(program: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", program)
    assert judged("ln(x^2) = 2*ln(x)", "sympy.identity", "real x > 0").outcome is Outcome.HOLE


@pytest.mark.parametrize(
    ("says", "context"),
    [
        ("sqrt(x^2) = x", "real x"),
        ("(x^2)^(1/2) = x", "real x"),
        ("ln(x*y) = ln(x) + ln(y)", "real x, y"),
        ("binom(n, k) = n!/(k!*(n - k)!)", "integers n >= 0, k >= 0"),
        ("x/x = 1", "real x"),
        ("y! = y*(y - 1)!", "real y >= 1"),
        ("x^0.5*x^0.5 = x", "real x"),
    ],
)
def test_sympy_is_not_asked_where_something_may_be_undefined(says: str, context: str) -> None:
    assert judged(says, "sympy.identity", context).outcome in (Outcome.HOLE, Outcome.REJECTED)


def test_without_flint_balls_are_a_hole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "flint", None)
    result = judged("exp(1) > 2", "ball.inequality")
    assert (result.outcome, result.detail) == (Outcome.HOLE, "python-flint is not installed (extra: arb)")


def test_without_its_package_a_tool_is_a_hole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "z3", None)
    assert judged("2*x = x + x", "z3.valid", "real x > 0").outcome is Outcome.HOLE
    (tmp_path / "sympy.py").write_text("raise ImportError('no sympy here')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    result = judged("ln(x^2) = 2*ln(x)", "sympy.identity", "real x > 0")
    assert (result.outcome, "no sympy here" in result.detail) == (Outcome.HOLE, True)


@pytest.mark.parametrize("tool", TOOLS)
def test_tools_leave_growth_and_quantifiers_alone(tool: str) -> None:
    for says in ("m = O(m^2) as m -> oo", "forall real x: x^2 >= 0"):
        assert judged(says, tool).outcome in (Outcome.REJECTED, Outcome.HOLE)


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("exp(pi*sqrt(163)) < 262537412640768744", True),
        ("exp(pi*sqrt(163)) > 262537412640768743.9999999999992", True),
        ("pi = 3.14159", False),
        ("pi != 3.14159", True),
        ("exp(ln(2)) = 2", None),
        ("exp(ln(2)) != 2", None),
        ("1/0 > 0", None),
        ("ln(-1) > 0", None),
        ("(-2)^(1/2) > 0", None),
        ("binom(5, 1/2) > 0", None),
        ("(-1)! > 0", None),
        ("sum(i=1..100, 1/i) > 5.187", True),
        ("log2(10^44) > 146", True),
    ],
)
def test_balls(text: str, answer: bool | None) -> None:
    assert balls.compare(parse(text)) is answer


def test_balls_refuse_endless_sums() -> None:
    with pytest.raises(Hole):
        balls.compare(parse("sum(i=1..10^7, exp(1/i)) > 0"))


@pytest.mark.parametrize("number", [Fraction(0), Fraction(-3), Fraction(2, 7), Fraction(-5, 3)])
def test_rationals_become_trees(number: Fraction) -> None:
    tree: Tree = literal(number)
    assert evaluate(tree) == number


def test_sums_inside_sums_have_less_room() -> None:
    nested = "sum(i=1..9999, sum(j=1..9999, exp(1/(i + j)))) > 0"
    with pytest.raises(Hole, match="longer than 156"):
        balls.compare(parse(nested))


def test_sympy_is_not_taken_from_the_working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "sympy.py").write_text("import sys\nsys.stdout.write('0')\nsys.exit()\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep)  # an empty entry is the working folder, too
    assert judged("exp(x) = 1/(1 + x)", "sympy.identity", "real x > 0").outcome is Outcome.HOLE
    assert judged("(x + 1)^2 = x^2 + 2*x + 1", "sympy.identity", "real x > 0").outcome is Outcome.ACCEPTED


# Files


def test_files_that_cannot_be_read(tmp_path: Path) -> None:
    (tmp_path / "latin.md").write_bytes(b"\xe9t\xe9")
    (tmp_path / "empty.md").write_bytes(b"")
    (tmp_path / "large.md").write_bytes(b" " * (1 << 21))
    for name in ("latin.md", "empty.md", "large.md", "missing.md", "."):
        wanted = "1 to 1048576 bytes" if name in ("empty.md", "large.md") else "a readable UTF-8 file"
        with pytest.raises(Malformed, match=wanted):
            audit_file(tmp_path / name)
