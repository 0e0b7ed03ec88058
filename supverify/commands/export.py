"""``export``: a claim for other tools, and Coq's word on it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..kernel.errors import Malformed
from .options import AUDIT_EXIT, FILE, Stated, as_json, print_json, stating

if TYPE_CHECKING:  # imported where it is used: help and refusals come at once
    from ..deciding.second_opinions import Format

FORMATS = ("smt2", "opb", "vnnlib", "vnnlib1", "onnx", "coq")


@click.command()
@stating
@click.option(
    "--to", type=click.Choice(FORMATS), required=True, help="vnnlib is VNN-LIB 2.0, vnnlib1 1.0; both write an .onnx."
)
@click.option("-o", "--output", type=FILE, required=True, help="The file to write.")
@click.option("--cones", is_flag=True, help="One file for each output, about only what it reads: NAME.0.smt2, ...")
@click.option("--check", is_flag=True, help="With --to coq: have coqc check what was written.")
@click.option("--recheck", is_flag=True, help="With --check: have coqchk check what coqc compiled.")
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=300.0,
    show_default=True,
    help="The limit of coqc, and of coqchk.",
)
@as_json
def export(
    stated: Stated,
    to: Format,
    output: Path,
    cones: bool,
    check: bool,
    recheck: bool,
    seconds: float,
    as_json: bool,
) -> int:
    """Write the claim that NETWORK computes PROBLEM as a query for another tool, from its exact integers.

    The claim is the one that verify decides with the same options, the sidecar included.
    With --check the exit code is Coq's: 0 proved, 1 rejected, 2 a hole (coqc not found, or out of time).
    """
    from ..deciding.second_opinions import write

    if (check or recheck) and (to != "coq" or cones or (recheck and not check)):
        raise Malformed("--check", "--to coq without --cones, and --recheck only with --check", f"--to {to}")
    written = write(stated.claim, output, to=to, cones=cones, read=stated.read)
    answer: dict[str, Any] = asdict(written)
    if check:
        from ..deciding.coq import check_with_coq

        answer["coq"] = asdict(check_with_coq(output, seconds=seconds, recheck=recheck))
    if as_json:
        print_json(answer)
    else:
        _show(answer)
    return AUDIT_EXIT[answer["coq"]["status"]] if check else 0


def _show(answer: dict[str, Any]) -> None:
    first, count = answer["files"][0], len(answer["files"])
    more = "" if count == 1 else f" and {count - 1} more"
    click.echo(f"{first}{more}: {answer['bytes']:,} bytes of {answer['to']}, claim {answer['claim'][:12]}")
    click.echo(answer["meaning"])
    if "coq" in answer:
        found = answer["coq"]
        click.echo(f"{found['status']}: {found['reason']}, {found['seconds']:.1f} s")
        click.echo(f"axioms: {', '.join(found['axioms']) or 'none printed'}")
