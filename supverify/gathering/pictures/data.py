"""From a verdict to everything that its pictures show; ``report.pictures.draw`` draws it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

from ...engines import NetworkVerdict
from ...files import NetworkFile
from ...files.capacity import fewest_neurons, known_networks
from ...kernel.claim import Claim, TwoAnd
from ...models import Block, sizes
from ...models.bounds import WEIGHTS
from ...report.model import Classification
from ...report.pictures.data import Curve, Margins, NeuronBounds, Noise, PictureData
from ..classification import classified
from ..measures import layer_scales
from .curves import floor_curves, known_points, known_times
from .noise import MarginCount, NoiseCount
from .overlaps import overlaps
from .path import counterexample_path
from .trace import Trace
from .weights import weight_matrices

NEAR = 100  # times as many outputs, or as few: what is drawn of other networks
LARGEST_GRAPH = 400  # inputs and outputs together of a graph that people can still read


def pictures_data(
    verdict: NetworkVerdict,
    network_file: NetworkFile,
    *,
    problem: str = "the problem",
    blocks: Sequence[Block] = (),
    seed: int = 0,
) -> PictureData:
    """What is to be seen of a network whose claim was decided; ``problem`` names it for people.

    ``blocks`` are those of the builder, where it made some; ``seed`` is that of the samples where there are too many
    inputs to go through. The same verdict gives the same data. The tables of the working folder's reports, of sizes
    and of times, are read where there are any.
    """
    claim = verdict.claim
    names, scales = _names(claim, network_file), layer_scales(claim, network_file)
    units = [Fraction(below, scale) for below, scale in zip((1, *scales), scales, strict=False)]
    noise, margins = _followed(verdict, names, scales, seed)
    return PictureData(
        influence=_influence(claim, problem),
        weights=weight_matrices(claim, names, units, blocks),
        overlaps=overlaps(claim, names[0], seed),
        noise=noise,
        margins=margins,
        path=counterexample_path(verdict, names, scales),
        capacity=_capacity(claim, network_file),
        times=known_times(),
    )


def _names(claim: Claim, network_file: NetworkFile) -> list[str]:
    """What the file calls the weights of each layer."""
    read = [layer.weights for layer in network_file.layers]
    depth = len(claim.network.layers)
    return read[:depth] if len(read) >= depth else [f"layer {i}" for i in range(1, depth + 1)]


def _followed(
    verdict: NetworkVerdict, names: Sequence[str], scales: Sequence[int], seed: int
) -> tuple[Noise | None, Margins | None]:
    """What is seen where inputs are followed through the network; None for networks too large for that."""
    try:
        trace = Trace(verdict.claim, seed=seed)
    except MemoryError:
        return None, None
    noise, margins = NoiseCount(trace, names, scales), MarginCount(trace)
    for batch in trace.batches():
        noise.add(batch)
        margins.add(batch)
    return noise.noise(), margins.margins(verdict)


def _influence(claim: Claim, problem: str) -> Classification | None:
    """None for problems other than 2-AND, which have no classes."""
    if not isinstance(claim.problem, TwoAnd):
        return None
    found = classified(claim.problem, problem)
    return replace(found, drawn=found.inputs + found.outputs <= LARGEST_GRAPH)


def _capacity(claim: Claim, network_file: NetworkFile) -> NeuronBounds | None:
    """None for problems other than 2-AND, whose floors are others."""
    if not isinstance(claim.problem, TwoAnd):
        return None
    outputs, size = len(claim.problem.pairs), sizes(network_file.network, claim.problem)
    own = Curve(label="this network", outputs=(outputs,), neurons=(size.neurons,))
    lines = tuple(floor_curves(outputs, claim.k, WEIGHTS))
    known = [row for row in known_networks() if outputs / NEAR <= row.outputs <= outputs * NEAR]
    points = tuple(known_points(fewest_neurons(known, k=claim.k)))
    return NeuronBounds(lines=lines, points=points, outputs=outputs, own=own)
