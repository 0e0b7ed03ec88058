"""The report of a user's own network: one claim decided, with all that is known beside the verdict.

What is gathered is a pure function of the files and the options, but for ``measured``.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import pairwise
from pathlib import Path

from ..deciding.decision import Asked, Decision, decide
from ..deciding.execution import Where, goes_on
from ..deciding.verification import Mode, load_problem, state
from ..engines import NetworkVerdict, Progress, Statistics
from ..files import NetworkFile, read_network
from ..kernel.certificate import Certificate
from ..kernel.claim import Claim, Criterion
from ..kernel.network import Network
from ..report.drawings import filed
from ..report.folder import NETWORK, check_folder
from ..report.model import EvidenceFile, Measured
from ..report.network_model import (
    ArithmeticAnswer,
    ErrorKinds,
    LayerRead,
    LayerReplay,
    NetworkReport,
    Question,
    Reading,
    Shape,
)
from ..report.network_write import write_network_report
from ..report.pictures import draw
from ..report.replay import replay
from ..report.verified import claim_file, described, evidence_files, fraction
from ..report.wording import printable
from .measures import (
    ArithmeticRecord,
    arithmetic_records,
    error_probabilities,
    failing_gates,
    layer_scales,
    network_claim,
    wrong_outputs,
)
from .pictures.data import pictures_data
from .stopwatch import Stopwatch, versions

HERE = Where()  # all cores, no journal


@dataclass(frozen=True, kw_only=True)
class Named:
    """What a report calls the network and the problem, and the command that makes it again."""

    network: str
    problem: str
    again: str = ""


def report_network(
    network: str | Path,
    problem: str | Path,
    *,
    k: int,
    criterion: Criterion | None = None,
    mode: Mode = "at-most",
    seconds: float | None = None,
    folder: str | Path | None = None,
    progress: Progress | None = None,
) -> NetworkReport:
    """The report of a network and a problem, named by their files, the problem by its file or generator.

    The arguments are those of ``verify``; with ``folder`` the page and all of its files are written there, as by
    ``supverify report``. Raises Malformed for what does not fit and a folder that cannot be written, Disagreement if
    two engines contradict each other.
    """
    if folder is not None:
        check_folder(Path(folder), kind=NETWORK, read=(network, problem))
    file = read_network(network)
    claim = state(file, load_problem(problem), k=k, criterion=criterion, mode=mode)
    named = Named(network=file_name(network), problem=file_name(problem))
    found = gather(claim, file, named, asked=Asked(seconds=seconds), progress=progress)
    if folder is not None:
        write_network_report(found, Path(folder))
    return found


def file_name(source: str | Path) -> str:
    """What a report calls a file: its name without its folder; of a generator its text. All signs have a print."""
    return printable(Path(source).name if os.path.lexists(source) else str(source))


def gather(
    claim: Claim,
    file: NetworkFile,
    named: Named,
    *,
    asked: Asked | None = None,
    where: Where = HERE,
    progress: Progress | None = None,
) -> NetworkReport:
    """Decides the claim that ``file`` states, and gathers what a report says of it.

    Raises Malformed for what cannot be asked, Disagreement if two engines contradict each other.
    """
    asked, watch, files = replace(asked or Asked(), superposition=True), Stopwatch(), [claim_file(claim)]

    def store(claim: Claim, certificate: Certificate) -> tuple[bytes, bytes]:
        files[:] = evidence_files(claim, certificate)
        return files[0].content, files[1].content

    with watch("all that was asked"):
        found = _placeless(decide(claim, file, asked, where=where, store=store, progress=progress), where.journal)
    report = _report(found, file, named, asked=asked, files=tuple(files))
    if progress:
        progress("pictures", 0, 1)
    with watch("pictures"):
        data = pictures_data(found.verdict, file, problem=named.problem)
        drawn = tuple(filed(draw(data)))
    return replace(
        report,
        graph=data.influence,
        drawings=tuple(drawing for drawing, _ in drawn),
        files=(*files, *(svg for _, svg in drawn if svg)),
        measured=Measured(seconds=tuple(_seconds(found.verdict, watch)), versions=tuple(versions())),
    )


def _placeless(found: Decision, journal: Path | None) -> Decision:
    """The decision without the place of a journal, which is no part of what was found."""
    if journal is None:
        return found
    verdict, exact = (
        replace(one, reason=one.reason.removesuffix(goes_on(journal))) for one in (found.verdict, found.exact)
    )
    return replace(found, verdict=verdict, exact=exact)


def _report(
    found: Decision, file: NetworkFile, named: Named, *, asked: Asked, files: tuple[EvidenceFile, ...]
) -> NetworkReport:
    verdict, claim, counted = found.verdict, found.verdict.claim, found.verdict.statistics
    evidence = described(*files) if len(files) > 1 else None
    return NetworkReport(
        question=_question(claim, named),
        decided_in=str(verdict.decided_in),
        exact_status=found.exact.status.name,
        exact_reason=found.exact.reason,
        claim=network_claim(verdict, name=named.network, evidence=evidence),
        kinds=None if counted is None else _kinds(counted),
        wrong_outputs=wrong_outputs(verdict),
        failing_gates=tuple(sorted(failing_gates(verdict), key=lambda gate: -gate.wrong_inputs)),
        replay=_replay(verdict, file),
        error_probabilities=error_probabilities(verdict, asked.bernoulli),
        arithmetic=tuple(map(_without_seconds, arithmetic_records(verdict))),
        largest_k=found.largest,
        reading=_reading(file, found.order),
        shape=_shape(claim.network),
        superposition=found.superposition,
        hints=found.hints,
        again=named.again,
        files=files,
        measured=Measured(),
    )


def _question(claim: Claim, named: Named) -> Question:
    return Question(
        network=named.network,
        problem=named.problem,
        kind=claim.problem.kind,
        inputs=claim.network.inputs,
        outputs=len(claim.problem.targets()),
        k=claim.k,
        mode=claim.mode,
        claimed=claim.population(claim.domain),
        criterion=claim.criterion.kind,
        threshold=fraction(claim.criterion.threshold),
        slack=fraction(claim.criterion.slack),
        strict=claim.criterion.strict,
    )


def _kinds(counted: Statistics) -> ErrorKinds:
    deviation = counted.max_deviation
    return ErrorKinds(
        false_positives=counted.false_positives,
        false_negatives=counted.false_negatives,
        max_deviation=None if deviation is None else fraction(deviation),
    )


def _without_seconds(record: ArithmeticRecord) -> ArithmeticAnswer:
    return ArithmeticAnswer(**{field.name: getattr(record, field.name) for field in fields(ArithmeticAnswer)})


def _replay(verdict: NetworkVerdict, file: NetworkFile) -> tuple[LayerReplay, ...]:
    """The counterexample, layer by layer, over the real numbers; nothing without one."""
    if verdict.counterexample is None:
        return ()
    outputs = [wrong.output for wrong in wrong_outputs(verdict)]
    scales = layer_scales(verdict.claim, file)
    return replay(verdict.claim.network, verdict.counterexample, outputs, scales=scales)


def _reading(file: NetworkFile, order: tuple[int, ...] | None) -> Reading:
    return Reading(
        layers=tuple(LayerRead(**vars(layer)) for layer in file.layers),
        unused=file.unused,
        sidecar=None if file.sidecar is None else printable(Path(file.sidecar).name),
        order_of_gates=order,
    )


def _shape(network: Network) -> Shape:
    relus = [len(layer.bias) for layer in network.layers if layer.relu]
    pairs = pairwise(network.widths)
    return Shape(
        widths=network.widths,
        neurons=max(relus or network.widths[1:]),
        relu_layers=len(relus),
        parameters=sum((inputs + 1) * outputs for inputs, outputs in pairs),
        nonzeros=sum(len(row) for layer in network.layers for row in layer.weights),
    )


def _seconds(verdict: NetworkVerdict, watch: Stopwatch) -> Iterator[tuple[str, float]]:
    for answer in verdict.engines:
        yield answer.engine, answer.seconds
    yield "kernel", verdict.kernel_seconds
    for part in verdict.arithmetic[1:]:
        yield str(part.semantics), part.seconds
    yield from watch.seconds.items()
