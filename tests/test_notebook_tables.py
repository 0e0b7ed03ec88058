"""What a notebook shows of problems, networks and constructions: in few words, escaped, and never all the numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from markup import Reader

import supverify as sv
from supverify.files import ReadLayer
from supverify.models import Construction
from supverify.notebook import load_ipython_extension, unload_ipython_extension

ODD = "<script>alert(1)</script>&"
PROBLEMS = [
    sv.TwoAnd(5, ((0, 1), (1, 2), (1, 0))),
    sv.Conjunctions(4, ((0, 1, 2), (3,))),
    sv.Permutation((2, 0, 1)),
]
LARGE = sv.family("random", outputs=500)


class Formatter(dict[type, Callable[..., Any]]):
    """IPython's formatter of one kind of text, as far as an extension sees it."""

    def for_type(self, kind: type, function: Callable[..., Any]) -> None:
        self[kind] = function


def shell() -> SimpleNamespace:
    """A shell with the extension loaded."""
    formatters = {"text/html": Formatter(), "text/plain": Formatter()}
    found = SimpleNamespace(display_formatter=SimpleNamespace(formatters=formatters))
    load_ipython_extension(found)
    return found


def page(value: object) -> Reader:
    """The table that the extension shows of a value of the kernel."""
    return Reader(shell().display_formatter.formatters["text/html"][type(value)](value))


def plain(value: object) -> str:
    """The text that it shows."""
    written: list[str] = []
    printer = SimpleNamespace(text=written.append)
    shell().display_formatter.formatters["text/plain"][type(value)](value, printer, cycle=False)
    return "".join(written)


def test_problem_is_counted() -> None:
    texts = page(PROBLEMS[0]).texts
    assert dict(zip(texts[::2], texts[1::2], strict=True)) == {
        "problem": "2-and",
        "outputs": "3, 2 of them different",
        "inputs": "5, 2 of them in no output",
        "influence": "at most 3 outputs of an input",
        "input classes": "3 light, 1 heavy, 1 super-heavy",
        "output classes": "2 double-heavy, 1 super-heavy",
        "computes": "y0 AND y1, y1 AND y2, y0 AND y1",
    }


@pytest.mark.parametrize("problem", PROBLEMS, ids=lambda problem: problem.kind)
def test_every_problem_says_what_it_computes(problem: sv.TwoAnd | sv.Conjunctions | sv.Permutation) -> None:
    shown = page(problem)
    assert shown.seen["tr"] == len(shown.texts) // 2
    assert problem.kind in shown.texts
    assert plain(problem) == f"{type(problem).__name__}: " + "; ".join(
        f"{name} {text}" for name, text in zip(shown.texts[::2], shown.texts[1::2], strict=True)
    )


@pytest.mark.parametrize("show", [lambda value: page(value).text, plain], ids=["html", "plain"])
def test_large_values_are_shown_in_few_words(show: Callable[[object], str]) -> None:
    network = sv.network_of({"W1": np.ones((300, 500)), "W2": np.ones((500, 300))}).network
    values = (LARGE, network, sv.Claim(network, LARGE, 2))
    assert all(len(show(value)) < 1500 for value in values)
    assert "... (500 in all)" in show(LARGE)
    assert "300 x 500, 150,000 weights other than 0, ReLU" in show(network)
    assert "500 ANDs: every readout right on all 125,251 inputs" in show(values[2])


def test_unloaded_the_extension_shows_nothing() -> None:
    loaded = shell()
    unload_ipython_extension(loaded)
    assert not any(loaded.display_formatter.formatters.values())


def test_the_package_is_the_extension() -> None:
    assert sv.load_ipython_extension is load_ipython_extension
    assert sv.unload_ipython_extension is unload_ipython_extension


def test_ipython_loads_it() -> None:
    formatters = pytest.importorskip("IPython.core.formatters", reason="notebooks are optional")
    running = SimpleNamespace(display_formatter=formatters.DisplayFormatter())
    load_ipython_extension(running)
    shown, _ = running.display_formatter.format(LARGE)
    assert shown["text/html"].startswith("<table>")
    assert shown["text/plain"].startswith("TwoAnd: problem 2-and; outputs 500")
    unload_ipython_extension(running)
    assert "text/html" not in running.display_formatter.format(LARGE)[0]


def built() -> Construction:
    return sv.build(sv.family("random", outputs=20), k=2, variant="random")


def test_construction_shows_its_sizes() -> None:
    made = built()
    shown = Reader(made._repr_html_())
    assert f"{made.neurons} neurons" in shown.texts
    assert "2-and: 20 outputs of 20 inputs" in shown.texts
    assert len(repr(made)) < 500


def test_network_file_shows_how_it_was_read() -> None:
    file = sv.network_of({"W1": np.ones((2, 3)), "b1": -np.ones(2), "D": np.ones((4, 2)), "C1": np.ones((2, 4))})
    shown = Reader(file._repr_html_())
    assert dict(zip(shown.texts[::2], shown.texts[1::2], strict=True)) == {
        "network": "4 outputs of 3 inputs",
        "layer 1": "W1 (2, 3) + b1",
        "layer 2": "D (4, 2)",
        "decoder": "the last layer, from 2 to 4 outputs",
        "output code": "4 outputs in 2",
    }
    assert len(repr(file)) < 500


def test_network_that_was_not_read_from_a_file_shows_its_widths() -> None:
    network = sv.network_of({"W1": np.ones((2, 3))}).network
    assert "3 to 2" in Reader(sv.NetworkFile(network)._repr_html_()).texts


def test_names_in_a_file_are_escaped() -> None:
    file = sv.network_of({"W1": np.ones((2, 3))})
    layer = ReadLayer(weights=ODD, bias=ODD, outputs=2, inputs=3, relu=False)
    criterion = sv.Criterion("separated")
    shown = Reader(replace(file, layers=(layer,), unused=(ODD,), sidecar=ODD, criterion=criterion)._repr_html_())
    assert "script" not in shown.seen
    assert sum(ODD in text for text in shown.texts) == 3
    assert "separated, true above 1/2" in shown.texts


def test_verdict_is_short_as_text() -> None:
    verdict = sv.verify(sv.network_of({"W1": np.ones((500, 500))}), LARGE, k=1)
    assert len(repr(verdict)) < 500
