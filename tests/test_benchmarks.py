"""What the benchmarks say of what they have measured."""

from __future__ import annotations

import json

from benchmarks.asymptotics import REPORT, TOOLS, known_rows, table


def test_a_row_keeps_the_limit_that_it_was_asked_under() -> None:
    content = json.loads((REPORT / "asymptotics.json").read_text("utf-8"))
    rows = content["rows"]
    assert all(set(known) == {*TOOLS, "limit"} for known in known_rows().values())
    written = table(rows, content["versions"], len(rows))
    assert written == (REPORT / "README.md").read_text("utf-8")
    assert "at most 2 seconds of processor time each" in written
    later = [{**rows[0], "limit": 8.0}, *rows[1:]]
    assert "at most 2 or 8 seconds of processor time each" in table(later, content["versions"], len(rows))
