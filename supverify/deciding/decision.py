"""How a claim is decided, in one order for every verb: engines, counts, arithmetics, the largest k, the hints."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from ..engines import NetworkVerdict, Order, Progress, Store, check_probability, counted, in_memory
from ..files import NetworkFile
from ..kernel.claim import Claim
from ..kernel.verdict import Status
from ..report.network_model import LargestK
from ..report.superposition_model import Superposition
from .arithmetics import in_arithmetics, semantics
from .execution import Where, search_there
from .gate_order import order_of_gates
from .largest import largest_k
from .likely_mistakes import hints
from .policy import permitted


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked of a claim beside its truth, and of whom: the options of ``supverify verify``.

    ``seconds`` limits each engine; ``bernoulli``: probabilities of a feature, for each of which the error
    probability is wanted; ``statistics``: count every wrong input also where another engine than enumeration has
    decided; ``largest``: search for the largest k; ``superposition``: whether the network computes in superposition;
    ``permit``: the only oracles that may be relied on (None: all).
    """

    engines: tuple[str, ...] | None = None
    seconds: float | None = None
    arithmetics: tuple[str, ...] = ("exact",)
    order: Order = "bias-last"
    statistics: bool = False
    bernoulli: tuple[Fraction, ...] = ()
    largest: bool = False
    superposition: bool = False
    permit: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The verdict over the real numbers, the one in every arithmetic that was asked for, and what was found beside.

    Both rest on oracles that are permitted alone, and what is said in an arithmetic on nothing else about the reals.
    ``order`` names the outputs where they fit the gates in another order, ``hints`` are likely mistakes in words.
    """

    exact: NetworkVerdict
    verdict: NetworkVerdict
    largest: LargestK | None = None
    order: tuple[int, ...] | None = None
    hints: tuple[str, ...] = ()
    superposition: Superposition | None = None


def decide(
    claim: Claim,
    file: NetworkFile,
    asked: Asked,
    *,
    where: Where,
    store: Store = in_memory,
    progress: Progress | None = None,
) -> Decision:
    """Decides the claim that a network file states; ``store`` keeps the evidence (see ``engines.verify``).

    Raises Malformed for an engine, an arithmetic or a probability that is none, and what cannot be done at ``where``;
    Disagreement if two engines contradict each other.
    """
    for p in asked.bernoulli:
        check_probability(p, claim.network.inputs)
    wanted = semantics(asked.arithmetics, asked.order)
    limits: dict[str, Any] = {"seconds": asked.seconds, "progress": progress}
    exact = search_there(claim, where, engines=asked.engines, store=store, **limits)
    exact = permitted(counted(exact, **limits) if asked.statistics else exact, asked.permit)
    verdict = in_arithmetics(exact, file, wanted, **limits)
    order = order_of_gates(claim) if exact.status is Status.REFUTED else None
    return Decision(
        exact=exact,
        verdict=permitted(verdict, asked.permit),
        largest=_largest(exact, asked, limits) if asked.largest else None,
        order=order,
        hints=hints(claim, exact.status, order=order),
        superposition=_superposition(exact, asked, limits) if asked.superposition else None,
    )


def _largest(exact: NetworkVerdict, asked: Asked, limits: dict[str, Any]) -> LargestK:
    return largest_k(exact.claim, known=exact, engines=asked.engines, permit=asked.permit, **limits)


def _superposition(exact: NetworkVerdict, asked: Asked, limits: dict[str, Any]) -> Superposition:
    from ..gathering.anatomy import anatomy  # the models are not needed for a verdict alone

    return anatomy(exact, permit=asked.permit, **limits)
