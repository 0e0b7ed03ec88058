"""The small table that a notebook shows instead of all numbers; every folder above the trusted ones may use it."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape


def table_html(rows: Iterable[tuple[str, str]]) -> str:
    """A row for each name with its text, both escaped."""
    cells = (
        f"<tr><th style='text-align:left'>{escape(name)}</th><td style='text-align:left'>{escape(text)}</td></tr>"
        for name, text in rows
    )
    return f"<table>{''.join(cells)}</table>"
