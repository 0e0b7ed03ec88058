"""Several engines, one verdict: what they agree on, after the kernel has re-read their evidence."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from supverify.kernel.certificate import REPLAY, Certificate
from supverify.kernel.check import REPLAY_LIMIT, wrong_outputs
from supverify.kernel.claim import Claim
from supverify.kernel.codec import serialise
from supverify.kernel.errors import Malformed, Refusal
from supverify.kernel.verdict import Status, Verdict

from .answer import Answer, Engine, Progress, Statistics
from .branch import Branch
from .channels.engine import Channels
from .channels.shape import suits
from .contract.engine import Contract
from .dense.cells import one_hidden
from .dense.engine import Dense
from .enumeration.engine import Enumerate
from .fast_check.reread import reread
from .floating_point.semantics import EXACTLY, Arithmetic, ArithmeticVerdict
from .notebook import verdict_html
from .shards.run import Execution, decide
from .shards.work import is_sharded
from .smt import Smt

ENGINES: dict[str, Engine] = {
    engine.name: engine for engine in (Enumerate(), Smt(), Branch(), Contract(), Channels(), Dense())
}
Store = Callable[[Claim, Certificate], tuple[bytes, bytes]]
"""Puts a claim and its certificate where they are kept, and returns what is found there."""

SMALL = 32  # inputs up to which every general engine is asked when nobody chooses
REPLAY_WORK = 1 << 31  # active sets times neurons that the kernel is asked to replay, some minutes of its time
QUICK = 1 << 25  # the same, some seconds
AT_ONCE = 1 << 20  # the same, a second
LONGEST = 1 << 33  # active sets that enumeration is still asked to go through


class Disagreement(Exception):
    """Two engines, or an engine and the kernel, contradict each other: a bug in supverify, never a verdict."""


def in_memory(claim: Claim, certificate: Certificate) -> tuple[bytes, bytes]:
    """The contents of the two files, of which none is written."""
    return serialise(claim), serialise(certificate)


@dataclass(frozen=True, kw_only=True)
class NetworkVerdict(Verdict):
    """A verdict on a claim about a network, with the evidence the kernel accepted and what the engines said.

    Status, counterexample and statistics are those of the arithmetic ``decided_in``; the certificate, and what the
    engines said, of the real numbers. ``arithmetic`` has a part for every arithmetic, the exact one first, where
    another one was asked for.
    """

    claim: Claim = field(repr=False)
    certificate: Certificate | None = field(default=None, repr=False)
    statistics: Statistics | None = field(default=None, repr=False)
    engines: tuple[Answer, ...] = field(default=(), repr=False)
    kernel_seconds: float = 0.0
    decided_in: Arithmetic = EXACTLY
    arithmetic: tuple[ArithmeticVerdict, ...] = ()

    @property
    def exact(self) -> Verdict:
        """The verdict over the real numbers."""
        return self.arithmetic[0] if self.arithmetic else self

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return verdict_html(self)


def verify(
    claim: Claim,
    *,
    engines: Sequence[str] | None = None,
    seconds: float | None = None,
    progress: Progress | None = None,
    store: Store = in_memory,
    execution: Execution | None = None,
) -> NetworkVerdict:
    """Decides a claim: PROVED and REFUTED rest on evidence that the kernel has re-read, or name their oracles.

    The kernel reads what ``store`` returns, such as the files that it has written; where it would take minutes, a
    fast reading does, the oracle ``fast-check``.

    ``engines`` None asks enumeration, Z3 and ``branch`` up to 32 inputs. Beyond, one engine after the other until one
    decides; ``channels`` and ``dense`` only where the network has that shape. In this order, where the kernel would
    replay every input in

        a second    enumeration
        seconds     enumeration; ``channels`` or ``dense`` also for what it proves: their evidence is re-read sooner
        minutes     ``channels`` or ``dense``, enumeration
        more        ``channels`` or ``dense``, ``contract``, enumeration of less than 2^33 inputs

    ``seconds`` limits each.
    ``execution`` says where engines whose work splits into shards have it done; the verdict is the same everywhere.
    Raises Malformed for an unknown engine, Disagreement when two answers contradict each other.
    """
    names = _default(claim) if engines is None else engines
    for name in names:
        if name not in ENGINES:
            raise Malformed("engines", "some of " + ", ".join(ENGINES), name)
    if not names:
        raise Malformed("engines", "at least one of " + ", ".join(ENGINES), "none")
    answers: list[Answer] = []
    for name in names:
        answers.append(_ask(ENGINES[name], claim, seconds, progress, execution))
        if engines is None and claim.network.inputs > SMALL and _enough(claim, answers[-1]):
            break
    _compare(answers)
    return _conclude(claim, answers, store)


def _default(claim: Claim) -> list[str]:
    """The engines to ask, in this order, when nobody chooses; beyond 32 inputs until one has said ``_enough``."""
    if claim.network.inputs <= SMALL:
        return ["enumerate", "smt", "branch"]
    if _replayable(claim, AT_ONCE):
        return ["enumerate"]
    names = ["channels"] if suits(claim) else ["dense"] if one_hidden(claim.network) else []
    if _replayable(claim, QUICK):
        return ["enumerate", *names]
    if _replayable(claim):
        return [*names, "enumerate"]
    return [*names, "contract", *(["enumerate"] if claim.population(claim.domain) < LONGEST else [])]


def _enough(claim: Claim, answer: Answer) -> bool:
    """Whether nobody else is asked: it is decided, and no other evidence would be read much sooner."""
    if answer.status is Status.PROVED and answer.evidence is None:
        return not _replayable(claim, QUICK)
    return answer.status is not Status.UNKNOWN


def _ask(
    engine: Engine, claim: Claim, seconds: float | None, progress: Progress | None, execution: Execution | None
) -> Answer:
    """The engine's answer; an engine that fails has no opinion. Its counterexample is replayed at once."""
    started = time.monotonic()
    try:
        if is_sharded(engine):
            answer = decide(engine, claim, seconds=seconds, progress=progress, execution=execution)
        else:
            answer = engine.run(claim, seconds=seconds, progress=progress)
    except Malformed:  # a journal, or what came from a worker: not the search, but what it was given
        raise
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in untrusted search is UNKNOWN
        detail = f"{type(error).__name__}: {error}"
        return Answer(engine=engine.name, seconds=time.monotonic() - started, detail=detail)
    if answer.counterexample is not None and not wrong_outputs(claim, answer.counterexample):
        raise Disagreement(f"{engine.name} calls {list(answer.counterexample)} wrong, the kernel calls it right")
    return answer


