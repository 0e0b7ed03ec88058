"""The report of one network as JSON: its values as they are, the machine-dependent ones last, as "timings"."""

from __future__ import annotations

from typing import Any, Literal, get_type_hints

from supverify.kernel.codec import encode

from .folder import NETWORK
from .json_parts import FileDigest, Timings, digests, json_text, timings
from .network_model import NetworkReport
from .schema import document

APART = frozenset({"files", "measured"})  # of the report: files are named, not repeated
ABOUT = "The report of one network: what supverify report --network writes to report.json. Fractions are text."


def plain(report: NetworkReport) -> dict[str, Any]:
    """The report as lists, dictionaries, texts and numbers; of its files, their names and digests."""
    values = {name: encode(getattr(report, name)) for name in _names()}
    files, measured = encode(digests(report.files)), encode(timings(report.measured))
    return {"format": NETWORK, **values, "files": files, "timings": measured}


def to_json(report: NetworkReport) -> str:
    """The same as text."""
    return json_text(plain(report))


def schema() -> str:
    """The JSON Schema of it."""
    members = {"format": Literal["supverify-network-report-1"], **_names(), "files": tuple[FileDigest, ...]}
    return document("supverify report of a network", ABOUT, {**members, "timings": Timings})


def _names() -> dict[str, Any]:
    """The values that stand in it as they are, with their types."""
    return {name: hint for name, hint in get_type_hints(NetworkReport).items() if name not in APART}
