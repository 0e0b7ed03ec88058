"""``build``, ``verify`` and ``recheck``: networks, verdicts about them, and the evidence."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..kernel.codec import encode
from ..kernel.errors import Malformed, Refusal
from .options import (
    EXIT,
    FILE,
    Stated,
    as_json,
    deciding,
    execution,
    print_json,
    searching,
    sparsity,
    stating,
    superposition,
)

if TYPE_CHECKING:  # imported where it is used: help and refusals come at once
    from ..deciding.decision import Asked
    from ..deciding.execution import Where
    from ..models import Variant

VARIANTS = ("paper", "compact", "random")


@click.command()
@click.argument("problem", type=click.Path())
@sparsity
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed builds the same network.")
@click.option("--neurons", type=click.IntRange(min=1), help="The width; for paper and random the one to start from.")
@click.option(
    "--variant",
    type=click.Choice(VARIANTS),
    help="The construction (default: compact from 64 ANDs on and for k up to 4, else random).",
)
@click.option("--minimise", is_flag=True, help="Search for fewer neurons until interrupted; the best is kept.")
@click.option("-o", "--output", type=FILE, required=True, help="The .npz file to write.")
@as_json
def build(
    problem: str,
    k: int,
    seed: int,
    neurons: int | None,
    variant: Variant | None,
    minimise: bool,
    output: Path,
    as_json: bool,
) -> int:
    """Build a network in superposition, write it, and verify what was written on every k-sparse input."""
    from ..building.construction import build_and_verify
    from ..deciding.verification import load_problem
    from ..terminal.tables import show_built

    asked = load_problem(problem)
    with searching(as_json=as_json) as progress:
        built = build_and_verify(
            asked, output, k=k, seed=seed, neurons=neurons, variant=variant, minimise=minimise, progress=progress
        )
    if as_json:
        print_json(built)
    else:
        show_built(built)
    return EXIT[built.status]


@click.command()
@stating
@deciding
@superposition
@click.option("--certificate", type=FILE, help="Where the certificate goes; the claim goes beside it.")
@execution
@as_json
def verify(stated: Stated, asked: Asked, certificate: Path | None, as_json: bool, where: Where) -> int:
    """Decide whether NETWORK computes PROBLEM on every k-sparse input, with a certificate for the kernel.

    NETWORK is .npz, .safetensors, .onnx or .json. What is not said here is read from its sidecar.
    """
    from ..deciding.decision import decide
    from ..deciding.evidence import EvidencePaths
    from ..deciding.verification import settle
    from ..files import check_kept
    from ..report.verified import sentence
    from ..terminal.tables import show_verification

    file, claim = stated.file, stated.claim
    paths = EvidencePaths.beside(stated.network, certificate=certificate)
    check_kept((paths.claim, paths.certificate), stated.read)
    there = replace(where, journal=where.journal or paths.journal)
    with searching(as_json=as_json) as progress:
        found = decide(claim, file, asked, where=there, store=paths.store, progress=progress)
    answer = replace(
        settle(found.verdict, paths, bernoulli=asked.bernoulli),
        layers=file.layers,
        unused=file.unused,
        sidecar=file.sidecar,
        largest_k=found.largest,
        order_of_gates=found.order,
        hints=found.hints,
        superposition=found.superposition,
    )
    if as_json:
        print_json(answer)
    else:
        show_verification(answer, sentence(claim))
    return EXIT[answer.status]


@click.command()
@click.argument("claim", type=FILE)
@click.argument("certificate", type=FILE, required=False)
@as_json
def recheck(claim: Path, certificate: Path | None, as_json: bool) -> int:
    """Check a certificate against its claim by the kernel alone; exit code 0 means VERIFIED.

    With the folder of a report in place of CLAIM, everything in it is checked again from its own files.
    """
    if claim.is_dir() and certificate is None:
        return _recheck_report(claim, as_json=as_json)
    if certificate is None:
        raise Malformed("CERTIFICATE", "the certificate of the claim, or the folder of a report alone", claim)
    from ..files import read_bytes
    from ..kernel.check import recheck as check

    contents = read_bytes(claim), read_bytes(certificate)
    try:
        if b'"evidence"' in contents[0] and b'"network"' in contents[1]:
            raise Malformed(str(claim), "the claim first, then its certificate", "the other way round")
        verdict = check(*contents)
        answer: dict[str, Any] = {
            "answer": "VERIFIED",
            "status": verdict.status.name,
            "reason": verdict.reason,
            "counterexample": verdict.counterexample,
        }
    except Refusal as refusal:
        answer = {"answer": "NOT VERIFIED", "status": "UNKNOWN", "reason": str(refusal), "counterexample": None}
    if as_json:
        print_json(answer)
    else:
        click.echo(f"{answer['status']}: {answer['reason']}\n{answer['answer']}")
    return 0 if answer["answer"] == "VERIFIED" else 1


def _recheck_report(folder: Path, *, as_json: bool) -> int:
    from ..gathering.rechecking import recheck_report
    from ..terminal.tables import show_repeated

    with searching(as_json=as_json) as progress:
        found = recheck_report(folder, progress=progress)
    again = all(each.again for each in found)
    answer = "VERIFIED" if again else "NOT VERIFIED"
    if as_json:
        print_json({"answer": answer, "verdicts": list(map(encode, found))})
    else:
        show_repeated(found, answer)
    return 0 if again else 1
