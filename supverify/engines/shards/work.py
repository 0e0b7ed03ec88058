"""Engines whose work splits into shards: what such an engine offers, and what becomes of its results.

A shard is a part of one claim that is decided alone. ``solve(shard)`` is a pure function of the claim, the engine and
the shard's number: no clock, no random numbers, nothing of other shards. Shards are numbered in a fixed order that
depends on the claim only, never on how many workers there are or which packages are installed. So whoever solves
them, in whatever order, however often: ``join`` sees the same results and gives the same answer, to the byte.

Some results are **decisive** (a counterexample): no shard behind them is needed, while all before them still are. So
the answer is that of the smallest decisive shard, the one at which a search alone, from the first shard on, stops.

To plug an engine in, give its frozen dataclass (whose fields are plain, for they travel as JSON) the members of
``Sharded``, and let its ``run`` be ``decide(self, claim, seconds=seconds, progress=progress)`` of ``shards.run``:

- ``result``, the type of a result: a frozen dataclass of integers, text, booleans, None, tuples of those and such
  dataclasses, which is what ``kernel.codec`` writes and reads;
- ``version``, to be raised whenever the numbering of the shards or the meaning of a result changes;
- ``cut(claim)``, the ``Work``: the number of shards, their sizes in ``unit`` (for the progress bar), ``solve``,
  ``decisive`` and ``join``.

An engine that works output by output needs less: see ``shards.outputs``. One that is not a member of
``verify.ENGINES`` cannot be found by workers in other processes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Generator, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Protocol, TypeGuard, TypeVar

from supverify.kernel.claim import Claim
from supverify.kernel.codec import decode, encode

from ..answer import Answer, Engine

R = TypeVar("R")
LONG = 1 << 64  # Python reads and prints no decimal number of more than 4300 digits


class Work(Protocol[R]):
    """One claim, cut into shards and prepared for solving them, in one process."""

    @property
    def count(self) -> int:
        """How many shards there are; they are numbered from 0."""
        ...

    @property
    def total(self) -> int:
        """The amount of all shards together."""
        ...

    @property
    def threads(self) -> bool:
        """Whether ``solve`` may run in several threads at once, and gains by it."""
        ...

    def amount(self, shard: int) -> int:
        """How much of the engine's unit the shard is."""
        ...

    def solve(self, shard: int, deadline: float | None) -> R:
        """The shard's result; raises TimeoutError if ``time.monotonic()`` passes the deadline before it is known."""
        ...

    def decisive(self, result: R) -> bool:
        """Whether the shards behind one with this result are not needed."""
        ...

    def join(self, outcome: Outcome[R], deadline: float | None) -> Answer:
        """The answer, by nothing but the outcome; its seconds are filled in afterwards.

        After the deadline a counterexample need not be made smaller any more.
        """
        ...


@dataclass(frozen=True)
class Outcome(Generic[R]):
    """The results that matter, in the order of the shards: all up to the first decisive one, if ``complete``.

    ``done`` of ``total`` of the engine's unit are decided.
    """

    results: Mapping[int, R]
    complete: bool
    done: int
    total: int

    @property
    def progress(self) -> str:
        """The share that is decided, for people."""
        share = 1000 * self.done // max(self.total, 1)
        return f"{self.done} of {self.total} ({share // 10}.{share % 10} %)"


class Sharded(Engine, Protocol[R]):
    """An engine that works shard by shard (see the head of this module)."""

    version: ClassVar[int]
    unit: ClassVar[str]
    result: ClassVar[type[Any]]

    def cut(self, claim: Claim) -> Work[R]:
        """The claim's shards."""
        ...


@dataclass(frozen=True)
class Job(Generic[R]):
    """One engine at work on one claim."""

    engine: Sharded[R]
    claim: Claim
    work: Work[R]


class Runner(Protocol):
    """Has shards solved, here or elsewhere."""

    def run(self, job: Job[R], shards: Iterator[int], deadline: float | None) -> Generator[dict[int, R], None, None]:
        """The results as they come, in any order, until all ``shards`` are solved or the deadline has passed.

        ``shards`` is asked for the next one when somebody is free. Closing the generator ends all work.
        """
        ...


class Journal(Protocol):
    """Keeps results, as JSON text, for a run that goes on after this one was stopped."""

    def load(self, engine: str, identity: str) -> dict[int, str]:
        """The results kept for an engine; raises Malformed if they are of another ``identity`` than this one."""
        ...

    def add(self, engine: str, results: Mapping[int, str]) -> None:
        """Keeps more of them, all or none; raises Malformed where that cannot be done."""
        ...

    def finish(self, engine: str) -> None:
        """Nothing of this engine is left to do."""
        ...


def is_sharded(engine: Engine) -> TypeGuard[Sharded[Any]]:
    """Whether the engine works shard by shard."""
    return hasattr(engine, "cut")


def order(engine: Sharded[R]) -> dict[str, Any]:
    """What another process needs to know of an engine, as plain values."""
    return {"engine": engine.name, "version": engine.version, "options": encode(engine)}


def identity(job: Job[R]) -> str:
    """What a kept result must have been made by: the engine, its version and options, and the number of shards."""
    return json.dumps({**order(job.engine), "shards": str(job.work.count)}, sort_keys=True)


def plain(result: object) -> Any:
    """A result as JSON values, in which integers of any length survive; the inverse of ``understood``."""
    return _each(encode(result), lambda x: {"hex": hex(x)} if type(x) is int and abs(x) > LONG else x)


def understood(kind: type[Any], value: object, place: str) -> Any:
    """JSON values as a result of that type; raises Malformed where they are none."""
    return decode(kind, _each(value, _from_hex), place)


def _each(value: Any, change: Callable[[Any], Any]) -> Any:
    """The value with every part that is no list, and no object of several parts, changed."""
    if isinstance(value, list):
        return [_each(item, change) for item in value]
    if isinstance(value, dict) and set(value) != {"hex"}:
        return {name: _each(item, change) for name, item in value.items()}
    return change(value)


def _from_hex(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    try:
        return int(value["hex"], 16)
    except (TypeError, ValueError):
        return value  # no integer, and so refused by its type


def left(deadline: float | None) -> float | None:
    """The seconds until the deadline, 0 if it has passed."""
    return None if deadline is None else max(0.0, deadline - time.monotonic())
