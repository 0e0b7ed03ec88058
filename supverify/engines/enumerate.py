"""Exact enumeration of every k-sparse input: the engine that counts."""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice
from math import comb, inf
from typing import Protocol

from supverify.kernel.certificate import witness
from supverify.kernel.claim import Claim
from supverify.kernel.verdict import Status

from . import scan_numba, scan_numpy
from .answer import Answer, Progress, Statistics
from .arrays import Arrays, arrays
from .limbs import EXACT
from .ranks import subset
from .scan_numpy import DENSEST, dense_weights
from .tally import Tally, first_wrong, statistics


class Scan(Protocol):
    """Counts over some inputs; several threads may use it at once."""

    def tally(self, first: tuple[int, ...], inputs: int, deadline: float | None) -> Tally:
        """The tally of ``first`` and those behind it in the documented order, ``inputs`` of its size in all."""
        ...


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
        tallies: list[Tally] = []
        done, total = 0, claim.population(claim.domain)
        compiled = compile_pays(prepared, total) if self.compiled is None else self.compiled
        detail = f"{'numba' if compiled else 'numpy'}, {'64-bit' if prepared.fits else 'unbounded'} integers"
        scan: Scan = scan_numba.Scan(prepared) if compiled else scan_numpy.Scan(prepared)
        for tally in tallies_of(claim, scan):
            tallies.append(tally)
            done += tally.inputs
            if progress:
                progress("enumerate: inputs", done, total)
            if deadline is not None and time.monotonic() > deadline and done < total:
                detail = f"time limit after {done} of {total} inputs"
                return self._answer(started, tallies, None, detail)
        return self._answer(started, tallies, statistics(claim, tallies), detail)

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


WORK = 1 << 22  # neurons, over all inputs of a block; some hundredths of a second
TASKS = 8  # blocks handed to the threads at a time, so that a time limit takes effect

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


def tallies_of(claim: Claim, scan: Scan) -> Iterator[Tally]:
    """The tallies of blocks of inputs, in the documented order, on all cores."""
    block = max(1, WORK // (sum(claim.network.widths[1:]) + claim.k))
    inputs = claim.network.inputs
    blocks = (
        (subset(place, inputs, size), min(block, comb(inputs, size) - place))
        for size in claim.sizes(claim.domain)
        for place in range(0, comb(inputs, size), block)
    )
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        while some := list(islice(blocks, TASKS)):
            yield from pool.map(lambda part: scan.tally(part[0], part[1], None), some)
