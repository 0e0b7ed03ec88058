"""Counts for a verdict that another engine has found."""

from __future__ import annotations

from dataclasses import replace

from supverify.kernel.verdict import Status

from .answer import Progress
from .verify import ENGINES, Disagreement, NetworkVerdict


def counted(
    verdict: NetworkVerdict, *, seconds: float | None = None, progress: Progress | None = None
) -> NetworkVerdict:
    """The verdict with statistics by enumeration, if that ends within ``seconds`` and none are there yet.

    The verdict itself is not changed, nor what it rests on. Raises Disagreement if the counts contradict it.
    """
    if verdict.statistics is not None:
        return verdict
    answer = ENGINES["enumerate"].run(verdict.claim, seconds=seconds, progress=progress)
    decided = {verdict.status, answer.status} - {Status.UNKNOWN}
    if len(decided) > 1:
        raise Disagreement(f"{verdict.status.name} ({verdict.reason}), but enumeration says {answer.status.name}")
    return replace(verdict, statistics=answer.statistics, engines=(*verdict.engines, answer))
