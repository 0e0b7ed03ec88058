"""The README's tour is run as it stands, and the runner notices when a page is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from readme import Block, Session, blocks

README = Path(__file__).resolve().parent.parent / "README.md"
RUN = {"console", "python", "sh"}
SHOWN = {"text"}


def page(*lines: str) -> str:
    return "\n".join(lines)


def follow(text: str, folder: Path) -> None:
    session = Session(folder)
    for block in blocks(text):
        session.run(block)


def test_every_block_of_the_tour_is_run_or_shown() -> None:
    languages = {block.language for block in blocks(README.read_text("utf-8"))}
    assert "console" in languages
    assert languages <= RUN | SHOWN


@pytest.mark.slow
def test_tour(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copytree(README.parent / "examples", tmp_path / "examples")  # as in a checkout
    follow(README.read_text("utf-8"), tmp_path)


def test_blocks_carry_their_language_text_and_line() -> None:
    text = page("# T", "```sh", "ls", "```", "", "````python", "a = '```'", "```", "````", "```", "```")
    assert list(blocks(text)) == [
        Block("sh", "ls\n", 3),
        Block("python", "a = '```'\n```\n", 7),
        Block("", "", 11),
    ]


def test_block_that_is_never_closed_is_refused() -> None:
    with pytest.raises(ValueError, match="line 2 is never closed"):
        list(blocks(page("", "````sh", "ls", "```")))


RIGHT = {
    "a file is there for the next block": page("```sh", "echo 1 > a", "```", "```console", "$ cat a", "1", "```"),
    "names are shared": page("```python", "a = 1", "```", "```python", "assert a == 1", "```"),
    "dots stand for anything": page("```console", "$ printf 'a 1.5 s b\\n'", "a ... b", "```"),
    "stated exit code": page("```sh", "(exit 3)  # exits 3: bad input", "```"),
    "stated exit code in a console": page("```console", "$ (exit 2) # exits 2", "$ echo on", "on", "```"),
    "text is not run": page("```text", "exit 1", "```"),
    "errors are output too": page("```console", "$ echo no >&2", "no", "```"),
    "scripts have more than one line": page("```sh", "for i in 1 2", "do echo $i", "done", "```"),
}

WRONG = {
    "failing script": page("```sh", "false", "```"),
    "failing middle of a script": page("```sh", "false", "true", "```"),
    "failing start of a pipe": page("```sh", "false | cat", "```"),
    "success where a failure is stated": page("```sh", "true  # exits 1", "```"),
    "another exit code": page("```sh", "(exit 2)  # exits 1", "```"),
    "missing command": page("```console", "$ no-such-command", "```"),
    "other output": page("```console", "$ echo 1", "2", "```"),
    "more output than shown": page("```console", "$ printf '1\\n2\\n'", "1", "```"),
    "no output where some is shown": page("```console", "$ true", "1", "```"),
    "failing first command": page("```console", "$ false", "$ true", "```"),
    "output without a command": page("```console", "1", "```"),
    "failing assertion": page("```python", "assert 1 == 2", "```"),
}


@pytest.mark.parametrize("text", RIGHT.values(), ids=RIGHT)
def test_right_page_is_followed(text: str, tmp_path: Path) -> None:
    follow(text, tmp_path)


@pytest.mark.parametrize("text", WRONG.values(), ids=WRONG)
def test_wrong_page_is_noticed(text: str, tmp_path: Path) -> None:
    with pytest.raises(AssertionError):
        follow(text, tmp_path)


def test_python_exception_names_the_page_and_line(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError) as caught:
        follow(page("", "```python", "", "1 / 0", "```"), tmp_path)
    last = caught.traceback[-1]
    assert (Path(last.path).name, last.lineno + 1) == ("README.md", 4)
