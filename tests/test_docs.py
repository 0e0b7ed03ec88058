"""The how-tos, their workflow, and the examples' page are run as they stand, in a copy of the examples."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from readme import Session, blocks

ROOT = Path(__file__).resolve().parent.parent
DOCS, EXAMPLES = ROOT / "docs", ROOT / "examples"
INDEX = (DOCS / "README.md").read_text("utf-8")
PAGES = sorted(path.stem for path in DOCS.glob("*.md") if path.name != "README.md")
LONGEST = 60
RUN = {"console", "python", "sh"}
SHOWN = {"verify-a-torch-network": ["text"]}  # exporting needs torch
SLOW = {"build-a-network", "recheck-a-certificate", "run-on-a-cluster"}
COMMAND = Path(sys.executable).with_name("supverify")


@pytest.fixture
def session(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Session]:
    """A reader in a copy of the examples; what is left running there is ended."""
    folder = tmp_path / "examples"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.chdir(folder)
    yield Session(folder)
    for file in folder.glob("*.pid"):
        with suppress(ProcessLookupError):
            os.kill(int(file.read_text("utf-8")), signal.SIGKILL)


def page(name: str) -> str:
    return (DOCS / f"{name}.md").read_text("utf-8")


def follow(text: str, session: Session) -> None:
    for block in blocks(text):
        session.run(block)


def loaded(path: Path) -> dict[str, Any]:
    """A YAML file; the package ships no types."""
    yaml: Any = import_module("yaml")
    value = yaml.safe_load(path.read_text("utf-8"))
    assert isinstance(value, dict)
    return value


def test_index_has_every_page() -> None:
    assert sorted(re.findall(r"^- .*\]\(([\w-]+)\.md\)$", INDEX, re.MULTILINE)) == PAGES
    assert len(PAGES) == 5


@pytest.mark.parametrize("text", [INDEX, (EXAMPLES / "README.md").read_text("utf-8")], ids=["docs", "examples"])
def test_links_lead_somewhere(text: str) -> None:
    folder = DOCS if text is INDEX else EXAMPLES
    assert all((folder / target).exists() for target in re.findall(r"\]\(([^)]+)\)", text))


@pytest.mark.parametrize("name", PAGES)
def test_page_is_short_and_every_block_is_run(name: str) -> None:
    languages = [block.language for block in blocks(page(name))]
    assert len(page(name).splitlines()) <= LONGEST
    assert [language for language in languages if language not in RUN] == SHOWN.get(name, [])
    assert RUN & set(languages)


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] * (name in SLOW)) for name in PAGES])
def test_page(name: str, session: Session) -> None:
    follow(page(name), session)


@pytest.mark.slow
def test_examples(session: Session) -> None:
    follow((EXAMPLES / "README.md").read_text("utf-8"), session)


def test_examples_are_what_their_script_writes(tmp_path: Path) -> None:
    subprocess.run([sys.executable, EXAMPLES / "make.py", tmp_path], check=True)
    made = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    assert set(made) == {"gates.txt", "noisy.onnx", "rounded.safetensors"}
    assert made == {name: (EXAMPLES / name).read_bytes() for name in made}


@pytest.mark.slow
def test_workflow_runs_and_fails_without_the_network(session: Session) -> None:
    job = loaded(DOCS / "networks.yml")["jobs"]["verify"]
    steps = {step["name"]: step["run"] for step in job["steps"] if "run" in step}
    assert steps.pop("Install").startswith("pip install './vendor/supverify")
    assert list(steps) == ["Test", "Verify", "Re-check"]
    test = next(block.text for block in blocks(page("verify-a-torch-network")) if "assert_exact" in block.text)
    (session.folder / "test_networks.py").write_text(test.replace("\ntest_network()\n", ""), "utf-8")
    assert [step(run, session.folder) for run in steps.values()] == [0, 0, 0]
    (session.folder / "rounded.safetensors").unlink()
    assert step(steps["Test"], session.folder) == 1
    assert step(steps["Verify"], session.folder) == 3


def step(script: str, folder: Path) -> int:
    """The exit code of a workflow's step."""
    path = os.pathsep.join((str(COMMAND.parent), os.environ["PATH"]))
    return subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=os.environ | {"PATH": path}).returncode


def completion(instruction: str, **words: str) -> str:
    environment = os.environ | {"_SUPVERIFY_COMPLETE": instruction} | words
    return subprocess.run([COMMAND], env=environment, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
def test_completion_script_is_printed_as_the_index_says(kind: str) -> None:
    assert f"_SUPVERIFY_COMPLETE={kind}_source supverify" in INDEX
    assert f"_SUPVERIFY_COMPLETE={kind}_complete" in completion(f"{kind}_source")


def test_completion_offers_verbs_and_options() -> None:
    assert completion("bash_complete", COMP_WORDS="supverify ver", COMP_CWORD="1") == "plain,verify\n"
    offered = completion("bash_complete", COMP_WORDS="supverify verify --arith", COMP_CWORD="2")
    assert offered == "plain,--arithmetic\n"


def test_citation_agrees_with_the_project() -> None:
    citation = loaded(ROOT / "CITATION.cff")
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert citation["cff-version"] == "1.2.0"
    assert {"message", "authors"} <= set(citation)
    assert (citation["title"], citation["version"]) == (project["name"], project["version"])
    assert (citation["abstract"], citation["license"]) == (project["description"], project["license"])
    assert citation["keywords"] == project["keywords"]
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert all(reference["title"] in readme for reference in citation["references"])
    assert all(person["family-names"] in readme for work in citation["references"] for person in work["authors"])


def test_citation_names_no_host() -> None:
    assert not re.search(r"://|www\.|\.(org|com|net|io)\b", (ROOT / "CITATION.cff").read_text("utf-8"))
