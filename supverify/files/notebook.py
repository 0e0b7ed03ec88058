"""A network file as a notebook shows it: how it was read, in one small table with every text escaped."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from supverify.notebook_table import table_html

if TYPE_CHECKING:
    from .network import NetworkFile


def network_html(file: NetworkFile) -> str:
    """A row for each thing that was read, and for what was not used."""
    return table_html(_rows(file))


def _rows(file: NetworkFile) -> Iterator[tuple[str, str]]:
    last = file.decoded or file.network
    yield "network", f"{last.outputs:,} outputs of {last.inputs:,} inputs"
    for i, read in enumerate(file.layers, start=1):
        yield f"layer {i}", str(read)
    if not file.layers:
        yield "widths", " to ".join(f"{width:,}" for width in last.widths)
    if file.decoded is not None:
        yield "decoder", f"the last layer, from {file.network.outputs:,} to {last.outputs:,} outputs"
    if file.code is not None:
        yield "output code", f"{file.coded:,} outputs in {len(file.code):,}"
    if file.criterion is not None:
        strict = "above" if file.criterion.strict else "at least"
        yield "criterion", f"{file.criterion.kind}, true {strict} {file.criterion.threshold}"
    if file.unused:
        yield "not used", ", ".join(file.unused)
    if file.sidecar:
        yield "sidecar", file.sidecar
