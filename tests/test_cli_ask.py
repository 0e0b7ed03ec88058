"""The command line: single claims, batches under a hard limit, and lines that are no claims."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from shell import Shell, refused

from supverify.asking import Worker, ask, ask_all

SLEEPER = ("-c", "import time; print('\"ready\"', flush=True); time.sleep(60)")
QUITTER = ("-c", "print('\"ready\"', flush=True)")
TALKER = ("-c", "print('\"ready\"\\nwarning: x\\n{}', flush=True); input(); input()")

SINGLE = [
    ("log2(m!) = Omega(m*log2(m))", 0, "true"),
    ("log2(m!) = O(m)", 1, "false"),
    ("m^2*sin(m) = Omega(m)", 2, "undecided"),
    ("log2(m!) >= m*ln(m) for integer m >= 17", 0, "true"),
    ("log2(m!) >= m*ln(m) for integer m >= 16", 1, "false"),
]


@pytest.mark.parametrize(("claim", "code", "word"), SINGLE)
def test_single_claim(claim: str, code: int, word: str, shell: Shell) -> None:
    run = shell("ask", claim)
    assert (run.code, run.err) == (code, "")
    assert run.out.startswith(f"{word}  ")
    assert run.out.count("\n") == 1


def test_smallest_start(shell: Shell) -> None:
    run = shell("ask", "log2(m!) >= m*ln(m) for integer m >= ?", "--json")
    assert (run.code, run.answer["verdict"], run.answer["m0"]) == (0, "true", 17)


def test_json_of_a_growth_claim(shell: Shell) -> None:
    answer = shell("ask", "m! = o(m^m)", "--json").answer
    assert answer["verdict"] == "true"
    assert answer["m0"] is None
    assert answer["oracles"] == ["arb", "multiseries"]
    assert answer["certificate"]["scale"] == ["exp(m*ln(m))", "exp(m)", "m", "ln(m)"]


def test_hint_decides_nothing(shell: Shell) -> None:
    answer = shell("ask", "limit(1/x, x -> oo) = 0", "--json", "--hint", "--limit", "30").answer
    assert (answer["verdict"], answer["hints"]) == ("true", {"sympy": "0"})


@pytest.mark.parametrize("claim", ["m = O(m", "9**9**9**9 = O(m)", "m", "(" * 10_000, "zeta(m) = O(1)"])
def test_bad_input(claim: str, shell: Shell) -> None:
    assert "expected" in refused(shell("ask", claim))


def test_needs_a_claim_or_a_batch(shell: Shell) -> None:
    assert "neither" in refused(shell("ask"))
    assert "both" in refused(shell("ask", "m = O(m)", "--batch", "claims.jsonl"))
    refused(shell("ask", "--batch", "missing.jsonl"))


def batch(*claims: object) -> str:
    return "".join(f"{claim if isinstance(claim, str) else json.dumps(claim)}\n" for claim in claims)


def test_batch_keeps_the_order_and_answers_every_line(shell: Shell) -> None:
    lines = [
        {"id": "a", "claim": "m = O(m^2)"},
        "no JSON",
        {"id": 7, "claim": "log2(m!) >= m*ln(m) for integer m >= ?"},
        {"id": "b"},
        [1, 2],
        {"id": "c", "claim": "m = O("},
        {"id": "d", "claim": "m^2 = O(m)"},
        {"id": "e", "claim": "9" * 200_000},
        {"id": "f", "claim": "m ~ m + 1"},
    ]
    shell.write("claims.jsonl", batch(*lines))
    run = shell("ask", "--batch", "claims.jsonl", "--json")
    answers: list[dict[str, Any]] = [json.loads(line) for line in run.out.splitlines()]
    assert run.code == 0
    assert [answer["id"] for answer in answers] == ["a", None, 7, "b", None, "c", "d", None, "f"]
    verdicts = [answer.get("verdict", "error") for answer in answers]
    assert verdicts == ["true", "error", "true", "error", "error", "error", "false", "error", "true"]
    assert answers[2]["m0"] == 17
    assert all("error" in answer or answer["seconds"] < 8 for answer in answers)
    shown = shell("ask", "--batch", "claims.jsonl").out.splitlines()
    assert [line.split()[0] for line in shown] == verdicts


def test_empty_batch(shell: Shell) -> None:
    shell.write("claims.jsonl", "\n\n")
    run = shell("ask", "--batch", "claims.jsonl", "--json")
    assert (run.code, run.out) == (0, "")


def test_a_claim_that_takes_too_long_ends_with_its_process() -> None:
    worker = Worker(*SLEEPER)
    started = time.monotonic()
    answer = worker.ask("m = O(m)", 0.3)
    assert answer["verdict"] == "undecided"
    assert "no answer within 0.3 seconds" in answer["reason"]
    assert worker.process is None
    assert time.monotonic() - started < 20
    worker.close()


def test_a_process_that_ends_by_itself_is_no_answer() -> None:
    worker = Worker(*QUITTER)
    for _ in range(2):  # it is started again
        answer = worker.ask("m = O(m)", 5.0)
        assert (answer["verdict"], answer["certificate"]) == ("undecided", {})
    worker.close()


def test_what_is_no_answer_decides_nothing() -> None:
    worker = Worker(*TALKER)
    assert worker.ask("m = O(m)", 5.0)["verdict"] == "undecided"
    assert worker.process is None  # what else it says is not taken for the next answer
    worker.close()


def test_one_slow_claim_does_not_hold_up_the_next() -> None:
    assert ask("m = O(m)", limit=8)["verdict"] == "true"
    claims = [json.dumps({"id": i, "claim": f"m^{i} = O(m^3)"}) for i in range(6)]
    answers = list(ask_all(claims, limit=8, workers=2))
    assert [answer["verdict"] for answer in answers] == ["true"] * 4 + ["false"] * 2
