"""The command line: verdicts, their files and their exit codes."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import numpy as np
import pytest
from shell import ROOT, Shell, refused

from supverify.deciding import evidence
from supverify.engines import Answer, Progress
from supverify.kernel.certificate import Certificate
from supverify.kernel.claim import Claim
from supverify.kernel.verdict import Status, Verdict
from supverify.terminal import tables as terminal

searching = import_module("supverify.engines.verify")


KEYS = {
    *("status", "reason", "oracles", "criterion", "threshold", "slack", "strict", "k", "mode", "inputs_claimed"),
    *("inputs_covered", "wrong_inputs", "wrong_entries", "false_positives", "false_negatives", "ties", "min_margin"),
    *(
        "wrong_per_size",
        "counterexample",
        "wrong_outputs",
        "claim",
        "certificate",
        "engines",
        "layers",
        "unused",
        "order_of_gates",
        "hints",
        "superposition",
        "sidecar",
    ),
    *("max_deviation", "failing_gates", "error_probabilities", "decided_in", "arithmetic", "largest_k"),
}


def test_proved_by_every_engine(shell: Shell) -> None:
    run = shell.verify("good.npz", "--engines", "enumerate,smt,branch", "--json")
    answer = run.answer
    assert (run.code, run.err) == (0, "")
    assert set(answer) == KEYS
    assert [entry["engine"] for entry in answer["engines"]] == ["enumerate", "smt", "branch"]
    assert {entry["status"] for entry in answer["engines"]} == {answer["status"]} == {"PROVED"}
    assert all(entry["seconds"] >= 0 for entry in answer["engines"])
    expected = {
        "oracles": [],
        "criterion": "readout",
        "k": 2,
        "mode": "at-most",
        "inputs_covered": 7,
        "wrong_inputs": 0,
        "wrong_entries": 0,
        "ties": 0,
        "min_margin": "1/2",
        "counterexample": None,
        "claim": "good.claim.json",
        "certificate": "good.certificate.json",
    }
    assert {key: answer[key] for key in expected} == expected
    assert shell("recheck", answer["claim"], answer["certificate"]).out.splitlines()[-1] == "VERIFIED"


def test_refuted_with_every_count(shell: Shell) -> None:
    run = shell.verify("wrong.npz", "--engines", "enumerate,branch", "--json")
    answer = run.answer
    assert (run.code, answer["status"], answer["counterexample"]) == (1, "REFUTED", [0, 1])
    assert answer["wrong_outputs"] == [
        {"output": 1, "computes": "y1 AND y2", "expected": "at most 1/2", "got": "3/4"}
    ]
    counts = {
        key: answer[key] for key in ("inputs_covered", "wrong_inputs", "wrong_entries", "false_positives", "ties")
    }
    assert counts == {
        "inputs_covered": 7, "wrong_inputs": 2, "wrong_entries": 2, "false_positives": 2, "ties": 0,
    }  # fmt: skip
    assert (answer["min_margin"], answer["wrong_per_size"]) == ("-1/4", [0, 0, 2])
    again = shell("recheck", "wrong.claim.json", "wrong.certificate.json", "--json")
    assert (again.code, again.answer["status"], again.answer["answer"]) == (0, "REFUTED", "VERIFIED")


def test_counterexample_alone_covers_one_input_and_counts_nothing(shell: Shell) -> None:
    answer = shell.verify("wrong.npz", "--json").answer
    assert (answer["status"], answer["inputs_covered"], answer["inputs_claimed"]) == ("REFUTED", 1, 7)
    assert answer["wrong_inputs"] is answer["ties"] is answer["min_margin"] is None


def test_people_see_the_counterexample_and_how_to_check_it(shell: Shell) -> None:
    run = shell.verify("wrong.npz")
    assert run.code == 1
    assert run.out.startswith("REFUTED  2 ANDs: ")
    assert "counterexample: active inputs 0, 1\n" in run.out
    assert run.out.splitlines()[-3].split() == ["1", "y1", "AND", "y2", "at", "most", "1/2", "3/4"]
    assert run.out.endswith("supverify recheck wrong.claim.json wrong.certificate.json\n")
    assert run.err == ""


def test_kernel_alone_checks_the_files(shell: Shell) -> None:
    shell.verify("good.npz")
    command = [sys.executable, "-S", "-m", "supverify.kernel", "good.claim.json", "good.certificate.json"]
    done = subprocess.run(command, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout.splitlines()[-1]) == (0, "VERIFIED")


USUAL = {"kind": "readout", "threshold": "1/2", "slack": "0", "strict": True}
OPTIONS: list[tuple[list[str], str, int, dict[str, object]]] = [
    (["--threshold", "3/4", "--strict"], "PROVED", 0, {"threshold": "3/4"}),
    (["--threshold", "1", "--strict"], "REFUTED", 1, {"threshold": "1"}),
    (["--threshold", "1", "--non-strict"], "PROVED", 0, {"threshold": "1", "strict": False}),
    (["--criterion", "separated", "--slack", "1/2"], "PROVED", 0, {"kind": "separated", "slack": "1/2"}),
    (["--criterion", "separated", "--slack", "51/100"], "REFUTED", 1, {"kind": "separated", "slack": "51/100"}),
    (["--criterion", "linear", "--slack", "1"], "PROVED", 0, {"kind": "linear", "slack": "1"}),
    (["--criterion", "linear", "--slack", "1/2"], "REFUTED", 1, {"kind": "linear", "slack": "1/2"}),
    (["--criterion", "code"], "REFUTED", 1, {"kind": "code"}),
    (["--mode", "exactly"], "PROVED", 0, {}),
    (["--seconds", "1e-9"], "UNKNOWN", 2, {}),
]


@pytest.mark.parametrize(("options", "status", "code", "said"), OPTIONS, ids=[" ".join(case[0]) for case in OPTIONS])
def test_options_reach_the_claim(
    options: list[str], status: str, code: int, said: dict[str, object], shell: Shell
) -> None:
    run = shell.verify("good.npz", "--json", *options)
    assert (run.answer["status"], run.code) == (status, code)
    claim = json.loads(Path(run.answer["claim"]).read_text("utf-8"))
    assert claim["criterion"] == USUAL | said
    assert claim["mode"] == ("exactly" if "--mode" in options else "at-most")


def test_unknown_leaves_no_certificate(shell: Shell) -> None:
    before = shell.names()
    run = shell.verify("good.npz", "--seconds", "1e-9", "--json")
    assert (run.code, run.answer["certificate"], run.answer["inputs_covered"]) == (2, None, 0)
    assert shell.names() - before == {"good.claim.json"}
    assert "UNKNOWN  2 ANDs" in shell.verify("good.npz", "--seconds", "1e-9").out


def test_certificate_goes_where_it_is_wanted(shell: Shell) -> None:
    (shell.folder / "out").mkdir()
    answer = shell.verify("good.npz", "--certificate", "out/a.json", "--json").answer
    assert (answer["claim"], answer["certificate"]) == ("out/a.claim.json", "out/a.json")
    for k in (1, 2):
        shell.verify("good.npz", "--certificate", f"out/k{k}.certificate.json", k=k)
    for k in (1, 2):
        run = shell("recheck", f"out/k{k}.claim.json", f"out/k{k}.certificate.json")
        assert (run.code, len(list(Path("out").iterdir()))) == (0, 6)


def test_verdict_of_oracles_needs_their_permission(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "REPLAY_LIMIT", 0)
    options = ("--engines", "enumerate", "--json")
    by_oracle = shell.verify("good.npz", *options)
    assert (by_oracle.code, by_oracle.answer["oracles"]) == (0, ["enumeration"])
    assert by_oracle.answer["certificate"] is None
    assert shell.verify("good.npz", *options, "--permit", "z3,enumeration").code == 0
    for names in ("z3", ""):
        run = shell.verify("good.npz", *options, "--permit", names)
        assert (run.code, run.answer["status"], run.answer["oracles"]) == (2, "UNKNOWN", [])
        assert (run.answer["inputs_covered"], run.answer["wrong_inputs"]) == (0, None)
        assert run.answer["reason"] == "PROVED only by enumeration, which is not permitted"


def test_evidence_read_by_an_oracle_that_is_not_permitted_is_not_called_checked(
    shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    fast = Verdict(status=Status.PROVED, oracles=frozenset({"fast-check"}))
    monkeypatch.setattr(searching, "_recheck", lambda *_: fast)
    assert "checked by a fast reading; by the kernel: supverify recheck good" in shell.verify("good.npz").out
    run = shell.verify("good.npz", "--permit", "")
    assert (run.code, "PROVED only by fast-check" in run.out) == (2, True)
    assert run.out.endswith("\nby the kernel: supverify recheck good.claim.json good.certificate.json\n")


def test_permission_does_not_matter_to_the_kernel(shell: Shell) -> None:
    assert shell.verify("good.npz", "--permit", "").code == 0


def test_the_file_is_believed_and_not_the_engine(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    def write_another(path: Path, certificate: Certificate) -> None:
        shell.write(
            path.name, json.dumps({"claim": certificate.claim, "evidence": "W 1", "format": certificate.format})
        )

    monkeypatch.setattr(evidence, "write_certificate", write_another)
    assert "witness [1]: expected a wrong output" in refused(shell.verify("good.npz"), 2)


@dataclass(frozen=True)
class Liar:
    """An engine that says something about every claim."""

    name: str
    status: Status
    error: type[BaseException] | None = None

    def run(self, claim: Claim, *, seconds: float | None, progress: Progress | None) -> Answer:
        if self.error:
            raise self.error
        return Answer(engine=self.name, status=self.status, counterexample=None)


def test_contradiction_gives_no_verdict(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(searching.ENGINES, "liar", Liar("liar", Status.REFUTED))
    before = shell.names()
    run = shell.verify("good.npz", "--engines", "branch,liar")
    assert "no verdict, for this is a bug in supverify: branch: PROVED" in refused(run, 2)
    assert shell.names() == before


def test_interrupted(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(searching.ENGINES, "slow", Liar("slow", Status.UNKNOWN, KeyboardInterrupt))
    before = shell.names()
    run = shell.verify("good.npz", "--engines", "slow")
    assert (run.code, run.out, run.err.strip()) == (130, "", "supverify: interrupted")
    assert shell.names() == before


NOT_VERIFIED = {
    "of another network": ("good.claim.json", "wrong.certificate.json", "certificate.claim: expected"),
    "of another network, claim": ("wrong.claim.json", "good.certificate.json", "certificate.claim: expected"),
    "exchanged": ("good.certificate.json", "good.claim.json", "good.certificate.json: expected the claim first"),
    "no JSON": ("good.npz", "good.certificate.json", "claim: expected JSON"),
}


@pytest.mark.parametrize(("claim", "certificate", "reason"), NOT_VERIFIED.values(), ids=NOT_VERIFIED)
def test_not_verified(claim: str, certificate: str, reason: str, shell: Shell) -> None:
    shell.verify("good.npz")
    shell.verify("wrong.npz")
    run = shell("recheck", claim, certificate)
    assert (run.code, run.err) == (1, "")
    assert reason in run.out
    assert run.out.splitlines()[-1] == "NOT VERIFIED"
    answer = shell("recheck", claim, certificate, "--json").answer
    assert (answer["answer"], answer["status"]) == ("NOT VERIFIED", "UNKNOWN")


def test_truncated_certificate_is_never_verified(shell: Shell) -> None:
    shell.verify("good.npz")
    whole = (shell.folder / "good.certificate.json").read_text("utf-8").rstrip()
    for length in range(len(whole)):
        shell.write("cut.json", whole[:length])
        assert shell("recheck", "good.claim.json", "cut.json").code == 1
    evidence = json.loads(whole)
    steps = evidence["evidence"].split(" ")
    for length in range(len(steps)):
        shell.write("cut.json", json.dumps(evidence | {"evidence": " ".join(steps[:length])}))
        run = shell("recheck", "good.claim.json", "cut.json")
        assert (run.code, run.out.splitlines()[-1]) == (1, "NOT VERIFIED")


class Screen(io.StringIO):
    """A standard error that somebody looks at."""

    def isatty(self) -> bool:
        return True


def test_progress_is_drawn_only_where_somebody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm")
    screen = Screen()
    monkeypatch.setattr(sys, "stderr", screen)
    with terminal.progress_bar(wanted=False) as tell:
        assert tell is None
    with terminal.progress_bar(wanted=True) as tell:
        assert tell is not None
        tell("counting", 1, 3)
        tell("counting", 3, 3)
    assert "counting" in screen.getvalue()
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    with terminal.progress_bar(wanted=True) as tell:
        assert tell is None


def test_what_is_printed_is_not_taken_for_markup(capsys: pytest.CaptureFixture[str]) -> None:
    terminal.line("[red]a[/red] :smile:")
    terminal.table(["[b]"], [["[/b]"]])
    assert capsys.readouterr().out.split() == ["[red]a[/red]", ":smile:", "[b]", "[/b]"]


def test_long_lists_are_cut_and_counted(shell: Shell) -> None:
    shell.network("none", W1=np.zeros((20, 3)), b1=np.ones(20))
    shell.write("many.txt", "0 1\n" * 19 + "1 2\n")
    run = shell("verify", "none.npz", "many.txt", "-k", "2", "--engines", "branch")
    assert (run.code, "... 20 wrong outputs in all\n" in run.out) == (1, True)
    answer = shell("verify", "none.npz", "many.txt", "-k", "2", "--engines", "branch", "--json").answer
    assert len(answer["wrong_outputs"]) == 20


def test_margins_of_five_thousand_digits_are_printed(shell: Shell) -> None:
    """Python itself refuses to print an integer of more than 4300 digits."""
    huge = int(1e300)
    deeper = {f"W{i}": [[huge, 0], [0, huge]] for i in range(2, 18)} | {f"b{i}": [0, 0] for i in range(2, 18)}
    shell.write("huge.json", json.dumps({"W1": [[1, 1, 0], [0, 1, 1]], "b1": [0, -1], **deeper}))
    run = shell.verify("huge.json", "--engines", "enumerate", "--json")
    assert (run.code, run.answer["counterexample"]) == (1, [0])
    digits = run.answer["min_margin"]
    assert (len(digits), digits[:2], digits[-2:]) == (4804, "-2", "/2")
    wrong = run.answer["wrong_outputs"][0]["got"]
    assert (len(wrong), wrong[0]) == (4801, "1")
    shown = shell.verify("huge.json", "--engines", "enumerate").out
    assert "4,804characters;allwith--json" in "".join(shown.replace("(", "").split())


def test_who_has_read_the_evidence_is_said() -> None:
    assert evidence.checked(()) == "checked by the kernel; again"
    assert evidence.checked(("fast-check", "z3")) == "checked by a fast reading; by the kernel"
