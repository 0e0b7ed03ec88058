"""Growth claims: supverify against SymPy's limit of f/g, with one time limit, on tests/claims/asymptotics.jsonl.

    python tests/benchmarks/asymptotics.py [--limit SECONDS]    every claim that the report does not hold yet
    python tests/benchmarks/asymptotics.py --again              every claim
    python tests/benchmarks/asymptotics.py --retry              also those without an answer from both
    python tests/benchmarks/asymptotics.py --every 4            a quarter of them

writes reports/asymptotics/{README.md,asymptotics.json}. SymPy answers by ``limit(f/g, m, oo)``: O if that is finite,
o if 0, Omega if not 0, omega if infinite, Theta if finite and not 0, ~ if 1. An exception, an unevaluated limit, a
range of values and a time-out are no answer. The limit is processor time, so that other work on the machine does no
harm; both tools get each claim in a process that is already running. The table is written as it grows.
"""

from __future__ import annotations

import argparse
import json
import platform
import signal
import sys
from collections import Counter, deque
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from importlib.metadata import version
from pathlib import Path
from typing import Any, NoReturn

from supverify.asking import Worker
from supverify.calculus.statement import Term
from supverify.files import write_atomically
from supverify.oracles.computer_algebra import translate
from supverify.oracles.question import INFINITY, read_question

ROOT = Path(__file__).resolve().parents[2]
CLAIMS = ROOT / "tests" / "claims" / "asymptotics.jsonl"
REPORT = ROOT / "reports" / "asymptotics"
PATIENCE = 12  # times the limit, in seconds that pass, before a process is ended
TOOLS = ("supverify", "sympy")
THREADS = 2
SAVED = 20.0  # seconds between two writings of the table


def main(arguments: Sequence[str]) -> None:
    """Asks both tools what is missing and writes the table, or answers as SymPy."""
    parser = argparse.ArgumentParser(description="growth claims: supverify against SymPy")
    parser.add_argument("--limit", type=float, default=8.0)
    parser.add_argument("--again", action="store_true")
    parser.add_argument("--retry", action="store_true")
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--answer-as-sympy", type=float, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.answer_as_sympy:
        answer_as_sympy(options.answer_as_sympy)
        return
    claims = [json.loads(line) for line in CLAIMS.read_text("utf-8").splitlines()]
    known = {} if options.again else known_rows()
    done = {claim for claim, row in known.items() if not options.retry or all(answered(row[tool]) for tool in TOOLS)}
    missing = deque(claim for claim in claims[:: options.every] if claim["claim"] not in done)
    with ThreadPoolExecutor(THREADS) as pool:
        running, unfinished = [pool.submit(ask_both, missing, known, options.limit) for _ in range(THREADS)], True
        while unfinished:
            unfinished = bool(wait(running, timeout=SAVED).not_done)
            found = dict(known)
            rows = [{**claim, **found[claim["claim"]]} for claim in claims if claim["claim"] in found]
            if rows:
                write(rows, len(claims))
        for one in running:
            one.result()


def known_rows() -> dict[str, dict[str, Any]]:
    """What the report holds already, by claim, with the limit that it was asked under."""
    path = REPORT / "asymptotics.json"
    rows = json.loads(path.read_text("utf-8"))["rows"] if path.exists() else []
    return {row["claim"]: {key: row[key] for key in (*TOOLS, "limit")} for row in rows}


def ask_both(claims: deque[dict[str, Any]], known: dict[str, dict[str, Any]], limit: float) -> None:
    """Adds the answers of both tools to ``known``, for claims taken off the front while there are any."""
    script = str(Path(__file__).resolve())
    workers = {"supverify": Worker(), "sympy": Worker(script, "--answer-as-sympy", str(limit))}
    while claims:
        claim = claims.popleft()["claim"]
        answers = {tool: worker.ask(claim, PATIENCE * limit) for tool, worker in workers.items()}
        keys = ("verdict", "reason", "seconds")
        told = {tool: {key: answer.get(key) for key in keys} for tool, answer in answers.items()}
        known[claim] = {**told, "limit": limit}
    for worker in workers.values():
        worker.close()


