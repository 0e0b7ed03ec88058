"""Circuits of ANDs that are built, written, read back from their file, and verified level by level and end to end."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .. import engines
from ..deciding.evidence import EvidencePaths
from ..deciding.verification import Verification, settle, state
from ..engines import Progress
from ..files import check_network_path, read_bytes, read_network, write_network
from ..kernel.claim import Claim, Criterion
from ..kernel.codec import decode, parse
from ..kernel.errors import Malformed
from ..kernel.network import Network
from ..kernel.verdict import Status
from ..models.circuits import Circuit, Composition, compose
from .construction import CRITERIA, network_file

ENGINES = ("enumerate",)  # which counts, and after which the kernel replays; Z3 dies of so many layers


def read_circuit(path: str | Path) -> Circuit:
    """The circuit in a JSON file such as {"inputs": 4, "levels": [[[0, 1], [2, 3]], [[0, 1]]]}; raises Malformed."""
    circuit: Circuit = decode(Circuit, parse(read_bytes(path), str(path)), f"{path}: circuit")
    return circuit


@dataclass(frozen=True, kw_only=True)
class BuiltComposition:
    """A circuit's network as plain values; ``status`` is the worst of ``verified``, which names its claims.

    For each level: ``gates``, the widest ReLU layer (``neurons``), and the most gates that are ever true at once
    (``together``). A level with no fewer neurons than gates is exact, but gains nothing from superposition.
    """

    network: str
    status: str
    k: int
    seed: int
    inputs: int
    outputs: int
    gates: tuple[int, ...]
    neurons: tuple[int, ...]
    together: tuple[int, ...]
    widths: tuple[int, ...]
    attempts: int
    verified: dict[str, Verification]


def compose_and_verify(
    circuit: Circuit, output: Path, *, k: int, seed: int = 0, progress: Progress | None = None
) -> BuiltComposition:
    """Builds the network of ``circuit``, writes it to ``output``, and verifies every claim on what was written.

    Beside it stand a claim and a certificate for each: ``NETWORK.level-1-code.claim.json``, ... Raises Malformed for
    a circuit that cannot be built and where nothing can be written, Disagreement if an engine and the kernel
    contradict each other.
    """
    check_network_path(output)
    built = compose(circuit, k=k, seed=seed, progress=progress)
    paths = {name: EvidencePaths.beside(output, name=_slug(name)) for name in built.claims()}
    write_network(output, network_file(built.levels[-1]))
    verified = {}
    for name, claim in written_claims(built, output).items():
        verdict = engines.verify(claim, engines=ENGINES, progress=progress, store=paths[name].store)
        verified[name] = settle(verdict, paths[name])
    return BuiltComposition(
        network=str(output),
        status=min(Status[answer.status] for answer in verified.values()).name,
        k=k,
        seed=seed,
        inputs=circuit.inputs,
        outputs=len(circuit.levels[-1]),
        gates=tuple(map(len, circuit.levels)),
        neurons=built.neurons,
        together=built.counts,
        widths=built.network.widths,
        attempts=sum(level.attempts for level in built.levels),
        verified=verified,
    )


def written_claims(built: Composition, path: Path) -> dict[str, Claim]:
    """The claims of a composition about the network that is in the file, not the one in memory; raises Malformed."""
    file = read_network(path)
    if file.decoded is None or _shape(file.network) != _shape(built.network):
        raise Malformed(str(path), f"the network of the circuit, with widths {built.network.widths}", "another one")
    ends = {
        f"end to end: {kind}": state(file, built.circuit.problem(), k=built.k, criterion=Criterion(kind))
        for kind in CRITERIA
    }
    return {**built.of(file.network, file.decoded).claims(), **ends}


def _shape(network: Network) -> tuple[tuple[int, ...], tuple[bool, ...]]:
    return network.widths, tuple(layer.relu for layer in network.layers)


def _slug(name: str) -> str:
    return name.replace(":", "").replace(" ", "-")
