"""The paper's expressions with a constant, as inequalities in M that are decided here and now.

The counting bounds behind them (derived): a family of F functions needs log2 F bits in the worst case, and n neurons
in ``layers`` layers of n x n weights and n biases of b bits each have b layers n (n + 1) bits. So the least n is
sqrt(bits/(b layers) + 1/4) - 1/2, and for a capacity the question is whether n (n + 1) b layers bits are fewer than
M log2 M at M = c n^2/log2 n.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ...calculus.grammar import parse
from ..decision import Answer
from .rule import decide_inequality

SECONDS = 8.0  # for one statement

LABELLED = "log2(binom(M, 2)!/(binom(M, 2) - M)!)"
UNLABELLED = "log2(binom(M*(M - 1)/2, M))"


@dataclass(frozen=True, kw_only=True)
class PaperBound:
    """A statement for ``family``: true for all M (or n) >= ``least``, false for every start, or undecided.

    ``holds``: at the number of outputs (neurons) asked about; None where that is not known.
    """

    expression: str
    family: str
    statement: str
    verdict: Answer
    least: int | None
    holds: bool | None
    reason: str


def paper_bounds(*, outputs: int, neurons: int | None, bits: int, layers: int) -> tuple[PaperBound, ...]:
    """What is proved of the paper's lower bounds in bits and neurons, and of its capacity, for b = ``bits``."""
    return tuple(
        _decided(expression, family, statement, neurons if "n" in variable else outputs, variable)
        for expression, family, statement, variable in _statements(bits * layers)
    )


def _statements(each: int) -> Iterator[tuple[str, str, str, str]]:
    bits, neurons = "M log2 M, bits", "sqrt(M log2 M), neurons"
    yield bits, "permutations", "log2(M!) >= M*log2(M)", "M"
    yield bits, "permutations", "log2(M!) >= M*log2(M)/2", "M"
    yield bits, "permutations", "log2(M!) >= M*log2(M) - M*log2(e)", "M"
    yield bits, "labelled 2-AND, m = M", f"{LABELLED} >= M*log2(M)", "M"
    yield bits, "unlabelled 2-AND, m = M", f"{UNLABELLED} >= M*log2(M)", "M"
    width = "sqrt({}" + f"/{each} + 1/4) - 1/2 >= 0.7*sqrt(M*log2(M)/{each})"
    yield neurons, "permutations", width.format("log2(M!)"), "M"
    yield neurons, "unlabelled 2-AND, m = M", width.format(UNLABELLED).replace("0.7*", "0.9*"), "M"
    most = f"({each}*n^2/log2(n))"
    yield "n^2/log2 n, capacity", "labelled 2-AND, m = M", f"{each}*n*(n + 1) < {most}*log2({most})", "n"


def _decided(expression: str, family: str, statement: str, place: int | None, variable: str) -> PaperBound:
    found = decide_inequality(parse(f"forall integer {variable} >= m0: {statement}"), seconds=SECONDS)
    holds = None if place is None or found.m0 is None else True if place >= found.m0 else None
    if holds is None and place is not None and found.verdict != "undecided":
        here = decide_inequality(
            parse(f"forall integer {place} <= {variable} <= {place}: {statement}"), seconds=SECONDS
        )
        holds = {"true": True, "false": False}.get(here.verdict)
    return PaperBound(
        expression=expression,
        family=family,
        statement=statement,
        verdict=found.verdict,
        least=found.m0,
        holds=holds,
        reason=found.reason,
    )
