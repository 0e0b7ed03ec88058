"""An audit as a notebook shows it: the verdict and a row for each step, self-contained, every text escaped."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from ..calculus.audit import Audit, Outcome, StepResult
from ..calculus.statement import show
from ..kernel.verdict import Status

GOOD, BAD, OPEN = "#1a7f37", "#b42318", "#8a6100"
COLOURS = {Outcome.ACCEPTED: GOOD, Outcome.REJECTED: BAD}


class FileAudit(Audit):
    """The audit of a file, which notebooks show as a table."""

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        rows = "".join(f"<tr>{''.join(_cells(result))}</tr>" for result in self.results)
        claims = "".join(f"<br><code>{escape(show(claim))}</code>" for claim in self.derivation.claims)
        return f"<p><b>{escape(self.derivation.title)}</b><br>{_verdict(self)}{claims}</p><table>{rows}</table>"


def _verdict(audit: Audit) -> str:
    rejected = any(result.outcome is Outcome.REJECTED for result in audit.results)
    name = "REJECTED" if rejected else audit.status.name
    colour = BAD if rejected else GOOD if audit.status is Status.PROVED else OPEN
    oracles = ", ".join(sorted(audit.oracles)) or "the calculus alone"
    because = audit.reason or f"resting on {oracles}"
    assumed = "".join(f"<br>assuming: {escape(text)}" for text in audit.assumptions)
    return f"<b style='color:{colour}'>{name}</b> {escape(because)}{assumed}"


def _cells(result: StepResult) -> Iterator[str]:
    colour = COLOURS.get(result.outcome, OPEN)
    yield f"<th style='text-align:left'>{escape(result.step.id)}</th>"
    yield f"<td><b style='color:{colour}'>{result.outcome.upper()}</b></td>"
    yield f"<td style='text-align:left'><code>{escape(show(result.step.statement))}</code>{_why(result)}</td>"
    yield f"<td>{escape(result.step.by)}</td>"


def _why(result: StepResult) -> str:
    """Where a step was refused, what was expected and what was there; a hole has only its reason."""
    parts = {"at": result.place, "expected": result.expected, "got": result.got, "": result.detail}
    shown = {} if result.outcome is Outcome.ACCEPTED else parts
    return "".join(f"<br>{f'{name}: ' if name else ''}{escape(text)}" for name, text in shown.items() if text)
