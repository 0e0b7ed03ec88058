"""The report as JSON: its values as they are, the machine-dependent ones under the last key, "timings"."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from supverify.kernel.codec import encode

from .derivation import Derivation
from .folder import PAPER
from .json_parts import FileDigest, Timings, digests, json_text, timings
from .model import Classification, MissingTool, NetworkEntry, Report
from .schema import document
from .sources import Documents
from .verdicts import Result, Tally, assumptions, oracles, results, tallies


@dataclass(frozen=True, kw_only=True)
class PaperTimings(Timings):
    """The same, and the optional tools that were not there."""

    missing: tuple[MissingTool, ...]


ABOUT = "The proof-check report: what supverify report writes to report.json. Fractions are text."
MEMBERS: dict[str, Any] = {
    "format": Literal["supverify-report-1"],
    "title": str,
    "oracles": tuple[str, ...],
    "assumptions": tuple[str, ...],
    "verdict": tuple[Tally, ...],
    "documents": Documents | None,
    "results": tuple[Result, ...],
    "classifications": tuple[Classification, ...],
    "networks": tuple[NetworkEntry, ...],
    "derivations": tuple[Derivation, ...],
    "files": tuple[FileDigest, ...],
    "timings": PaperTimings,
}
"""What the JSON has, with the types that its schema is made from."""


def plain(report: Report) -> dict[str, Any]:
    """The report as lists, dictionaries, texts and numbers; of the evidence files, their digests."""
    return {
        "format": PAPER,
        "title": report.title,
        "oracles": list(oracles(report)),
        "assumptions": list(assumptions(report)),
        "verdict": [encode(tally) for tally in tallies(report)],
        "documents": encode(report.documents),
        "results": [encode(result) for result in results(report)],
        "classifications": [encode(entry) for entry in report.classifications],
        "networks": [encode(entry) for entry in report.networks],
        "derivations": [encode(entry) for entry in report.derivations],
        "files": [encode(file) for file in digests(report.files)],
        "timings": {**encode(timings(report.measured)), "missing": [encode(tool) for tool in report.missing]},
    }


def to_json(report: Report) -> str:
    """The same as text."""
    return json_text(plain(report))


def schema() -> str:
    """The JSON Schema of it."""
    return document("supverify proof-check report", ABOUT, MEMBERS)
