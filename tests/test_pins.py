"""Every package that pyproject.toml can ask for is pinned to one version, and the pins name no source."""

from __future__ import annotations

import tomllib
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
TOOLS = {"editables", "pip", "uv"}  # editables: what hatchling needs for an editable installation


def wanted() -> set[str]:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    project, extras = settings["project"], settings["project"]["optional-dependencies"]
    lists = (
        project["dependencies"],
        settings["build-system"]["requires"],
        *settings["dependency-groups"].values(),
    )
    lines = [line for group in (*lists, *extras.values()) for line in group]
    return {canonicalize_name(Requirement(line).name) for line in lines} - {project["name"]} | TOOLS


def pins() -> list[Requirement]:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    return [Requirement(line) for line in lines if not line.startswith("#")]


def test_everything_wanted_is_pinned() -> None:
    assert wanted() <= {canonicalize_name(pin.name) for pin in pins()}


def test_pins_are_exact_and_name_no_source() -> None:
    assert [pin for pin in pins() if pin.url or [s.operator for s in pin.specifier] != ["=="]] == []
