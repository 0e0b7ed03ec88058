"""The parts of a report: prose, formulas as drawings, plots, the instance list, and the folder it is written to."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markup import Reader
from report_samples import HOSTILE, report, star

from supverify.kernel.errors import Malformed
from supverify.report import read_instances, write_report
from supverify.report.instances import DEFAULT
from supverify.report.literate import passages
from supverify.report.pictures.canvas import INK, embedded
from supverify.report.pictures.influence import influence_graph, influence_histogram
from supverify.report.prose import prose
from supverify.report.render_html import to_html
from supverify.report.render_markdown import to_markdown
from supverify.report.typeset import Typesetter, picture
from supverify.report.verdicts import tallies


@pytest.mark.parametrize(
    ("text", "html"),
    {
        "one\ntwo": "<p>one\ntwo</p>",
        "one\n\ntwo": "<p>one</p>\n<p>two</p>",
        "## Head": "<h4>Head</h4>",
        "- a\n- b\n  c": "<ul><li>a</li><li>b\nc</li></ul>",
        "1. a\n2. b": "<ol><li>a</li><li>b</li></ol>",
        "*a* **b** `c*d*`": "<p><em>a</em> <strong>b</strong> <code>c*d*</code></p>",
        "**a *b***": "<p><strong>a *b</strong>*</p>",
        "```text\n<a>\n```": "<pre><code>&lt;a&gt;\n</code></pre>",
        "2 * 3 * 4": "<p>2 * 3 * 4</p>",
        "a_b_c": "<p>a_b_c</p>",
        "<b>x</b> & y": "<p>&lt;b&gt;x&lt;/b&gt; &amp; y</p>",
        "`<i>`": "<p><code>&lt;i&gt;</code></p>",
        "5$ left": "<p>5$ left</p>",
        "-\n- a": "<p>-\n- a</p>",
        "": "",
    }.items(),
)
def test_prose(text: str, html: str) -> None:
    assert prose(text, Typesetter()) == html


def test_formulas_in_prose_are_drawn_with_their_source_as_label() -> None:
    html = prose("for $m$: $$m^2 \\ge m$$", Typesetter())
    assert html.count('<svg class="formula" role="img"') == 2
    assert 'aria-label="m"' in html
    assert '<span class="display"><svg' in html
    assert "$" not in html


def test_labels_of_formulas_are_escaped() -> None:
    assert 'aria-label="a &quot;b &lt;c"' in prose('$a "b <c$', Typesetter())


@given(st.text(alphabet="ab*_$`<&- \n#1.|\\{}", max_size=60))
def test_prose_never_lets_markup_through(text: str) -> None:
    assert "<a" not in prose(text, Typesetter()).replace("<article", "")


@pytest.mark.parametrize("latex", [r"\frac{", "{", r"\binom{n}", ""])
def test_a_formula_that_cannot_be_set_is_shown_as_text(latex: str) -> None:
    assert picture(latex, display=False) is None
    assert Typesetter().formula(latex, text="<m>") == '<code class="formula">&lt;m&gt;</code>'


def test_glyphs_are_drawn_once() -> None:
    typesetter = Typesetter()
    first, second = typesetter.formula("m+m"), typesetter.formula("m+2")
    assert first.count("<use") == 3
    assert typesetter.definitions().count("<symbol") == len({"m", "+", "2"})
    assert "<symbol" not in first + second
    assert typesetter.formula("m+m") is first


def test_one_formula_may_stand_for_two_texts() -> None:
    typesetter = Typesetter()
    labels = [typesetter.formula("m^2", text=text) for text in (None, "m**2", "m*m")]
    assert ['aria-label="m^2"' in labels[0], 'aria-label="m**2"' in labels[1], 'aria-label="m*m"' in labels[2]] == [
        1
    ] * 3


def test_without_ziamath_formulas_are_text(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ziamath.zmath", None)
    page = to_html(report())
    assert '<code class="formula">m \\ge 1</code>' in page
    assert 'svg class="formula"' not in page


def test_without_matplotlib_a_sentence_stands_where_the_drawing_would_be(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    assert influence_graph(star()).svg is None
    assert to_html(report()).count("matplotlib is not installed") == 2
    assert to_markdown(report()).count("matplotlib is not installed") == 2


def test_drawings_are_the_same_bytes_every_time() -> None:
    for draw in (influence_graph, influence_histogram):
        first = draw(star()).svg
        assert first is not None
        assert first == draw(star()).svg
        assert first != draw(replace(star(), influence=(4, 1, 1, 1, 2), edges=star().edges[1:])).svg


def test_a_drawing_in_a_page_follows_the_page() -> None:
    drawing = influence_graph(star()).svg
    assert drawing is not None
    inside = embedded(drawing, "here")
    assert inside.startswith("<svg")
    assert INK in drawing
    assert INK not in inside
    assert "currentColor" in inside
    assert 'id="here-' in inside
    assert "xmlns" not in inside
    assert ">*{" not in inside
    assert "metadata" not in drawing


def test_passages_are_the_prose_before_each_step() -> None:
    blocks = {kind: f"```{kind}\nid = 1\n```" for kind in ("derivation", "step", "text")}
    text = "# Title\nintro\n{derivation}\nwhy\n\n{step}\n{text}\n{step}\nend\n".format_map(blocks)
    assert passages(text) == ["intro\nwhy", blocks["text"], "end"]


def test_a_block_inside_a_wider_fence_is_prose() -> None:
    """The audit and the report read one file alike: no step is lost, and none is invented."""
    example = "````markdown\n```step\nid = 2\n```\n````"
    text = f"# Title\n{example}\n```step\nid = 1\n```\n{example}\nend"
    assert passages(text) == [example, f"{example}\nend"]


def test_every_derivation_has_a_passage_for_each_step() -> None:
    for path in (Path(__file__).resolve().parent.parent / "proofs").glob("*.md"):
        text = path.read_text("utf-8")
        assert len(passages(text)) == text.count("\n```step\n") + 1
        assert "says =" not in "".join(passages(text))


LISTED = """
title = "T"
[[classify]]
name = "a"
problem = "star:M=4"
[[network]]
name = "b"
problem = "star:M=4"
k = 2
engines = ["branch"]
"""


def listed(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "instances.toml"
    path.write_text(text, "utf-8")
    return path


def test_instances_are_read_with_their_defaults(tmp_path: Path) -> None:
    instances = read_instances(listed(tmp_path, LISTED))
    assert instances.classify[0].drawn
    assert instances.network[0].engines == ("branch",)
    assert instances.network[0].claims == ("code", "readout")
    assert not instances.network[0].seed


def test_the_instance_list_of_the_project_is_read() -> None:
    assert len(read_instances(DEFAULT).network) >= 12


@pytest.mark.parametrize(
    ("text", "place"),
    {
        "not TOML": ("title = ", "TOML"),
        "no title": ("", "keys"),
        "unknown key": (LISTED + "kk = 1", "kk"),
        "unknown table": (LISTED + "[other]", "other"),
        "missing key": (LISTED.replace("k = 2", ""), "network[0]"),
        "float": (LISTED.replace("k = 2", "k = 2.0"), "network[0].k"),
        "text for a number": (LISTED.replace("k = 2", 'k = "2"'), "network[0].k"),
        "number for a text": (LISTED.replace('"a"', "1"), "classify[0].name"),
        "engines not texts": (LISTED.replace('["branch"]', "[1]"), "network[0].engines"),
        "not an array": ('title = "T"\nnetwork = 3', "network"),
        "not a table": ('title = "T"\nnetwork = [3]', "network[0]"),
        "path as a name": (LISTED.replace('"a"', '"../a"'), "../a"),
        "empty name": (LISTED.replace('"a"', '""'), "name"),
        "name used twice": (LISTED.replace('"a"', '"b"'), "each name once"),
    }.values(),
)
def test_malformed_instances(tmp_path: Path, text: str, place: str) -> None:
    with pytest.raises(Malformed) as refused:
        read_instances(listed(tmp_path, text))
    assert place in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_missing_instance_list_is_malformed(tmp_path: Path) -> None:
    with pytest.raises(Malformed):
        read_instances(tmp_path / "none.toml")


PLAIN = replace(report(), classifications=(), derivations=())  # quick to render


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_a_report_replaces_an_earlier_one(tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "paper"
    page = write_report(report(), folder)
    assert page == folder / "index.html"
    assert "evidence/star-5-k2-code.claim.json" in files(folder)
    assert "drawings/star-5-graph.svg" in files(folder)
    write_report(replace(PLAIN, files=()), folder)
    assert "evidence/star-5-k2-code.claim.json" not in files(folder)
    assert [path.name for path in folder.parent.iterdir()] == ["paper"]


def test_an_empty_folder_may_become_a_report(tmp_path: Path) -> None:
    (tmp_path / "paper").mkdir()
    assert write_report(PLAIN, tmp_path / "paper").exists()


def test_other_folders_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("years of work")
    with pytest.raises(Malformed, match="an earlier report"):
        write_report(PLAIN, tmp_path)
    with pytest.raises(Malformed, match="an earlier report"):
        write_report(PLAIN, tmp_path / "thesis.tex")
    assert files(tmp_path) == {"thesis.tex": b"years of work"}


def test_a_folder_that_cannot_be_written_is_malformed(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Malformed, match="can be written"):
        write_report(PLAIN, tmp_path / "file" / "paper")


def test_a_report_that_fails_leaves_the_earlier_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_report(PLAIN, tmp_path / "paper")
    before = files(tmp_path)

    def full(path: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(Malformed, match="No space left"):
        write_report(replace(PLAIN, title="new"), tmp_path / "paper")
    assert files(tmp_path) == before


def test_a_report_that_cannot_take_its_place_leaves_the_earlier_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_report(PLAIN, tmp_path / "paper")
    before, move = files(tmp_path), Path.replace

    def refuse(path: Path, target: Path) -> Path:
        if path.name == "new":
            raise OSError(13, "Permission denied")
        return move(path, target)

    monkeypatch.setattr(Path, "replace", refuse)
    with pytest.raises(Malformed, match="Permission denied"):
        write_report(replace(PLAIN, title="new"), tmp_path / "paper")
    assert files(tmp_path) == before


def test_a_notebook_shows_how_many_claims_came_out_how() -> None:
    shown = tallies(report())
    texts = Reader(replace(report(), title=HOSTILE)._repr_html_()).texts
    assert texts[0] == HOSTILE
    assert [texts[texts.index(tally.what) + 1] for tally in shown] == [str(tally.claims) for tally in shown]
    assert sum(tally.proved for tally in shown) > 0
