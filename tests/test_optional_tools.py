"""Without an optional tool the paper's report is made all the same, and says what it leaves out, first of all."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import test_paper
from shell import ROOT, Shell

from supverify.gathering.optional_tools import missing_tools
from supverify.gathering.paper import gather
from supverify.report import Report, rendered

INSTANCES = test_paper.INSTANCES.rpartition("[[network]]")[0]  # a drawing and a network
CLAIMS = """
[[claim]]
id = "bits"
source = "a.txt"
place = "abstract"
statement = "log2(m!) ~ m*log2(m)"
"""
PACKAGES = {"python-flint": "flint", "matplotlib": "matplotlib", "numba": "numba"}
Forms = dict[str, str]


def made(folder: Path) -> tuple[Report, Forms]:
    """A report with a derivation that needs balls, a claim about growth, a drawing and a network."""
    derivation = (ROOT / "proofs" / "03-base-of-the-logarithm.md").read_text("utf-8")
    proofs, instances = test_paper.listed(folder, instances=INSTANCES, derivation=derivation)
    (proofs / "claims.toml").write_text(CLAIMS, "utf-8")
    report = gather(proofs=proofs, instances=instances)
    files = rendered(report)
    return report, {name: files[name].decode() for name in ("index.html", "report.md", "report.json")}


def without(monkeypatch: pytest.MonkeyPatch, *tools: str) -> None:
    for tool in tools:
        if tool == "coqc":
            monkeypatch.setenv("PATH", "/nowhere")
        else:
            monkeypatch.setitem(sys.modules, PACKAGES[tool], None)


def test_with_every_tool_nothing_is_said(tmp_path: Path) -> None:
    if list(missing_tools()):
        pytest.skip(f"not installed here: {[tool.name for tool in missing_tools()]}")
    report, forms = made(tmp_path)
    assert report.missing == ()
    assert report.derivations[0].status == "PROVED"
    assert all("not installed" not in text.replace("not installed |", "") for text in forms.values())


def test_without_flint_steps_are_holes_and_the_page_says_so_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "python-flint")
    report, forms = made(tmp_path)
    [derivation] = report.derivations
    outcomes = {step.rule: step.outcome for step in derivation.steps}
    assert outcomes["ball.inequality"] == "HOLE"
    assert derivation.status == "UNKNOWN"
    assert report.documents
    assert [claim.standing for claim in report.documents.claims] == ["OPEN"]
    for name, first_table in (("index.html", "<table"), ("report.md", "| Claims")):
        assert forms[name].index("python-flint is not installed (extra: arb)") < forms[name].index(first_table)
    assert {claim.status for entry in report.networks for claim in entry.claims} == {"PROVED"}


def test_without_matplotlib_nothing_is_drawn_and_the_page_says_so_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    without(monkeypatch, "matplotlib")
    report, forms = made(tmp_path)
    assert not any(path.endswith(".svg") for path in rendered(report))
    page = forms["index.html"]
    assert page.index("matplotlib is not installed (extra: plots)") < page.index("<table")


@pytest.mark.parametrize("tool", ["numba", "coqc"])
def test_what_changes_no_result_is_named_with_the_timings_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, tool: str
) -> None:
    without(monkeypatch, tool)
    _, forms = made(tmp_path)
    said = f"{tool} is not installed ("
    for name, last in (("index.html", 'id="timings"'), ("report.md", "## Timings")):
        assert forms[name].count(said) == 1
        assert forms[name].index(said) > forms[name].index(last)
    timings = json.loads(forms["report.json"])["timings"]
    assert tool in [missing["name"] for missing in timings["missing"]]


def test_the_terminal_names_them_before_any_work(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    without(monkeypatch, *PACKAGES, "coqc")
    shell.write("empty.md", "# No derivation")
    done = shell("report", "--proofs", ".")
    assert done.code == 3
    *lines, refusal = done.err.splitlines()
    assert [line.split()[1] for line in lines] == [*PACKAGES, "coqc"]
    assert all("is not installed" in line for line in lines)
    assert "empty.md" in refusal
