"""``bounds``: what counting asks for, what the paper states, and the best that was verified."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..kernel.codec import encode
from ..kernel.errors import Malformed
from .options import FILE, as_json, print_json, sparsity, without

if TYPE_CHECKING:  # imported where they are used: help and refusals come at once
    from ..files.capacity import KnownNetwork
    from ..models.bounds import Bounds
    from ..oracles.inequality.paper import PaperBound
    from ..oracles.probability.search import Existence

    Proved = tuple[Existence | None, tuple[PaperBound, ...]]


@click.command()
@click.option("-M", "--outputs", type=int, required=True, help="The number of outputs, the paper's m'.")
@click.option("-m", "--inputs", type=int, help="The number of inputs (default: as many, or as have M pairs).")
@sparsity
@click.option("-n", "--neurons", type=int, help="A width, to see what it has room for.")
@click.option(
    "--bits",
    "--bits-per-weight",
    "bits_per_weight",
    type=int,
    help="Bits of a weight (default: 1, 2, 4 and 8). With it, what is proved is worked out, too.",
)
@click.option("--degree", type=int, help="The most outputs that an input is in (default: the fourth root of M).")
@click.option(
    "--table",
    type=FILE,
    help="The networks that were verified (default: reports/capacity/capacity.json, if it is there).",
)
@click.option("--plot", type=FILE, help="Draw neurons over outputs to this .svg file.")
@as_json
def bounds(
    outputs: int,
    inputs: int | None,
    k: int,
    neurons: int | None,
    bits_per_weight: int | None,
    degree: int | None,
    table: Path | None,
    plot: Path | None,
    as_json: bool,
) -> int:
    """Show how many bits and neurons M outputs ask for, and how few neurons are known to suffice."""
    from ..files import check_drawable, write_atomically
    from ..files.capacity import fewest_neurons, known_networks, nearest
    from ..models.bounds import WEIGHTS
    from ..models.bounds import bounds as counted
    from ..terminal.bounds import show_bounds, show_proved

    weights = WEIGHTS if bits_per_weight is None else (bits_per_weight,)
    found = counted(outputs=outputs, inputs=inputs, k=k, neurons=neurons, weight_bits=weights)
    if plot is not None:
        check_drawable(plot)
    known = fewest_neurons(known_networks(table), k=k)
    verified = nearest(known, outputs=outputs)
    if plot is not None:
        write_atomically(plot, _drawing(outputs, found.inputs, k, weights, known, degree).encode())
    proved = None if bits_per_weight is None else _proved(found, degree)
    if as_json:
        print_json(
            {**encode(found), "verified": encode(verified), **({} if proved is None else encode_proved(proved))}
        )
        return 0
    show_bounds(found, verified)
    if proved is not None:
        show_proved(found, *proved)
    return 0


def _proved(found: Bounds, degree: int | None) -> Proved:
    """The width that suffices, if there is a proof for these sizes, and the paper's expressions with constants."""
    from ..oracles.inequality.paper import paper_bounds

    (bits,) = found.weight_bits
    statements = paper_bounds(outputs=found.outputs, neurons=found.neurons, bits=bits, layers=found.layers)
    return _existence(found.outputs, found.inputs, found.k, degree), statements


def _existence(outputs: int, inputs: int, k: int, degree: int | None) -> Existence | None:
    """None outside the theorem's range, unless a degree was asked for: then that is refused."""
    from ..oracles.probability.search import existence_bound

    try:
        return existence_bound(outputs, k, inputs=inputs, degree=degree)
    except Malformed:
        if degree is None:
            return None
        raise


def encode_proved(proved: Proved) -> dict[str, object]:
    """What is proved, as JSON holds it."""
    existence, statements = proved
    return {"existence": None if existence is None else encode(existence), "proved": encode(statements)}


def _drawing(
    outputs: int, inputs: int, k: int, weights: Iterable[int], known: Iterable[KnownNetwork], degree: int | None
) -> str:
    from ..gathering.pictures.curves import floor_curves, known_points
    from ..report.pictures.bounds import bounds_plot
    from ..report.pictures.data import Curve, NeuronBounds

    points = list(known_points(known))
    suffices = _existence(outputs, inputs, k, degree)
    if suffices is not None:
        label = f"suffices for influence up to {suffices.design.degree} (proved)"
        points.append(Curve(label=label, outputs=(outputs,), neurons=(suffices.design.neurons,)))
    lines = tuple(floor_curves(outputs, k, weights))
    drawing = bounds_plot(NeuronBounds(lines=lines, points=tuple(points), outputs=outputs)).svg
    if drawing is None:
        raise without("--plot", "matplotlib", "plots")
    return drawing
