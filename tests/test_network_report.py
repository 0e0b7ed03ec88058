"""The report of a user's own network: what it says, in every form, and how it is checked again."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from pages import STYLE, Page, markdown_tables, with_head, without_timings
from shell import ROOT, Run, Shell, refused

import supverify
from supverify.gathering import network_report
from supverify.kernel.network import Layer, Network, evaluate
from supverify.report.document import Badge, Code, Command, Document, Pairs, Paragraph, Section, Table
from supverify.report.document_typst import to_pdf, to_typst
from supverify.report.model import Measured
from supverify.report.replay import replay
from supverify.report.schema.__main__ import FILES
from supverify.report.wording_network import shape, trust

searching = import_module("supverify.engines.verify")
SCHEMAS = ROOT / "supverify" / "report" / "schema"
FOLDER = Path("out")


@pytest.fixture
def undrawn(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reports without pictures, which take most of the time."""
    monkeypatch.setattr(network_report, "draw", lambda data: ())


def report(shell: Shell, network: str, *arguments: object) -> Run:
    """By enumeration only, unless the arguments say otherwise."""
    engines = () if "--engines" in arguments else ("--engines", "enumerate")
    chosen = ("--network", network, "--problem", "ands.json", "-k", 2, "--output", FOLDER)
    return shell("report", *chosen, *engines, *arguments)


def contents(folder: Path = FOLDER) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def told() -> dict[str, Any]:
    value = json.loads((FOLDER / "report.json").read_text("utf-8"))
    assert isinstance(value, dict)
    return value


def page() -> Page:
    return Page((FOLDER / "index.html").read_text("utf-8"))


def texts() -> tuple[str, str]:
    return (FOLDER / "index.html").read_text("utf-8"), (FOLDER / "report.md").read_text("utf-8")


@pytest.mark.parametrize(
    ("network", "status", "code", "arguments"),
    [
        ("good.npz", "PROVED", 0, ("--engines", "enumerate,smt,branch")),
        ("wrong.npz", "REFUTED", 1, ("--largest-k", "--bernoulli", "1/3")),
        ("good.npz", "UNKNOWN", 2, ("--engines", "contract")),
        ("wrong.npz", "REFUTED", 1, ("--arithmetic", "exact", "--arithmetic", "float32")),
    ],
)
def test_a_verdict_becomes_a_page(
    network: str, status: str, code: int, arguments: tuple[str, ...], shell: Shell
) -> None:
    run = report(shell, network, *arguments)
    assert (run.code, run.err) == (code, "")
    assert run.out.startswith(f"{status}  2 ANDs: ")
    assert run.out.splitlines()[-1] == "out/index.html"
    found, (text, markdown) = page(), texts()
    assert found.open == []
    assert f'<div class="answer {status}" id="verdict">' in text
    assert f"{status}.**" in markdown.splitlines()[2]
    assert told()["claim"]["status"] == status
    levels = [int(tag[1]) for tag, _ in found.all("h1", "h2", "h3")]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))
    assert [tag for tag, _ in found.all("header", "nav", "main", "footer")] == ["header", "nav", "main", "footer"]
    assert all(attributes.get("scope") for _, attributes in found.all("th"))
    ids = [attributes["id"] for _, attributes in found.tags if "id" in attributes]
    links = [str(attributes["href"]) for _, attributes in found.all("a")]
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in links} <= set(ids)


def test_the_page_needs_nothing_else(shell: Shell) -> None:
    report(shell, "wrong.npz")
    found = page()
    assert not found.all("script", "link", "img", "iframe")
    assert "url(" not in STYLE.read_text("utf-8")
    drawings = [attributes for _, attributes in found.tags if attributes.get("role") == "img"]
    assert drawings
    assert all(attributes.get("aria-label") for attributes in drawings)


@pytest.mark.usefixtures("undrawn")
def test_what_the_verdict_rests_on_and_how_to_check_it_come_first(shell: Shell) -> None:
    report(shell, "good.npz")
    for text, places in zip(
        texts(),
        (
            ('id="verdict"', 'id="basis"', 'id="again"', 'id="counts"'),
            ("PROVED.**", "## What the verdict rests on", "## How to check it again", "## Counts"),
        ),
        strict=True,
    ):
        found = [text.index(place) for place in places]
        assert found == sorted(found)
        assert "nothing is rounded" in text


