"""From files to a verdict: the claim that a network and a problem state, decided, written down and re-read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any, Literal

from ..engines import Answer, NetworkVerdict, Order, Progress
from ..files import (
    NetworkFile,
    ReadLayer,
    read_network,
    read_problem,
    write_claim,
)
from ..gathering.measures import (
    ArithmeticRecord,
    arithmetic_records,
    covered,
    engine_answer,
    error_probabilities,
    failing_gates,
    wrong_outputs,
)
from ..kernel.claim import Claim, Criterion, Problem
from ..kernel.errors import Malformed
from ..kernel.network import Network
from ..kernel.verdict import Status
from ..report.model import EngineAnswer, WrongOutput
from ..report.network_model import ErrorProbability, FailingGate, LargestK
from ..report.superposition_model import Superposition
from ..report.verified import fraction
from .decision import Asked, decide
from .evidence import EvidencePaths
from .execution import Where

Mode = Literal["at-most", "exactly"]
CriterionKind = Literal["readout", "separated", "linear", "code"]
DIGITS = 4000  # of the number of inputs; Python prints no integer of more than 4300


def load_problem(source: str | Path) -> Problem:
    """The problem in a file (JSON or an edge list), or that a generator such as ``random:M=1000,seed=0`` makes.

    Raises Malformed.
    """
    text = str(source)
    if isinstance(source, Path) or os.path.lexists(text):
        return read_problem(text)
    if ":" not in text:
        raise Malformed(text, "a file, or a generator such as random:M=1000,seed=0", "neither")
    from ..models import generate

    return generate(text)


def state(
    network: NetworkFile, problem: Problem, *, k: int, criterion: Criterion | None = None, mode: Mode = "at-most"
) -> Claim:
    """The claim that the network computes the problem, read by the criterion; raises Malformed if they do not fit."""
    criterion = criterion or reading(network)
    stated, code = network.read_as(criterion.kind)
    outputs = len(problem.targets())
    if code is None:
        _check_sizes(stated, problem)
    if code is not None and network.coded != outputs:
        raise Malformed("C1", f"{outputs} columns, one for each output of the problem", network.coded)
    claim = Claim(stated, problem, k, criterion, mode, code)
    if claim.population(claim.domain) >= 10**DIGITS:
        raise Malformed("claim.k", f"inputs whose number has at most {DIGITS} digits", f"{k} of {problem.inputs}")
    return claim


def _check_sizes(network: Network, problem: Problem) -> None:
    """Says what is likely wrong where a network and a problem do not have the same inputs and outputs."""
    inputs, outputs = problem.inputs, len(problem.targets())
    had = network.inputs, network.outputs
    if had == (inputs, outputs):
        return
    likely = ""
    if had == (outputs, inputs):
        likely = " (the other way round: transposed weights?)"
    elif network.inputs == inputs - 1 and min(min(clause) for clauses in problem.targets() for clause in clauses) > 0:
        likely = f" (gates counted from 1? inputs are 0..{network.inputs - 1})"
    elif network.inputs < inputs:
        likely = " (an input code C missing?)"
    elif network.inputs > inputs:
        likely = " (inputs that no gate reads? The problem may say how many there are: inputs)"
    elif network.outputs < outputs:
        likely = " (a decoder D, or gates, missing?)"
    else:
        likely = ' ("outputs" in a sidecar says which of them are the problem\'s)'
    raise Malformed("claim.network", f"{inputs} inputs and {outputs} outputs", f"{had[0]} and {had[1]}{likely}")


def reading(
    network: NetworkFile,
    *,
    kind: CriterionKind | None = None,
    threshold: Fraction | None = None,
    slack: Fraction | None = None,
    strict: bool | None = None,
) -> Criterion:
    """How outputs are read: what is given here, else what the network's sidecar says, else above 1/2."""
    given = {"kind": kind, "threshold": threshold, "slack": slack, "strict": strict}
    changes: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    return replace(network.criterion or Criterion(), **changes)


def verify(
    network: NetworkFile | Network | str | Path,
    problem: Problem | str | Path,
    *,
    k: int,
    criterion: Criterion | None = None,
    mode: Mode = "at-most",
    engines: Sequence[str] | None = None,
    seconds: float | None = None,
    progress: Progress | None = None,
    arithmetic: str | Sequence[str] = "exact",
    order: Order = "bias-last",
    statistics: bool = False,
    jobs: int | None = None,
    scheduler: str | None = None,
    journal: str | Path | None = None,
    resume: bool = False,
) -> NetworkVerdict:
    """Whether the network computes the problem on every input with at most (``mode`` exactly) k ones.

    ``network`` and ``problem`` may be named by their files, the problem by its generator; ``criterion`` None reads
    an output as the network's sidecar says, or as true above 1/2. ``arithmetic``: exact (real numbers), float32,
    float64, any-order:float32, any-order:float64, or several of them, of which the worst verdict counts; ``order``
    is that of sums in float32 and float64 (see ``engines.semantics``). ``statistics``: count every wrong input also
    where another engine than enumeration has decided. ``jobs``, ``scheduler``, ``journal`` and
    ``resume`` say where the search is done and kept (see ``execution.Where``). Raises Malformed for what does not
    fit, Disagreement if two engines contradict each other.
    """
    file = NetworkFile(network) if isinstance(network, Network) else network
    file = file if isinstance(file, NetworkFile) else read_network(file)
    asked = problem if isinstance(problem, Problem) else load_problem(problem)
    claim = state(file, asked, k=k, criterion=criterion, mode=mode)
    wanted = Asked(
        engines=None if engines is None else tuple(engines),
        seconds=seconds,
        arithmetics=(arithmetic,) if isinstance(arithmetic, str) else tuple(arithmetic),
        order=order,
        statistics=statistics,
    )
    where = Where(jobs=jobs, scheduler=scheduler, journal=None if journal is None else Path(journal), resume=resume)
    return decide(claim, file, wanted, where=where, progress=progress).verdict


