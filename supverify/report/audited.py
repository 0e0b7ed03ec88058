"""An audit as a file of the report: what became of each step, without the prose, bound to the text by its digest."""

from __future__ import annotations

from typing import Any

from supverify.kernel.codec import encode

from .derivation import Derivation, Step
from .json_parts import json_text

STEP_KEYS = (
    *("name", "given", "says", "rule", "premises", "outcome", "oracles", "assumptions"),
    *("place", "expected", "got", "detail"),
)


def audit_text(entry: Derivation) -> bytes:
    """The file that a second audit of the same text has to give again, to the byte."""
    return json_text(
        {
            "format": "supverify-audit-1",
            "file": entry.file,
            "sha256": entry.digest,
            "derivation": entry.name,
            "title": entry.title,
            "status": entry.status,
            "reason": entry.reason,
            "oracles": list(entry.oracles),
            "assumptions": list(entry.assumptions),
            "axioms": [axiom.name for axiom in entry.axioms],
            "conclusions": [
                {key: value for key, value in encode(conclusion).items() if key != "latex"}
                for conclusion in entry.conclusions
            ],
            "steps": list(map(_step, entry.steps)),
        }
    ).encode()


def _step(step: Step) -> dict[str, Any]:
    """What the audit found; what is empty is left out."""
    return {key: encode(value) for key in STEP_KEYS if (value := getattr(step, key))}
