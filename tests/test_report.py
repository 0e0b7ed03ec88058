"""What a report shows: the same numbers in every form, nothing unescaped, nothing that a reader cannot reach."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from hashlib import sha256
from itertools import pairwise

import pytest
from pages import STYLE, Page, markdown_tables, with_head, without_timings
from report_samples import HOSTILE, documents, report

from supverify.report import rendered
from supverify.report.markdown import table
from supverify.report.model import Measured, Report
from supverify.report.plural import plural
from supverify.report.render_html import to_html
from supverify.report.render_json import plain, to_json
from supverify.report.render_markdown import to_markdown
from supverify.report.verdicts import resting, tallies
from supverify.report.wording import abstract, answer, tally_rests_on
from supverify.report.wording_sources import again, claim_rests_on


@pytest.fixture(scope="module")
def page() -> Page:
    return Page(to_html(report()))


def test_every_tag_is_closed(page: Page) -> None:
    assert page.open == []


def test_the_page_needs_nothing_else(page: Page) -> None:
    assert not page.all("script", "link", "img", "iframe")
    references = [
        value for _, attributes in page.tags for key, value in attributes.items() if key.endswith(("href", "src"))
    ]
    files = {value for value in references if value is not None and not value.startswith("#")}
    assert files <= set(rendered(report()))
    assert {"evidence/01-pairs.json", "evidence/claims.toml"} <= files
    assert "url(" not in STYLE.read_text("utf-8")
    assert not re.search(r"@import|@font-face", STYLE.read_text("utf-8"))


def test_every_link_has_a_place_and_no_id_is_used_twice(page: Page) -> None:
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {attributes.get("href") or attributes.get("xlink:href") for _, attributes in page.all("a", "use")}
    assert {str(link).removeprefix("#") for link in links if str(link).startswith("#")} <= set(ids)


def test_headings_go_down_one_level_at_a_time(page: Page) -> None:
    levels = [int(tag[1]) for tag, _ in page.all("h1", "h2", "h3", "h4")]
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(below <= above + 1 for above, below in pairwise(levels))


def test_tables_and_drawings_say_what_they_are(page: Page) -> None:
    assert len(page.all("caption")) == len(page.all("table")) == len(page.tables)
    assert all(attributes.get("scope") for _, attributes in page.all("th"))
    images = [attributes for _, attributes in page.tags if attributes.get("role") == "img"]
    assert images
    assert all(attributes.get("aria-label") for attributes in images)
    assert [tag for tag, _ in page.all("header", "nav", "main", "footer")] == ["header", "nav", "main", "footer"]


def test_hostile_text_stays_text() -> None:
    text = to_html(report())
    assert "<script" not in text
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in text


def test_what_the_results_rest_on_comes_before_them() -> None:
    for text, basis, verdicts in (
        (to_html(report()), 'id="basis"', 'id="verdicts"'),
        (to_markdown(report()), "## What the results rest on", "## Every claim"),
        (to_json(report()), '"oracles"', '"results"'),
        (to_json(report()), '"assumptions"', '"results"'),
    ):
        assert 0 < text.index(basis) < text.index(verdicts)


def test_a_document_s_claim_says_how_to_check_it_again() -> None:
    needed, asked, enough = documents().claims
    assert again(needed, "r") == "supverify audit r/evidence/01-pairs.md"
    assert again(asked, "r") == "supverify ask 'm ~ 2*m'"
    assert again(enough, "r") == "supverify audit r/evidence/claims.toml"
    assert claim_rests_on(enough) == ""


def test_a_report_without_documents_has_no_section_for_them() -> None:
    other = replace(report(), documents=None)
    assert 'id="documents"' not in to_html(other)
    assert "Claims of the documents" not in to_markdown(other)
    assert plain(other)["documents"] is None


def test_files_are_named_with_their_digests() -> None:
    files = rendered(report())
    listed = plain(report())["files"]
    assert {entry["path"] for entry in listed} <= set(files)
    assert all(entry["sha256"] == sha256(files[entry["path"]]).hexdigest() for entry in listed)


def test_the_abstract_counts_what_is_there() -> None:
    assert answer(report()) == (
        "Of 8 claims 4 are proved, 2 refuted and 2 undecided. Networks broken on purpose that are refuted: 1 of 1. "
        "Contradictions between the 2 documents: 1."
    )
    text = abstract(report())
    assert "3 claims of 2 documents" in text
    assert "1 network was built and verified" in text
    assert "0 networks were built and verified" in abstract(replace(report(), networks=()))
    assert plural(1, "step") == "1 step"
    assert plural(1_000, "step") == "1,000 steps"
    assert resting((), list(map(str, range(1_000))), alone="kernel") == "kernel; 1,000 assumptions"


def test_the_networks_section_says_who_was_asked_of_what_is_shown() -> None:
    shown = report()
    network = shown.networks[0]
    code, readout = network.claims
    alone = replace(readout, answers=readout.answers[:1], evidence=None)
    unasked = replace(shown, networks=(replace(network, claims=(code, alone)),))
    for found, z3, kernel in ((shown, 2, 2), (unasked, 1, 1)):
        said = f"Z3 about {z3} (one query for each output); of {kernel} the kernel works"
        assert said in " ".join(to_html(found).split())


def test_where_nothing_is_decided_the_tally_names_no_oracle_and_none_is_missing() -> None:
    tally = tallies(report())[0]
    assert tally_rests_on(tally) == "each on some of arb, z3; 1 assumption"
    assert tally_rests_on(replace(tally, alone=1)) == "1 on no oracle, the others on arb, z3; 1 assumption"
    assert tally_rests_on(replace(tally, alone=2)) == "no oracle; 1 assumption"
    undecided = replace(tally, proved=0, refuted=0, undecided=3, alone=0, assumptions=0)
    assert tally_rests_on(undecided) == "nothing: none is decided"


def timed(**seconds: float) -> Report:
    return replace(report(), measured=Measured(seconds=tuple(seconds.items()), versions=(("python", "9"),)))


def test_only_the_timings_depend_on_the_machine() -> None:
    first, second = rendered(timed(building=1.0)), rendered(timed(building=2.0, verifying=7.5))
    assert all(first[name] != second[name] for name in ("index.html", "report.md", "report.json"))
    assert without_timings(first) == without_timings(second)


def test_a_changed_number_is_seen_outside_the_timings() -> None:
    entry = report().networks[0]
    other = replace(report(), networks=(replace(entry, neurons=4),))
    first, second = without_timings(rendered(report())), without_timings(rendered(other))
    assert all(first[name] != second[name] for name in ("index.html", "report.md", "report.json"))


def test_evidence_is_written_as_it_was_checked() -> None:
    assert rendered(report())["evidence/star-5-k2-code.claim.json"] == b"{}"


def test_commands_name_the_folder_that_is_written() -> None:
    for path in ("index.html", "report.md"):
        text = rendered(report(), folder="my reports/x")[path].decode()
        assert "my reports/x" in text
        assert "reports/paper" not in text


def test_the_kernel_says_nothing_of_what_it_was_not_shown() -> None:
    shown = report()
    [entry] = shown.networks
    bare = replace(entry.claims[0], evidence=None, oracles=("enumeration",))
    other = replace(shown, networks=(replace(entry, claims=(bare,)),))
    for page in (to_html(other), to_markdown(other)):
        tables = Page(page).tables if page.startswith("<!doctype") else markdown_tables(page)
        row = with_head(tables, "Network", "Criterion")[1]
        assert row[6:9] == ["PROVED", "UNKNOWN", "not asked"]


def luminance(colour: str) -> float:
    values = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4 for value in values]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_text_contrasts_with_its_background(scheme: int) -> None:
    block = re.findall(r":root \{(.*?)\}", STYLE.read_text("utf-8"), re.DOTALL)[scheme]
    colours = {name: luminance(value) for name, value in re.findall(r"--(\w+): (#[0-9a-f]{6})", block)}
    for ground in ("paper", "panel"):
        for name in ("ink", "soft", "link", "proved", "refuted", "unknown"):
            low, high = sorted((colours[ground], colours[name]))
            assert (high + 0.05) / (low + 0.05) >= 4.5, (ground, name)


def test_a_bar_in_a_cell_does_not_split_it() -> None:
    assert markdown_tables(table(("a", "b"), [("x|y", 1)]))[0][1] == [r"x\|y", "1"]


def test_hostile_text_is_not_lost_from_the_json() -> None:
    assert json.loads(to_json(report()))["title"].endswith(HOSTILE)
