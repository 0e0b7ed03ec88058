"""Questions as people type them: every spelling read, everything else refused at once and with its place."""

from __future__ import annotations

import subprocess
import sys

import pytest

from supverify.calculus.grammar import parse
from supverify.calculus.statement import Term, Variable, show
from supverify.kernel.errors import Malformed
from supverify.oracles.question import INFINITY, kind_of, read_question

SAME = [
    ("m**2 = O(m^2)", "m^2 = O(m^2) as m -> oo"),
    ("factorial(m) = O(m^m)", "m! = O(m^m) as m -> oo"),
    ("binomial(m, 2) ~ m^2/2", "binom(m, 2) ~ m^2/2 as m -> oo"),
    ("log(m) = O(m)", "ln(m) = O(m) as m -> oo"),
    ("ceiling(m) = O(m)", "ceil(m) = O(m) as m -> oo"),
    ("Abs(m) = O(Max(m, Min(m, 1)))", "abs(m) = O(max(m, min(m, 1))) as m -> oo"),
    ("max(1, 2, m) ~ Min(m, 3, 4)", "max(max(1, 2), m) ~ min(min(m, 3), 4) as m -> oo"),
    ("m ~ m as m -> infinity", "m ~ m as m -> oo"),
    ("E^m = O(e^m)", "e^m = O(e^m) as m -> oo"),
    ("M = O(n) with M = n^2, k = 3 as n -> oo", "n^2 = O(n) as n -> oo"),
    ("M*k = O(n) as n -> oo where M = k^2, k = n", "n^2*n = O(n) as n -> oo"),
    ("f = O(m) with f = log2(m!)", "log2(m!) = O(m) as m -> oo"),
]


@pytest.mark.parametrize(("text", "same"), SAME)
def test_spellings(text: str, same: str) -> None:
    assert show(read_question(text).statement) == same


@pytest.mark.parametrize(
    "text", ["limit(1/x, x -> oo) = 0", "lim(1/x, x->oo)=0", "limit(1/x, x, oo) = 0", "lim(1/x, x -> infinity) = 0"]
)
def test_limits(text: str) -> None:
    question = read_question(text)
    assert (question.form, question.variable, question.kind) == ("limit", "x", "real")
    assert question.statement == Term("limit", (Variable("x"), parse("1/x"), parse("0")))


def test_infinite_limits() -> None:
    for value, wanted in (("oo", INFINITY), ("-oo", Term("neg", (INFINITY,))), ("- oo", Term("neg", (INFINITY,)))):
        statement = read_question(f"limit(x, x -> oo) = {value}").statement
        assert isinstance(statement, Term)
        assert statement.arguments[2] == wanted


INEQUALITIES = [
    ("m! >= m for integer m >= 5", "forall integer m >= 5: m! >= m"),
    ("m! >= m for all integers m >= ?", "forall integer m >= m0: m! >= m"),
    ("m! >= m for integer m >= m0", "forall integer m >= m0: m! >= m"),
    ("x^2 > x for real x >= 2", "forall real x >= 2: x^2 > x"),
    ("x^2 > x for x >= 2", "forall real x >= 2: x^2 > x"),
    ("forall integer m >= 5: m! >= m", "forall integer m >= 5: m! >= m"),
    ("m! >= m", "forall integer m >= 1: m! >= m"),
    ("2^10 > 1000", "2^10 > 1000"),
]


@pytest.mark.parametrize(("text", "statement"), INEQUALITIES)
def test_inequalities(text: str, statement: str) -> None:
    question = read_question(text)
    assert question.form == "inequality"
    assert show(question.statement).replace("forall integer (m >= m0)", "forall integer m >= m0") == statement


def test_kinds() -> None:
    assert [kind_of(name) for name in ("m", "n", "k", "N", "x", "t", "a")] == ["integer"] * 4 + ["real"] * 3
    assert read_question("sin(m) = O(1) for real m").kind == "real"
    assert read_question("sin(x) = O(1) for integer x").kind_stated
    assert not read_question("sin(x) = O(1)").kind_stated


REFUSED = [
    "",
    "m",
    "m = O(m",
    "m = O(m) as m -> 0",
    "m = O(m) as m",
    "m = O(m) as m -> oo as n -> oo",
    "m >= 1 as m -> oo",
    "limit(x, x -> 0) = 0",
    "limit(x = 1, x -> oo) = 0",
    "m = O(M) with M",
    "M = O(M) with M = 2 as M -> oo",
    "m*n >= 1",
    "zeta(m) = O(1)",
    "__import__('os').system('true') = O(m)",
    "m = O(m); import os",
    "9**9**9**9 = O(m)",
    "2^(9^9^9) >= m for integer m >= 1",
    "(" * 10_000 + "m" + ")" * 10_000 + " = O(m)",
    "9" * 1_000_000 + " = O(m)",
    "m" + "+m" * 500_000 + " = O(m)",
    "-" * 3000 + "m = O(m)",
    "m = O(m)\x00",
]


@pytest.mark.parametrize("text", REFUSED, ids=range(len(REFUSED)))
def test_refused(text: str) -> None:
    with pytest.raises(Malformed) as refusal:
        read_question(text)
    assert len(str(refusal.value)) < 1000


HOSTILE = """
import sys, time
from pathlib import Path
from supverify.kernel.errors import Malformed
from supverify.oracles.question import read_question
texts = ["9**9**9**9 = O(m)", "("*10**4 + "m" + ")"*10**4 + " = O(m)", "9"*10**6 + " = O(m)", "m" + "^m"*10**5,
         "limit(" * 10**5, "m = O(m) with " + "M = m, " * 10**5, " for " * 10**5, "2^" * 30 + "2 = O(m)"]
for text in texts:
    started = time.process_time()
    try:
        read_question(text)
    except Malformed:
        pass
    assert time.process_time() - started < 1, text[:40]
status = Path("/proc/self/status")  # ru_maxrss would be that of the process which started this one
lines = status.read_text().splitlines() if status.exists() else []
print(next((line.split()[1] for line in lines if line.startswith("VmHWM:")), 0))
"""


def test_hostile_text_costs_no_time_and_no_memory() -> None:
    done = subprocess.run([sys.executable, "-c", HOSTILE], capture_output=True, text=True, check=True)
    assert int(done.stdout) * 1024 < 200 << 20
