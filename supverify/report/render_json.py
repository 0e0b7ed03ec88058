"""The report as JSON: its values as they are, the machine-dependent ones under the last key, "timings"."""

from __future__ import annotations

import json
from typing import Any

from supverify.kernel.codec import encode

from .model import Report
from .verdicts import assumptions, oracles, results


def plain(report: Report) -> dict[str, Any]:
    """The report as lists, dictionaries, texts and numbers; evidence files are named, not repeated."""
    seconds, versions = report.measured.seconds, report.measured.versions
    return {
        "format": "supverify-report-1",
        "title": report.title,
        "oracles": list(oracles(report)),
        "assumptions": list(assumptions(report)),
        "results": [encode(result) for result in results(report)],
        "classifications": [encode(entry) for entry in report.classifications],
        "networks": [encode(entry) for entry in report.networks],
        "derivations": [encode(entry) for entry in report.derivations],
        "timings": {"seconds": {what: round(time, 2) for what, time in seconds}, "versions": dict(versions)},
    }


def to_json(report: Report) -> str:
    """The same as text."""
    return json.dumps(plain(report), indent=1, ensure_ascii=False) + "\n"
