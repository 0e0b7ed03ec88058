"""A claim about a network as a report shows it, and the files from which the kernel repeats its verdict."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from fractions import Fraction

from supverify.kernel.certificate import REPLAY, WITNESS, Certificate
from supverify.kernel.check import wrong_outputs
from supverify.kernel.claim import Claim, Criterion, Target
from supverify.kernel.codec import serialise
from supverify.kernel.errors import Rejected
from supverify.kernel.network import Network, evaluate

from .model import Evidence, EvidenceFile, WrongOutput

READINGS = {
    "code": "exactly the code of the true outputs",
    "readout": "every readout right",
    "separated": "every readout right by the slack",
    "linear": "every output within the slack",
}


def sentence(claim: Claim) -> str:
    """What the claim says, for people."""
    outputs = len(claim.problem.targets())
    kind = "permuted features" if claim.problem.kind == "permutation" else "ANDs"
    covered, inputs = claim.population(claim.domain), claim.network.inputs
    return (
        f"{outputs:,} {kind}: {_reading(claim.criterion)} on all {covered:,} inputs with "
        f"{claim.mode.replace('-', ' ')} {claim.k} of {inputs:,} active"
    )


def _reading(criterion: Criterion) -> str:
    """The criterion in words, with the threshold and the slack where they are not the usual ones."""
    named = []
    if criterion.kind in ("readout", "separated") and criterion.threshold != Criterion().threshold:
        named.append(f"threshold {fraction(criterion.threshold)}")
    if criterion.slack:
        named.append(f"slack {fraction(criterion.slack)}")
    return READINGS[criterion.kind] + (f" ({', '.join(named)})" if named else "")


def claim_file(claim: Claim, prefix: str = "") -> EvidenceFile:
    """The claim as a file of the report."""
    return EvidenceFile(path=f"evidence/{prefix}claim.json", content=serialise(claim))


def evidence_files(claim: Claim, certificate: Certificate, prefix: str = "") -> tuple[EvidenceFile, EvidenceFile]:
    """The claim and its certificate as files of the report."""
    written = EvidenceFile(path=f"evidence/{prefix}certificate.json", content=serialise(certificate))
    return claim_file(claim, prefix), written


def described(claim: EvidenceFile, certificate: EvidenceFile) -> Evidence:
    """What a report says of the two files."""
    read = json.loads(certificate.content)
    words = read["evidence"].split(" ")
    return Evidence(
        kind={REPLAY: "replay", WITNESS: "witness"}.get(words[0], "tree"),
        claim=claim.path,
        certificate=certificate.path,
        digest=read["claim"],
        claim_bytes=len(claim.content),
        certificate_bytes=len(certificate.content),
        steps=len(words),
    )


def mistakes(claim: Claim, active: Sequence[int]) -> tuple[WrongOutput, ...]:
    """The outputs that are wrong when exactly ``active`` is on; raises Rejected if none is."""
    outputs, targets = evaluate(claim.network, active), claim.targets()
    wrong = wrong_outputs(claim, active)
    if not wrong:
        raise Rejected(f"input {list(active)}", "a wrong output", "every output is right")
    return tuple(
        WrongOutput(
            output=i,
            computes=clauses(targets[i]),
            expected=expected(claim, any(set(active).issuperset(clause) for clause in targets[i])),
            got=fraction(Fraction(outputs[i], claim.network.scale)),
        )
        for i in wrong
    )


def fraction(value: Fraction) -> str:
    """The exact fraction as text, however long: ``str`` refuses integers of more than 4300 digits."""
    numerator, denominator = (format(Decimal(part), "f") for part in value.as_integer_ratio())
    return numerator if value.denominator == 1 else f"{numerator}/{denominator}"


def clauses(target: Target) -> str:
    """``y0 AND y3``; several clauses are joined by OR."""
    ands = [" AND ".join(f"y{j}" for j in clause) for clause in target]
    return ands[0] if len(ands) == 1 else " OR ".join(f"({clause})" for clause in ands) or "nothing"


def expected(claim: Claim, truth: bool) -> str:
    """The window that the criterion leaves a true or a false output."""
    criterion = claim.criterion
    if criterion.kind == "readout":
        words = {True: "above", False: "at most"} if criterion.strict else {True: "at least", False: "below"}
        return f"{words[truth]} {criterion.threshold}"
    scale = claim.network.scale
    low, high = criterion.windows(scale)[truth]
    bounds = [fraction(Fraction(bound, scale)) for bound in (low, high) if bound is not None]
    if low is None or high is None:
        return f"{'at most' if low is None else 'at least'} {bounds[0]}"
    return bounds[0] if low == high else f"from {bounds[0]} to {bounds[1]}"


def changes(network: Network, other: Network) -> Iterator[str]:
    """Where two networks of one shape differ, a sentence each."""
    for depth, (first, second) in enumerate(zip(network.layers, other.layers, strict=True), start=1):
        for r, (bias, new) in enumerate(zip(first.bias, second.bias, strict=True)):
            before, after = dict(first.row(r)), dict(second.row(r))
            for source in sorted({j for j, _ in before.items() ^ after.items()}):
                weights = f"{before.get(source, 0)} becomes {after.get(source, 0)}"
                yield f"layer {depth}, neuron {r}, weight from {source}: {weights}"
            if bias != new:
                yield f"layer {depth}, neuron {r}, bias: {bias} becomes {new}"
