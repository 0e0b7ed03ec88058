"""``report``: the proof-check report of the paper."""

from __future__ import annotations

from pathlib import Path

import click

from .options import EXIT, FILE, as_json, print_json, searching


@click.command()
@click.option("--output", type=FILE, default=Path("reports/paper"), show_default=True, help="The report's folder.")
@click.option("--proofs", type=FILE, default=Path("proofs"), show_default=True, help="The derivations' folder.")
@as_json
def report(output: Path, proofs: Path, as_json: bool) -> int:
    """Write the proof-check report and print where it is."""
    from ..paper import gather
    from ..report import check_folder, write_report
    from ..report.verdicts import results

    check_folder(output)
    with searching(as_json=as_json) as progress:
        gathered = gather(proofs=proofs, progress=progress)
    page = write_report(gathered, output)
    if as_json:
        statuses = [result.status for result in results(gathered)]
        print_json({"page": str(page), **{status: statuses.count(status) for status in EXIT}})
    else:
        click.echo(page)
    return 0
