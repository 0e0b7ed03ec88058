"""The LaTeX of statements reads back as the same tree by the rules that people read formulas with."""

from __future__ import annotations

import re
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from supverify.calculus.grammar import parse
from supverify.calculus.statement import Number, Term, Tree, Variable
from supverify.report.formulas import context, latex, pieces, variable

TOKEN = re.compile(r"\s*(\\left|\\right|\\[A-Za-z]+|\\[,;]|\d+(?:\.\d+)?|[A-Za-z]|[{}()|^_!+\-=,])")
FUNCTIONS = {r"\ln": "ln", r"\exp": "exp", r"\min": "min", r"\max": "max"}


class Reader:
    """A reader of formulas: products bind closer than sums, a power or factorial takes what stands just before."""

    def __init__(self, text: str) -> None:
        self.tokens: list[str] = [token for token in TOKEN.findall(text) if token not in (r"\left", r"\right")]

    def take(self, *wanted: str) -> str:
        assert not wanted or self.tokens[0] in wanted, (wanted, self.tokens)
        return self.tokens.pop(0)

    def ahead(self) -> str:
        return self.tokens[0] if self.tokens else ""

    def braced(self) -> Tree:
        self.take("{")
        tree = self.sum()
        self.take("}")
        return tree

    def sum(self) -> Tree:
        if self.ahead() in (r"\sum", r"\prod"):
            return self.range()
        tree = Term("neg", (self.product(),)) if self.ahead() == "-" and self.take() else self.product()
        while self.ahead() in ("+", "-"):
            tree = Term(self.take(), (tree, self.product()))
        return tree

    def range(self) -> Tree:
        head = self.take().removeprefix("\\")
        for sign in "_{":
            self.take(sign)
        index = self.atom()
        self.take("=")
        low = self.sum()
        for sign in "}^":
            self.take(sign)
        return Term(head, (index, low, self.braced(), self.product()))

    def product(self) -> Tree:
        tree = self.power()
        while self.ahead() in (r"\,", r"\cdot"):
            self.take()
            tree = Term("*", (tree, self.power()))
        return tree

    def power(self) -> Tree:
        tree = self.atom()
        if self.ahead() == "^":
            self.take()
            return Term("^", (tree, self.braced()))
        return Term(self.take(), (tree,)) if self.ahead() == "!" else tree

    def atom(self) -> Tree:
        token = self.take()
        if token[0].isdigit():
            return Number(Fraction(token))
        if token == "(":
            tree = self.sum()
            self.take(")")
            return tree
        if token == "{":
            above = self.sum()
            self.take(r"\choose")
            below = self.sum()
            self.take("}")
            return Term("binom", (above, below))
        if token in (r"\frac", r"\binom"):
            return Term("/" if token == r"\frac" else "binom", (self.braced(), self.braced()))
        if token == r"\sqrt":
            return Term("sqrt", (self.braced(),))
        if token in FUNCTIONS:
            return Term(FUNCTIONS[token], self.arguments())
        assert token.isalpha(), token
        return Variable(token)

    def arguments(self) -> tuple[Tree, ...]:
        self.take("(")
        found = [self.sum()]
        while self.take(",", ")") == ",":
            found.append(self.sum())
        return tuple(found)


def trees() -> st.SearchStrategy[Tree]:
    numbers = st.integers(0, 999).map(lambda n: Number(Fraction(n, 10)))
    leaves = st.one_of(st.sampled_from([Variable(name) for name in "abm"]), numbers)

    def grow(inner: st.SearchStrategy[Tree]) -> st.SearchStrategy[Tree]:
        def term(heads: list[str], count: int) -> st.SearchStrategy[Tree]:
            return st.builds(Term, st.sampled_from(heads), st.tuples(*[inner] * count))

        ranges = st.builds(
            lambda head, low, high, body: Term(head, (Variable("i"), low, high, body)),
            st.sampled_from(["sum", "prod"]),
            inner,
            inner,
            inner,
        )
        return st.one_of(
            term(["+", "-", "*", "/", "^", "binom", "min", "max"], 2),
            term(["neg", "!", "sqrt", "ln", "exp"], 1),
            ranges,
        )

    return st.recursive(leaves, grow, max_leaves=12)