def _compare(answers: list[Answer]) -> None:
    decided = {answer.status: answer for answer in answers if answer.status is not Status.UNKNOWN}
    if len(decided) > 1:
        texts = (f"{a.engine}: {s.name} ({a.detail}; {a.counterexample})" for s, a in decided.items())
        raise Disagreement("; ".join(texts))


def _conclude(claim: Claim, answers: list[Answer], store: Store) -> NetworkVerdict:
    status = next((a.status for a in answers if a.status is not Status.UNKNOWN), Status.UNKNOWN)
    statistics = next((a.statistics for a in answers if a.statistics is not None), None)
    known = NetworkVerdict(claim=claim, statistics=statistics, engines=tuple(answers))
    if status is Status.UNKNOWN:
        return replace(known, reason="; ".join(f"{a.engine}: {a.detail}" for a in answers))
    evidence = _evidence(claim, status, answers)
    if evidence is None:
        oracle = min(
            (a.oracles for a in answers if a.status is status), key=lambda names: (len(names), sorted(names))
        )
        return replace(known, status=status, oracles=oracle, reason="too large for the kernel; see the oracles")
    certificate = Certificate(claim.digest, evidence)
    contents, started = store(claim, certificate), time.monotonic()
    verdict = _recheck(*contents)
    if verdict.status is not status:
        raise Disagreement(f"the engines say {status.name}, the kernel {verdict.status.name}")
    return replace(
        known,
        status=verdict.status,
        oracles=verdict.oracles,
        counterexample=verdict.counterexample,
        reason=verdict.reason,
        certificate=certificate,
        kernel_seconds=time.monotonic() - started,
    )


def _evidence(claim: Claim, status: Status, answers: list[Answer]) -> str | None:
    """The evidence to show the kernel: the smallest counterexample, a tree, or the replay of a bounded domain."""
    agreeing = [a for a in answers if a.status is status]
    if status is Status.REFUTED:
        witnesses = [a for a in agreeing if a.counterexample is not None]
        return min(witnesses, key=lambda a: (len(a.counterexample or ()), a.counterexample)).evidence
    trees = [a.evidence for a in agreeing if a.evidence is not None]
    if trees:
        return trees[0]
    return REPLAY if _replayable(claim) else None


def _replayable(claim: Claim, work: int = REPLAY_WORK) -> bool:
    """Whether the kernel is asked to evaluate every input."""
    population = claim.population(claim.domain)
    return population <= REPLAY_LIMIT and population * sum(claim.network.widths[1:]) <= work


def _recheck(claim: bytes, certificate: bytes) -> Verdict:
    """The verdict on the files' contents; evidence that is refused is a bug of an engine."""
    try:
        return reread(claim, certificate)
    except Refusal as refusal:
        raise Disagreement(f"the kernel refuses an engine's evidence: {refusal}") from refusal
