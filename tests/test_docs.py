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

import click
import pytest
from readme import Session, blocks
from shell import Shell

import supverify
from supverify.commands.networks import build
from supverify.models.builders import FEW
from supverify.models.compact.reach import MOST

ROOT = Path(__file__).resolve().parent.parent
DOCS, EXAMPLES = ROOT / "docs", ROOT / "examples"
INDEX = (DOCS / "README.md").read_text("utf-8")
PAGES = sorted(path.stem for path in DOCS.glob("*.md") if path.name not in ("README.md", "api.md"))
LONGEST = 60
RUN = {"console", "python", "sh"}
SHOWN = {"verify-a-torch-network": ["text"]}  # exporting needs torch
SLOW = {
    *("arithmetics", "ask-other-tools", "bounds-codes-circuits", "build-a-network", "growth", "in-python"),
    *("long-runs", "network-files", "recheck-a-certificate", "run-on-a-cluster", "verify-a-torch-network"),
}
PARTS = {
    "How to": [
        *("verify-a-torch-network", "audit-a-bound", "build-a-network", "recheck-a-certificate", "run-on-a-cluster")
    ],
    "In detail": [
        *("network-files", "arithmetics", "ask-other-tools", "long-runs", "growth", "bounds-codes-circuits"),
        *("in-python", "api"),
    ],
}
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


def test_index_and_site_have_every_page() -> None:
    linked = re.findall(r"^- .*\]\(([\w-]+)\.md\)$", INDEX, re.MULTILINE)
    assert sorted(linked) == sorted([*PAGES, "api"])
    contents = loaded(ROOT / "mkdocs.yml")["nav"]
    assert contents == ["README.md", *({name: [f"{page}.md" for page in pages]} for name, pages in PARTS.items())]
    assert [page for pages in PARTS.values() for page in pages] == linked


PROSE = [ROOT / "README.md", EXAMPLES / "README.md", *DOCS.glob("*.md")]


@pytest.mark.parametrize("path", PROSE, ids=lambda path: str(path.relative_to(ROOT)))
def test_links_lead_somewhere(path: Path) -> None:
    links = re.findall(r"\]\(([^)]+)\)", path.read_text("utf-8"))
    assert [link for link in links if not (path.parent / link).exists()] == []


def test_every_name_of_the_package_is_documented() -> None:
    documented = re.findall(r"^::: (\S+)\.(\w+)$", (DOCS / "api.md").read_text("utf-8"), re.MULTILINE)
    assert sorted(name for _, name in documented) == supverify.__all__
    for place, name in documented:
        assert getattr(import_module(place), name) is getattr(supverify, name)


@pytest.mark.slow
def test_site_is_built_and_needs_no_network(tmp_path: Path) -> None:
    command: list[str | Path] = [COMMAND.with_name("mkdocs"), "build", "--strict", "--quiet", "--site-dir", tmp_path]
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | {"NO_MKDOCS_2_WARNING": "1"}, capture_output=True, text=True
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    pages = {path.name: path.read_text("utf-8") for path in tmp_path.glob("*.html")}
    assert {"index.html", "api.html", *(f"{name}.html" for name in PAGES)} <= set(pages)
    loads = re.compile(r"<(?:script|link|img)\b[^>]*(?:src|href)=[\"']?(?:https?:)?//")
    assert [name for name, text in pages.items() if loads.search(text)] == []
    assert "doc-module" not in pages["api.html"]  # which has the name of a function
    assert all(f">{name}<" in pages["api.html"] for name in supverify.__all__)


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
    test = next(block for block in blocks(page("verify-a-torch-network")) if "assert_exact" in block.text)
    session.run(test)
    assert [step(run, session.folder) for run in steps.values()] == [0, 0, 0]
    (session.folder / "rounded.safetensors").unlink()
    assert step(steps["Test"], session.folder) == 1
    assert step(steps["Verify"], session.folder) == 3


def step(script: str, folder: Path) -> int:
    """The exit code of a workflow's step."""
    path = os.pathsep.join((str(COMMAND.parent), os.environ["PATH"]))
    return subprocess.run(["bash", "-e", "-c", script], cwd=folder, env=os.environ | {"PATH": path}).returncode


@pytest.mark.parametrize("kind", ["bash", "zsh", "fish"])
def test_completion_script_is_printed_as_the_index_says(kind: str, shell: Shell) -> None:
    assert f"supverify completion {kind}" in INDEX
    run = shell("completion", kind)
    assert (run.code, f"_SUPVERIFY_COMPLETE={kind}_complete" in run.out) == (0, True)


COMPLETED = """
eval "$(supverify completion bash)"
compopt() { echo "compopt $1 $2"; }  # which bash has only while it completes
COMP_WORDS=(supverify %s) COMP_CWORD=%d
_supverify_completion supverify
echo "${COMPREPLY[@]}"
"""


@pytest.mark.skipif(shutil.which("bash") is None, reason="bash is not installed")
@pytest.mark.parametrize(
    ("words", "offered"),
    {
        "ver": "verify",
        "completion f": "fish",
        "verify --arith": "--arithmetic",
        "verify net.npz and": "compopt -o default",  # names of files
        "report --network no": "compopt -o default",
        "verify --mode ex": "exactly",
    }.items(),
)
def test_bash_completes(words: str, offered: str) -> None:
    script = COMPLETED % (words, len(words.split()))
    path = os.pathsep.join((str(COMMAND.parent), os.environ["PATH"]))
    done = subprocess.run(
        ["bash", "-c", script], env=os.environ | {"PATH": path}, capture_output=True, text=True, check=True
    )
    assert done.stdout.split("\n")[0] == offered


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


def test_the_default_construction_is_told_as_it_is_chosen() -> None:
    chosen = f"compact from {FEW} ANDs on and for k up to {MOST}, else random"
    page = (DOCS / "bounds-codes-circuits.md").read_text("utf-8").replace("`", "")
    helped = next(option for option in build.params if option.name == "variant")
    assert chosen in " ".join(page.split())
    assert isinstance(helped, click.Option)
    assert chosen in (helped.help or "")


def test_the_readme_says_what_each_extra_is_for() -> None:
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["optional-dependencies"]
    readme = " ".join((ROOT / "README.md").read_text("utf-8").split())
    assert [name for name in extras if name != "all" and f"`{name}` (" not in readme] == []


def test_citation_names_no_host() -> None:
    assert not re.search(r"://|www\.|\.(org|com|net|io)\b", (ROOT / "CITATION.cff").read_text("utf-8"))
