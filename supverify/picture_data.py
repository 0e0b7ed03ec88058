"""From a verdict to everything that its pictures show; ``report.pictures.draw`` draws it."""

from __future__ import annotations

from dataclasses import replace

from .engines import NetworkVerdict
from .files import NetworkFile
from .files.capacity import fewest_neurons, known_networks
from .kernel.claim import Claim, TwoAnd
from .models import sizes
from .models.bounds import WEIGHTS
from .paper import classified
from .picture_curves import floor_curves, known_points
from .report.model import Classification
from .report.pictures.data import Curve, NeuronBounds, PictureData

LARGEST_GRAPH = 400  # inputs and outputs together of a graph that people can still read


def pictures_data(verdict: NetworkVerdict, network_file: NetworkFile, *, problem: str = "the problem") -> PictureData:
    """What is to be seen of a network whose claim was decided; ``problem`` names it for people.

    The same verdict gives the same data. The capacity table of the working folder is read where there is one.
    """
    claim = verdict.claim
    return PictureData(influence=_influence(claim, problem), capacity=_capacity(claim, network_file))


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
    known = known_points(fewest_neurons(known_networks(), k=claim.k))
    return NeuronBounds(lines=tuple(floor_curves(outputs, claim.k, WEIGHTS)), points=(own, *known), outputs=outputs)
