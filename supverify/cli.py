"""The command line: a verb each for reports, classes, networks, verdicts and derivations.

Exit codes: 0 proved or accepted, 1 refuted or rejected, 2 unknown or a hole, 3 bad input.
"""

from __future__ import annotations

import json
import sys
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

import click

from .kernel.codec import decode, encode
from .kernel.errors import Malformed, Refusal

if TYPE_CHECKING:  # imported where they are used: help and refusals come at once
    from .engines import Progress
    from .verification import Mode

EXIT = {"PROVED": 0, "REFUTED": 1, "UNKNOWN": 2}
AUDIT_EXIT = {"PROVED": 0, "REJECTED": 1, "HOLE": 2}
BAD_INPUT, INTERRUPTED = 3, 130


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Runs one verb and leaves with its exit code; bad input is one line on standard error, a bug a traceback."""
    try:
        code = verbs.main(args=arguments, prog_name="supverify", standalone_mode=False)
    except (click.Abort, KeyboardInterrupt):
        code = _complain("interrupted", INTERRUPTED)
    except click.exceptions.NoArgsIsHelpError as no_verb:
        click.echo(no_verb.format_message(), err=True)
        code = BAD_INPUT
    except click.UsageError as wrong:
        code = _complain(f"{wrong.format_message()} (see {_path(wrong)} --help)", BAD_INPUT)
    except click.ClickException as failure:
        code = _complain(failure.format_message(), failure.exit_code)
    except Refusal as refusal:
        code = _complain(str(refusal), BAD_INPUT if isinstance(refusal, Malformed) else EXIT["REFUTED"])
    except OSError as error:
        code = _complain(f"{error.filename or 'output'}: {error.strerror or error}", BAD_INPUT)
        sys.stdout = sys.stderr  # what could not be written is not tried again at exit, with another exit code
    except MemoryError:
        code = _complain("out of memory", EXIT["UNKNOWN"])
    except Exception:  # noqa: BLE001 - a bug in supverify refutes nothing
        traceback.print_exc()
        code = EXIT["UNKNOWN"]
    sys.exit(code)


def _complain(message: str, code: int) -> int:
    click.echo(f"supverify: {' '.join(message.split())}", err=True)
    return code


def _path(wrong: click.UsageError) -> str:
    return wrong.ctx.command_path if wrong.ctx else "supverify"


def _fraction(context: click.Context, option: click.Parameter, text: str) -> Fraction:
    """An exact fraction such as 1/8; decimals are not one."""
    value: Fraction = decode(Fraction, text, option.opts[0])
    return value


def _names(context: click.Context, option: click.Parameter, text: str | None) -> tuple[str, ...] | None:
    """The names between commas; no text is no name."""
    return None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
permit = click.option(
    "--permit", metavar="NAMES", callback=_names, help="The only oracles that may be relied on, such as z3,sympy,arb."
)
sparsity = click.option("-k", type=int, required=True, help="The most inputs that are active at once.")


class _Contradiction(click.ClickException):
    exit_code = EXIT["UNKNOWN"]


def _print(value: object) -> None:
    click.echo(json.dumps(encode(value), indent=2, ensure_ascii=False))


@contextmanager
def _searching(*, as_json: bool) -> Iterator[Progress | None]:
    """A progress bar for people; two engines that contradict each other give no verdict."""
    from .engines import Disagreement
    from .terminal import progress_bar

    try:
        with progress_bar(wanted=not as_json) as progress:
            yield progress
    except Disagreement as disagreement:
        raise _Contradiction(f"no verdict, for this is a bug in supverify: {disagreement}") from disagreement


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="supverify")
def verbs() -> None:
    """Proves, exhaustively verifies and audits claims about neural computation in superposition.

    Exit codes: 0 proved or accepted, 1 refuted or rejected, 2 unknown or a hole, 3 bad input. PROBLEM is a JSON
    file, an edge list, or a generator such as random:M=1000,seed=0.
    """


@verbs.command()
@click.option("--output", type=Path, default=Path("reports/paper"), show_default=True, help="The report's folder.")
@click.option("--proofs", type=Path, default=Path("proofs"), show_default=True, help="The derivations' folder.")
@as_json
def report(output: Path, proofs: Path, as_json: bool) -> int:
    """Write the proof-check report and print where it is."""
    from .paper import gather
    from .report import check_folder, write_report
    from .report.verdicts import results

    check_folder(output)
    with _searching(as_json=as_json) as progress:
        gathered = gather(proofs=proofs, progress=progress)
    page = write_report(gathered, output)
    if as_json:
        statuses = [result.status for result in results(gathered)]
        _print({"page": str(page), **{status: statuses.count(status) for status in EXIT}})
    else:
        click.echo(page)
    return 0


@verbs.command()
@click.argument("problem")
@click.option("--plot", type=Path, help="Draw the influence graph to this .svg file.")
@click.option("--graphml", type=Path, help="Write the influence graph to this .graphml file.")
@as_json
def classify(problem: str, plot: Path | None, graphml: Path | None, as_json: bool) -> int:
    """Show a problem's influence graph: the classes of its inputs and outputs."""
    from .files import check_writable, write_atomically
    from .models import graphml as to_graphml
    from .models import influence_graph
    from .paper import classified
    from .report.plots import influence_graph as draw
    from .terminal import show_classification
    from .verification import load_problem

    for target in filter(None, (plot, graphml)):
        check_writable(target)
    asked = load_problem(problem)
    found = classified(asked, problem)
    if plot is not None:
        drawing = draw(found)
        if drawing is None:
            raise Malformed("--plot", "matplotlib, which the extra plots installs", "no such package")
        write_atomically(plot, drawing.encode())
    if graphml is not None:
        write_atomically(graphml, to_graphml(influence_graph(asked)).encode())
    if as_json:
        _print(found)
    else:
        show_classification(found)
    return 0


