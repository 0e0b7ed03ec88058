"""The verdict in a floating-point format, beside the one over the real numbers.

In this order: nothing is rounded, so the exact verdict holds; the exact outputs keep further from the threshold than
rounding can carry them (in any order); every input is computed in the one order that is asked for. For every order,
inputs computed in one order can only refute.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cached_property

from supverify.kernel.check import wrong_outputs
from supverify.kernel.claim import Claim
from supverify.kernel.network import evaluate
from supverify.kernel.verdict import Status, Verdict

from ..answer import Progress, Statistics
from ..enumeration.engine import tallies_of
from ..enumeration.tally import Extremes, Tally, first_wrong, statistics
from ..verify import NetworkVerdict
from . import ieee
from .floating import FloatNetwork, float_network, not_held
from .rounding import Rounding, rounding, tightened
from .semantics import EXACTLY, ORDERS, Arithmetic, ArithmeticVerdict, Format, Order, WrongValue

MOST_INPUTS = 1 << 28  # computed one by one
BOUND = frozenset({"rounding"})  # the oracle of the bounds in ``rounding``
COMPUTED = frozenset({"ieee"})  # the oracle of inputs computed in numpy's floating point
Prove = Callable[[Claim], Verdict]
"""Decides a claim over the real numbers."""


@dataclass(frozen=True)
class Exact:
    """What is known of a claim over the real numbers, and how to know more; scales as in ``float_network``."""

    claim: Claim
    scales: tuple[int, ...]
    verdict: Verdict
    statistics: Statistics | None
    prove: Prove


def judged(
    verdict: NetworkVerdict,
    scales: tuple[int, ...],
    asked: Sequence[Arithmetic],
    *,
    prove: Prove,
    seconds: float | None = None,
    progress: Progress | None = None,
) -> NetworkVerdict:
    """The verdict over the real numbers made one in all arithmetics of ``asked``: the worst of theirs.

    ``scales`` as in ``float_network``; ``prove`` decides further claims over the real numbers.
    """
    if not any(semantics.format for semantics in asked):
        return verdict
    exact = Exact(verdict.claim, scales, verdict, verdict.statistics, prove)
    found = {s: verdict_in(s, exact, seconds=seconds, progress=progress) for s in (EXACTLY, *asked)}
    parts = [found[semantics] for semantics in asked]
    worst = min(parts, key=lambda part: part.status)
    relied = parts if worst.status is Status.PROVED else [worst]
    return replace(
        verdict,
        status=worst.status,
        oracles=frozenset().union(*(part.oracles for part in relied)),
        counterexample=worst.counterexample,
        reason=worst.reason,
        statistics=worst.statistics,
        decided_in=worst.semantics,
        arithmetic=tuple(found.values()),
    )


def verdict_in(
    semantics: Arithmetic, exact: Exact, *, seconds: float | None = None, progress: Progress | None = None
) -> ArithmeticVerdict:
    """The verdict in ``semantics``; what cannot be decided, in about the given seconds, is UNKNOWN."""
    started, known = time.monotonic(), exact.verdict
    if semantics.format is None:
        return ArithmeticVerdict(
            semantics=semantics,
            status=known.status,
            oracles=known.oracles,
            counterexample=known.counterexample,
            reason=known.reason,
            statistics=exact.statistics,
        )
    deadline = None if seconds is None else started + seconds
    try:
        rounded = not_held(exact.claim.network, exact.scales, semantics.format)
        bound = rounding(exact.claim.network, exact.scales, semantics.format, exact.claim.k, rounded=rounded)
        found = _Judgement(semantics, semantics.format, exact, bound, deadline, progress).verdict()
        found = replace(found, error=bound.error, rounded=rounded)
    except (ArithmeticError, MemoryError) as error:
        found = ArithmeticVerdict(semantics=semantics, reason=f"{type(error).__name__}: {error}")
    return replace(found, seconds=time.monotonic() - started)


@dataclass(frozen=True)
class _Judgement:
    semantics: Arithmetic
    format: Format
    exact: Exact
    bound: Rounding
    deadline: float | None
    progress: Progress | None

    @cached_property
    def network(self) -> FloatNetwork:
        return float_network(self.exact.claim.network, self.exact.scales, self.format)

    def verdict(self) -> ArithmeticVerdict:
        known = self.exact.verdict
        if self.bound.exact:
            return self._transferred()
        if known.status is Status.PROVED and (oracles := self._far_enough()) is not None:
            reason = f"{self._error()}, and the exact outputs keep further from where they are wrong"
            return self._proved(reason, oracles | BOUND)
        if self.exact.claim.population(self.exact.claim.domain) > MOST_INPUTS:
            return self._replayed() or self._unknown(f"too many inputs to compute; {self._place()}")
        orders = ORDERS if self.semantics.order is None else (self.semantics.order,)
        return self._computed(orders)

    def _unknown(self, reason: str) -> ArithmeticVerdict:
        return ArithmeticVerdict(semantics=self.semantics, reason=reason)

    def _proved(self, reason: str, oracles: frozenset[str], counted: Statistics | None = None) -> ArithmeticVerdict:
        return ArithmeticVerdict(
            semantics=self.semantics, status=Status.PROVED, oracles=oracles, statistics=counted, reason=reason
        )

    def _transferred(self) -> ArithmeticVerdict:
        """Nothing is rounded: the exact verdict, with the outputs that it has."""
        known, counted = self.exact.verdict, self.exact.statistics
        reason = f"{self.format} rounds no partial sum, in any order"
        if known.status is Status.PROVED:
            return self._proved(reason, known.oracles | BOUND, counted)
        if known.counterexample is None:
            return self._unknown(f"{reason}, but the verdict over the real numbers is {known.status.name}")
        return self._wrong(known.counterexample, None, counted, _exact_values(self.exact.claim, known.counterexample))

    def _far_enough(self) -> frozenset[str] | None:
        """The oracles of a proof that no output is near enough to where it is wrong, None without one."""
        error, claim, counted = self.bound.error, self.exact.claim, self.exact.statistics
        tight = None if error is None else tightened(claim.criterion, error)
        if tight is None:
            return None
        if counted is None:
            verdict = self.exact.prove(replace(claim, criterion=tight))
            return verdict.oracles if verdict.status is Status.PROVED else None
        if counted.max_deviation is not None:
            return frozenset({"enumeration"}) if counted.max_deviation <= tight.slack else None
        return frozenset({"enumeration"}) if counted.min_margin >= tight.slack else None

    def _refuted(self, active: tuple[int, ...], order: Order, counted: Statistics | None) -> ArithmeticVerdict:
        wrong = ieee.wrong_values(self.exact.claim, self.network, order, active)
        if not wrong:
            raise ArithmeticError(f"inputs {list(active)} are wrong in {self.semantics}, but not when computed again")
        return self._wrong(active, order, counted, wrong)

    def _wrong(
        self,
        active: tuple[int, ...],
        order: Order | None,
        counted: Statistics | None,
        wrong: tuple[WrongValue, ...],
    ) -> ArithmeticVerdict:
        beside = "right over the real numbers, but " if self.exact.verdict.status is Status.PROVED else ""
        return ArithmeticVerdict(
            semantics=self.semantics,
            status=Status.REFUTED,
            oracles=BOUND if order is None else COMPUTED,
            counterexample=active,
            refuted_in=order,
            wrong=wrong,
            statistics=counted,
            reason=f"{beside}output {wrong[0].output} is wrong in {self.format}, {order or 'in every order'}",
        )

    def _replayed(self) -> ArithmeticVerdict | None:
        """The exact counterexample, if it is one here as well."""
        active, order = self.exact.verdict.counterexample, self.semantics.order or ORDERS[0]
        if active is None or not ieee.wrong_values(self.exact.claim, self.network, order, active):
            return None
        return self._refuted(active, order, None)

    def _computed(self, orders: tuple[Order, ...]) -> ArithmeticVerdict:
        for order in orders:
            tallies, finished = self._scan(order)
            found = first_wrong(tallies)
            counted = self._counted(tallies) if finished else None
            if found is not None:
                return self._refuted(found, order, counted)
            if not finished:
                return self._unknown(f"time limit after {_inputs(tallies)} inputs; {self._place()}")
            if self.semantics.order is not None:
                reason = f"all {_inputs(tallies):,} inputs computed in {self.format}, {order}"
                return self._proved(reason, COMPUTED, counted)
        return self._unknown(f"no order is known to be wrong, but {self._place()}; {self._error()}")

    def _counted(self, tallies: list[Tally]) -> Statistics | None:
        """The counts over all inputs; None where no output is a finite number on any, and so has a margin."""
        if all(tally.extremes == Extremes() for tally in tallies):
            return None
        return statistics(self.exact.claim, tallies, self.network.factor / ieee.UNIT)

    def _scan(self, order: Order) -> tuple[list[Tally], bool]:
        """The tallies of blocks of inputs, and whether they are of all."""
        claim, tallies, done = self.exact.claim, list[Tally](), 0
        total = claim.population(claim.domain)
        for tally in tallies_of(claim, ieee.Scan(claim, self.network, order)):
            tallies.append(tally)
            done += tally.inputs
            if self.progress:
                self.progress(f"{self.format}, {order}: inputs", done, total)
            if self.deadline is not None and time.monotonic() > self.deadline:
                break
        return tallies, done == total

    def _place(self) -> str:
        return f"rounding is possible at {self.bound.place}"

    def _error(self) -> str:
        if self.bound.error is None:
            return "a number may leave the format"
        return f"rounding moves an output by at most {float(self.bound.error):.3g}"


def _exact_values(claim: Claim, active: tuple[int, ...]) -> tuple[WrongValue, ...]:
    """The outputs that are wrong over the real numbers."""
    values, targets, ones = evaluate(claim.network, active), claim.targets(), set(active)
    return tuple(
        WrongValue(
            output=i,
            truth=any(ones.issuperset(clause) for clause in targets[i]),
            got=Fraction(values[i], claim.network.scale),
        )
        for i in wrong_outputs(claim, active)
    )


def _inputs(tallies: list[Tally]) -> int:
    return sum(tally.inputs for tally in tallies)
