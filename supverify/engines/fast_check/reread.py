"""What a claim and its certificate show: the kernel's verdict, or a fast reading's where the kernel is too slow.

A verdict that a fast reading gives names it among its oracles. What such a reading accepts the kernel accepts;
``supverify recheck`` always asks the kernel.
"""

from __future__ import annotations

from contextlib import suppress

from supverify.kernel.certificate import IDEAL, REPLAY, WITNESS, Certificate
from supverify.kernel.check import check
from supverify.kernel.claim import Claim
from supverify.kernel.codec import decode, parse
from supverify.kernel.verdict import Status, Verdict

from ..channels.shape import suits
from .dense import fast_check_dense
from .outcome import ORACLE, Undecided
from .steps import fast_check_steps

HEAVY = 1 << 19  # weights from which the kernel takes seconds for one leaf of all outputs
WORK = 1 << 26  # weights times words from which it takes half a minute for the leaves of single outputs


def reread(claim: bytes, certificate: bytes) -> Verdict:
    """PROVED or REFUTED by the contents of two files; raises Malformed or Rejected as the kernel does."""
    stated = decode(Claim, parse(claim, "claim"), "claim")
    evidence = decode(Certificate, parse(certificate, "certificate"), "certificate")
    weights, words = _weights(stated), evidence.evidence.count(" ") + 1
    with suppress(Undecided):
        if weights > HEAVY and not evidence.evidence.startswith((WITNESS, REPLAY, IDEAL)) and suits(stated):
            fast_check_steps(stated, evidence)
            found = f"the evidence holds, in {words} steps, read fast"
            return Verdict(status=Status.PROVED, oracles=frozenset({ORACLE}), reason=found)
        if weights * (words - 1) > WORK:
            return fast_check_dense(stated, evidence)
    return check(stated, evidence)


def _weights(claim: Claim) -> int:
    return sum(len(row) for layer in claim.network.layers for row in layer.sources)
