"""``%load_ext supverify``: notebooks show problems, networks and claims as small tables, not as all their numbers.

What else supverify returns shows itself; the kernel's own classes know of no notebook.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import islice
from typing import Any

from .kernel.claim import Claim, Conjunctions, Permutation, Problem, TwoAnd
from .kernel.network import Network
from .models import classify
from .notebook_table import table_html
from .report.verified import clauses, sentence

SHOWN = 12  # gates
Rows = Iterator[tuple[str, str]]


def load_ipython_extension(shell: Any) -> None:
    """Called by ``%load_ext supverify`` with the running IPython shell."""
    formatters = shell.display_formatter.formatters
    for kind, rows in ROWS.items():
        formatters["text/html"].for_type(kind, partial(_html, rows))
        formatters["text/plain"].for_type(kind, partial(_print, rows))


def unload_ipython_extension(shell: Any) -> None:
    """Called by ``%unload_ext supverify``: everything is shown as before."""
    for name in ("text/html", "text/plain"):
        for kind in ROWS:
            shell.display_formatter.formatters[name].pop(kind, None)


def _html(rows: Callable[[Any], Rows], value: object) -> str:
    return table_html(rows(value))


def _print(rows: Callable[[Any], Rows], value: object, printer: Any, cycle: bool) -> None:
    printer.text(f"{type(value).__name__}: " + "; ".join(f"{name} {text}" for name, text in rows(value)))


def _problem(problem: Problem) -> Rows:
    targets = problem.targets()
    influence = Counter(j for target in targets for j in {j for clause in target for j in clause})
    yield "problem", problem.kind
    yield "outputs", f"{len(targets):,}, {len(set(targets)):,} of them different"
    yield "inputs", f"{problem.inputs:,}, {problem.inputs - len(influence):,} of them in no output"
    yield "influence", f"at most {max(influence.values()):,} outputs of an input"
    if isinstance(problem, TwoAnd):
        found = classify(problem)
        for of, classes in (("input", found.input_classes), ("output", found.output_classes)):
            yield f"{of} classes", ", ".join(f"{len(part.members):,} {part.name}" for part in classes if part.members)
    more = f", ... ({len(targets):,} in all)" if len(targets) > SHOWN else ""
    yield "computes", _few(clauses(target) for target in targets) + more


def _few(texts: Iterable[str]) -> str:
    return ", ".join(islice(texts, SHOWN))


def _network(network: Network) -> Rows:
    units = f", in units of 1/{network.scale:,}" if network.scale > 1 else ""
    yield "network", f"{network.outputs:,} outputs of {network.inputs:,} inputs{units}"
    for i, (layer, width) in enumerate(zip(network.layers, network.widths, strict=False), start=1):
        weights = sum(map(len, layer.sources))
        relu = ", ReLU" if layer.relu else ""
        yield f"layer {i}", f"{len(layer.bias):,} x {width:,}, {weights:,} weights other than 0{relu}"


def _claim(claim: Claim) -> Rows:
    yield "claim", sentence(claim)
    yield "digest", claim.digest
    yield from _network(claim.network)


ROWS: dict[type, Callable[[Any], Rows]] = {
    TwoAnd: _problem,
    Conjunctions: _problem,
    Permutation: _problem,
    Network: _network,
    Claim: _claim,
}
