"""Networks that are built, written, read back from their file, and verified on every k-sparse input."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from . import engines
from .engines import Progress
from .files import NetworkFile, check_network_path, read_network, write_network
from .kernel.claim import Criterion, Problem
from .kernel.verdict import Status
from .models import Construction, build, sizes
from .verification import EvidencePaths, Verification, settle, state

CRITERIA: tuple[Literal["code", "readout"], ...] = ("code", "readout")


@dataclass(frozen=True, kw_only=True)
class BuiltNetwork:
    """A network that was built, as plain values: the fields of ``supverify build --json``.

    ``status`` is the worst of ``verified``. ``neurons`` is the width to compare with ``separate_neurons``, the width
    without superposition, and with ``counting_floor``, the width that counting asks for; see ``models.Sizes``.
    """

    network: str
    status: str
    k: int
    seed: int
    inputs: int
    outputs: int
    neurons: int
    layers: int
    widths: tuple[int, ...]
    parameters: int
    nonzeros: int
    weight_bits: int
    bits: int
    separate_neurons: int
    counting_floor: int
    counting_floor_bits: int
    attempts: int
    verified: tuple[Verification, ...]


def network_file(built: Construction) -> NetworkFile:
    """What ``write_network`` writes of a construction."""
    return NetworkFile(built.network, built.decoded, built.code, len(built.problem.targets()))


def build_and_verify(
    problem: Problem,
    output: Path,
    *,
    k: int,
    seed: int = 0,
    neurons: int | None = None,
    progress: Progress | None = None,
) -> BuiltNetwork:
    """Builds a network for ``problem``, writes it to ``output``, and verifies both readings of what was written.

    ``code``: the last layer is the OR-code of the outputs; ``readout``: decoded, every output is right. Raises
    Malformed for a problem that cannot be built and where nothing can be written, Disagreement if an engine and
    the kernel contradict each other.
    """
    check_network_path(output)
    paths = {kind: EvidencePaths.beside(output, name=kind) for kind in CRITERIA}
    built = build(problem, k=k, seed=seed, neurons=neurons, progress=progress)
    write_network(output, network_file(built))
    file = read_network(output)
    claims = {kind: state(file, problem, k=k, criterion=Criterion(kind)) for kind in CRITERIA}
    verdicts = {
        kind: engines.verify(claim, progress=progress, store=paths[kind].store) for kind, claim in claims.items()
    }
    verified = tuple(settle(verdicts[kind], paths[kind]) for kind in CRITERIA)
    size = sizes(built.network, problem)
    return BuiltNetwork(
        network=str(output),
        status=min(Status[answer.status] for answer in verified).name,
        k=k,
        seed=seed,
        inputs=problem.inputs,
        outputs=len(problem.targets()),
        neurons=size.neurons,
        layers=size.layers,
        widths=built.network.widths,
        parameters=size.parameters,
        nonzeros=size.nonzeros,
        weight_bits=size.weight_bits,
        bits=size.bits,
        separate_neurons=size.separate_neurons,
        counting_floor=size.counting_floor_neurons,
        counting_floor_bits=size.counting_floor_bits,
        attempts=built.attempts,
        verified=verified,
    )
