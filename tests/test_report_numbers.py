"""The numbers of a report are the same in HTML, Markdown and JSON: of a made-up one and of the project's own."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from pages import Page, markdown_tables, with_head
from report_samples import report
from shell import ROOT

from supverify.report import rendered

Table = list[list[str]]
COMMITTED = ROOT / "reports" / "paper"
OUTCOMES = ("proved", "refuted", "undecided")


@dataclass(frozen=True)
class Forms:
    """One report, read back from its three files."""

    html: list[Table]
    markdown: list[Table]
    values: dict[str, Any]

    @property
    def both(self) -> tuple[list[Table], list[Table]]:
        """The tables of the page, and those of the Markdown."""
        return self.html, self.markdown


@pytest.fixture(scope="module", params=["made up", "committed"])
def forms(request: pytest.FixtureRequest) -> Forms:
    names = ("index.html", "report.md", "report.json")
    committed = request.param == "committed"
    files = {name: (COMMITTED / name).read_bytes() for name in names} if committed else rendered(report())
    page, markdown, values = (files[name].decode() for name in names)
    return Forms(Page(page).tables, markdown_tables(markdown), json.loads(values))


def rows(tables: list[Table], *head: str) -> Table:
    """The rows below every heading that begins so."""
    return [row for table in tables if table[0][: len(head)] == list(head) for row in table[1:]]


def plural(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + "s" * (count != 1)


def said(claim: dict[str, Any]) -> list[str]:
    """What enumeration, Z3 and the kernel said."""
    answers = {answer["engine"]: answer["status"] for answer in claim["answers"]}
    return [*(answers.get(engine, "not asked") for engine in ("enumerate", "smt")), claim["status"]]


def test_networks(forms: Forms) -> None:
    expected = [
        [
            *(network["name"], claim["criterion"], str(claim["k"]), f"{claim['covered']:,}"),
            *(str(claim["counts"]["wrong_inputs"]), claim["counts"]["min_margin"], *said(claim)),
            f"tree, {plural(evidence['steps'], 'step')}" if evidence["kind"] == "tree" else evidence["kind"],
            f"{evidence['certificate_bytes']:,}",
        ]
        for network in forms.values["networks"]
        for claim in network["claims"]
        for evidence in [claim["evidence"]]
    ]
    for tables in forms.both:
        assert rows(tables, "Network", "Criterion") == expected


def test_sizes(forms: Forms) -> None:
    expected = [
        [*(f"{network[key]:,}" for key in ("inputs", "outputs")), str(network["k"]), f"{network['neurons']:,}"]
        for network in forms.values["networks"]
    ]
    for tables in forms.both:
        assert [row[2:6] for row in rows(tables, "Network", "Problem")] == expected


def test_twins(forms: Forms) -> None:
    expected = []
    for network in forms.values["networks"]:
        if twin := network["twin"]:
            active, wrong = ", ".join(map(str, twin["claim"]["counterexample"])), twin["wrong"][0]
            first = [f"{wrong['output']}: {wrong['computes']}", wrong["expected"], wrong["got"]]
            shown = f"{{{active}}}" if active else "no input at all"
            expected.append([network["name"], twin["change"], shown, *first, *said(twin["claim"])])
    assert expected
    for tables in forms.both:
        assert rows(tables, "Twin of") == expected


def test_verdicts(forms: Forms) -> None:
    statuses = [row["status"] for row in forms.values["results"]]
    assert [row[1] for row in with_head(forms.html, "Claim")[1:] if len(row) == 3] == statuses
    assert [row[3] for row in rows(forms.markdown, "Group")] == statuses


def rests_on(tally: dict[str, Any]) -> str:
    some = f"{tally['alone']} on no oracle, the others on " if tally["alone"] else "each on some of "
    others = some + ", ".join(tally["oracles"])
    assumed = f"; {plural(tally['assumptions'], 'assumption')}" * bool(tally["assumptions"])
    return ("no oracle" if tally["alone"] == tally["proved"] + tally["refuted"] else others) + assumed


def spaced(cell: str) -> str:
    """A space after each comma, which the reader of pages loses between two elements."""
    return ", ".join(part.strip() for part in cell.split(","))


def test_the_table_of_the_first_page(forms: Forms) -> None:
    """It counts what the tables below it have, in every form."""
    tallies, values = forms.values["verdict"], forms.values
    documents = [claim["standing"] for claim in values["documents"]["claims"]]
    for outcome in ("proved", "refuted"):
        listed = [*documents, *(row["status"] for row in values["results"])]
        assert sum(tally[outcome] for tally in tallies) == listed.count(outcome.upper())
    expected = [
        [
            *(tally["what"], f"{tally['claims']:,}"),
            ", ".join(f"{tally[outcome]} {outcome}" for outcome in OUTCOMES if tally[outcome]),
            rests_on(tally),
        ]
        for tally in tallies
    ]
    for tables in forms.both:
        shown = [
            [", ".join(part.strip() for part in cell.split(",")) for cell in row] for row in rows(tables, "Claims")
        ]
        assert shown == expected


def test_claims_of_documents(forms: Forms) -> None:
    claims = forms.values["documents"]["claims"]
    badges = [row[1] for row in rows(forms.html, "Claim and place")]
    assert badges == [claim["standing"] for claim in claims]
    for claim, row in zip(claims, rows(forms.markdown, "Claim", "Says"), strict=True):
        assert row[0].endswith(claim["name"])
        assert row[2] == f"{claim['standing'].lower()}: {claim['reason']}"
        assert f"({claim['evidence']})" in row[5]
        assert claim["place"] in row[4]
    for claim, row in zip(claims, rows(forms.html, "Claim and place"), strict=True):
        assert row[0].startswith(claim["name"])
        assert claim["place"] in row[0]
        assert all(name in row[2] for name in claim["oracles"])


def test_contradictions_and_differences_name_both_sides(forms: Forms) -> None:
    conflicts = sorted(forms.values["documents"]["conflicts"], key=lambda conflict: str(conflict["kind"]))
    assert conflicts
    for tables in forms.both:
        shown = [row for row in rows(tables, "One says") if len(row) == 4]
        for conflict, row in zip(conflicts, shown, strict=True):
            assert conflict["first"] in row[0]
            assert conflict["second"] in row[1]
            assert row[3].replace(r"\|", "|") == f"{conflict['reason']} [{', '.join(conflict['oracles'])}]"