@verbs.command()
@click.argument("problem")
@sparsity
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed builds the same network.")
@click.option("--neurons", type=click.IntRange(min=1), help="The width to try first.")
@click.option("-o", "--output", type=Path, required=True, help="The .npz file to write.")
@as_json
def build(problem: str, k: int, seed: int, neurons: int | None, output: Path, as_json: bool) -> int:
    """Build a network in superposition, write it, and verify what was written on every k-sparse input."""
    from .construction import build_and_verify
    from .terminal import show_built
    from .verification import load_problem

    asked = load_problem(problem)
    with _searching(as_json=as_json) as progress:
        built = build_and_verify(asked, output, k=k, seed=seed, neurons=neurons, progress=progress)
    if as_json:
        _print(built)
    else:
        show_built(built)
    return EXIT[built.status]


@verbs.command()
@click.argument("network", type=Path)
@click.argument("problem")
@sparsity
@click.option("--mode", type=click.Choice(["at-most", "exactly"]), default="at-most", show_default=True)
@click.option(
    "--criterion",
    type=click.Choice(["readout", "code", "separated", "linear"]),
    default="readout",
    show_default=True,
    help="Outputs are read by a threshold, as the exact code, by a threshold with slack, or within slack of 0 or 1.",
)
@click.option("--threshold", metavar="FRACTION", callback=_fraction, default="1/2", show_default=True)
@click.option("--slack", metavar="FRACTION", callback=_fraction, default="0", show_default=True)
@click.option(
    "--strict/--non-strict", default=True, help="Whether an output at the threshold is false (strict) or true."
)
@click.option("--engines", metavar="NAMES", callback=_names, help="Some of enumerate,smt,branch (default: by size).")
@click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="The limit of each engine.")
@click.option("--certificate", type=Path, help="Where the certificate goes; the claim goes beside it.")
@permit
@as_json
def verify(
    network: Path,
    problem: str,
    k: int,
    mode: Mode,
    criterion: Literal["readout", "separated", "linear", "code"],
    threshold: Fraction,
    slack: Fraction,
    strict: bool,
    engines: tuple[str, ...] | None,
    seconds: float | None,
    certificate: Path | None,
    permit: tuple[str, ...] | None,
    as_json: bool,
) -> int:
    """Decide whether NETWORK computes PROBLEM on every k-sparse input, with a certificate for the kernel."""
    from .engines import verify as search
    from .files import read_network
    from .kernel.claim import Criterion
    from .report.verified import sentence
    from .terminal import show_verification
    from .verification import EvidencePaths, load_problem, settle, state

    asked = Criterion(criterion, threshold, slack, strict)
    claim = state(read_network(network), load_problem(problem), k=k, criterion=asked, mode=mode)
    paths = EvidencePaths.beside(network, certificate=certificate)
    with _searching(as_json=as_json) as progress:
        verdict = search(claim, engines=engines, seconds=seconds, progress=progress, store=paths.store)
    answer = settle(verdict, paths, permit=permit)
    if as_json:
        _print(answer)
    else:
        show_verification(answer, sentence(claim))
    return EXIT[answer.status]


@verbs.command()
@click.argument("claim", type=Path)
@click.argument("certificate", type=Path)
@as_json
def recheck(claim: Path, certificate: Path, as_json: bool) -> int:
    """Check a certificate against its claim by the kernel alone; exit code 0 means VERIFIED."""
    from .files import read_bytes
    from .kernel.check import recheck as check

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
        _print(answer)
    else:
        click.echo(f"{answer['status']}: {answer['reason']}\n{answer['answer']}")
    return 0 if answer["answer"] == "VERIFIED" else 1


@verbs.command()
@click.argument("derivation", type=Path)
@permit
@click.option("--explain", metavar="STEP", help="Show this step in full.")
@as_json
def audit(derivation: Path, permit: tuple[str, ...] | None, explain: str | None, as_json: bool) -> int:
    """Check a derivation step by step."""
    from .oracles import audit_file
    from .report.derived import derivation_entry
    from .terminal import judgement, show_audit, show_step

    entry = derivation_entry(audit_file(derivation, permit=permit), path=str(derivation))
    step = next((step for step in entry.steps if step.name == explain), None)
    if explain is not None and step is None:
        raise Malformed("--explain", "a step: " + ", ".join(step.name for step in entry.steps), explain)
    if as_json:
        _print(step or {**encode(entry), "judgement": judgement(entry)})
    elif step:
        show_step(step)
    else:
        show_audit(entry)
    return AUDIT_EXIT[judgement(entry)]
