"""Exact enumeration of every k-sparse input: the engine that counts."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterator
from dataclasses import dataclass

from supverify.kernel.certificate import witness
from supverify.kernel.claim import Claim
from supverify.kernel.verdict import Status

from . import scan_numba, scan_numpy
from .answer import Answer, Progress, Statistics
from .arrays import Arrays, arrays
from .tally import Tally, first_wrong, statistics


@dataclass(frozen=True)
class Enumerate:
    """The engine; ``compiled`` None means numba where it is installed and 64 bits hold every number."""

    compiled: bool | None = None
    name: str = "enumerate"

    def run(self, claim: Claim, *, seconds: float | None = None, progress: Progress | None = None) -> Answer:
        """PROVED or REFUTED with all counts, or UNKNOWN when the seconds are used up."""
        started = time.monotonic()
        deadline = None if seconds is None else started + seconds
        prepared = arrays(claim)
        compiled = prepared.fits and numba_installed() if self.compiled is None else self.compiled
        detail = f"{'numba' if compiled else 'numpy'}, {'64-bit' if prepared.fits else 'unbounded'} integers"
        tallies: list[Tally] = []
        done, total = 0, claim.population(claim.domain)
        for tally in _scan(claim, prepared, compiled=compiled):
            tallies.append(tally)
            done += tally.inputs
            if progress:
                progress("enumerate: inputs", done, total)
            if deadline is not None and time.monotonic() > deadline and done < total:
                detail = f"time limit after {done} of {total} inputs"
                return self._answer(started, tallies, None, detail)
        return self._answer(started, tallies, statistics(claim, tallies), detail)

    def _answer(self, started: float, tallies: list[Tally], counts: Statistics | None, detail: str) -> Answer:
        """A wrong input refutes even an unfinished enumeration; only a finished one, with ``counts``, proves."""
        found = first_wrong(tallies)
        status = Status.REFUTED if found is not None else Status.PROVED if counts is not None else Status.UNKNOWN
        return Answer(
            engine=self.name,
            status=status,
            seconds=time.monotonic() - started,
            oracles=frozenset({"enumeration"}) if status is Status.PROVED else frozenset(),
            counterexample=found,
            evidence=None if found is None else witness(found),
            statistics=counts,
            detail=detail,
        )


def numba_installed() -> bool:
    """Whether the extra ``fast`` is there."""
    return importlib.util.find_spec("numba") is not None


def _scan(claim: Claim, prepared: Arrays, *, compiled: bool) -> Iterator[Tally]:
    scan = scan_numba.scan if compiled else scan_numpy.scan
    for size in claim.sizes(claim.domain):
        yield from scan(prepared, size)
