"""Writes the schemas of the reports' JSON beside this module."""

from __future__ import annotations

from pathlib import Path

from ..network_json import schema as network_schema
from ..render_json import schema as paper_schema

FILES = {"network_report.schema.json": network_schema, "paper_report.schema.json": paper_schema}

if __name__ == "__main__":
    for name, schema in FILES.items():
        Path(__file__).with_name(name).write_text(schema(), "utf-8")
