"""Layer by layer instead of input by input: exact verdicts on the networks of 2-AND, also at large M.

First every hidden neuron is shown to keep its contract, h_r = [two of S_r are active] (``contract.hidden``). Behind
it only inputs that share hidden neurons can make anything happen: all pairs that do (``contract.pairs``), for k = 3
and 4 all larger sets that could move a row of the second step (``contract.rows``), and then what the decoder makes of
the rows that true gates show (``contract.decode``). Integers alone, in 64 bits behind a bound on every sum.

A proof is this engine's own; a counterexample is one that the kernel has called wrong. Where the contract or the
OR-code of the second step is broken without harm to what is claimed, the engine has no opinion.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

import numpy as np

from supverify.kernel.certificate import witness
from supverify.kernel.check import wrong_outputs
from supverify.kernel.claim import Claim
from supverify.kernel.verdict import Status

from ..answer import Answer, Progress
from .centres import centres, check_decoder, check_window, strange_pairs
from .decode import misread
from .hidden import members
from .pairs import check_silence, scan_pairs, tail
from .rows import scan_rows
from .shape import LARGEST_K, Shape, Undecided, shape
from .sparse import Ints, Sparse

MOST_WORK = 1 << 24  # weights that the kernel reads for candidates, all together
MOST_CANDIDATES = 64
PADDINGS = 4  # ways in which a candidate with too few inputs is filled up


@dataclass(frozen=True)
class Contract:
    """The engine."""

    name: str = "contract"

    def run(self, claim: Claim, *, seconds: float | None = None, progress: Progress | None = None) -> Answer:
        """PROVED, REFUTED with a witness, or UNKNOWN: another shape, a harmless fault, the time limit."""
        started = time.monotonic()
        deadline = None if seconds is None else started + seconds
        case = _Case(claim, deadline, progress)
        status = Status.UNKNOWN
        try:
            detail = case.prove()
            status = Status.PROVED
        except _Wrong as wrong:
            status, detail = Status.REFUTED, str(wrong)
        except (Undecided, TimeoutError) as reason:
            detail = str(reason)
        return Answer(
            engine=self.name,
            status=status,
            seconds=time.monotonic() - started,
            oracles=frozenset({self.name}) if status is Status.PROVED else frozenset(),
            counterexample=case.found,
            evidence=None if case.found is None else witness(case.found),
            detail=detail,
        )


class _Wrong(Exception):
    """What is wrong at the counterexample, in one line."""


class _Case:
    """One claim on its way through the layers; ``found`` is a counterexample that the kernel has called wrong."""

    def __init__(self, claim: Claim, deadline: float | None, progress: Progress | None) -> None:
        self.claim, self.deadline, self.progress = claim, deadline, progress
        self.found: tuple[int, ...] | None = None

    def prove(self) -> str:
        """What was checked, in one line; raises _Wrong, Undecided or TimeoutError."""
        parts, k = shape(self.claim), self.claim.k
        if parts.second is None:
            return self._centred(parts, k)
        hidden = members(parts, k, self.tick)
        self._refute(hidden.suspects, "a hidden neuron breaks its contract")
        self._silent(parts)
        visited = 0
        if k >= 2:
            rest = tail(parts, hidden.rows)
            pairs = scan_pairs(parts, rest, self.tick)
            self._refute(pairs.wrong, "a pair of inputs goes wrong behind an ideal hidden step")
            visited = pairs.visited
            if k >= 3:
                wrong, _, more = scan_rows(parts, rest, pairs, k, self.tick)
                self._refute(wrong, "a row of the second step is not the OR of its gates")
                visited += more
                self._readable(parts, pairs.shown, k)
        return f"hidden neurons ideal for k = {k}; {visited} sets of inputs visited"

    def _centred(self, parts: Shape, k: int) -> str:
        """``prove`` for a network of one step."""
        if k < 2:
            raise Undecided("one step alone, and k < 2")
        rows = centres(parts, k, self.tick)
        if parts.decoded:
            check_decoder(parts, rows)
        else:
            strange = np.array(list(strange_pairs(parts, rows)), dtype=np.int64).reshape(-1, 2)
            self._refute(strange, "a row is not the OR of its gates")
            check_window(parts)
        return f"every neuron has a centre for k = {k}"

    def tick(self, what: str, done: int, total: int) -> None:
        """Reports progress; raises TimeoutError after the deadline."""
        if self.progress:
            self.progress(what, done, total)
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise TimeoutError(f"time limit after {done} of {total}: {what.partition(': ')[2]}")

    def _silent(self, parts: Shape) -> None:
        try:
            check_silence(parts)
        except Undecided as reason:
            self._refute(np.full((1, 1), -1, dtype=np.int64), str(reason))

    def _readable(self, parts: Shape, shown: Sparse, k: int) -> None:
        found = misread(parts, shown, k, self.tick)
        if found is not None:
            self._refute(np.array([found], dtype=np.int64), "true gates hide or feign another in the decoder")

    def _refute(self, suspects: Ints, what: str) -> None:
        """Nothing if there are no suspects (sets of inputs, padded with -1); else raises, after a try of some."""
        if not len(suspects):
            return
        weights = sum(len(row) for layer in self.claim.network.layers for row in layer.sources)
        tries = min(MOST_CANDIDATES, MOST_WORK // max(weights, 1)) or 1
        groups = dict.fromkeys(tuple(sorted({j for j in row if j >= 0})) for row in suspects.tolist())
        for active in islice((filled for group in groups for filled in self._filled(group)), tries):
            wrong = wrong_outputs(self.claim, active)
            if wrong:
                self.found = active
                raise _Wrong(f"{what}; output {wrong[0]}")
        raise Undecided(f"{what}, but the outputs tried are right")

    def _filled(self, group: tuple[int, ...]) -> Iterator[tuple[int, ...]]:
        """The set itself if the claim speaks of it, else with some more inputs."""
        short = 0 if self.claim.mode == "at-most" else self.claim.k - len(group)
        free = [j for j in range(min(self.claim.network.inputs, PADDINGS * 2 * LARGEST_K)) if j not in group]
        for start in range(0, PADDINGS * max(short, 1) if short else 1, max(short, 1)):
            more = free[start : start + short]
            if len(more) == short:
                yield tuple(sorted((*group, *more)))
