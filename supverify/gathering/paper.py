"""The report of the paper's first claims: audits the derivations, builds and verifies the networks, gathers all.

What is gathered is a pure function of the derivations, the instance list and its seeds, but for ``measured``.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

from ..building.construction import network_file
from ..engines import NetworkVerdict, Progress, verify
from ..kernel.certificate import Certificate
from ..kernel.claim import Claim
from ..kernel.errors import Malformed
from ..models import Construction, PaperConstruction, break_network, build, generate, sizes
from ..report import Instances, Report, read_instances
from ..report.derivation import Derivation
from ..report.drawings import filed
from ..report.instances import DEFAULT, ClassifyInstance, NetworkInstance
from ..report.model import (
    Classification,
    Drawing,
    Evidence,
    EvidenceFile,
    Measured,
    NetworkClaim,
    NetworkEntry,
    Twin,
)
from ..report.pictures import draw
from ..report.sources import Documents
from ..report.verified import changes, described, evidence_files, mistakes
from .classification import classified
from .measures import network_claim
from .optional_tools import missing_tools
from .pictures.data import pictures_data
from .sources import CLAIMS, Audited, audited, document_entries, shown_path
from .stopwatch import Stopwatch, versions

SECTIONS = (
    *("again", "axioms", "basis", "checked", "contents", "derivations", "documents", "glossary", "missing"),
    *("networks", "problems", "timings", "twins", "verdict", "verdicts"),
)
"""The places that the page itself names."""

Item = TypeVar("Item", Path, NetworkInstance, ClassifyInstance)


def gather(*, proofs: Path, instances: Path = DEFAULT, progress: Progress | None = None) -> Report:
    """Audits every derivation in ``proofs`` and carries out the instance list.

    Raises Malformed for files that are not what they should be, Disagreement if two engines contradict each other.
    """
    listed, watch = read_instances(instances), Stopwatch()
    paths = derivation_paths(proofs)
    tell = _Teller(progress, len(paths) + len(listed.network) + len(listed.classify))
    derivations = {path.stem: _audited(path, watch) for path in tell(paths)}
    entries = [derivation.entry for derivation in derivations.values()]
    _check_names(entries, listed)
    documents, judged = _documents(proofs / CLAIMS, derivations, watch)
    built = [_network(instance, watch) for instance in tell(listed.network)]
    files = [file for derivation in derivations.values() for file in derivation.files]
    files += [*judged, *(file for _, evidence in built for file in evidence)]
    _check_files(files)
    return Report(
        title=listed.title,
        classifications=tuple(_classified(instance) for instance in tell(listed.classify)),
        networks=tuple(entry for entry, _ in built),
        derivations=tuple(entries),
        documents=documents,
        files=tuple(files),
        measured=Measured(
            seconds=(*watch.seconds.items(), ("all of these", watch.total)), versions=tuple(versions())
        ),
        missing=tuple(missing_tools()),
    )


def derivation_paths(proofs: Path) -> list[Path]:
    """The derivations in a folder, in their order; raises Malformed if there is none."""
    paths = sorted(proofs.glob("*.md"))
    if not paths:
        raise Malformed(str(proofs), "a folder with derivations (*.md)", "none")
    return paths


def _check_files(files: Sequence[EvidenceFile]) -> None:
    """Raises Malformed where two things would be kept in one file."""
    for path, count in Counter(file.path for file in files).items():
        if count > 1:
            raise Malformed(path, "one derivation, claim or certificate in each file", f"{count} of them")


def _check_names(derivations: list[Derivation], listed: Instances) -> None:
    """Raises Malformed where two things of the report would stand at one place of its page."""
    taken = [*SECTIONS, *(entry.name for entry in listed.classify), *(entry.name for entry in listed.network)]
    for derivation in derivations:
        if derivation.name in taken or derivation.title in {d.title for d in derivations if d is not derivation}:
            raise Malformed(f"{derivation.path}, derivation", "an id and a title of its own", derivation.name)
        taken.append(derivation.name)


class _Teller:
    """Tells ``progress`` of each item as it is begun."""

    def __init__(self, progress: Progress | None, total: int) -> None:
        self.progress, self.total, self.done = progress, total, 0

    def __call__(self, items: Iterable[Item]) -> Iterator[Item]:
        for item in items:
            if self.progress:
                self.progress(f"report: {item.name}", self.done, self.total)
            yield item
            self.done += 1


def _audited(path: Path, watch: Stopwatch) -> Audited:
    with watch(f"audit of {path.name}"):
        return audited(path, shown=shown_path(path))


def _documents(
    path: Path, derivations: Mapping[str, Audited], watch: Stopwatch
) -> tuple[Documents | None, Sequence[EvidenceFile]]:
    """The claims of documents, where the folder of derivations has a file of them."""
    if not path.exists():
        return None, ()
    with watch(f"audit of {path.name}"):
        return document_entries(path, derivations, shown=shown_path(path))


def _classified(instance: ClassifyInstance) -> Classification:
    return replace(classified(generate(instance.problem), instance.problem), name=instance.name, drawn=instance.drawn)


def _network(instance: NetworkInstance, watch: Stopwatch) -> tuple[NetworkEntry, list[EvidenceFile]]:
    """Builds, verifies and breaks one network; its evidence files come along."""
    problem = generate(instance.problem)
    with watch(f"{instance.name}: building"):
        built = build(problem, k=instance.k, seed=instance.seed, variant=instance.variant or None)
    verdicts, claims, files = dict[str, NetworkVerdict](), [], list[EvidenceFile]()
    for kind in instance.claims:
        verdicts[kind], claim, evidence = _verified(f"{instance.name}-{kind}", built.claims()[kind], instance, watch)
        claims.append(claim)
        files += evidence
    twin = None
    if instance.twin:
        verdicts["twin"], twin, evidence = _twin(built, instance, watch)
        files += evidence
    drawn = _drawn(built, instance, verdicts, watch)
    size = sizes(built.network, problem)
    entry = NetworkEntry(
        name=instance.name,
        problem=instance.problem,
        kind=problem.kind,
        inputs=problem.inputs,
        outputs=len(problem.targets()),
        k=instance.k,
        seed=instance.seed,
        neurons=size.neurons,
        separate=size.separate_neurons,
        widths=built.network.widths,
        parameters=size.parameters,
        bits=size.bits,
        floor=size.counting_floor_neurons,
        claims=tuple(claims),
        twin=twin,
        variant=instance.variant,
        drawings=tuple(drawing for drawing, _ in drawn),
    )
    return entry, [*files, *(file for _, file in drawn if file)]


def _drawn(
    built: Construction, instance: NetworkInstance, verdicts: Mapping[str, NetworkVerdict], watch: Stopwatch
) -> tuple[tuple[Drawing, EvidenceFile | None], ...]:
    """The pictures of the readout's claim, and the path of the twin's counterexample."""
    if not instance.pictures:
        return ()
    with watch(f"{instance.name}: pictures"):
        blocks = built.blocks if isinstance(built, PaperConstruction) else ()
        file, problem = network_file(built), instance.problem
        data = pictures_data(verdicts.get("readout") or verdicts["code"], file, problem=problem, blocks=blocks)
        if "twin" in verdicts:
            data = replace(data, path=pictures_data(verdicts["twin"], file, problem=problem).path)
        return tuple(filed(draw(data), prefix=f"{instance.name}-"))


def _verified(
    name: str, claim: Claim, instance: NetworkInstance, watch: Stopwatch
) -> tuple[NetworkVerdict, NetworkClaim, list[EvidenceFile]]:
    """The verdict: what the engines say of the claim, and what the kernel says of the files with their evidence."""
    files = list[EvidenceFile]()

    def store(claim: Claim, certificate: Certificate) -> tuple[bytes, bytes]:
        files[:] = evidence_files(claim, certificate, f"{name}.")
        return files[0].content, files[1].content

    verdict = verify(claim, engines=instance.engines, store=store)
    for answer in verdict.engines:
        watch.add(f"{instance.name}: {answer.engine}", answer.seconds)
    shown = network_claim(verdict, name=name)
    if not files:
        return verdict, shown, []
    watch.add(f"{instance.name}: kernel", verdict.kernel_seconds)
    evidence = described(*files)
    if instance.keep_claims:
        return verdict, replace(shown, evidence=evidence), files
    return verdict, _without_claim(shown, evidence, instance), [files[1]]


def _without_claim(shown: NetworkClaim, evidence: Evidence, instance: NetworkInstance) -> NetworkClaim:
    """The claim's file is left out of the report: ``supverify build`` writes it anew, with the same digest."""
    variant = f" --variant {instance.variant}" if instance.variant else ""
    options = f"-k {instance.k} --seed {instance.seed}{variant}"
    command = f"supverify build {instance.problem} {options} -o {instance.name}.npz"
    claim = f"{instance.name}.{shown.criterion}.claim.json"
    return replace(shown, evidence=replace(evidence, claim=claim, regenerate=(command,)))


def _twin(
    built: Construction, instance: NetworkInstance, watch: Stopwatch
) -> tuple[NetworkVerdict, Twin, list[EvidenceFile]]:
    """The readout claim with one weight changed: it has to be refuted."""
    claim = built.claims()["readout"]
    broken = replace(claim, network=break_network(claim, rng=instance.seed))
    kept = replace(instance, keep_claims=True)  # no command makes a twin's claim anew
    verdict, shown, files = _verified(f"{instance.name}-twin", broken, kept, watch)
    wrong = mistakes(broken, shown.counterexample) if shown.counterexample is not None else ()
    change = "; ".join(changes(claim.network, broken.network))
    return verdict, Twin(change=change, claim=shown, wrong=wrong), files
