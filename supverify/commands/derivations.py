"""``audit``: derivations, step by step."""

from __future__ import annotations

from pathlib import Path

import click

from ..kernel.codec import encode
from ..kernel.errors import Malformed
from .options import AUDIT_EXIT, as_json, permit, print_json


@click.command()
@click.argument("derivation", type=Path)
@permit
@click.option("--explain", metavar="STEP", help="Show this step in full.")
@as_json
def audit(derivation: Path, permit: tuple[str, ...] | None, explain: str | None, as_json: bool) -> int:
    """Check a derivation step by step."""
    from ..oracles import audit_file
    from ..report.derived import derivation_entry
    from ..terminal import judgement, show_audit, show_step

    entry = derivation_entry(audit_file(derivation, permit=permit), path=str(derivation))
    step = next((step for step in entry.steps if step.name == explain), None)
    if explain is not None and step is None:
        raise Malformed("--explain", "a step: " + ", ".join(step.name for step in entry.steps), explain)
    if as_json:
        print_json(step or {**encode(entry), "judgement": judgement(entry)})
    elif step:
        show_step(step)
    else:
        show_audit(entry)
    return AUDIT_EXIT[judgement(entry)]
