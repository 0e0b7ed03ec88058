"""Which oracles may be relied on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ..engines import ArithmeticVerdict, NetworkVerdict
from ..kernel.verdict import Status


def permitted(verdict: NetworkVerdict, permit: Collection[str] | None) -> NetworkVerdict:
    """The verdict, or UNKNOWN where it relies on an oracle that is not among those to ``permit`` (None: all are).

    So is the part of each arithmetic. What is UNKNOWN then has no counterexample and no counts: they would say what
    the verdict may not.
    """
    if permit is None:
        return verdict
    allowed = replace(verdict, arithmetic=tuple(_permitted_part(part, permit) for part in verdict.arithmetic))
    reason = _refusal(verdict, permit)
    if not reason:
        return allowed
    unknown = replace(allowed, status=Status.UNKNOWN, oracles=frozenset(), reason=reason)
    return replace(unknown, counterexample=None, statistics=None)


def _permitted_part(part: ArithmeticVerdict, permit: Collection[str]) -> ArithmeticVerdict:
    reason = _refusal(part, permit)
    if not reason:
        return part
    unknown = replace(part, status=Status.UNKNOWN, oracles=frozenset(), reason=reason)
    return replace(unknown, counterexample=None, statistics=None, refuted_in=None, wrong=())


def _refusal(verdict: NetworkVerdict | ArithmeticVerdict, permit: Collection[str]) -> str:
    """Why the verdict may not be relied on, empty where it may."""
    missing = ", ".join(sorted(verdict.oracles - set(permit)))
    return f"{verdict.status.name} only by {missing}, which is not permitted" if missing else ""
