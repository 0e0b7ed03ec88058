"""A verdict in the arithmetics that its reader names, beside the one over the real numbers."""

from __future__ import annotations

from collections.abc import Sequence

from .. import engines as search
from ..engines import Arithmetic, NetworkVerdict, Order, Progress
from ..files import NetworkFile
from ..kernel.claim import Claim
from ..kernel.errors import Malformed

SECONDS = 60.0  # of each engine for a proof with a margin for rounding, where nobody says


def semantics(names: Sequence[str], order: Order) -> tuple[Arithmetic, ...]:
    """The arithmetics that are named so; raises Malformed."""
    if not names:
        raise Malformed("arithmetic", "at least one", "none")
    return tuple(dict.fromkeys(search.arithmetic(name, order) for name in names))


def in_arithmetics(
    verdict: NetworkVerdict,
    file: NetworkFile,
    wanted: Sequence[Arithmetic],
    *,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> NetworkVerdict:
    """The verdict over the real numbers made one in the arithmetics that are ``wanted``, the worst of theirs."""

    def prove(claim: Claim) -> NetworkVerdict:
        return search.verify(claim, seconds=seconds or SECONDS, progress=progress)

    scales = file.scales_as(verdict.claim.criterion.kind)
    return search.judged(verdict, scales, wanted, prove=prove, seconds=seconds, progress=progress)
