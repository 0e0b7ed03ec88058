"""``report``: the proof-check report of the paper, or the report of a user's own network."""

from __future__ import annotations

import os
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import EXIT, FILE, Stated, as_json, deciding, execution, may_state, print_json, searching, without
from .repeated import repeated, said

if TYPE_CHECKING:  # imported where it is used: help and refusals come at once
    from ..deciding.decision import Asked
    from ..deciding.execution import Where

NETWORK_TOOLS = frozenset({"matplotlib", "numba"})  # what the report of a network uses
ANYWAY = frozenset({"output", "as_json"})  # what may be said of both reports


@click.command()
@may_state
@deciding
@execution
@click.option("--output", type=FILE, show_default="reports/paper or reports/NETWORK", help="The report's folder.")
@click.option(
    "--proofs", type=FILE, default=Path("proofs"), show_default=True, help="The derivations of the paper's report."
)
@click.option("--pdf", is_flag=True, help="Write report.pdf, too (extra: pdf).")
@as_json
def report(
    stated: Stated | None, asked: Asked, where: Where, output: Path | None, proofs: Path, pdf: bool, as_json: bool
) -> int:
    """Write a report and print where it is: of the paper, or with --network of your own network.

    The report of a network takes what verify takes, and ends with the same exit code.
    """
    _check_said(of_network=stated is not None)
    if stated is None:
        return _paper(output or Path("reports/paper"), proofs, as_json=as_json)
    folder = output or Path("reports", stated.network.stem)
    return _network(stated, asked, where, folder, pdf=pdf, as_json=as_json)


def _check_said(*, of_network: bool) -> None:
    """Refuses what is said of the other report, rather than pass over it."""
    context = click.get_current_context()
    for option in context.command.params:
        misplaced = (option.name == "proofs") == of_network and option.name not in ANYWAY
        if misplaced and said(context, option):
            needs = "is about the report of the paper: without --network" if of_network else "needs --network FILE"
            raise click.UsageError(f"Option '{option.opts[0]}' {needs}.")


def _tell_missing(names: frozenset[str] | None = None) -> None:
    """Names the optional tools that are not there, before any work; only those that matter (None: all do)."""
    from ..gathering.optional_tools import missing_tools
    from ..report.wording import missing

    for tool in missing_tools():
        if names is None or tool.name in names:
            click.echo(f"supverify: {missing(tool)}", err=True)


def _paper(output: Path, proofs: Path, *, as_json: bool) -> int:
    from ..gathering.paper import derivation_paths, gather
    from ..report import check_folder, write_report
    from ..report.folder import PAPER
    from ..report.verdicts import results

    check_folder(output, kind=PAPER)
    derivation_paths(proofs)
    _tell_missing()
    with searching(as_json=as_json) as progress:
        gathered = gather(proofs=proofs, progress=progress)
    page = write_report(gathered, output)
    if as_json:
        statuses = [result.status for result in results(gathered)]
        print_json({"page": str(page), **{status: statuses.count(status) for status in EXIT}})
    else:
        click.echo(page)
    return 0


def _network(stated: Stated, asked: Asked, where: Where, output: Path, *, pdf: bool, as_json: bool) -> int:
    from ..gathering.network_report import Named, file_name, gather
    from ..report import check_folder
    from ..report.folder import NETWORK
    from ..report.network_write import write_network_report
    from ..terminal.tables import line

    if pdf and find_spec("typst") is None:
        raise without("--pdf", "typst", "pdf")
    check_folder(output, kind=NETWORK, read=stated.read)
    _tell_missing(NETWORK_TOOLS)
    again = repeated(click.get_current_context())
    named = Named(network=file_name(stated.network), problem=file_name(stated.problem), again=again)
    there = replace(where, journal=where.journal or _journal(stated.network))
    with searching(as_json=as_json) as progress:
        gathered = gather(stated.claim, stated.file, named, asked=asked, where=there, progress=progress)
    page = write_network_report(gathered, output, pdf=pdf)
    if as_json:
        print_json({"page": str(page), "status": gathered.claim.status, "reason": gathered.claim.reason})
    else:
        line(gathered.claim.status, gathered.claim.sentence)
        if there.journal is not None and there.journal.exists():
            line(f"not over: --resume goes on from {there.journal}")
        click.echo(page)
    return EXIT[gathered.claim.status]


def _journal(network: Path) -> Path | None:
    """Beside the network, as for verify; none where nothing can be written."""
    return network.with_name(f"{network.stem}.journal") if os.access(network.parent, os.W_OK) else None
