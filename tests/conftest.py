"""Hypothesis profiles (``dev`` looks for new examples, ``ci``, chosen by CI, repeats its own), and the fixtures."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis.configuration import set_hypothesis_home_dir
from shell import Shell

set_hypothesis_home_dir(Path(__file__).resolve().parent.parent / ".cache" / "hypothesis")
# No deadline: the machine may be shared, and a slow example is not a wrong one.
settings.register_profile("dev", deadline=None)
settings.register_profile("ci", deadline=None, derandomize=True, print_blob=True)
settings.load_profile("ci" if os.environ.get("CI") else "dev")


@pytest.fixture
def shell(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Shell:
    """Verbs run in a new folder with a small problem and networks for it."""
    monkeypatch.chdir(tmp_path)
    return Shell(tmp_path, capsys)
