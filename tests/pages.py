"""A report as tests read it: the page, its tables and those of its Markdown, and all but its timings."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from pathlib import Path

STYLE = Path(__file__).resolve().parent.parent / "supverify/report/templates/style.css"
VOID = {"meta", "br", "use", "rect", "path", "link", "img", "hr"}


class Page(HTMLParser):
    """Reads a page strictly: every tag closed in order; collects what the tests ask about."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.tables: list[list[list[str]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if "td" in self.open or "th" in self.open:
            self.tables[-1][-1][-1] += data.strip()

    def all(self, *tags: str) -> list[tuple[str, dict[str, str | None]]]:
        return [(tag, attributes) for tag, attributes in self.tags if tag in tags]


def markdown_tables(text: str) -> list[list[list[str]]]:
    runs = re.findall(r"(?:^\|.*\|$\n?)+", text, re.MULTILINE)
    rows = [[re.split(r"(?<!\\)\|", line)[1:-1] for line in run.splitlines()] for run in runs]
    return [[[cell.strip() for cell in row] for row in (run[0], *run[2:])] for run in rows]


def with_head(tables: list[list[list[str]]], *head: str) -> list[list[str]]:
    [found] = [rows for rows in tables if rows[0][: len(head)] == list(head)]
    return found


def without_timings(files: dict[str, bytes]) -> dict[str, object]:
    """The files with their timings cut out: the JSON key, the last section of the page and of the Markdown."""
    found: dict[str, object] = dict(files)
    found["report.json"] = {key: value for key, value in json.loads(files["report.json"]).items() if key != "timings"}
    page, markdown = files["index.html"].decode(), files["report.md"].decode()
    found["index.html"] = re.sub(r'<section id="timings".*?</section>', "", page, flags=re.DOTALL)
    found["report.md"] = markdown[: markdown.index("## Timings")]
    return found
