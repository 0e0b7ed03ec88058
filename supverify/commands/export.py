"""``export``: a claim for other tools, and Coq's word on it."""

from __future__ import annotations

from dataclasses import asdict
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import click

from ..kernel.errors import Malformed
from .options import AUDIT_EXIT, as_json, fraction, print_json, sparsity

if TYPE_CHECKING:  # imported where it is used: help and refusals come at once
    from ..second_opinions import Format
    from ..verification import Mode

FORMATS = ("smt2", "opb", "vnnlib", "vnnlib1", "onnx", "coq")


@click.command()
@click.argument("network", type=Path)
@click.argument("problem")
@sparsity
@click.option(
    "--to", type=click.Choice(FORMATS), required=True, help="vnnlib is VNN-LIB 2.0, vnnlib1 1.0; both write an .onnx."
)
@click.option("-o", "--output", type=Path, required=True, help="The file to write.")
@click.option("--mode", type=click.Choice(["at-most", "exactly"]), default="at-most", show_default=True)
@click.option(
    "--criterion",
    type=click.Choice(["readout", "code", "separated", "linear"]),
    default="readout",
    show_default=True,
    help="As for verify.",
)
@click.option("--threshold", metavar="FRACTION", callback=fraction, default="1/2", show_default=True)
@click.option("--slack", metavar="FRACTION", callback=fraction, default="0", show_default=True)
@click.option(
    "--strict/--non-strict", default=True, help="Whether an output at the threshold is false (strict) or true."
)
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
    network: Path,
    problem: str,
    k: int,
    to: Format,
    output: Path,
    mode: Mode,
    criterion: Literal["readout", "separated", "linear", "code"],
    threshold: Fraction,
    slack: Fraction,
    strict: bool,
    cones: bool,
    check: bool,
    recheck: bool,
    seconds: float,
    as_json: bool,
) -> int:
    """Write the claim that NETWORK computes PROBLEM as a query for another tool, from its exact integers.

    With --check the exit code is Coq's: 0 proved, 1 rejected, 2 a hole (coqc not found, or out of time).
    """
    from ..kernel.claim import Criterion
    from ..second_opinions import export as write

    if (check or recheck) and (to != "coq" or cones or (recheck and not check)):
        raise Malformed("--check", "--to coq without --cones, and --recheck only with --check", f"--to {to}")
    asked = Criterion(criterion, threshold, slack, strict)
    written = write(network, problem, k=k, to=to, output=output, criterion=asked, mode=mode, cones=cones)
    answer: dict[str, Any] = asdict(written)
    if check:
        from ..coq import check_with_coq

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
