"""The pages that people read, in a browser: wide and narrow, light and dark, by mouse, keyboard and screen reader."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

from supverify.cli import main

ROOT = Path(__file__).resolve().parent.parent
CHECKS = (Path(__file__).with_name("page_checks.js")).read_text("utf-8")
PROGRAMS = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
PROGRAM = next(filter(None, map(shutil.which, PROGRAMS)), None)
WIDTHS, SCHEMES = (1280, 768, 400), ("light", "dark")
OPENED = "() => { for (const part of document.querySelectorAll('details')) part.open = true; }"
LINKS = """() => [...document.querySelectorAll("[href], [src]")]
  .map(element => element.getAttribute("href") ?? element.getAttribute("src"))"""
REACHABLE = "a[href], button, input, select, textarea, summary, [tabindex='0']"
# Where the tab key has to lead, in this order, and where it has led since.
WATCHED = """selector => {
  const named = element => element.outerHTML.slice(0, 80);
  document.activeElement.blur();
  window.passed = [];
  document.addEventListener("focusin", event => passed.push(named(event.target)));
  return [...document.querySelectorAll(selector)].filter(element => element.checkVisibility()).map(named);
}"""

pytestmark = pytest.mark.skipif(PROGRAM is None, reason=f"none of {', '.join(PROGRAMS)} is installed")


@dataclass
class Opened:
    """A page in a browser, and everything that its console said."""

    page: Page
    path: Path
    said: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._hear)
        self.page.on("pageerror", lambda error: self.said.append(str(error)))
        self.page.on("requestfailed", lambda request: self.said.append(f"not loaded: {request.url}"))
        self.page.goto(self.path.as_uri())
        self.page.evaluate(OPENED)

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.said.append(message.text)

    def faults(self, width: int, scheme: str) -> list[str]:
        self.page.set_viewport_size({"width": width, "height": 900})
        self.page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found = self.page.evaluate(CHECKS)
        assert isinstance(found, list)
        return found


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # No sandbox: CI runs as root, and the pages are our own.
        chromium = playwright.chromium.launch(executable_path=PROGRAM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture(scope="module")
def users(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report as a user has it made, of a network with a wrong input."""
    folder = tmp_path_factory.mktemp("examples")
    for name in ("noisy.onnx", "gates.txt"):
        shutil.copy(ROOT / "examples" / name, folder)
    asked = ["--network", "noisy.onnx", "--problem", "gates.txt", "-k", "2"]
    with chdir(folder), pytest.raises(SystemExit, check=lambda left: left.code == 1):
        main(["report", *asked, "--output", "report", "--json"])
    return folder / "report" / "index.html"


@pytest.fixture(scope="module", params=["paper", "users"])
def opened(browser: Browser, request: pytest.FixtureRequest) -> Opened:
    """One of the two reports that are read."""
    paper = ROOT / "reports" / "paper" / "index.html"
    return Opened(browser.new_page(), paper if request.param == "paper" else request.getfixturevalue("users"))


@pytest.mark.parametrize("scheme", SCHEMES)
@pytest.mark.parametrize("width", WIDTHS)
def test_page_can_be_read(width: int, scheme: str, opened: Opened, tmp_path: Path) -> None:
    assert opened.faults(width, scheme) == []
    opened.page.screenshot(path=tmp_path / f"{width}-{scheme}.png")


def test_console_is_silent(opened: Opened) -> None:
    assert opened.said == []


def test_links_lead_to_files_that_are_there(opened: Opened) -> None:
    links = opened.page.evaluate(LINKS)
    assert links
    for link in links:
        parts = urlsplit(link)
        assert (parts.scheme, parts.netloc) == ("", ""), f"{link} is not on this machine"
        assert (opened.path.parent / unquote(parts.path)).exists(), link


def test_everything_is_reached_by_the_tab_key(opened: Opened) -> None:
    page = opened.page
    page.set_viewport_size({"width": 400, "height": 900})
    expected = page.evaluate(WATCHED, REACHABLE)
    assert len(expected) > 10
    for _ in expected:
        page.keyboard.down("Tab")  # held down
    page.keyboard.up("Tab")
    assert page.evaluate("() => window.passed") == expected


BAD = """
<title>bad</title>
<style>:root { color-scheme: light dark } body { background: #fff; color: #000 } .pale { color: #999 }
.box { overflow-x: auto; width: 100px } .long { width: 3000px }</style>
<h1>One</h1><h3>Three</h3>
<p class="pale">pale</p><p style="color: #999; font-size: 24px">large, and still too pale</p>
<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=" width="9" height="9"><figure></figure>
<svg width="9" height="9"><text y="9" style="fill: #eee">x</text></svg>
<a href="#nowhere">lost</a><b id="a"></b><i id="a"></i>
<div class="box"><div class="long">scrolls</div></div><div class="long">wide</div>
<code class="formula">\\\\frac{1}{2}</code>
"""
NOTICED = (
    "not typeset: <code",
    "the page is 3",
    "contrast 2.85 below 4.5",
    "contrast 2.85 below 3",
    "contrast 1.16 below 4.5",
    "no text alternative: <img",
    "no text alternative: <figure",
    "no text alternative: <svg",
    "leads nowhere: <a",
    "two elements of the id a",
    "a level of headings is left out: <h3",
    "scrolls, but the keyboard does not reach it: <div",
)


def test_faults_are_noticed(browser: Browser) -> None:
    page = browser.new_page()
    page.set_content(BAD)
    found = page.evaluate(CHECKS)
    page.close()
    assert [start for start in NOTICED if sum(fault.startswith(start) for fault in found) != 1] == [], found
    assert len(found) == len(NOTICED), found
