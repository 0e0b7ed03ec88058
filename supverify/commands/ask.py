"""``ask``: single questions about growth, limits and inequalities, or a file of them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from ..kernel.errors import Malformed
from .options import FILE, as_json, print_json

ASK_EXIT = {"true": 0, "false": 1, "undecided": 2}
LONGEST_LINE = 1 << 16  # characters of a line of a batch


@click.command()
@click.argument("claim", required=False)
@click.option("--batch", type=FILE, help='A file with a line {"id": ..., "claim": "..."} for each claim.')
@click.option("--limit", type=click.FloatRange(min=0.01), default=8.0, show_default=True, help="Seconds for a claim.")
@click.option("--hint", is_flag=True, help="Also show what SymPy's limit is; it decides nothing.")
@as_json
def ask(claim: str | None, batch: Path | None, limit: float, hint: bool, as_json: bool) -> int:
    """Decide a claim such as "log2(m!) = Omega(m*log2(m))" or "log2(m!) >= m*ln(m) for integer m >= ?".

    Also "limit(f, x -> oo) = v", "f ~ g as x -> oo", "... with M = m^2". Exit codes: 0 true, 1 false, 2 undecided,
    3 bad input; with --batch 0 once every line is answered.
    """
    if (claim is None) == (batch is None):
        raise Malformed("ask", "a claim, or --batch FILE", "both" if batch else "neither")
    if batch is not None:
        return _answer_file(batch, limit, as_json=as_json)
    from ..asking import ask as answer_to
    from ..oracles.question import read_question

    question = read_question(claim or "")  # a refusal comes at once
    answer = answer_to(claim or "", limit=limit)
    if "error" in answer:
        raise Malformed("claim", "a claim", answer["error"])
    if hint:
        from ..oracles.hints import sympy_limit

        answer["hints"] = {"sympy": sympy_limit(question, seconds=limit)}
    if as_json:
        print_json(answer)
    else:
        _show(answer)
    return ASK_EXIT[answer["verdict"]]


def _answer_file(batch: Path, limit: float, *, as_json: bool) -> int:
    from ..asking import ask_all

    with batch.open(encoding="utf-8", errors="replace") as file:
        for answer in ask_all(_lines(file), limit=limit):
            if as_json:
                click.echo(json.dumps(answer, ensure_ascii=False))
            else:
                _show(answer)
    return 0


def _lines(file: Any) -> Iterator[str]:
    """Lines, those that are too long cut so that they are refused."""
    while line := file.readline(LONGEST_LINE):
        if not line.endswith("\n"):
            while (rest := file.readline(LONGEST_LINE)) and not rest.endswith("\n"):
                pass
        yield line


def _show(answer: dict[str, Any]) -> None:
    from ..terminal.tables import line

    name = [str(answer["id"])] if "id" in answer else []
    if "error" in answer:
        line("error", *name, answer["error"])
        return
    start = [f"m0 = {answer['m0']}"] if answer["m0"] is not None else []
    on = f" [{', '.join(answer['oracles'])}]" if answer["oracles"] else ""
    line(answer["verdict"], *name, *start, answer["reason"] + on)
    for tool, found in answer.get("hints", {}).items():
        line(f"hint: {tool}: {found}")
