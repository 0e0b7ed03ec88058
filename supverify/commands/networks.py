"""``build``, ``verify`` and ``recheck``: networks, verdicts about them, and the evidence."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypedDict

import click

from ..kernel.errors import Refusal
from .options import (
    EXIT,
    Stated,
    as_json,
    execution,
    fractions,
    names,
    permit,
    print_json,
    searching,
    sparsity,
    stating,
)

if TYPE_CHECKING:  # imported where it is used: help and refusals come at once
    from ..engines import Order, Progress
    from ..execution import Where
    from ..models import Variant

    class Limits(TypedDict):
        """What limits a search, and who is told of it."""

        seconds: float | None
        progress: Progress | None


VARIANTS = ("paper", "compact", "random")


@click.command()
@click.argument("problem")
@sparsity
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed builds the same network.")
@click.option("--neurons", type=click.IntRange(min=1), help="The width; for paper and random the one to start from.")
@click.option(
    "--variant", type=click.Choice(VARIANTS), help="The construction (default: compact from 64 ANDs on, else random)."
)
@click.option("--minimise", is_flag=True, help="Search for fewer neurons until interrupted; the best is kept.")
@click.option("-o", "--output", type=Path, required=True, help="The .npz file to write.")
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
    from ..construction import build_and_verify
    from ..terminal import show_built
    from ..verification import load_problem

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
@click.option(
    "--engines",
    metavar="NAMES",
    callback=names,
    help="Some of enumerate,smt,branch,contract,channels,dense (default: by size).",
)
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="The limit of each engine.")
@click.option(
    "--arithmetic",
    "arithmetics",
    metavar="NAME",
    multiple=True,
    default=["exact"],
    show_default=True,
    help="exact (real numbers), float32, float64, any-order:float32, any-order:float64; of several the worst counts.",
)
@click.option(
    "--order",
    type=click.Choice(["bias-last", "bias-first"]),
    default="bias-last",
    show_default=True,
    help="How float32 and float64 sum a row: its products from left to right, before or after the bias.",
)
@click.option("--statistics", is_flag=True, help="Count every wrong input also where another engine has decided.")
@click.option(
    "--bernoulli",
    metavar="FRACTION",
    multiple=True,
    callback=fractions,
    help="Also the error probability when every input is 1 with this probability, independently.",
)
@click.option("--largest-k", "largest", is_flag=True, help="Also the largest k for which NETWORK is exact.")
@click.option("--certificate", type=Path, help="Where the certificate goes; the claim goes beside it.")
@execution
@permit
@as_json
def verify(
    stated: Stated,
    engines: tuple[str, ...] | None,
    seconds: float | None,
    arithmetics: tuple[str, ...],
    order: Order,
    statistics: bool,
    bernoulli: tuple[Fraction, ...],
    largest: bool,
    certificate: Path | None,
    permit: tuple[str, ...] | None,
    as_json: bool,
    where: Where,
) -> int:
    """Decide whether NETWORK computes PROBLEM on every k-sparse input, with a certificate for the kernel.

    NETWORK is .npz, .safetensors, .onnx or .json. What is not said here is read from its sidecar.
    """
    from ..arithmetics import in_arithmetics, semantics
    from ..engines import counted
    from ..evidence import EvidencePaths
    from ..execution import search_there
    from ..files import check_kept
    from ..gate_order import order_of_gates
    from ..kernel.verdict import Status
    from ..largest import largest_k
    from ..report.verified import sentence
    from ..terminal import show_verification
    from ..verification import settle

    file, claim = stated.file, stated.claim
    paths, wanted = EvidencePaths.beside(stated.network, certificate=certificate), semantics(arithmetics, order)
    check_kept((paths.claim, paths.certificate), stated.read)
    with searching(as_json=as_json) as progress:
        limits: Limits = {"seconds": seconds, "progress": progress}
        there = replace(where, journal=where.journal or paths.journal)
        exact = search_there(claim, there, engines=engines, store=paths.store, **limits)
        exact = counted(exact, **limits) if statistics else exact
        verdict = in_arithmetics(exact, file, wanted, **limits)
        most = largest_k(claim, known=exact, engines=engines, **limits) if largest else None
    answer = settle(verdict, paths, permit=permit, bernoulli=bernoulli)
    order_found = order_of_gates(claim) if exact.status is Status.REFUTED else None
    answer = replace(
        answer,
        layers=file.layers,
        unused=file.unused,
        sidecar=file.sidecar,
        largest_k=most,
        order_of_gates=order_found,
    )
    if as_json:
        print_json(answer)
    else:
        show_verification(answer, sentence(claim))
    return EXIT[answer.status]


@click.command()
@click.argument("claim", type=Path)
@click.argument("certificate", type=Path)
@as_json
def recheck(claim: Path, certificate: Path, as_json: bool) -> int:
    """Check a certificate against its claim by the kernel alone; exit code 0 means VERIFIED."""
    from ..files import read_bytes
    from ..kernel.check import recheck as check

    contents = read_bytes(claim), read_bytes(certificate)
    try:
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
