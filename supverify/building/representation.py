"""Codes that represent features without computing anything: found, written, read back, and verified.

Representing m features needs O(k^2 log m) neurons, computing as many ANDs of them needs about sqrt(m): the gap
between the two is exponential (Adler & Shavit 2025), and here it is measured.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2
from pathlib import Path

from ..deciding.evidence import EvidencePaths
from ..deciding.verification import state
from ..engines import Disagreement, NetworkVerdict, Progress, shrink
from ..engines.verify import Store, in_memory
from ..files import NetworkFile, check_network_path, read_network, write_network
from ..kernel.certificate import REPLAY, Certificate, witness
from ..kernel.check import recheck
from ..kernel.claim import Claim, Criterion, Permutation
from ..kernel.errors import Refusal
from ..kernel.network import Network
from ..kernel.verdict import Status
from ..models.counting import Choices, bits_to_tell_apart, least_width
from ..models.misread import misread
from ..models.representations import (
    Representation,
    johnson_lindenstrauss,
    reading_evidence,
    represent,
    representing_floor,
)

FAST_CHECK = "fast-check"
KERNEL_STEPS = 200_000_000
"""Numbers that the kernel adds for one claim; of more, the fast check alone is asked."""


@dataclass(frozen=True, kw_only=True)
class Represented:
    """A verified code as plain values: the fields of ``supverify represent --json``.

    ``neurons`` is the width of x0 = C y, from which all k-sparse inputs are read back. Beside it: ``floor``, below
    which the inputs cannot even be told apart; ``k2_log2m`` and ``johnson_lindenstrauss``, the usual expressions;
    ``computing_floor``, the width that counting asks for where as many ANDs are computed (two layers of n x n
    one-bit weights), and ``computing``, the width of a network that was built and verified (None: none is given).
    ``ratio`` is the larger of these two, in neurons, over ``neurons``.
    """

    features: int
    k: int
    seed: int
    neurons: int
    weight: int
    overlap: int
    construction: str
    status: str
    reason: str
    oracles: tuple[str, ...]
    inputs_claimed: int
    counterexample: tuple[int, ...] | None
    network: str | None
    claim: str | None
    certificate: str | None
    floor: int
    k2_log2m: int
    johnson_lindenstrauss: int
    computing: int | None
    computing_floor: int
    ratio: float


def represent_and_verify(
    output: Path | None = None,
    *,
    features: int,
    k: int,
    seed: int = 0,
    computing: int | None = None,
    progress: Progress | None = None,
) -> Represented:
    """Finds a code, writes it as a network to ``output`` (None: nothing is written), and verifies what was written.

    ``computing``: the neurons of the best network known that computes as many ANDs, for comparison. Raises Malformed
    for a bad request and where nothing can be written, Disagreement if the fast check and the kernel do not agree.
    """
    if output is not None:
        check_network_path(output)
    paths = EvidencePaths.beside(output) if output is not None else None
    found = represent(features=features, k=k, seed=seed, progress=progress)
    claim = found.claim() if output is None else _written(found, output)
    verdict = decide_reading(claim, store=paths.store if paths else in_memory, progress=progress)
    return _record(found, verdict, output, paths, computing)


def _written(found: Representation, output: Path) -> Claim:
    """The claim about the network that is read from the file it was written to."""
    code = Network(found.features, found.network.layers[:1])
    write_network(output, NetworkFile(code, found.network))
    problem = Permutation(tuple(range(found.features)))
    return state(read_network(output), problem, k=found.k, criterion=Criterion("readout"))


def decide_reading(claim: Claim, *, store: Store = in_memory, progress: Progress | None = None) -> NetworkVerdict:
    """Whether a linear network reads its inputs back (``models.representations.reading``), checked by the kernel.

    The fast check decides, and its answer becomes evidence; a proof too large for the kernel names ``fast-check``.
    Raises Malformed for another network, Disagreement if the kernel refuses the evidence.
    """
    active = misread(claim.network, claim.k, progress=progress)
    if active is None and not _fits(claim):
        reason = "too large for the kernel; see the oracles"
        return NetworkVerdict(claim=claim, status=Status.PROVED, oracles=frozenset({FAST_CHECK}), reason=reason)
    evidence = _proof(claim) if active is None else witness(shrink(claim, active))
    certificate = Certificate(claim.digest, evidence)
    if progress:
        progress("kernel: checks the certificate", 0, 1)
    try:
        verdict = recheck(*store(claim, certificate))
    except Refusal as refusal:
        raise Disagreement(f"the kernel refuses the fast check's evidence: {refusal}") from refusal
    return NetworkVerdict(
        claim=claim,
        certificate=certificate,
        status=verdict.status,
        counterexample=verdict.counterexample,
        reason=verdict.reason,
    )


def _proof(claim: Claim) -> str:
    return REPLAY if _replayed(claim) else reading_evidence(claim.network.inputs, claim.k)


def _fits(claim: Claim) -> bool:
    """Whether the kernel adds few enough numbers: all outputs, from the rows of the code that each reads."""
    first, last = claim.network.layers
    sizes = [len(row) for row in first.sources]
    return _replayed(claim) or sum(sizes[r] for row in last.sources for r in row) <= KERNEL_STEPS


def _replayed(claim: Claim) -> bool:
    """Whether to evaluate all inputs is little work: with one active input there are few, and dense codes."""
    return claim.k <= 1 and claim.network.inputs * claim.population(claim.domain) <= KERNEL_STEPS


def computing_floor(features: int) -> int:
    """The least n for which two layers of n x n one-bit weights and n biases tell all sets of m pairs apart.

    0 where there are fewer than m pairs of different features.
    """
    pairs = features * (features - 1) // 2
    return least_width(bits_to_tell_apart(Choices(pairs, features)), 2) if pairs >= features else 0


def _record(
    found: Representation,
    verdict: NetworkVerdict,
    output: Path | None,
    paths: EvidencePaths | None,
    computing: int | None,
) -> Represented:
    certified = paths if verdict.certificate is not None else None
    floor = computing_floor(found.features)
    return Represented(
        features=found.features,
        k=found.k,
        seed=found.seed,
        neurons=found.neurons,
        weight=found.weight,
        overlap=found.overlap,
        construction=found.how,
        status=verdict.status.name,
        reason=verdict.reason,
        oracles=tuple(sorted(verdict.oracles)),
        inputs_claimed=verdict.claim.population(verdict.claim.domain),
        counterexample=verdict.counterexample,
        network=str(output) if output else None,
        claim=str(certified.claim) if certified else None,
        certificate=str(certified.certificate) if certified else None,
        floor=representing_floor(found.features, found.k),
        k2_log2m=ceil(max(found.k, 1) ** 2 * log2(found.features)),
        johnson_lindenstrauss=johnson_lindenstrauss(found.features, found.k),
        computing=computing,
        computing_floor=floor,
        ratio=max(computing or 0, floor) / found.neurons,
    )
