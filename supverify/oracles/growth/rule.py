"""``growth.multiseries``: an asymptotic statement read off exact expansions, without an explicit constant."""

from __future__ import annotations

from collections.abc import Sequence

from ...calculus.audit import Accepted, Hole
from ...calculus.derivation import Step
from ...calculus.statement import GROWTH, Term, Tree, show
from ...kernel.errors import Rejected
from .decide import decide_growth


def multiseries(step: Step, premises: Sequence[Tree]) -> Accepted:
    """f = O(g), likewise o, Omega, omega, Theta, and f ~ g, over the integers.

    f = (a + o(1)) s    g = (b + o(1)) t    s, t products of powers of one scale, a and b not 0
    -------------------------------------------------------------------------------------------
                         f = O(g) as m -> oo     if s/t does not grow
    """
    if premises or step.given or not isinstance(step.says, Term) or step.says.head not in GROWTH:
        raise Rejected(step.place, "f = O(g) or the like, nothing given and no premises", show(step.statement))
    found = decide_growth(step.says, kind="integer")
    if found.verdict == "undecided":
        raise Hole(found.reason)
    if found.verdict == "false":
        raise Rejected(step.place, show(step.says), found.reason)
    return Accepted(oracles=found.oracles, detail=found.reason)
