"""Exact enumeration of every k-sparse input: the engine that counts."""

from __future__ import annotations

import importlib.util
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import inf

from supverify.kernel.certificate import witness
from supverify.kernel.claim import Claim
from supverify.kernel.verdict import Status

from . import scan_numba, scan_numpy
from .answer import Answer, Progress, Statistics
from .arrays import Arrays, arrays
from .limbs import EXACT
from .scan_numpy import DENSEST, dense_weights
from .tally import Tally, add, first_wrong, statistics


@dataclass(frozen=True)
class Enumerate:
    """The engine; ``compiled`` None means numba where it is installed, exact in 64 bits, and faster."""

    compiled: bool | None = None
    name: str = "enumerate"

    def run(self, claim: Claim, *, seconds: float | None = None, progress: Progress | None = None) -> Answer:
        """PROVED or REFUTED with all counts, or UNKNOWN when the seconds are used up."""
        started = time.monotonic()
        deadline = None if seconds is None else started + seconds
        prepared = arrays(claim)
        totals: dict[int, Tally] = {}
        done, total = 0, claim.population(claim.domain)
        compiled = compile_pays(prepared, total) if self.compiled is None else self.compiled
        detail = f"{'numba' if compiled else 'numpy'}, {'64-bit' if prepared.fits else 'unbounded'} integers"
        for tally in _scan(claim, prepared, compiled=compiled):
            add(totals, tally)
            done += tally.inputs
            if progress:
                progress("enumerate: inputs", done, total)
            if deadline is not None and time.monotonic() > deadline and done < total:
                detail = f"time limit after {done} of {total} inputs"
                return self._answer(started, totals.values(), None, detail)
        return self._answer(started, totals.values(), statistics(claim, totals.values()), detail)

    def _answer(self, started: float, tallies: Iterable[Tally], counts: Statistics | None, detail: str) -> Answer:
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


def compile_pays(claim: Arrays, population: int) -> bool:
    """Whether numba can count exactly, and is expected to be faster than numpy on so many inputs."""
    if not claim.fits or not numba_installed():
        return False
    return START + population * _compiled_seconds(claim) < population * _numpy_seconds(claim)


# Seconds for one number, measured on one core of a 2020s server; they decide speed, never a result.
START = 1.0  # to import numba and load what it has compiled
WEIGHT, OUTPUT, SUM = 1e-9, 2e-9, 5e-10  # in the compiled scan
DENSE_WEIGHT, DENSE_OUTPUT, DENSE_SUM = 1e-10, 2e-8, 4e-9  # in numpy's


def _compiled_seconds(claim: Arrays) -> float:
    weights = sum(len(layer.weights) for layer in claim.layers)
    return WEIGHT * weights + OUTPUT * claim.outputs + SUM * len(claim.start)


def _numpy_seconds(claim: Arrays) -> float:
    limbs = 1 if claim.bound < EXACT else 3
    if dense_weights(claim) * limbs > DENSEST:
        return inf
    widths, weights = [len(claim.start), *(len(layer.bias) for layer in claim.layers)], dense_weights(claim)
    return DENSE_WEIGHT * weights * limbs**2 + DENSE_OUTPUT * claim.outputs + DENSE_SUM * sum(widths) * limbs


def _scan(claim: Claim, prepared: Arrays, *, compiled: bool) -> Iterator[Tally]:
    scan = scan_numba.scan if compiled else scan_numpy.scan
    for size in claim.sizes(claim.domain):
        yield from scan(prepared, size)
