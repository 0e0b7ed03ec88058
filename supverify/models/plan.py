"""Where the search for codes starts: widths and weights at which few faults are expected.

Estimates in floats, and nothing rests on them: they choose where to look, the complete checks decide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import combinations, product
from math import comb, exp, inf, log

from supverify.kernel.errors import Malformed

HEAVIEST = 8  # ones in a read set, and in a column of the output code
WIDEST = 1 << 13  # neurons; no wider network is planned, and its file stays small enough to be read
HUBS = 6  # inputs of most influence, whose pairs fire most neurons that no output asked for


@dataclass(frozen=True)
class Plan:
    """Column weights at one width, and the faults expected of one draw."""

    weights: tuple[int, ...]
    faults: float


@dataclass(frozen=True)
class Shape:
    """What the estimates need to know of a problem; ``influence``: distinct gates that each input is in."""

    inputs: int
    outputs: int
    gates: int
    influence: tuple[int, ...]
    k: int

    @property
    def mendable(self) -> float:
        """How many expected faults the search mends quickly, as measured."""
        return 64 + (self.inputs + self.gates + self.outputs) / 20

    @cached_property
    def together(self) -> float:
        """About how many sets of gates, k - 1 at a time and joined by their inputs, there are."""
        mean = sum(d * d for d in self.influence) / (2 * self.gates)
        try:
            return self.gates * mean ** max(self.k - 2, 0)
        except OverflowError:
            return inf

    @cached_property
    def hubs(self) -> tuple[int, ...]:
        """The largest influences, of which two inputs may be active together."""
        return tuple(sorted(self.influence, reverse=True)[:HUBS]) if self.k > 1 else ()


def narrowest(plan_at: Callable[[int], Plan], allowed: float) -> int:
    """The first width with no more than ``allowed`` expected faults in a draw; raises Malformed without one."""
    found = next((n for n in _widths() if plan_at(n).faults <= allowed), None)
    if found is None:
        raise Malformed(
            "build: k", f"a k for which random codes of at most {WIDEST} neurons suffice", "one too large"
        )
    return found


def _widths() -> Iterator[int]:
    width = 4
    while width <= WIDEST:
        yield width
        width += max(1, width // 16)


def _sets(total: int, chosen: int) -> float:
    """binom(total, chosen), or infinity where no float holds it."""
    count = comb(total, chosen)
    return float(count) if count.bit_length() < 1000 else inf


def plan_two_and(shape: Shape, neurons: int) -> Plan:
    """The weights (w0, w1, w2) of input code, read sets and output code with the fewest expected faults."""
    reads = range(2, min(HEAVIEST, neurons) + 1)
    members = {w1: _members(shape, neurons, w1) for w1 in reads}
    hidden = {w1: _best_input_weight(shape, neurons, members[w1]) for w1 in reads}
    plans = (
        Plan((hidden[w1].weights[0], w1, w2), hidden[w1].faults + _output_faults(shape, neurons, members[w1], w1, w2))
        for w1, w2 in product(reads, reads)
    )
    return min(plans, key=lambda plan: plan.faults)


def plan_permutation(inputs: int, k: int, neurons: int) -> Plan:
    """The weight of the one code of a permutation network with the fewest expected faults."""
    k = max(k, 1)
    plans = []
    for w in range(2, neurons // 2 + 1):
        crowded = neurons * _sets(inputs, k) * _tail(k * w, 1 - exp(-inputs * w * w / neurons**2), w)
        plans.append(Plan((w,), crowded + inputs * _sets(inputs, k) * min(1.0, k * w / neurons) ** w))
    return min(plans, key=lambda plan: plan.faults)


def _best_input_weight(shape: Shape, neurons: int, members: float) -> Plan:
    others = max(shape.k - 1, 1)
    sets = neurons * _sets(shape.inputs, others)
    plans = (
        Plan((w0,), sets * _tail(others * w0, 1 - exp(-w0 * members / neurons), w0))
        for w0 in range(2, neurons // 2 + 1)
    )
    return min(plans, key=lambda plan: plan.faults)


def _members(shape: Shape, neurons: int, w1: int) -> float:
    """The expected number of inputs of a hidden neuron that serves a gate."""
    return max(2.0, sum(1 - (1 - w1 / neurons) ** d for d in shape.influence))


def _output_faults(shape: Shape, neurons: int, members: float, w1: int, w2: int) -> float:
    """Expected false reads, and outputs that the decoder cannot tell from others."""
    k, together = shape.k, shape.together
    chance = members / shape.inputs
    firing = max(k - 1, 1) * w1 + comb(k, 2) * neurons * chance * chance
    density = 1 - exp(-shape.outputs * w1 * w2 / neurons**2)
    hidden = shape.outputs * together * min(1.0, max(k - 1, 1) * w2 / neurons) ** w2
    met = (_overlap(neurons, w1, d, e) for d, e in combinations(shape.hubs, 2))
    hubs = sum(_tail(neurons_met, density, w1) for neurons_met in met)
    return neurons * (together * _tail(firing, density, w1) + hubs) + hidden


def _overlap(neurons: int, w1: int, first: int, second: int) -> float:
    """The expected number of hidden neurons that have two inputs of so many gates both as members."""
    return neurons * (1 - (1 - w1 / neurons) ** first) * (1 - (1 - w1 / neurons) ** second)


def _tail(trials: float, chance: float, hits: int) -> float:
    """Chernoff's bound on the probability of ``hits`` or more among ``trials``, each a hit with that chance."""
    if trials <= 0 or chance <= 0:
        return 0.0
    share = hits / trials  # above 1 where the trials are an average: then as for rare hits
    if share <= chance:
        return 1.0
    rest = (1 - share) * log((1 - share) / (1 - chance)) if share < 1 else 0.0
    return exp(-trials * (share * log(share / chance) + rest))
