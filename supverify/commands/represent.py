"""``represent``: how few neurons hold features that nothing is computed of."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from .options import EXIT, FILE, as_json, print_json, searching, sparsity

if TYPE_CHECKING:  # imported where it is used: help and refusals come at once
    from ..building.representation import Represented


@click.command()
@click.option("-m", "--features", type=int, required=True, help="How many features there are.")
@sparsity
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed finds the same code.")
@click.option("-o", "--output", type=FILE, help="Write the network to this .npz file, the evidence beside it.")
@as_json
def represent(features: int, k: int, seed: int, output: Path | None, as_json: bool) -> int:
    """Find the fewest neurons from which every k-sparse input is read back, beside what computing needs."""
    from ..building.representation import represent_and_verify
    from ..files.capacity import known_networks

    # As many ANDs of as many inputs, the random family: what was built and proved for the same k.
    known = [row for row in known_networks() if (row.family, row.k, row.status) == ("random", k, "PROVED")]
    computing = min((row.neurons for row in known if row.outputs == features), default=None)
    with searching(as_json=as_json) as progress:
        found = represent_and_verify(
            output, features=features, k=k, seed=seed, computing=computing, progress=progress
        )
    if as_json:
        print_json(found)
    else:
        _show(found)
    return EXIT[found.status]


def _show(found: Represented) -> None:
    from ..terminal.tables import line, table

    read = f"{found.features:,} features are read back from {found.neurons:,} neurons, at most {found.k} active"
    line(found.status, read, f"rests on {', '.join(found.oracles)}" if found.oracles else "by the kernel alone")
    rows: dict[str, object] = {
        "representing: neurons": found.neurons,
        "neurons of each feature": found.weight,
        "neurons two features share": f"at most {found.overlap}",
        "construction": found.construction,
        "counting floor of representing": found.floor,
        "k^2 log2 m": found.k2_log2m,
        "Johnson-Lindenstrauss, eps = 1/(2k)": found.johnson_lindenstrauss,
        f"computing {found.features:,} ANDs: counting floor": found.computing_floor,
    }
    if found.computing is not None:
        rows["computing as many ANDs: built and verified"] = found.computing
    table(("", ""), [*rows.items(), ("computing / representing", f"{found.ratio:.2f}")])
    if found.certificate is not None:
        line(f"checked by the kernel; again: supverify recheck {found.claim} {found.certificate}")
