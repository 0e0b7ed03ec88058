"""Networks that are built, written, read back from their file, and verified on every k-sparse input."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from .. import engines
from ..deciding.evidence import EvidencePaths
from ..deciding.verification import Verification, settle, state
from ..engines import Progress
from ..files import NetworkFile, check_network_path, read_network, write_network
from ..kernel.claim import Criterion, Problem
from ..models import Construction, Variant, build, default_variant, sizes
from ..models.expressions import Expressions

CRITERIA: tuple[Literal["code", "readout"], ...] = ("code", "readout")


@dataclass(frozen=True, kw_only=True)
class BuiltNetwork:
    """A network that was built, as plain values: the fields of ``supverify build --json``.

    ``status`` is the worst of ``verified``; ``variant`` is the construction that was used,
    ``aligned`` as in ``models.Construction``. ``neurons`` is
    the width to compare with ``separate_neurons``, the width without superposition, and with ``counting_floor``, the
    width that counting asks for; see ``models.Sizes``.
    """

    network: str
    status: str
    k: int
    seed: int
    variant: str
    minimised: bool
    inputs: int
    outputs: int
    neurons: int
    layers: int
    widths: tuple[int, ...]
    parameters: int
    nonzeros: int
    weight_bits: int
    bits: int
    entropy: float
    code_bits: int
    code_entropy: float
    readout_bits: int
    readout_entropy: float
    separate_neurons: int
    counting_floor: int
    counting_floor_bits: int
    bits_ratio: float | None
    entropy_ratio: float | None
    paper: Expressions
    attempts: int
    aligned: int
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
    variant: Variant | None = None,
    minimise: bool = False,
    progress: Progress | None = None,
) -> BuiltNetwork:
    """Builds a network for ``problem``, writes it to ``output``, and verifies both readings of what was written.

    ``variant`` and ``minimise`` are those of ``models.build``. ``code``: the last layer is the OR-code of the
    outputs; ``readout``: decoded, every output is right. Raises Malformed for a problem that cannot be built and
    where nothing can be written, Disagreement if an engine and the kernel contradict each other.
    """
    check_network_path(output)
    paths = {kind: EvidencePaths.beside(output, name=kind) for kind in CRITERIA}
    built = build(problem, k=k, seed=seed, neurons=neurons, variant=variant, minimise=minimise, progress=progress)
    write_network(output, network_file(built))
    file = read_network(output)
    claims = {kind: state(file, problem, k=k, criterion=Criterion(kind)) for kind in CRITERIA}
    verdicts = {
        kind: engines.verify(claim, progress=progress, store=paths[kind].store) for kind, claim in claims.items()
    }
    return BuiltNetwork(
        network=str(output),
        status=min(verdict.status for verdict in verdicts.values()).name,
        k=k,
        seed=seed,
        variant=variant or default_variant(problem, k=k),
        minimised=minimise,
        inputs=problem.inputs,
        outputs=len(problem.targets()),
        widths=built.network.widths,
        attempts=built.attempts,
        aligned=built.aligned,
        verified=tuple(settle(verdicts[kind], paths[kind]) for kind in CRITERIA),
        **_sizes(built),
    )


def _sizes(built: Construction) -> dict[str, Any]:
    found = dict(vars(sizes(built.network, built.problem, decoded=built.decoded)))
    return {"counting_floor": found.pop("counting_floor_neurons"), **found}
