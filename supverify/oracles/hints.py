"""What other tools say, for people to compare: never part of a verdict, for each of them is known to err.

``python -m supverify.oracles.hints`` is the process in which SymPy works, ended when its time is up.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from ..calculus.grammar import parse
from ..calculus.statement import Term, show
from .question import Question


def sympy_limit(question: Question, *, seconds: float) -> str:
    """SymPy's limit of f/g, or of f, as text; what went wrong where it gives none."""
    claim = question.statement
    if question.form == "inequality" or not isinstance(claim, Term):
        return "asked about growth and limits only"
    f, g = claim.arguments[1], claim.arguments[2]
    whole = f if claim.head == "limit" else Term("/", (f, g))
    root = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join((root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))))
    try:
        done = subprocess.run(  # our own interpreter, no shell, and -P: no module from the working folder
            [sys.executable, "-P", "-m", "supverify.oracles.hints"],
            input=f"{question.kind} {question.variable}\n{show(whole)}",
            env={**os.environ, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            timeout=seconds,
            check=True,
        )
    except subprocess.TimeoutExpired:
        return f"no answer within {seconds:g} seconds"
    except subprocess.CalledProcessError as failed:
        return f"failed: {(failed.stderr.strip() or 'without a word').splitlines()[-1]}"
    return done.stdout.strip()


def main() -> None:
    """The other process: reads a kind, a variable and an expression, writes SymPy's limit at oo."""
    import sympy

    from .computer_algebra import translate

    header, text = sys.stdin.read().split("\n", 1)
    kind, name = header.split()
    symbol = sympy.Symbol(name, positive=True, **{kind: True})
    sys.stdout.write(str(sympy.limit(translate(parse(text), {name: symbol}), symbol, sympy.oo)))


if __name__ == "__main__":
    main()