@dataclass(frozen=True, kw_only=True)
class EngineRecord(EngineAnswer):
    """What one engine said, and the seconds it took."""

    seconds: float
    counterexample: tuple[int, ...] | None


@dataclass(frozen=True, kw_only=True)
class Verification:
    """A verdict as plain values, the fields of ``supverify verify --json``; fractions are text.

    ``inputs_covered`` of the ``inputs_claimed`` inputs are decided: all of them by a proof or a finished
    enumeration, one by a counterexample alone. Counts that no engine made are None. ``order_of_gates`` names the
    outputs where they fit the gates in another order, ``hints`` are sentences about likely mistakes. ``layers``,
    ``unused`` and ``sidecar`` say how it was read.
    Everything but ``certificate`` and ``engines``, which are about the real numbers, is said of the arithmetic
    ``decided_in``, ``superposition`` of the real numbers; ``arithmetic`` has a part for each where several were
    asked for.
    """

    status: str
    reason: str
    oracles: tuple[str, ...]
    criterion: str
    threshold: str
    slack: str
    strict: bool
    k: int
    mode: str
    inputs_claimed: int
    inputs_covered: int
    wrong_inputs: int | None
    wrong_entries: int | None
    false_positives: int | None
    false_negatives: int | None
    ties: int | None
    min_margin: str | None
    max_deviation: str | None
    wrong_per_size: tuple[int, ...] | None
    failing_gates: tuple[FailingGate, ...]
    error_probabilities: tuple[ErrorProbability, ...]
    counterexample: tuple[int, ...] | None
    wrong_outputs: tuple[WrongOutput, ...]
    claim: str
    certificate: str | None
    engines: tuple[EngineRecord, ...]
    decided_in: str
    arithmetic: tuple[ArithmeticRecord, ...]
    largest_k: LargestK | None = None
    layers: tuple[ReadLayer, ...] = ()
    unused: tuple[str, ...] = ()
    sidecar: str | None = None
    order_of_gates: tuple[int, ...] | None = None
    hints: tuple[str, ...] = ()
    superposition: Superposition | None = None


def settle(
    verdict: NetworkVerdict,
    paths: EvidencePaths,
    *,
    bernoulli: Sequence[Fraction] = (),
) -> Verification:
    """Records a verdict whose evidence ``paths.store`` keeps; the claim of one without evidence is written here.

    ``bernoulli``: probabilities of a feature, for each of which the error probability is wanted. Raises Malformed
    where the claim cannot be written.
    """
    if verdict.certificate is None:
        write_claim(paths.claim, verdict.claim)
    return _record(verdict, paths, bernoulli)


def _record(verdict: NetworkVerdict, paths: EvidencePaths, bernoulli: Sequence[Fraction]) -> Verification:
    claim, counts = verdict.claim, verdict.statistics
    criterion = claim.criterion
    proved = 0 if verdict.status is Status.PROVED else None
    return Verification(
        status=verdict.status.name,
        reason=verdict.reason,
        oracles=tuple(sorted(verdict.oracles)),
        criterion=criterion.kind,
        threshold=str(criterion.threshold),
        slack=str(criterion.slack),
        strict=criterion.strict,
        k=claim.k,
        mode=claim.mode,
        inputs_claimed=claim.population(claim.domain),
        inputs_covered=covered(verdict),
        wrong_inputs=counts.wrong_inputs if counts else proved,
        wrong_entries=counts.wrong_entries if counts else proved,
        false_positives=counts.false_positives if counts else proved,
        false_negatives=counts.false_negatives if counts else proved,
        ties=counts.ties if counts else None,
        min_margin=fraction(counts.min_margin) if counts else None,
        max_deviation=fraction(counts.max_deviation) if counts and counts.max_deviation is not None else None,
        wrong_per_size=counts.wrong_per_size if counts else None,
        failing_gates=failing_gates(verdict),
        error_probabilities=error_probabilities(verdict, bernoulli),
        counterexample=verdict.counterexample,
        wrong_outputs=wrong_outputs(verdict),
        claim=str(paths.claim),
        certificate=str(paths.certificate) if verdict.certificate is not None else None,
        engines=tuple(map(_engine, verdict.engines)),
        decided_in=str(verdict.decided_in),
        arithmetic=tuple(arithmetic_records(verdict)),
    )


def _engine(answer: Answer) -> EngineRecord:
    shared = vars(engine_answer(answer))
    return EngineRecord(**shared, seconds=round(answer.seconds, 3), counterexample=answer.counterexample)