@settings(max_examples=300)
@given(trees())
def test_formulas_read_back_as_the_same_tree(tree: Tree) -> None:
    reader = Reader(latex(tree))
    assert reader.sum() == tree
    assert reader.tokens == []


@pytest.mark.parametrize(
    ("text", "formula"),
    {
        "(m!)^2 >= m^m": r"(m!)^{2} \ge m^{m}",
        "m!^2 = 1": r"(m!)^{2} = 1",
        "((m+1)!)^2 > 0": r"((m + 1)!)^{2} > 0",
        "m!! != 1": r"(m!)! \ne 1",
        "log2(m!) >= m/2*log2(m)": r"\log_{2}(m!) \ge \frac{m}{2} \, \log_{2}(m)",
        "log(x, 3) < log10(x)": r"\log_{3}(x) < \log_{10}(x)",
        "floor(x) <= ceil(x/2)": r"\left\lfloor x \right\rfloor \le \left\lceil \frac{x}{2} \right\rceil",
        "abs(x) = 2*10^5": r"\left| x \right| = 2 \cdot 10^{5}",
        "2*(1/2) = 1": r"2 \cdot \frac{1}{2} = 1",
        "a >= b > c and x = 1": r"a \ge b > c \;\wedge\; x = 1",
        "x > 1 implies x >= 1": r"x > 1 \;\Rightarrow\; x \ge 1",
        "not x = 1": r"\neg (x = 1)",
        "binom(m, 2) > binom(m/2, 2)": r"\binom{m}{2} > {\frac{m}{2} \choose 2}",
        "e*pi < 9": r"\mathrm{e} \, \pi < 9",
        "f = O(m^2) as m -> oo": r"f = O(m^{2}) \quad (m \to \infty)",
        "m ~ m + 1": r"m \sim m + 1 \quad (m \to \infty)",
        "forall integer m >= 1, 1 <= i <= m: i <= m": r"\forall\, m \in \mathbb{Z},\, m \ge 1,\, i \in \mathbb{Z},\, "
        r"1 \le i \le m:\; i \le m",
        "forall real x: x^2 >= 0": r"\forall\, x \in \mathbb{R}:\; x^{2} \ge 0",
    }.items(),
)
def test_statements(text: str, formula: str) -> None:
    assert latex(parse(text)) == formula


@pytest.mark.parametrize(
    ("name", "formula"),
    [
        ("m", "m"),
        ("m0", "m_{0}"),
        ("m_", "m'"),
        ("m__", "m''"),
        ("alpha", r"\alpha"),
        ("x_1", "x_{1}"),
        ("bits", r"\mathrm{bits}"),
    ],
)
def test_variables(name: str, formula: str) -> None:
    assert variable(name) == formula


def test_the_context_of_a_step_is_a_formula_for_each_part() -> None:
    quantified = parse("forall integer m >= 2, real x: x >= m")
    assert isinstance(quantified, Term)
    assert context(quantified.arguments[:-1]) == (r"m \in \mathbb{Z}", r"m \ge 2", r"x \in \mathbb{R}")


def test_a_line_may_break_after_each_range() -> None:
    quantified = parse("forall integer m >= 2, real x: x >= m")
    assert pieces(quantified) == (r"\forall\, m \in \mathbb{Z},", r"m \ge 2,", r"x \in \mathbb{R}:", r"x \ge m")
    assert pieces(parse("1 < 2")) == ("1 < 2",)


def test_names_of_two_words_have_no_subscript() -> None:
    assert latex(parse("labelled_ands(m, 2)")) == r"\mathrm{labelled\_ands}(m, 2)"
