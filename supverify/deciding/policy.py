"""Which oracles may be relied on."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from ..engines import NetworkVerdict
from ..kernel.verdict import Status


def permitted(verdict: NetworkVerdict, permit: Collection[str] | None) -> NetworkVerdict:
    """The verdict, or UNKNOWN where it relies on an oracle that is not among those to ``permit`` (None: all are)."""
    if permit is None or verdict.oracles <= set(permit):
        return verdict
    missing = ", ".join(sorted(verdict.oracles - set(permit)))
    reason = f"{verdict.status.name} only by {missing}, which is not permitted"
    return replace(verdict, status=Status.UNKNOWN, oracles=frozenset(), statistics=None, reason=reason)
