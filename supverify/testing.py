"""For test suites: assertions that a network is exact on every k-sparse input.

from supverify.testing import assert_exact

def test_my_network():
    assert_exact("net.safetensors", "ands.json", k=3)
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from .deciding.verification import Mode, verify
from .engines import NetworkVerdict, Order
from .files import NetworkFile
from .gathering.measures import wrong_outputs
from .kernel.claim import Criterion, Problem
from .kernel.network import Network
from .kernel.verdict import Status
from .report.verified import fraction, sentence

SHOWN = 5  # wrong outputs in a message


class NotExact(AssertionError):
    """The network is wrong on some input; ``verdict`` has the counterexample and what was counted."""

    def __init__(self, verdict: NetworkVerdict, message: str) -> None:
        super().__init__(message)
        self.verdict = verdict


class NotDecided(NotExact):
    """Nothing is known to be wrong, but nothing is proved either, or only by an oracle that is not permitted."""


def assert_exact(
    network: NetworkFile | Network | str | Path,
    problem: Problem | str | Path,
    *,
    k: int,
    criterion: Criterion | None = None,
    mode: Mode = "at-most",
    engines: Sequence[str] | None = None,
    seconds: float | None = None,
    arithmetic: str | Sequence[str] = "exact",
    order: Order = "bias-last",
    permit: Collection[str] | None = None,
) -> NetworkVerdict:
    """The verdict, which is PROVED; raises NotExact with a counterexample, NotDecided without one.

    The parameters are those of ``supverify.verify``; ``permit`` names the only oracles that the proof may rely on
    (None: any). Raises Malformed for what does not fit.
    """
    __tracebackhide__ = True  # pytest shows the line of the test
    verdict = verify(
        network,
        problem,
        k=k,
        criterion=criterion,
        mode=mode,
        engines=engines,
        seconds=seconds,
        arithmetic=arithmetic,
        order=order,
    )
    if verdict.status is Status.REFUTED:
        raise NotExact(verdict, "\n".join(_refuted(verdict)))
    if verdict.status is Status.UNKNOWN:
        raise NotDecided(verdict, f"not decided: {sentence(verdict.claim)}\n{verdict.reason}")
    if permit is not None and not verdict.oracles <= set(permit):
        missing = ", ".join(sorted(verdict.oracles - set(permit)))
        raise NotDecided(verdict, f"proved only by {missing}, which is not permitted: {sentence(verdict.claim)}")
    return verdict


def _refuted(verdict: NetworkVerdict) -> Iterator[str]:
    """The lines of the message."""
    yield f"not true in {verdict.decided_in} arithmetic: {sentence(verdict.claim)}"
    yield f"counterexample: active inputs {list(verdict.counterexample or ())}; {verdict.reason}"
    wrong = wrong_outputs(verdict)
    for value in wrong[:SHOWN]:
        yield f"  output {value.output} ({value.computes}): expected {value.expected}, got {value.got}"
    if len(wrong) > SHOWN:
        yield f"  ... {len(wrong):,} wrong outputs in all"
    counted = verdict.statistics
    if counted is not None:
        margin = fraction(counted.min_margin)
        yield f"wrong on {counted.wrong_inputs:,} of {counted.inputs_covered:,} inputs; smallest margin {margin}"
