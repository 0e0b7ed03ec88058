"""Is this computation in superposition? The question about one network and one problem, from their files."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..deciding.verification import Mode, verify
from ..engines import Progress
from ..files import NetworkFile
from ..kernel.claim import Criterion, Problem
from ..kernel.network import Network
from ..report.superposition_model import Superposition
from .anatomy import anatomy


def superposition(
    network: NetworkFile | Network | str | Path,
    problem: Problem | str | Path,
    *,
    k: int,
    criterion: Criterion | None = None,
    mode: Mode = "at-most",
    engines: Sequence[str] | None = None,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> Superposition:
    """Whether the network computes the problem's gates with fewer units than gates, exactly; see ``Superposition``.

    The arguments are those of ``verify``, whose verdict says which gates are right. ``seconds`` limits each engine,
    and again for each number of bits that the weights are rounded to. Raises Malformed for what does not fit,
    Disagreement if two engines contradict each other.
    """
    verdict = verify(
        network,
        problem,
        k=k,
        criterion=criterion,
        mode=mode,
        engines=engines,
        seconds=seconds,
        progress=progress,
    )
    return anatomy(verdict, seconds=seconds, progress=progress)
