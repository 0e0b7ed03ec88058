"""What of a report depends on the machine: the seconds spent, and the versions of the tools."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version


@dataclass
class Stopwatch:
    """Seconds by what they were spent on."""

    seconds: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def __call__(self, what: str) -> Iterator[None]:
        """Adds the time spent inside to ``what``."""
        started = time.perf_counter()
        try:
            yield
        finally:
            self.add(what, time.perf_counter() - started)

    @property
    def total(self) -> float:
        """All seconds together."""
        return sum(self.seconds.values())

    def add(self, what: str, seconds: float) -> None:
        """Adds seconds measured elsewhere."""
        self.seconds[what] = self.seconds.get(what, 0.0) + seconds


def versions() -> Iterator[tuple[str, str]]:
    """The interpreter, and the packages that a verdict may rest on."""
    yield "python", platform.python_version()
    for package in ("supverify", "numba", "numpy", "python-flint", "sympy", "z3-solver"):
        try:
            yield package, version(package)
        except PackageNotFoundError:
            yield package, "not installed"
