"""The command line: networks built, problems classified, reports written."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from shell import ROOT, Shell, refused

from supverify.building import construction
from supverify.files import write_network
from supverify.gathering import paper
from supverify.kernel.claim import TwoAnd
from supverify.models import build
from supverify.models.compact import network as compact_network
from supverify.models.compact.network import build_compact
from supverify.models.construction import Construction

BUILT = {"net.npz", *(f"net.{kind}.{part}.json" for kind in ("code", "readout") for part in ("claim", "certificate"))}


def test_built_network_is_written_and_proved(shell: Shell) -> None:
    before = shell.names()
    run = shell("build", "ands.json", "-k", 2, "--seed", 1, "-o", "net.npz", "--json")
    answer = run.answer
    assert (run.code, run.err, answer["status"], answer["seed"]) == (0, "", "PROVED", 1)
    assert shell.names() - before == BUILT
    assert {"neurons", "layers", "parameters", "bits", "counting_floor"} <= set(answer)
    assert all(answer[key] > 0 for key in ("neurons", "layers", "parameters", "bits"))
    assert answer["entropy"] <= answer["bits"]
    assert {"code_bits", "readout_bits", "bits_ratio", "entropy_ratio", "paper"} <= set(answer)
    assert [(claim["criterion"], claim["status"], claim["oracles"]) for claim in answer["verified"]] == [
        ("code", "PROVED", []),
        ("readout", "PROVED", []),
    ]
    for claim in answer["verified"]:
        assert shell("recheck", claim["claim"], claim["certificate"]).code == 0
        again = shell.verify("net.npz", "--criterion", claim["criterion"])
        assert (again.code, Path("net.claim.json").read_bytes()) == (0, Path(claim["claim"]).read_bytes())


def test_what_was_written_is_verified(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    other = construction.network_file(build(TwoAnd(3, ((0, 1), (0, 2))), k=2))
    monkeypatch.setattr(construction, "write_network", lambda path, file: write_network(path, other))
    run = shell("build", "ands.json", "-k", 2, "-o", "net.npz", "--json")
    assert (run.code, run.answer["status"]) == (1, "REFUTED")


@pytest.mark.parametrize("variant", ["paper", "compact"])
def test_every_variant_is_built_and_proved(variant: str, shell: Shell) -> None:
    run = shell("build", "ands.json", "-k", 2, "--variant", variant, "-o", "net.npz", "--json")
    assert (run.code, run.answer["status"], run.answer["variant"]) == (0, "PROVED", variant)


def test_an_interrupted_search_keeps_the_best(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int | None] = []

    def interrupted(*arguments: Any, neurons: int | None = None, **options: Any) -> Construction:
        calls.append(neurons)
        if len(calls) > 2:
            raise KeyboardInterrupt
        return build_compact(*arguments, neurons=neurons, **options)

    monkeypatch.setattr(compact_network, "build_compact", interrupted)
    command = ("build", "random:M=64,seed=0", "-k", 2, "--minimise", "-o", "net.npz", "--json")
    run = shell(*command)
    assert (run.code, run.answer["status"], run.answer["minimised"]) == (0, "PROVED", True)
    assert run.answer["neurons"] == calls[1]


@pytest.mark.parametrize("asked", [("--variant", "paper"), ("--neurons", "40")])
def test_what_cannot_be_minimised_is_refused(asked: tuple[str, ...], shell: Shell) -> None:
    before = shell.names()
    run = shell("build", "random:M=64,seed=0", "-k", 2, "--minimise", *asked, "-o", "net.npz")
    assert "build: minimise" in refused(run)
    assert shell.names() == before


def test_variant_asked_for_is_named(shell: Shell) -> None:
    run = shell("build", "ands.json", "-k", 2, "--variant", "random", "-o", "net.npz", "--json")
    assert (run.code, run.answer["variant"], run.answer["minimised"]) == (0, "random", False)


def test_same_seed_builds_the_same_bytes(shell: Shell) -> None:
    contents = set()
    for seed in (5, 5, 6):
        assert shell("build", "ands.txt", "-k", 2, "--seed", seed, "-o", "net.npz").code == 0
        contents.add((shell.folder / "net.npz").read_bytes())
    assert len(contents) == 2


def test_people_see_the_size_of_what_was_built(shell: Shell) -> None:
    run = shell("build", "random:M=8,seed=3", "-k", 3, "-o", "net.npz")
    assert run.code == 0
    assert run.out.startswith("PROVED  net.npz: 8 outputs of 8 inputs, k = 3\n")
    assert "counting floor" in run.out
    assert run.out.endswith("supverify recheck net.readout.claim.json net.readout.certificate.json\n")


def test_without_matplotlib_no_plot_is_promised(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert "--plot: expected matplotlib" in refused(shell("classify", "star:M=20", "--plot", "graph.svg"))


def test_permutation_is_built(shell: Shell) -> None:
    assert shell("build", "permutation:m=6,seed=1", "-k", 2, "-o", "net.npz").code == 0


def test_network_of_another_problem_is_refuted(shell: Shell) -> None:
    shell("build", "ands.json", "-k", 2, "-o", "net.npz")
    shell.write("other.txt", "0 1\n0 2\n")
    run = shell("verify", "net.npz", "other.txt", "-k", 2, "--engines", "branch", "--json")
    assert (run.code, run.answer["status"]) == (1, "REFUTED")
    assert len(run.answer["counterexample"]) == 2


def test_classes_and_counting_facts(shell: Shell) -> None:
    run = shell("classify", "mixture:M=300,seed=1", "--json")
    answer = run.answer
    assert (run.code, run.err, answer["outputs"]) == (0, "", 300)
    for of, total in (("input", answer["inputs"]), ("output", 300)):
        members = [j for part in answer["classes"] if part["of"] == of for j in part["members"]]
        assert sorted(members) == list(range(total))
    assert answer["facts"]
    assert all(fact["holds"] for fact in answer["facts"])


def test_people_see_classes_and_a_warning(shell: Shell) -> None:
    run = shell("classify", "ands.json")
    assert run.code == 0
    assert run.out.startswith("ands.json: 3 inputs, 2 outputs, influence at most 2\n")
    assert "M = 2 < 16" in run.out
    assert "double-light" in run.out


def test_graph_is_drawn_and_exported(shell: Shell) -> None:
    pytest.importorskip("matplotlib")
    run = shell("classify", "ands.json", "--plot", "graph.svg", "--graphml", "graph.graphml", "--json")
    assert run.code == 0
    assert "<svg" in (shell.folder / "graph.svg").read_text("utf-8")
    assert (shell.folder / "graph.graphml").read_text("utf-8").count("<edge") == 4


@pytest.fixture
def small_report(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> Shell:
    """A folder with one derivation, and one problem to classify in place of the paper's instances."""
    instances = 'title = "Small"\n[[classify]]\nname = "ands"\nproblem = "random:M=20"\ndrawn = false\n'
    shell.write("instances.toml", instances)
    (shell.folder / "proofs").mkdir()
    shell.write("proofs/a.md", (ROOT / "tests" / "corpus" / "accept" / "z3-integers.md").read_text("utf-8"))
    monkeypatch.setattr(paper, "gather", partial(paper.gather, instances=Path("instances.toml")))
    return shell


def test_report_ends_with_its_path(small_report: Shell) -> None:
    run = small_report("report", "--output", "out/paper")
    assert (run.code, run.out, run.err) == (0, "out/paper/index.html\n", "")
    assert {"index.html", "report.md", "report.json"} <= {path.name for path in Path("out/paper").iterdir()}
    assert small_report("report", "--output", "out/paper", "--json").answer == {
        "page": "out/paper/index.html",
        "PROVED": 1,
        "REFUTED": 0,
        "UNKNOWN": 0,
    }


@pytest.mark.parametrize("output", [".", "ands.json", "ands.json/below"])
def test_report_replaces_nothing_else(output: str, small_report: Shell) -> None:
    before = small_report.names()
    assert f"{output}: expected a " in refused(small_report("report", "--output", output))
    assert small_report.names() == before
