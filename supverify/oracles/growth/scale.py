"""The scale: functions to infinity, each faster than every power of those before it, made as they are needed.

It starts with the variable; its iterated logarithms are added at the slow end, and exponentials of what no power of
an element keeps up with in between. The logarithm of every element is a sum over slower ones.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction

from .constants import compare, power_sign
from .series import Series
from .terms import Kernel, Kernels, Power, Sum, Undecided, atom

LARGEST = 14  # elements
DEPTH = 90  # nested questions about leading terms
_NONE, _ONE = Fraction(0), Fraction(1)


@dataclass(frozen=True)
class Lead:
    """The leading term: a constant times powers of elements of the scale, none for a sum that is 0."""

    coefficient: Sum
    powers: Mapping[Kernel, Power]


@dataclass
class Scale:
    """The scale of one question, with what was found out on it so far."""

    variable: str
    integer: bool
    table: Kernels = field(default_factory=Kernels)
    order: list[Kernel] = field(default_factory=list)  # the slowest first
    logs: dict[Kernel, Sum] = field(default_factory=dict)
    leads: dict[Sum, Lead | None] = field(default_factory=dict)
    expansions: dict[tuple[Sum, Kernel, int], Series] = field(default_factory=dict)
    depth: int = 0

    def __post_init__(self) -> None:
        self.order.append(self.table.make("basis", detail=self.variable, basis=True))

    @property
    def main(self) -> Sum:
        """The variable itself."""
        return atom(self.table.make("basis", detail=self.variable, basis=True))

    def constant(self, kind: str, argument: Sum | None = None, detail: object = None) -> Sum:
        """A kernel as a sum."""
        return atom(self.table.make(kind, argument, detail))

    def top(self, total: Sum) -> Kernel | None:
        """The fastest element on which ``total`` depends; None for a constant."""
        return max(total.basis, key=self.order.index, default=None)

    def log_of(self, kernel: Kernel) -> Sum:
        """The logarithm of an element; that of the slowest becomes an element itself."""
        if kernel not in self.logs:
            slower = self.table.make("basis", detail=f"ln({kernel.detail})", basis=True)
            self._room()
            self.order.insert(0, slower)
            self.logs[kernel] = atom(slower)
        return self.logs[kernel]

    def insert(self, log: Sum, faster_than: int) -> Kernel:
        """The element exp(log), put at the place ``faster_than`` of the order."""
        kernel = self.table.make("basis", log, basis=True)
        self._room()
        self.order.insert(faster_than, kernel)
        self.logs[kernel] = log
        return kernel

    def _room(self) -> None:
        if len(self.order) >= LARGEST:
            raise Undecided(f"the scale needs more than {LARGEST} functions")

    def direction(self, powers: Mapping[Kernel, Power]) -> int:
        """Whether a product of powers of elements grows (1), vanishes (-1) or is 1 (0)."""
        for kernel in reversed(self.order):
            if kernel in powers and powers[kernel] != 0:
                return power_sign(powers[kernel])
        return 0

    def compare(self, one: Mapping[Kernel, Power], two: Mapping[Kernel, Power]) -> int:
        """Which of two products of powers grows faster; 0 if they are the same."""
        for kernel in reversed(self.order):
            if found := compare(one.get(kernel, _NONE), two.get(kernel, _NONE)):
                return found
        return 0

    def monomial(self, powers: Mapping[Kernel, Power]) -> Sum:
        """A product of powers of elements as a sum."""
        kept = [(kernel, power) for kernel, power in powers.items() if power != 0]
        return Sum({tuple(sorted(kept, key=lambda item: item[0].number)): _ONE})
