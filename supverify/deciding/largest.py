"""The largest k for which a network is exact on every input with at most k ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from .. import engines as search
from ..engines import NetworkVerdict, Progress
from ..kernel.claim import Claim
from ..kernel.verdict import Status
from ..report.network_model import LargestK

SECONDS = 60.0  # of each engine for each k, where nobody says


def largest_k(
    claim: Claim,
    *,
    known: NetworkVerdict | None = None,
    engines: Sequence[str] | None = None,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> LargestK:
    """The largest k over the real numbers, searched upwards with ``engines.verify`` until one k is not proved.

    The claim's own k and mode do not matter; ``known``, a verdict on it, saves work where it is about at most k. A
    k that no engine decides within ``seconds`` (60 by default) ends the search: the answer is then not final.
    """
    start = 0
    if known is not None and known.claim.mode == "at-most" and not known.arithmetic:
        counted = known.statistics
        if counted is not None and counted.wrong_inputs:
            return _counted(known)
        if known.status is Status.PROVED:
            start = known.claim.k + 1
    for k in range(start, claim.network.inputs + 1):
        stated = replace(claim, k=k, mode="at-most")
        verdict = search.verify(stated, engines=engines, seconds=seconds or SECONDS, progress=progress)
        if verdict.status is not Status.PROVED:
            final = verdict.status is Status.REFUTED
            below = k - 1 if k else None
            return LargestK(k=below, final=final, counterexample=verdict.counterexample, reason=verdict.reason)
    return LargestK(k=claim.network.inputs, final=True)


def _counted(known: NetworkVerdict) -> LargestK:
    """The size below that of the smallest wrong input, which a finished enumeration has found."""
    smallest = known.counterexample or ()
    return LargestK(
        k=len(smallest) - 1 if smallest else None, final=True, counterexample=smallest, reason=known.reason
    )
