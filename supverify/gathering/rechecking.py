"""A paper report checked again from the files in its folder: the kernel re-reads, the audits are done once more.

No search is repeated: certificates are re-read, derivations audited and the documents' claims judged, and what comes
out has to be what the report says, word for word.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Any

from ..engines import Progress
from ..files import read_bytes
from ..kernel.check import recheck
from ..kernel.claim import Claim
from ..kernel.codec import decode, parse, serialise
from ..kernel.errors import Malformed, Refusal, Rejected
from ..models import Variant, build, generate
from ..report import Report
from ..report.derivation import Derivation
from ..report.folder import DATA, PAPER
from ..report.model import EvidenceFile, NetworkClaim, NetworkEntry
from ..report.render_json import MEMBERS, plain
from ..report.sources import Documents
from ..report.verified import sentence
from .sources import Audited, audited, document_entries

PARTS = ("title", "classifications", "networks", "derivations", "documents")
BESIDE = ("files", "timings")  # digests of the evidence, which is read itself, and what depends on the machine


@dataclass(frozen=True, kw_only=True)
class Repeated:
    """One verdict of a report, found again or not; ``reason`` says what was found instead."""

    name: str
    status: str
    again: bool
    reason: str = ""


def recheck_report(folder: Path, *, progress: Progress | None = None) -> tuple[Repeated, ...]:
    """Every verdict of the report in ``folder``, found again from its files or not.

    Claims whose files were too large to be kept are built anew. Raises Malformed where no paper report is there.
    """
    shown = _shown(folder / DATA)
    parts: Any = {name: decode(MEMBERS[name], shown.get(name), f"{DATA}.{name}") for name in PARTS}
    return tuple(_done(list(_tasks(_Files(folder), Report(**parts), shown)), progress))


def _shown(path: Path) -> Mapping[str, object]:
    try:
        shown = json.loads(read_bytes(path))
    except (ValueError, RecursionError) as error:
        raise Malformed(str(path), "JSON", str(error)) from error
    found = shown.get("format") if isinstance(shown, dict) else shown
    if found != PAPER:
        raise Malformed(f"{path}, format", f"{PAPER} (a network's own report names its claim and certificate)", found)
    return dict(shown)


Task = tuple[str, str, Callable[[], None]]


def _done(tasks: list[Task], progress: Progress | None) -> Iterator[Repeated]:
    for done, (name, status, repeat) in enumerate(tasks):
        if progress:
            progress(f"recheck: {name}", done, len(tasks))
        try:
            repeat()
        except Refusal as refusal:
            yield Repeated(name=name, status=status, again=False, reason=str(refusal))
        else:
            yield Repeated(name=name, status=status, again=True)


def _tasks(files: _Files, report: Report, shown: Mapping[str, object]) -> Iterator[Task]:
    """A name, what the report says of it, and what raises a Refusal unless it is found again."""
    for derivation in report.derivations:
        yield derivation.path, derivation.status, partial(files.derivation, derivation)
    if report.documents:
        words = ", ".join(f"{count} {standing}" for standing, count in report.documents.standings.items())
        yield report.documents.path, words, partial(files.documents, report.documents)
    for entry in report.networks:
        for claim in (*entry.claims, *((entry.twin.claim,) if entry.twin else ())):
            yield claim.name, claim.status, partial(files.network, entry, claim)
    yield DATA, "sums and tables", partial(_summed, report, shown)


@dataclass
class _Files:
    """The files of a report, read again; the audits are kept for the claims of documents."""

    folder: Path
    derivations: dict[str, Audited] = field(default_factory=dict)

    def derivation(self, shown: Derivation) -> None:
        """Audits the text once more."""
        again = audited(self._inside(shown.file), shown=shown.path)
        self.derivations[PurePosixPath(shown.path).stem] = again
        _same(shown.path, again.entry, shown)
        self._kept(again.files)

    def documents(self, shown: Documents) -> None:
        """Judges the claims once more, against the derivations as they were audited just now."""
        again, files = document_entries(self._inside(shown.file), self.derivations, shown=shown.path)
        _same(shown.path, again, shown)
        self._kept(files)

    def network(self, entry: NetworkEntry, shown: NetworkClaim) -> None:
        """Has the kernel read the claim and its certificate once more."""
        evidence = shown.evidence
        if evidence is None:
            raise Rejected(shown.name, "evidence that the kernel can read", "none")
        content = _built(entry, shown) if evidence.regenerate else self._read(evidence.claim)
        verdict = recheck(content, self._read(evidence.certificate))
        claim: Claim = decode(Claim, parse(content, evidence.claim), evidence.claim)
        found = (sentence(claim), verdict.status.name, verdict.counterexample)
        _same(shown.name, found, (shown.sentence, shown.status, shown.counterexample))

    def _kept(self, files: Iterable[EvidenceFile]) -> None:
        for file in files:
            _same(file.path, self._read(file.path), file.content)

    def _read(self, path: str) -> bytes:
        return read_bytes(self._inside(path))

    def _inside(self, path: str) -> Path:
        parts = PurePosixPath(path)
        if parts.is_absolute() or ".." in parts.parts:
            raise Malformed(DATA, "a path in the report's folder", path)
        return self.folder / parts


def _built(entry: NetworkEntry, shown: NetworkClaim) -> bytes:
    """The claim of a network that is built anew, as the report says."""
    variant = decode(Variant, entry.variant, f"{entry.name}.variant") if entry.variant else None
    claims = build(generate(entry.problem), k=entry.k, seed=entry.seed, variant=variant).claims()
    if shown.criterion not in claims:
        raise Malformed(shown.name, " or ".join(claims), shown.criterion)
    return serialise(claims[shown.criterion])


def _summed(report: Report, shown: Mapping[str, object]) -> None:
    """What the report sums up follows from the rest of it."""
    for name, value in plain(report).items():
        if name not in BESIDE:
            _same(f"{DATA}.{name}", json.loads(json.dumps(value)), shown.get(name))


def _same(place: str, found: object, shown: object) -> None:
    if found != shown:
        raise Rejected(place, "what the report shows", "something else")