def command(markdown: str) -> list[str]:
    """The command that the report names, its first."""
    lines = re.findall(r"```sh\n(.*)\n```", markdown)
    assert lines[0].startswith("supverify recheck ")
    return str(lines[0]).split()[1:]


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(("network", "status"), [("good.npz", "PROVED"), ("wrong.npz", "REFUTED")])
def test_one_command_checks_it_again(network: str, status: str, shell: Shell) -> None:
    report(shell, network)
    html, markdown = texts()
    verb, *files = command(markdown)
    assert f"<code>supverify {verb} {' '.join(files)}</code>" in html
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    for program in (["-m", "supverify", verb], ["-S", "-m", "supverify.kernel"]):
        done = subprocess.run(
            [sys.executable, *program, *files], cwd=FOLDER, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.startswith(f"{status}: ")
        assert done.stdout.splitlines()[-1] == "VERIFIED"


@pytest.mark.usefixtures("undrawn")
def test_numbers_are_the_same_in_every_form(shell: Shell) -> None:
    report(shell, "wrong.npz", "--bernoulli", "1/3", "--largest-k")
    data, (_, markdown) = told(), texts()
    counts, kinds = data["claim"]["counts"], data["kinds"]
    numbers = {
        "inputs that the claim speaks of": data["question"]["claimed"],
        "of them decided": data["claim"]["covered"],
        "wrong inputs": counts["wrong_inputs"],
        "wrong outputs, over all inputs": counts["wrong_entries"],
        "of them true, and should be false": kinds["false_positives"],
        "of them false, and should be true": kinds["false_negatives"],
        "outputs at the threshold": counts["ties"],
        "smallest margin": counts["min_margin"],
    }
    sizes = [
        [str(size), n, str(wrong)] for size, n, wrong in zip(range(3), "133", counts["wrong_per_size"], strict=True)
    ]
    gates = [
        [
            str(gate["output"]),
            gate["computes"],
            str(gate["wrong_inputs"]),
            f"{{{', '.join(map(str, gate['first']))}}}",
        ]
        for gate in data["failing_gates"]
    ]
    for tables in (page().tables, markdown_tables(markdown)):
        assert with_head(tables, "What", "Number")[1:] == [[name, str(value)] for name, value in numbers.items()]
        assert with_head(tables, "Active", "Inputs", "Wrong")[1:] == sizes
        assert with_head(tables, "Output", "Computes", "Wrong inputs")[1:] == gates
        assert [row[:2] for row in with_head(tables, "Inputs", "About")[1:]] == [
            [error["inputs"], error["about"]] for error in data["error_probabilities"]
        ]
    assert (counts["wrong_inputs"], gates[0][:2]) == (2, ["1", "y1 AND y2"])
    assert [[row[0] for row in table] for table in page().tables] == [
        [row[0].replace("\\", "").strip("`*") for row in table] for table in markdown_tables(markdown)
    ]


@pytest.mark.usefixtures("undrawn")
def test_long_numbers_are_shortened_and_whole_in_the_json(shell: Shell) -> None:
    report(shell, "wrong.npz", "--bernoulli", f"1/{10**60 + 7}")
    error = told()["error_probabilities"][-1]
    assert len(error["lower"]) > 100
    for text in texts():
        assert error["lower"] not in text
        assert "all in report.json" in text
        assert "--json" not in text


@pytest.mark.usefixtures("undrawn")
def test_the_counterexample_is_replayed_exactly(shell: Shell) -> None:
    report(shell, "wrong.npz")
    data = told()
    assert data["claim"]["counterexample"] == [0, 1]
    assert data["wrong_outputs"] == [{"output": 1, "computes": "y1 AND y2", "expected": "at most 1/2", "got": "3/4"}]
    assert data["replay"] == [
        {
            "layer": 1,
            "units": 2,
            "relu": False,
            "on": 2,
            "feeding": 1,
            "shown": [
                {
                    "unit": 1,
                    "terms": [
                        {"source": 1, "weight": "1", "value": "1"},
                        {"source": 0, "weight": "3/4", "value": "1"},
                    ],
                    "more": 0,
                    "bias": "-1",
                    "total": "3/4",
                    "value": "3/4",
                }
            ],
        }
    ]
    for text in texts():
        assert "1 · y1 + 3/4 · y0 - 1 (bias) = 3/4" in text


def deep() -> Network:
    """Three layers, the numbers of layer l multiplied by 2, 4 and 12."""
    first = Layer(((0, 1), (1, 2), (0, 2)), ((2, 3), (-2, 5), (1, 1)), (-1, 0, -8), True)
    second = Layer(((0, 1), (0, 1, 2)), ((2, 2), (2, -6, 1)), (0, 4), True)
    return Network(3, (first, second, Layer(((0, 1),), ((3, -3),), (1,), False)), 12)


def test_a_replay_adds_up() -> None:
    network, scales = deep(), (2, 4, 12)
    for active in ((), (0,), (1,), (0, 1), (1, 2), (0, 1, 2)):
        layers = replay(network, active, [0], scales=scales)
        [last] = layers[-1].shown
        assert Fraction(last.total) == Fraction(evaluate(network, active)[0], 12)
        values = {unit.unit: unit.value for unit in layers[0].shown}
        for layer in layers:
            assert layer.feeding >= len(layer.shown)
            for unit in layer.shown:
                products = (Fraction(term.weight) * Fraction(term.value) for term in unit.terms)
                assert sum(products, Fraction(unit.bias)) == Fraction(unit.total)
                assert unit.more == 0
                assert Fraction(unit.value) == (max(0, Fraction(unit.total)) if layer.relu else Fraction(unit.total))
        for unit in layers[1].shown:
            assert {term.source: term.value for term in unit.terms}.items() <= values.items()


@pytest.mark.parametrize("name", sorted(FILES))
def test_the_committed_schema_is_that_of_the_dataclasses(name: str) -> None:
    assert (SCHEMAS / name).read_text("utf-8") == FILES[name](), "python -m supverify.report.schema writes it"


def schema(name: str) -> Any:
    return json.loads((SCHEMAS / f"{name}_report.schema.json").read_text("utf-8"))


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("arguments", [(), ("--largest-k", "--bernoulli", "1/3", "--arithmetic", "float32")])
@pytest.mark.parametrize("network", ["good.npz", "wrong.npz"])
def test_the_json_is_what_its_schema_says(network: str, arguments: tuple[str, ...], shell: Shell) -> None:
    report(shell, network, *arguments)
    jsonschema.Draft202012Validator.check_schema(schema("network"))
    jsonschema.validate(told(), schema("network"))
    for damage in ({"claim": None}, {"shape": {**told()["shape"], "neurons": "3"}}, {"more": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate({**told(), **damage}, schema("network"))


def test_the_papers_json_is_what_its_schema_says() -> None:
    committed = json.loads((ROOT / "reports" / "paper" / "report.json").read_text("utf-8"))
    jsonschema.validate(committed, schema("paper"))
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({**committed, "results": [{}]}, schema("paper"))


@pytest.mark.slow
def test_the_same_inputs_give_the_same_bytes(shell: Shell) -> None:
    report(shell, "wrong.npz", "--bernoulli", "1/3")
    first = without_timings(contents())
    (shell.folder / "elsewhere").mkdir()
    (shell.folder / "wrong.npz").rename("elsewhere/wrong.npz")
    report(shell, "elsewhere/wrong.npz", "--bernoulli", "1/3", "--jobs", "1")
    assert without_timings(contents()) == first
    report(shell, "good.npz", "--bernoulli", "1/3")
    assert without_timings(contents()) != first


@pytest.mark.usefixtures("undrawn")
def test_the_whole_report_again(shell: Shell) -> None:
    run = report(
        shell, "wrong.npz", "--engines", "branch,smt", "--non-strict", "--threshold", "2/3", "--seconds", "50"
    )
    again = told()["again"]
    assert again == (
        "supverify report --network wrong.npz --problem ands.json -k 2 --threshold 2/3 --non-strict "
        "--engines branch,smt --seconds 50"
    )
    first = without_timings(contents())
    assert shell(*again.split()[1:], "--output", FOLDER).code == run.code
    assert without_timings(contents()) == first


HOSTILE = "<script>alert(1)</script> `x` [y](z) $a$ & 'b' *c* \"d\"| e.npz".replace("/", "_")


def test_without_matplotlib_words_stand_for_the_pictures(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    run = report(shell, "wrong.npz")
    assert run.code == 1
    assert run.err.startswith("supverify: matplotlib is not installed (extra: plots)")
    drawings = told()["drawings"]
    assert drawings
    assert {drawing["path"] for drawing in drawings} == {None}
    for text in texts():
        assert text.count("not drawn, for matplotlib is not installed") == len(drawings)
    assert not (FOLDER / "drawings").exists()


def test_names_that_are_no_text_are_shown(shell: Shell) -> None:
    name, problem, sidecar = os.fsdecode(b"n\xff\n\x1b.npz"), "a$b_{c}<x>&.txt", os.fsdecode(b"\xfe.json")
    (shell.folder / "wrong.npz").rename(name)
    (shell.folder / "ands.txt").rename(problem)
    shell.write(sidecar, '{"threshold": "1/2"}')
    chosen = ("--network", name, "--problem", problem, "-k", 2, "--sidecar", sidecar, "--output", FOLDER)
    assert shell("report", *chosen, "--engines", "branch", "--pdf").code == 1
    data = told()
    assert (data["question"]["network"], data["question"]["problem"]) == ("n\ufffd\ufffd\ufffd.npz", problem)
    assert data["reading"]["sidecar"] == "\ufffd.json"
    assert page().open == []


@pytest.mark.usefixtures("undrawn")
def test_hostile_names_stay_text(shell: Shell) -> None:
    (shell.folder / "wrong.npz").rename(HOSTILE)
    assert report(shell, HOSTILE).code == 1
    html, markdown = texts()
    assert "<script" not in html
    assert "&lt;script&gt;alert(1)" in html
    assert page().open == []
    assert "<script" not in re.sub(r"(?s)```sh.*?```|``.*?``", "", markdown).replace("\\<", "")
    assert "\\<script\\>alert(1)" in markdown
    assert "\\[y\\](z) \\$a\\$" in markdown
    assert told()["question"]["network"] == HOSTILE


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize(
    ("arguments", "line"),
    [
        (("--network", "none.npz"), "Missing option '--problem'"),
        (("--network", "good.npz", "--problem", "ands.json"), "Missing option '-k'"),
        (("--problem", "ands.json"), "Option '--problem' needs --network FILE"),
        (("-k", "2"), "Option '-k' needs --network FILE"),
        (("--arithmetic", "float32"), "Option '--arithmetic' needs --network FILE"),
        (
            ("--network", "good.npz", "--problem", "ands.json", "-k", "2", "--proofs", "x"),
            "Option '--proofs' is about the report of the paper",
        ),
        (("--network", "ands.txt", "--problem", "ands.json", "-k", "2"), "ands.txt: expected a network"),
        (("--network", "good.npz", "--problem", "ands.json", "-k", "9"), "claim.k: expected 0 <= k <= 3"),
        (
            ("--network", "good.npz", "--problem", "ands.json", "-k", "2", "--bernoulli", "3/2"),
            "bernoulli: expected a probability",
        ),
        (("--network", "good.npz", "--problem", "ands.json", "-k", "2", "--output", "."), ".: expected a new folder"),
        (
            ("--network", "good.npz", "--problem", "ands.json", "-k", "2", "--output", "ands.json"),
            "ands.json: expected a new folder",
        ),
    ],
)
def test_what_cannot_be_done_is_one_line_and_leaves_nothing(
    arguments: tuple[str, ...], line: str, shell: Shell
) -> None:
    before = shell.names()
    assert refused(shell("report", *arguments)).startswith(line)
    assert shell.names() == before


@pytest.mark.usefixtures("undrawn")
def test_a_report_replaces_one_of_its_kind_only(shell: Shell) -> None:
    report(shell, "good.npz")
    assert report(shell, "wrong.npz").code == 1
    assert told()["claim"]["status"] == "REFUTED"
    data = told()
    (FOLDER / "report.json").write_text(json.dumps({**data, "format": "supverify-report-1"}), "utf-8")
    kept = contents()
    assert "an earlier report" in refused(report(shell, "good.npz"))
    assert contents() == kept


@pytest.mark.usefixtures("undrawn")
def test_the_folder_of_what_was_read_is_not_replaced(shell: Shell) -> None:
    report(shell, "good.npz")
    (shell.folder / "wrong.npz").rename(FOLDER / "wrong.npz")
    kept = contents()
    assert "another folder than one with a file that was read" in refused(report(shell, "out/wrong.npz"))
    assert contents() == kept


@pytest.mark.usefixtures("undrawn")
def test_a_pdf_says_the_same(shell: Shell) -> None:
    """The same verdict gives the same bytes: nothing of the machine is in it."""
    (shell.folder / "wrong.npz").rename(HOSTILE)
    report(shell, HOSTILE, "--pdf")
    first = (FOLDER / "report.pdf").read_bytes()
    assert first.startswith(b"%PDF-")
    report(shell, HOSTILE, "--pdf")
    assert (FOLDER / "report.pdf").read_bytes() == first
    (shell.folder / HOSTILE).rename("other.npz")
    report(shell, "other.npz", "--pdf")
    assert (FOLDER / "report.pdf").read_bytes() != first


def test_typst_is_given_strings_only() -> None:
    hostile = '" #import "x": * \\ $a$ [b] // c\n@d'
    said = Document(
        title=hostile,
        status="PROVED",
        mark="+",
        answer=hostile,
        plain=hostile,
        sections=(
            Section(
                "a",
                hostile,
                (
                    Paragraph((hostile, Code(hostile), Badge(hostile))),
                    Table(caption=hostile, headings=(hostile, "b"), rows=((hostile, Code(hostile)),)),
                    Pairs(((hostile, (hostile,)),)),
                    Command(hostile),
                ),
            ),
        ),
        made=(hostile,),
        measured=Measured(),
    )
    body = to_typst(said).partition("#show: body")[2]
    outside = re.sub(r'"(?:[^"\\]|\\.)*"', "", body)
    assert not re.search(r"import|\$|//|@", outside)
    assert to_pdf(said).startswith(b"%PDF-")


@pytest.mark.usefixtures("undrawn")
def test_a_pdf_needs_its_package(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("supverify.commands.reports.find_spec", lambda name: None)
    before = shell.names()
    assert "--pdf: expected typst, which the extra pdf installs" in refused(report(shell, "good.npz", "--pdf"))
    assert shell.names() == before


@pytest.mark.usefixtures("undrawn")
def test_the_answer_as_json(shell: Shell) -> None:
    answer = report(shell, "good.npz", "--json").answer
    assert set(answer) == {"page", "status", "reason"}
    assert (answer["page"], answer["status"]) == ("out/index.html", "PROVED")


@pytest.mark.usefixtures("undrawn")
def test_the_default_folder_is_named_after_the_network(shell: Shell) -> None:
    run = shell("report", "--network", "good.npz", "--problem", "ands.json", "-k", 2)
    assert run.out.splitlines()[-1] == "reports/good/index.html"


@pytest.mark.usefixtures("undrawn")
def test_it_says_in_which_arithmetic_the_network_is_wrong(shell: Shell) -> None:
    report(shell, "wrong.npz", "--arithmetic", "float32", "--arithmetic", "exact")
    assert all("No, in ieee(float32, bias-last) and over the real numbers." in text for text in texts())
    weights = np.array([[2**24, 1, 0], [0, 1, 1]], np.float32)
    shell.network("lost", W1=weights, b1=np.array([-(2**24), -1], np.float32))
    report(shell, "lost.npz", "--arithmetic", "float32")
    data = told()
    assert (data["exact_status"], data["claim"]["status"]) == ("PROVED", "REFUTED")
    for text in texts():
        assert "No, in ieee(float32, bias-last)." in text
        assert "about the real numbers, over which the verdict is PROVED" in text


@pytest.mark.usefixtures("undrawn")
def test_in_python_it_is_a_function(shell: Shell) -> None:
    (shell.folder / "wrong.npz").rename("<b>.npz")
    found = supverify.report_network("<b>.npz", "ands.json", k=2, folder=FOLDER)
    told_by_python = told()
    shown = found._repr_html_()
    assert "Does &lt;b&gt;.npz compute the 2 ANDs of ands.json" in shown
    assert "<th style='text-align:left'>REFUTED</th>" in shown
    assert shell("report", "--network", "<b>.npz", "--problem", "ands.json", "-k", 2, "--output", FOLDER).code == 1
    told_by_verb = told()
    own = {"timings": None, "again": ""}
    assert {**told_by_python, **own} == {**told_by_verb, **own}
    with pytest.raises(supverify.Malformed, match="a new folder, an empty one or an earlier report"):
        supverify.report_network("ands.json", "ands.json", k=2, folder=".")


@pytest.mark.usefixtures("undrawn")
def test_a_verdict_that_is_not_permitted_is_none(shell: Shell) -> None:
    run = report(shell, "good.npz", "--arithmetic", "float32", "--permit", "z3")
    assert run.code == 2
    data, (html, _) = told(), texts()
    assert (data["claim"]["status"], data["exact_status"]) == ("UNKNOWN", "PROVED")
    assert "which is not permitted" in html
    assert "To decide it" in html
    assert "proves nothing" not in html  # over the real numbers it is proved


@pytest.mark.usefixtures("undrawn")
def test_nor_has_it_a_counterexample_or_a_part_that_is_not_permitted(shell: Shell) -> None:
    weights = np.array([[2**24, 1, 0], [0, 1, 1]], np.float32)
    shell.network("lost", W1=weights, b1=np.array([-(2**24), -1], np.float32))
    assert report(shell, "lost.npz", "--arithmetic", "float32", "--permit", "").code == 2
    data = told()
    assert (data["claim"]["status"], data["exact_status"]) == ("UNKNOWN", "PROVED")
    assert (data["claim"]["counterexample"], data["wrong_outputs"], data["replay"]) == (None, [], [])
    floats = data["arithmetic"][1]
    assert (floats["status"], floats["counterexample"], floats["refuted_in"]) == ("UNKNOWN", None, None)
    assert floats["reason"] == "REFUTED only by ieee, which is not permitted"


@pytest.mark.usefixtures("undrawn")
def test_nor_is_the_one_over_the_real_numbers(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(searching, "REPLAY_LIMIT", 0)
    for arithmetic in ("exact", "any-order:float32"):
        assert report(shell, "good.npz", "--arithmetic", arithmetic, "--permit", "rounding").code == 2
        data = told()
        assert (data["exact_status"], data["claim"]["status"]) == ("UNKNOWN", "UNKNOWN")
        assert data["exact_reason"] == "PROVED only by enumeration, which is not permitted"
        assert all(part["status"] == "UNKNOWN" for part in data["arithmetic"])


@pytest.mark.usefixtures("undrawn")
@pytest.mark.parametrize("oracles", [("fast-check",), ("fast-check", "rounding"), ("rounding",)])
def test_every_oracle_is_named_where_trust_is_told(oracles: tuple[str, ...], shell: Shell) -> None:
    found = supverify.report_network("good.npz", "ands.json", k=2)
    said = trust(replace(found, claim=replace(found.claim, oracles=oracles)))
    assert all(oracle in said for oracle in oracles)


@pytest.mark.usefixtures("undrawn")
def test_the_kernel_is_no_witness_of_floating_point(shell: Shell) -> None:
    weights = np.array([[2**24, 1, 0], [0, 1, 1]], np.float32)
    shell.network("lost", W1=weights, b1=np.array([-(2**24), -1], np.float32))
    report(shell, "lost.npz", "--arithmetic", "float32")
    for text in texts():
        assert "It relies on ieee; what the kernel has read is about the real numbers alone." in text
        assert "beside the kernel" not in text


@pytest.mark.usefixtures("undrawn")
def test_a_network_without_a_relu_has_no_widest_relu_layer(shell: Shell) -> None:
    shell.network("linear", W1=[[1, 1, 0], [0, 1, 1]], b1=[-1, -1])
    shell.network("units", W1=[[1, 1, 0], [0, 1, 1]], b1=[-1, -1], W2=[[1, 0], [0, 1]], b2=[0, 0])
    linear, units = (supverify.report_network(f"{name}.npz", "ands.json", k=2) for name in ("linear", "units"))
    assert "layers 3 → 2, none with a ReLU, the widest of 2 neurons;" in shape(linear)
    assert "layers 3 → 2 → 2, the widest ReLU layer of 2 neurons;" in shape(units)
