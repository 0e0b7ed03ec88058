"""The runnable blocks of a Markdown page: what they are and how one session runs them.

``sh`` runs as one script, ``console`` command by command against the shown output (``...`` stands for any
text), ``python`` in one namespace for all blocks. A comment ``# exits N`` after the last command of a script,
or after a console command, states an exit code other than 0.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from doctest import ELLIPSIS, NORMALIZE_WHITESPACE, OutputChecker
from pathlib import Path

FENCE = re.compile(r"(?P<ticks>`{3,}) *(?P<language>[\w-]*)")
EXITS = re.compile(r"# exits (\d+)[^\n]*$")
SECONDS = 120


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, its text and the page's line number of the text's first line."""

    language: str
    text: str
    line: int


def blocks(page: str) -> Iterator[Block]:
    """Every fenced block in order; one that is never closed raises ValueError."""
    lines = iter(enumerate(page.splitlines(), start=1))
    for number, line in lines:
        if opening := FENCE.match(line):
            yield Block(opening["language"], _text(lines, opening["ticks"], number), number + 1)


def _text(lines: Iterator[tuple[int, str]], ticks: str, opened: int) -> str:
    text: list[str] = []
    for _, line in lines:
        if line.startswith(ticks) and not line.strip("` "):
            return "".join(f"{part}\n" for part in text)
        text.append(line)
    raise ValueError(f"the block opened on line {opened} is never closed")


@dataclass(frozen=True)
class Session:
    """One reader following a page: a working folder, and the names that its Python blocks have defined."""

    folder: Path
    names: dict[str, object] = field(default_factory=dict)

    def run(self, block: Block) -> None:
        """Does what the block says; raises AssertionError, or the block's own exception, if it is not so."""
        if block.language == "sh":
            self._shell(block.text, block.line, expected=None)
        elif block.language == "console":
            for command, expected, line in _commands(block):
                self._shell(command, line, expected=expected)
        elif block.language == "python":
            source = "\n" * (block.line - 1) + block.text
            exec(compile(source, "README.md", "exec"), self.names)

    def _shell(self, script: str, line: int, *, expected: str | None) -> None:
        stated = EXITS.search(script.rstrip())
        done = subprocess.run(
            ["bash", "-eu", "-o", "pipefail", "-c", script],
            cwd=self.folder,
            env=os.environ | {"PATH": _path(), "COLUMNS": "100", "NO_COLOR": "1"},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=SECONDS,
        )
        wanted = int(stated[1]) if stated else 0
        place = f"line {line}: {script}"
        assert done.returncode == wanted, f"{place}exits {done.returncode}, not {wanted}:\n{done.stdout}"
        same = expected is None or OutputChecker().check_output(
            expected, done.stdout, ELLIPSIS | NORMALIZE_WHITESPACE
        )
        assert same, f"{place}expected:\n{expected}\ngot:\n{done.stdout}"


def _path() -> str:
    return os.pathsep.join((str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)))


def _commands(block: Block) -> Iterator[tuple[str, str, int]]:
    """Each ``$`` command of a console block with the output shown below it and its line number."""
    shown = block.text.splitlines(keepends=True)
    starts = [number for number, line in enumerate(shown) if line.startswith("$ ")]
    assert starts[:1] == [0], f"line {block.line}: a console block starts with a $ command"
    for start, end in zip(starts, [*starts[1:], len(shown)], strict=True):
        yield shown[start].removeprefix("$ "), "".join(shown[start + 1 : end]), block.line + start
