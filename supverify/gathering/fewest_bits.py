"""The fewest bits of a weight that keep a network exact: rounded, and decided anew by the engines."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace

from .. import engines
from ..deciding.policy import permitted
from ..engines import NetworkVerdict, Progress
from ..kernel.check import wrong_outputs
from ..kernel.claim import Claim
from ..kernel.verdict import Status, Verdict
from ..models.structure import rounded, wrong_input
from ..report.superposition_model import FewestBits, RoundedWeights

SECONDS = 10.0  # of each engine for each number of bits, where nobody says
MOST = 32  # bits
QUICK = 1 << 22  # inputs times neurons, which enumeration and the kernel go through at once
OPEN = 2  # numbers of bits that may stay undecided before the search is given up


def fewest_bits(
    verdict: NetworkVerdict,
    *,
    seconds: float | None = None,
    permit: Collection[str] | None = None,
    progress: Progress | None = None,
) -> FewestBits:
    """The fewest bits of a weight, for a network that is proved exact; see ``models.structure.rounded`` for the grid.

    Every number of bits is tried from 1 on until one is proved: fewer bits may do where more do not. ``seconds``
    limits each engine each time (10 by default).
    """
    if verdict.status is not Status.PROVED:
        return FewestBits(bits=None, tried=(), reason="not asked: the network is not proved exact")
    tried: list[RoundedWeights] = []
    for found in _verdicts(verdict, seconds or SECONDS, permit, progress):
        tried.append(found)
        if found.status == "PROVED":
            return FewestBits(bits=found.bits, tried=tuple(tried))
        if sum(one.status == "UNKNOWN" for one in tried) == OPEN:
            return FewestBits(bits=None, tried=tuple(tried), reason="too expensive: undecided in the time for each")
    return FewestBits(bits=None, tried=tuple(tried), reason=_none_proved(tried))


def _none_proved(tried: list[RoundedWeights]) -> str:
    """What is known where none of the numbers of bits is proved: one that is undecided may do."""
    undecided = ", ".join(str(one.bits) for one in tried if one.status == "UNKNOWN")
    if undecided:
        return f"not known: undecided for {undecided}, refuted for all others up to {MOST}"
    return f"more than {MOST}"


def _verdicts(
    verdict: NetworkVerdict, seconds: float, permit: Collection[str] | None, progress: Progress | None
) -> Iterator[RoundedWeights]:
    for bits in range(1, MOST + 1):
        stated = replace(verdict.claim, network=rounded(verdict.claim.network, bits))
        if stated.network is verdict.claim.network:
            found: Verdict = verdict
        elif (suspect := wrong_input(stated)) is not None and wrong_outputs(stated, suspect):
            found = Verdict(status=Status.REFUTED, counterexample=suspect)
        else:
            found = engines.verify(stated, engines=_quickest(stated), seconds=seconds, progress=progress)
            found = permitted(found, permit)
        yield RoundedWeights(bits=bits, status=found.status.name, oracles=tuple(sorted(found.oracles)))


def _quickest(claim: Claim) -> tuple[str, ...] | None:
    """Enumeration alone where it and the kernel go through everything at once; else whom ``engines`` chooses."""
    work = claim.population(claim.domain) * sum(claim.network.widths[1:])
    return ("enumerate",) if work <= QUICK else None
