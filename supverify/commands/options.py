"""What the verbs share: exit codes, options, and how answers and progress are shown.

A verb returns its exit code: 0 proved or accepted, 1 refuted or rejected, 2 unknown or a hole, 3 bad input.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields
from fractions import Fraction
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..kernel.codec import decode, encode
from ..kernel.errors import Malformed

if TYPE_CHECKING:  # imported where they are used: help and refusals come at once
    from ..deciding.verification import CriterionKind, Mode
    from ..engines import Progress
    from ..files import NetworkFile
    from ..kernel.claim import Claim

FILE = click.Path(path_type=Path, readable=False)  # shells complete it; whether it can be read is asked later
EXIT = {"PROVED": 0, "REFUTED": 1, "UNKNOWN": 2}
Verb = Callable[..., int]
JOURNAL_AFTER = 1.0  # seconds of work that is not worth a journal nobody asked for
AUDIT_EXIT = {"PROVED": 0, "REJECTED": 1, "HOLE": 2}


def fraction(context: click.Context, option: click.Parameter, text: str | None) -> Fraction | None:
    """An exact fraction such as 1/8; decimals are not one, and no text is none."""
    value: Fraction | None = None if text is None else decode(Fraction, text, option.opts[0])
    return value


def without(option: str, package: str, extra: str) -> Malformed:
    """The refusal of an option that needs a package which is not there."""
    return Malformed(option, f"{package}, which the extra {extra} installs", "no such package")


def fractions(context: click.Context, option: click.Parameter, texts: tuple[str, ...]) -> tuple[Fraction, ...]:
    """Exact fractions, one for each time that the option is given."""
    return tuple(decode(Fraction, text, option.opts[0]) for text in texts)


def names(context: click.Context, option: click.Parameter, text: str | None) -> tuple[str, ...] | None:
    """The names between commas; no text is no name."""
    return None if text is None else tuple(name.strip() for name in text.split(",") if name.strip())


def oracles(context: click.Context, option: click.Parameter, text: str | None) -> tuple[str, ...] | None:
    """The names of oracles; raises Malformed for one that no verdict rests on."""
    from ..report.wording import ORACLES

    chosen = names(context, option, text)
    for name in chosen or ():
        if name not in ORACLES:
            raise Malformed("--permit", f"some of {', '.join(ORACLES)}", name)
    return chosen


as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object and nothing else.")
permit = click.option(
    "--permit",
    metavar="NAMES",
    callback=oracles,
    help="The only oracles that may be relied on, such as z3,sympy,arb.",
)
sparsity = click.option("-k", type=int, required=True, help="The most inputs that are active at once.")


@dataclass(frozen=True, kw_only=True)
class Stated:
    """A claim as a command states it: the network at ``network``, and every file that was ``read`` for it."""

    network: Path
    problem: str
    file: NetworkFile
    claim: Claim
    read: tuple[str | Path, ...]


PLACED = (click.argument("network", type=FILE), click.argument("problem", type=click.Path()), sparsity)
NAMED = (
    click.option("--network", type=FILE, help="The network's file: .npz, .safetensors, .onnx or .json."),
    click.option(
        "--problem", type=click.Path(), help="A JSON file, an edge list, or a generator such as random:M=1000,seed=0."
    ),
    click.option("-k", type=int, help="The most inputs that are active at once."),
)
READING = (
    click.option("--mode", type=click.Choice(["at-most", "exactly"]), default="at-most", show_default=True),
    click.option(
        "--criterion",
        type=click.Choice(["readout", "code", "separated", "linear"]),
        show_default="readout",
        help="How outputs are read: by a threshold, as the exact code, by one with slack, or within slack of 0 or 1.",
    ),
    click.option("--threshold", metavar="FRACTION", callback=fraction, show_default="1/2"),
    click.option("--slack", metavar="FRACTION", callback=fraction, show_default="0"),
    click.option(
        "--strict/--non-strict",
        default=None,
        show_default="strict",
        help="Whether an output at the threshold is false (strict) or true.",
    ),
    click.option(
        "--layers", metavar="NAMES", callback=names, help="The layers in their order, such as fc_in,fc_out."
    ),
    click.option(
        "--sidecar",
        type=FILE,
        help="JSON with C, D, layers, outputs, threshold, ... of NETWORK (default: NETWORK.json, if there is one).",
    ),
)


def stating(verb: Verb) -> Verb:
    """The arguments and options that say what is claimed of which network, gathered as ``stated``."""
    return _stating(verb, PLACED)


def may_state(verb: Verb) -> Verb:
    """The same with options in place of arguments; ``stated`` is None where no network is named."""
    return _stating(verb, NAMED)


def _stating(verb: Verb, naming: Sequence[Callable[[Verb], Verb]]) -> Verb:
    @wraps(verb)
    def gathering(
        *,
        network: Path | None,
        problem: str | None,
        k: int | None,
        mode: Mode,
        criterion: CriterionKind | None,
        threshold: Fraction | None,
        slack: Fraction | None,
        strict: bool | None,
        layers: tuple[str, ...] | None,
        sidecar: Path | None,
        **rest: Any,
    ) -> int:
        from ..deciding.verification import load_problem, reading, state
        from ..files import read_network

        if network is None:
            return verb(**rest, stated=None)
        if problem is None or k is None:
            raise click.UsageError(f"Missing option '{'--problem' if problem is None else '-k'}'.")
        file = read_network(network, layers=layers, sidecar=sidecar)
        asked = reading(file, kind=criterion, threshold=threshold, slack=slack, strict=strict)
        claim = state(file, load_problem(problem), k=k, criterion=asked, mode=mode)
        read: tuple[str | Path, ...] = (network, problem, file.sidecar) if file.sidecar else (network, problem)
        return verb(**rest, stated=Stated(network=network, problem=problem, file=file, claim=claim, read=read))

    return _with((*naming, *READING), gathering)


DECIDING = (
    click.option(
        "--engines",
        metavar="NAMES",
        callback=names,
        help="Some of enumerate,smt,branch,contract,channels,dense (default: by size).",
    ),
    click.option("--seconds", type=click.FloatRange(min=0, min_open=True), help="The limit of each engine."),
    click.option(
        "--arithmetic",
        "arithmetics",
        metavar="NAME",
        multiple=True,
        default=["exact"],
        show_default=True,
        help="exact (real numbers), float32, float64, any-order:float32, any-order:float64; of several the worst "
        "counts.",
    ),
    click.option(
        "--order",
        type=click.Choice(["bias-last", "bias-first"]),
        default="bias-last",
        show_default=True,
        help="How float32 and float64 sum a row: its products from left to right, before or after the bias.",
    ),
    click.option("--statistics", is_flag=True, help="Count every wrong input also where another engine has decided."),
    click.option(
        "--bernoulli",
        metavar="FRACTION",
        multiple=True,
        callback=fractions,
        help="Also the error probability when every input is 1 with this probability, independently.",
    ),
    click.option("--largest-k", "largest", is_flag=True, help="Also the largest k for which the network is exact."),
    permit,
)
superposition = click.option(
    "--superposition", is_flag=True, help="Also whether it computes in superposition, and what it is made of."
)


def deciding(verb: Verb) -> Verb:
    """The options that say by whom a claim is decided and what else is asked of it, gathered as ``asked``."""

    @wraps(verb)
    def gathering(**given: Any) -> int:
        from ..deciding.decision import Asked

        chosen = {field.name: given.pop(field.name) for field in fields(Asked) if field.name in given}
        return verb(**given, asked=Asked(**chosen))

    return _with(DECIDING, gathering)


def _with(options: Sequence[Callable[[Verb], Verb]], verb: Verb) -> Verb:
    """The verb with these options, in this order."""
    for option in reversed(options):
        verb = option(verb)
    return verb


def execution(verb: Verb) -> Verb:
    """The options that say where a verb has its work done and kept, gathered as ``where``."""
    options = (
        click.option("--jobs", type=click.IntRange(min=1), help="At once (default: one for each core)."),
        click.option(
            "--scheduler", metavar="ADDRESS", help="A dask cluster that does the work, such as tcp://host:8786."
        ),
        click.option(
            "--journal",
            type=FILE,
            help="Where finished work is kept (default: NETWORK.journal, if it takes over a second).",
        ),
        click.option("--resume", is_flag=True, help="Go on from the journal of an earlier run, if it left one."),
        click.option("--keep-journal", is_flag=True, help="Leave the journal there when nothing is left to do."),
    )

    @wraps(verb)
    def gathering(
        *,
        jobs: int | None,
        scheduler: str | None,
        journal: Path | None,
        resume: bool,
        keep_journal: bool,
        **rest: Any,
    ) -> int:
        from ..deciding.execution import Where

        after = 0.0 if journal or keep_journal else JOURNAL_AFTER
        where = Where(
            jobs=jobs,
            scheduler=scheduler,
            journal=journal,
            journal_after=after,
            resume=resume,
            keep_journal=keep_journal,
        )
        return verb(**rest, where=where)

    return _with(options, gathering)


class _Contradiction(click.ClickException):
    exit_code = EXIT["UNKNOWN"]


def print_json(value: object) -> None:
    """One JSON object on standard output."""
    click.echo(json.dumps(encode(value), indent=2, ensure_ascii=False))


@contextmanager
def searching(*, as_json: bool) -> Iterator[Progress | None]:
    """A progress bar for people; two engines that contradict each other give no verdict."""
    from ..engines import Disagreement
    from ..terminal.tables import progress_bar

    try:
        with progress_bar(wanted=not as_json) as progress:
            yield progress
    except Disagreement as disagreement:
        raise _Contradiction(f"no verdict, for this is a bug in supverify: {disagreement}") from disagreement