def write(rows: Sequence[Mapping[str, Any]], of: int) -> None:
    """The table for people and the rows it comes from."""
    REPORT.mkdir(parents=True, exist_ok=True)
    versions = {name: version(name) for name in ("sympy", "python-flint")} | {"python": platform.python_version()}
    content = {"versions": versions, "rows": rows}
    write_atomically(REPORT / "asymptotics.json", (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode())
    write_atomically(REPORT / "README.md", table(rows, versions, of).encode())


def outcome(row: Mapping[str, Any], tool: str) -> str:
    """right, wrong, or no answer."""
    right = row[tool]["verdict"] == row["verdict"]
    return "no answer" if not answered(row[tool]) else "right" if right else "wrong"


def answered(answer: Mapping[str, Any]) -> bool:
    """Whether a tool said true or false."""
    return answer["verdict"] in ("true", "false")


def table(rows: Sequence[Mapping[str, Any]], versions: Mapping[str, str], of: int) -> str:
    """The README of the report; each row may have been asked under a limit of its own."""
    limits = " or ".join(f"{limit:g}" for limit in sorted({row["limit"] for row in rows}))
    lines = [
        "# Growth claims: supverify and plain SymPy",
        "",
        f"{len(rows)} of the {of} claims of `tests/claims/asymptotics.jsonl` "
        f"({sum(row['verdict'] == 'false' for row in rows)} of them false), at most {limits} seconds of processor "
        "time each; made by `python tests/benchmarks/asymptotics.py`. SymPy answers by its limit of f/g. The labels "
        "are reasoned (a reason stands beside each) and checked in numbers by `tests/plausible.py`; the set was "
        "written for supverify, so it favours what supverify can read.",
        "",
        "| tool | right | wrong | no answer | slowest (s passed) | all (s passed) |",
        "|---|---|---|---|---|---|",
    ]
    for tool in TOOLS:
        counts = Counter(outcome(row, tool) for row in rows)
        name = f"SymPy {versions['sympy']}" if tool == "sympy" else tool
        seconds = [row[tool]["seconds"] for row in rows]
        times = f"{max(seconds):.1f} | {sum(seconds):.0f}"
        lines.append(f"| {name} | {counts['right']} | {counts['wrong']} | {counts['no answer']} | {times} |")
    lines += [
        "",
        "## Wrong answers",
        "",
        "| claim | truth | supverify | SymPy | SymPy's reason |",
        "|---|---|---|---|---|",
    ]
    for row in rows:
        if "wrong" in (outcome(row, tool) for tool in TOOLS):
            ours, theirs = row["supverify"]["verdict"], row["sympy"]["verdict"]
            reason = str(row["sympy"]["reason"]).replace("|", "\\|")[:80]
            lines.append(f"| `{row['claim']}` | {row['verdict']} | {ours} | {theirs} | {reason} |")
    lines += [
        "",
        f"Measured with Python {versions['python']}, python-flint {versions['python-flint']}, on a shared machine.",
    ]
    return "\n".join(lines) + "\n"


def answer_as_sympy(limit: float) -> None:
    """The worker: lines as ``supverify.oracles.worker`` reads them, answered by SymPy."""
    import sympy  # noqa: F401

    signal.signal(signal.SIGVTALRM, _time_is_up)
    print('"ready"', flush=True)  # noqa: T201
    for line in sys.stdin:
        try:
            signal.setitimer(signal.ITIMER_VIRTUAL, limit)
            found, reason = by_sympy(json.loads(line)["claim"])
        except (Exception, TimeIsUp) as problem:  # noqa: BLE001 - whatever SymPy raises, it does not answer
            found, reason = "undecided", f"{type(problem).__name__}: {problem}"[:200]
        finally:
            signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        print(json.dumps({"verdict": found, "reason": reason}), flush=True)  # noqa: T201


class TimeIsUp(BaseException):
    """Raised in the middle of SymPy, where an Exception would be caught."""


def _time_is_up(number: int, frame: object) -> NoReturn:
    raise TimeIsUp


def by_sympy(claim: str) -> tuple[str, str]:
    """What SymPy's limit says about a claim."""
    import sympy

    question = read_question(claim)
    tree = question.statement
    if not isinstance(tree, Term):
        return "undecided", "no growth claim"
    variable = sympy.Symbol(question.variable, positive=True, **{question.kind: True})
    f = translate(tree.arguments[1], {question.variable: variable})
    if tree.head == "limit":
        return _by_value(sympy.limit(f, variable, sympy.oo), tree, question.variable, variable)
    g = translate(tree.arguments[2], {question.variable: variable})
    limit = sympy.limit(f / g, variable, sympy.oo)
    if limit.has(sympy.Limit, sympy.nan, sympy.AccumBounds) or limit.free_symbols:
        return "undecided", str(limit)[:200]
    zero, infinite = bool(limit.equals(0)) if limit.is_finite else False, limit.is_infinite
    answers = {
        "O": not infinite,
        "o": zero,
        "Omega": not zero,
        "omega": infinite,
        "Theta": not zero and not infinite,
        "~": not infinite and bool((limit - 1).equals(0)),
    }
    return str(bool(answers[tree.head])).lower(), f"limit {limit}"[:200]


def _by_value(limit: Any, tree: Term, name: str, variable: Any) -> tuple[str, str]:
    import sympy

    wanted = tree.arguments[2]
    if limit.has(sympy.Limit, variable, sympy.nan, sympy.AccumBounds):
        return "undecided", str(limit)[:200]
    if INFINITY in (wanted, *getattr(wanted, "arguments", ())):
        value = sympy.oo if wanted == INFINITY else -sympy.oo
        return str(limit == value).lower(), f"limit {limit}"[:200]
    same = limit.is_finite and (limit - translate(wanted, {name: variable})).equals(0)
    return str(bool(same)).lower(), f"limit {limit}"[:200]


if __name__ == "__main__":
    main(sys.argv[1:])
