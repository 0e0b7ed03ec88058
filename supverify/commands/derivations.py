"""``audit``: derivations, step by step."""

from __future__ import annotations

from pathlib import Path

import click

from ..kernel.codec import encode
from ..kernel.errors import Malformed
from .options import AUDIT_EXIT, FILE, as_json, permit, print_json


@click.command()
@click.argument("derivation", type=FILE)
@permit
@click.option("--explain", metavar="STEP", help="Show this step in full.")
@as_json
def audit(derivation: Path, permit: tuple[str, ...] | None, explain: str | None, as_json: bool) -> int:
    """Check a derivation step by step, or the claims of documents in a .toml file against derivations."""
    if derivation.suffix == ".toml":
        if permit is not None or explain is not None:
            raise Malformed(str(derivation), "a derivation, for --permit and --explain", "the claims of documents")
        return _sources(derivation, as_json=as_json)
    from ..oracles import audit_file
    from ..report.derived import derivation_entry
    from ..terminal.tables import judgement, show_audit, show_step

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


def _sources(path: Path, *, as_json: bool) -> int:
    """1 where a claim is refuted or two contradict each other, 2 where one is open, 0 where all are proved."""
    from ..oracles import audit_sources
    from ..terminal.sources import show_sources

    found = audit_sources(path)
    if as_json:
        print_json(found)
    else:
        show_sources(found, path=str(path))
    standings = {finding.standing for finding in found.findings}
    if "refuted" in standings or any(conflict.kind == "contradiction" for conflict in found.conflicts):
        return 1
    return 2 if "open" in standings else 0
