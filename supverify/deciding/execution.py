"""Where engines do their work, and what is kept of it: cores, a cluster, a journal to go on from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from .. import engines as search
from ..engines import Execution, Local, NetworkVerdict, Runner
from ..files import Journal
from ..kernel.claim import Claim
from ..kernel.errors import Malformed
from ..kernel.verdict import Status


@dataclass(frozen=True, kw_only=True)
class Where:
    """``jobs`` cores (None: all) of this machine, or the cluster of a dask ``scheduler`` such as tcp://host:8786.

    Finished shards are kept in ``journal`` after ``journal_after`` seconds; ``resume`` goes on with what an earlier
    run left there, if it left anything. The journal is removed when nothing is left to do, unless ``keep_journal``.
    """

    jobs: int | None = None
    scheduler: str | None = None
    journal: Path | None = None
    journal_after: float = 0.0
    resume: bool = False
    keep_journal: bool = False


def search_there(claim: Claim, where: Where, **options: Any) -> NetworkVerdict:
    """``engines.verify(claim, **options)`` done there: the same verdict and the same certificate, to the byte.

    Raises Malformed for a scheduler that cannot be reached, and a journal that cannot be used.
    """
    if where.journal is None and (where.resume or where.keep_journal):
        raise Malformed("journal", "a file to resume from or to keep", "none")
    with _runner(where) as runner:
        if where.journal is None:
            return search.verify(claim, execution=Execution(runner), **options)
        journal = Journal(where.journal, claim.digest, resume=where.resume, after=where.journal_after)
        keep = True
        try:
            verdict = search.verify(claim, execution=Execution(runner, journal), **options)
            left = journal.written and journal.unfinished and verdict.status is not Status.PROVED
            keep = left or where.keep_journal
        finally:
            journal.close(keep=keep)
    return replace(verdict, reason=f"{verdict.reason}{goes_on(where.journal)}") if left else verdict


def goes_on(journal: Path) -> str:
    """What is said after the reason of a verdict whose search is not over."""
    return f"; --resume goes on from {journal}"


@contextmanager
def _runner(where: Where) -> Iterator[Runner]:
    if where.jobs is not None and where.jobs < 1:
        raise Malformed("jobs", "at least 1", where.jobs)
    if where.scheduler is None:
        yield Local(where.jobs)
        return
    if where.jobs is not None:
        raise Malformed("scheduler", "either jobs on this machine or a scheduler", "both")
    from ..engines.shards.dask import connected

    with connected(where.scheduler) as runner:
        yield runner
