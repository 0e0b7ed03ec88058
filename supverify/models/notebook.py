"""A construction as a notebook shows it: what was built and how large, in one small table."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from supverify.notebook_table import table_html

if TYPE_CHECKING:
    from .construction import Construction


def construction_html(built: Construction) -> str:
    """Its sizes beside those of the problem, and what it was built from."""
    return table_html(_rows(built))


def _rows(built: Construction) -> Iterator[tuple[str, str]]:
    problem = built.problem
    yield "computes", f"{problem.kind}: {len(problem.targets()):,} outputs of {problem.inputs:,} inputs"
    yield "on", f"every input with at most {built.k} active, once it is verified"
    yield "widest ReLU layer", f"{built.neurons:,} neurons"
    yield "widths, inputs first", ", ".join(f"{width:,}" for width in built.network.widths)
    yield "decoder", f"{built.network.outputs:,} to {built.decoded.outputs:,}"
    yield "ones in a column of each code", ", ".join(map(str, built.weights))
    yield "seed", f"{built.seed}, draw {built.attempts:,}"
