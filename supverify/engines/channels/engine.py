"""Channel networks as a question of covering: which few inputs meet the needs of a whole channel?

Most outputs close at the root (``channels.root``). Each other one gets a tree of splits (``channels.tree``), whose
leaves the kernel's step bounds close again, or an input on which it is wrong; then the smallest such input of all
outputs is looked for. A claim is cut into ranges of outputs at will: the trees do not depend on each other.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from supverify.kernel.certificate import LEAF, OUTPUTS, SPLIT, witness
from supverify.kernel.claim import Claim
from supverify.kernel.verdict import Status

from ..answer import Answer, Progress
from ..contract.sparse import Ints
from ..enumeration.engine import numba_installed
from . import least, root, tree
from .scores import Scores, Tick
from .shape import Parts, Unfit, parts

APART = "X"
SMALL = 1 << 25  # scores of inputs in outputs below which loading a compiler takes longer than it saves
LONG = 1 << 21  # the work of finding an output's first wrong input, in scores
MOST_WORDS = 1 << 20  # of one output's tree
FEW, BATCH = 4, 64  # trees between two looks at the clock, alone and by threads
ALONE = 0.02  # seconds before threads start


@dataclass(frozen=True)
class Channels:
    """The engine; ``compiled`` None chooses by size, and by whether numba is there."""

    compiled: bool | None = None
    name: str = "channels"

    def run(self, claim: Claim, *, seconds: float | None = None, progress: Progress | None = None) -> Answer:
        """PROVED with a tree, REFUTED with the smallest witness, or UNKNOWN: another shape, a limit."""
        started = time.monotonic()
        clock = _Clock(None if seconds is None else started + seconds, progress)
        status, evidence, found = Status.UNKNOWN, None, None
        try:
            case = Case(parts(claim), self.compiled, clock.tick)
            outputs = range(case.parts.outputs)
            scores = case.scores(outputs)
            opened = case.opened(np.arange(case.parts.outputs), scores)
            walks = case.walks(outputs, opened)
            if walks.wrong is None:
                status, evidence, detail = Status.PROVED, walks.evidence(), walks.detail()
            else:
                found, detail = case.smallest(walks.wrong, opened, scores.of(opened))
                status, evidence = Status.REFUTED, witness(found)
        except (Unfit, TimeoutError) as reason:
            detail = str(reason)
        return Answer(
            engine=self.name,
            status=status,
            seconds=time.monotonic() - started,
            counterexample=found,
            evidence=evidence,
            detail=detail,
        )


@dataclass(frozen=True)
class _Clock:
    deadline: float | None
    progress: Progress | None

    def tick(self, what: str, done: int, total: int) -> None:
        """Reports progress; raises TimeoutError after the deadline."""
        if self.progress:
            self.progress(what, done, total)
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise TimeoutError(f"time limit after {done} of {total} {what.partition(': ')[2]}")


@dataclass(frozen=True)
class Walks:
    """What is known of the outputs of a range: ``trees`` of those that do not close at the root, or a wrong input."""

    outputs: range
    trees: tuple[tuple[int, str], ...]
    wrong: tuple[int, ...] | None = None

    def evidence(self) -> str:
        """The certificate text about these outputs, of a case that consists of just them."""
        if 2 * len(self.trees) <= len(self.outputs):
            return " ".join([*(f"{APART}{i} {words}" for i, words in self.trees), LEAF])
        known = dict(self.trees)
        words = [known.get(i, LEAF) for i in self.outputs]
        return " ".join(words if len(words) == 1 else [OUTPUTS, *words])

    def detail(self) -> str:
        """One line for people."""
        leaves = sum(words.count(LEAF) for _, words in self.trees)
        return f"{len(self.outputs) - len(self.trees)} outputs close at the root, the others in {leaves} cells"


@dataclass(frozen=True)
class Case:
    """One claim's parts and how they are searched; everything found is a function of the claim alone."""

    parts: Parts
    compiled: bool | None = None
    tick: Tick = lambda what, done, total: None

    def fast(self, work: int) -> bool:
        """Whether so much work is worth the compiled loops."""
        if self.compiled is not None:
            return self.compiled
        return numba_installed() and (work > SMALL or "numba" in sys.modules)

    def scores(self, outputs: range) -> Scores:
        """What the root has to know of these outputs."""
        work = len(outputs) * self.parts.rows.shape[1] * self.parts.inputs
        return root.scored(self.parts, outputs, fast=self.fast(work), tick=self.tick)

    def opened(self, outputs: Ints, scores: Scores) -> Ints:
        """Those of these outputs that do not close at the root."""
        work = len(outputs) * self.parts.rows.shape[1] * self.parts.inputs
        return outputs[~root.closed(self.parts, outputs, scores, fast=self.fast(work), tick=self.tick)]

    def walks(self, outputs: range, opened: Ints | None = None) -> Walks:
        """Trees for these outputs, in order, up to the first that is wrong; raises TimeoutError at a limit."""
        trees: list[tuple[int, str]] = []
        if opened is None:
            opened = self.opened(np.arange(outputs.start, outputs.stop), self.scores(outputs))
        for i, answer, words, state in self.answers(opened):
            if answer == tree.WRONG:
                return Walks(outputs, (), tuple(np.flatnonzero(state == tree.ON).tolist()))
            if answer == tree.LIMIT:
                raise TimeoutError(f"output {i} needs more than {MOST_WORDS} words; {len(trees)} trees before it")
            trees.append((i, " ".join(LEAF if word < 0 else f"{SPLIT}{word}" for word in words.tolist())))
        return Walks(outputs, tuple(trees))

    def answers(self, opened: Ints) -> Iterator[tuple[int, int, Ints, Ints]]:
        """What ``walk`` says of each of these outputs, in order; by threads where that takes long."""
        fast = self.fast(len(opened) * self.parts.rows.shape[1] * self.parts.inputs * 16)
        walk, left, total = tree.compiled() if fast else tree.walk, opened.tolist(), self.parts.outputs
        alone_until = time.monotonic() + ALONE
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            while left:
                self.tick("channels: outputs", total - len(left), total)
                threads = fast and time.monotonic() > alone_until
                batch = left[: BATCH if threads else FEW]
                found = (pool.map if threads else map)(lambda i: self._walk(walk, i), batch)
                yield from zip(batch, *zip(*found, strict=True), strict=True)
                del left[: len(batch)]

    def _walk(self, walk: tree.Walk, i: int) -> tuple[int, Ints, Ints]:
        asked = self.parts
        return walk(*root.covering(asked, i), asked.clauses[i], asked.goals[i], asked.k, MOST_WORDS)

    def smallest(self, known: tuple[int, ...], opened: Ints, scores: Scores) -> tuple[tuple[int, ...], str]:
        """The first wrong input in the documented order: fewest active, then lexicographic; and one line about it.

        ``opened``: the outputs that do not close at the root, with their scores. No other is wrong on fewer inputs.
        """
        search = least.compiled() if self.fast(len(opened) * LONG) else least.least
        for case, left in reversed(list(self._sizes(opened, scores))):
            wrong = [i for i, answer, _, _ in case.answers(left) if answer != tree.CLOSED]
            best: tuple[int, ...] | None = None
            for i in wrong:
                most = self.parts.inputs if best is None or not best else best[0]
                for active in least.wrong_inputs(case.parts, i, search, most, MOST_WORDS):
                    best = active if best is None else min(best, active)
                self.tick("channels: wrong outputs compared", wrong.index(i) + 1, len(wrong))
            if best is not None:
                return best, f"the smallest wrong input; {len(wrong)} outputs are wrong on {case.parts.k} inputs"
        return known, "a wrong input, perhaps not the smallest"

    def _sizes(self, opened: Ints, scores: Scores) -> Iterator[tuple[Case, Ints]]:
        """The case for each number of active inputs, descending while outputs are left that do not close there."""
        case, left = self, opened
        while len(left):
            yield case, left
            if self.parts.exactly or not case.parts.k:
                break
            case = replace(self, parts=replace(self.parts, k=case.parts.k - 1))
            left = case.opened(opened, scores)
