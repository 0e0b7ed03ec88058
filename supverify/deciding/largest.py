"""The largest k for which a network is exact on every input with at most k ones."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

from .. import engines as search
from ..engines import NetworkVerdict, Progress, Statistics
from ..kernel.claim import Claim
from ..kernel.verdict import Status
from ..report.network_model import LargestK
from .policy import permitted

SECONDS = 60.0  # of each engine for each k, where nobody says


def largest_k(
    claim: Claim,
    *,
    known: NetworkVerdict | None = None,
    engines: Sequence[str] | None = None,
    seconds: float | None = None,
    permit: Collection[str] | None = None,
    progress: Progress | None = None,
) -> LargestK:
    """The largest k over the real numbers, searched upwards with ``engines.verify`` until one k is not proved.

    The claim's own k and mode do not matter; ``known``, a verdict on it, saves work where it is about at most k. A
    k that no engine decides within ``seconds`` (60 by default) ends the search: the answer is then not final.
    ``permit``: the only oracles that may be relied on (None: all). Raises Malformed for an engine that is none,
    Disagreement if two engines contradict each other.
    """
    start = 0
    if known is not None and known.claim.mode == "at-most" and not known.arithmetic:
        counted = known.statistics
        if counted is not None and counted.wrong_inputs and (permit is None or "enumeration" in permit):
            return _counted(counted, known.reason)
        if permitted(known, permit).status is Status.PROVED:
            start = known.claim.k + 1
    for k in range(start, claim.network.inputs + 1):
        stated = replace(claim, k=k, mode="at-most")
        verdict = search.verify(stated, engines=engines, seconds=seconds or SECONDS, progress=progress)
        verdict = permitted(verdict, permit)
        if verdict.status is not Status.PROVED:
            final = verdict.status is Status.REFUTED
            below = k - 1 if k else None
            return LargestK(k=below, final=final, counterexample=verdict.counterexample, reason=verdict.reason)
    return LargestK(k=claim.network.inputs, final=True)


def _counted(counted: Statistics, reason: str) -> LargestK:
    """The size below that of the smallest wrong input, which a finished enumeration has found.

    The counterexample of a verdict may be larger: of another engine it is one that cannot be shrunk.
    """
    smallest = counted.first_per_output[counted.failing()[0]] or ()
    return LargestK(k=len(smallest) - 1 if smallest else None, final=True, counterexample=smallest, reason=reason)
