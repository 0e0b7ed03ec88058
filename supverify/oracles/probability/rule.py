"""``probability.existence``: codes drawn at random are wrong with a chance below a number, so some are right.

    says = "failure_chance(10000, 10000, 2, 10, 4940, 31, 15, 3) < 1"
    by = "probability.existence"
    at = "load = 55 and union = 2631 and crossings = 21"

``failure_chance(M, m, k, d, n, w0, w1, w2)``: of all 2-AND problems with M different pairs of m inputs, none of them
in more than d, the largest chance that n neurons with random codes of w0, w1 and w2 ones are wrong on some input with
at most k ones. Below 1, an exact network of n neurons exists for every such problem.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from ...calculus.arithmetic import evaluate
from ...calculus.audit import Accepted, Hole
from ...calculus.derivation import Step, parse_values
from ...calculus.statement import Term, Tree, show
from ...kernel.errors import Malformed, Rejected
from .existence import Design, failure
from .probability import union_bound

TAG = frozenset(("probability",))
SIZES = ("outputs", "inputs", "k", "degree", "neurons", "code", "channel", "output_code")
BOUNDS = ("load", "union", "crossings")
LARGEST = {"outputs": 10**8, "inputs": 10**8, "neurons": 10**7, "k": 12, "degree": 10**4} | dict.fromkeys(
    ("code", "channel", "output_code", "crossings"), 400
)
MODEL = (
    "A network with random codes is exact unless one of the named bad events happens; of independent choices, that "
    "rows are covered is negatively associated (Joag-Dev and Proschan 1983)."
)


def existence(step: Step, premises: Sequence[Tree]) -> Accepted:
    """The union bound over all bad events of a construction, in exact fractions that are rounded up.

    sum of count*each over the bad events < c, with the bounds named by ``at``
    --------------------------------------------------------------------------
                      failure_chance(M, m, k, d, n, w0, w1, w2) < c
    """
    if premises or step.given:
        raise Rejected(step.place, "numbers, nothing given and no premises", show(step.statement))
    chance, relation, limit = _sides(step)
    sizes = dict(zip(SIZES, map(_whole, chance.arguments), strict=True))
    at = parse_values(step.arguments.get("at", ""), f"{step.place}, at") if step.arguments.get("at") else {}
    if set(at) != set(BOUNDS):
        raise Hole("the bounds of the bad events are not stated: at = load, union and crossings")
    sizes |= {name: _whole(at[name]) for name in BOUNDS}
    if any(value > LARGEST.get(name, 10**8) for name, value in sizes.items()):
        raise Hole("sizes too large to be worked out")
    try:
        events = failure(Design(**sizes))
    except Malformed as problem:
        raise Rejected(step.place, problem.expected, problem.got) from problem
    bound = union_bound(events)
    if bound > limit or (bound == limit and relation == "<"):
        raise Hole(f"the bad events have a chance of {float(bound):.4g} in all, which shows nothing")
    worst = max(events, key=lambda event: event.bound)
    return Accepted(
        oracles=TAG,
        assumptions=(MODEL,),
        detail=f"at most {float(bound):.4g}, most of it {worst.name} ({float(worst.bound):.4g})",
    )


def _sides(step: Step) -> tuple[Term, str, Fraction]:
    """The chance, < or <=, and the number it is compared with."""
    match step.says:
        case Term(relation, (Term("failure_chance") as chance, limit)) if relation in ("<", "<="):
            pass
        case Term(turned, (limit, Term("failure_chance") as chance)) if turned in (">", ">="):
            relation = turned.replace(">", "<")
        case _:
            raise Rejected(step.place, "failure_chance(...) < a number", show(step.says))
    number = evaluate(limit)
    if number is None:
        raise Hole(f"{show(limit)} is not a number that is worked out")
    return chance, relation, number


def _whole(tree: Tree) -> int:
    number = evaluate(tree)
    if number is None or number.denominator > 1 or number < 0:
        raise Hole(f"{show(tree)} is not an integer >= 0 that is worked out")
    return int(number)
