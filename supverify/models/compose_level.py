"""One further level of a circuit: a 2-AND network that reads the OR-code of the level before, found by search.

Derived from ``two_and``, with the code of the G' gates of the level before in the place of an input code. For M
outputs and G distinct pairs of those gates:

    C   n' x G'  the code of the gates before; what is read is x0 = [C v > 0], v those of them that are true
    R   n x G    read sets, w1 ones in each column;  C1  n x M  output code, w2 ones in each column
    S_r          the gates before that are in a pair which hidden neuron r serves;  U_r the union of their columns
    T_r          the least |C_a or C_b| over the pairs {a, b} that r serves

    h_r = [|x0 and U_r| >= T_r],  x1 = [W2 h >= w1],  W2 = min(1, C1 R^T)

An OR is read, not a sum: where columns meet they count once, so a true pair adds |C_a or C_b| and not twice a
weight. That is never below T_r, so the rows of true outputs always fire. False firing, and true outputs that hide
another one from the decoder, are excluded by running the codes on every set v that occurs (``possible_sets``): codes
without a fault are exact. There are such codes whenever the readout of the level before is right: then x0 contains
C_a only if a is true, so a neuron that serves one pair fires for that pair alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isqrt

import numpy as np
import numpy.typing as npt

from supverify.kernel.errors import Malformed
from supverify.kernel.network import Layer

from .codes import Bits, Counts, threshold
from .plan import WIDEST
from .resample import Codes, Design, Faults, Found, Progress, Search
from .two_and import Gates

Active = frozenset[int]
Words = npt.NDArray[np.uint64]
MOST_SETS = 1 << 16
# Of read sets and output codes, in the order in which they are tried at each width.
WEIGHTS = ((2, 2), (3, 2), (1, 2), (2, 1), (1, 1), (3, 3))


def possible_sets(clauses: Sequence[Active], k: int) -> tuple[Active, ...]:
    """The unions of ``clauses`` with at most k inputs, the empty one too: each makes another set of gates true.

    Gate g is true iff all inputs in ``clauses[g]`` are active. Raises Malformed for more than 2^16 unions.
    """
    different, empty = tuple(dict.fromkeys(clauses)), Active()
    found, last = {empty}, [empty]
    ordered = [empty]
    while last:
        grown = dict.fromkeys(more for some in last for clause in different if len(more := some | clause) <= k)
        last = [active for active in grown if active not in found]
        found.update(last)
        ordered += last
        if len(found) > MOST_SETS:
            raise Malformed("compose: circuit", f"at most {MOST_SETS} sets of gates that are true together", "more")
    return tuple(ordered)


def truths(clauses: Sequence[Active], active: Sequence[Active]) -> Bits:
    """Which conjunctions (of one input or more) are true on which active sets: sets x clauses."""
    first: dict[int, list[int]] = {}
    for g, clause in enumerate(clauses):
        first.setdefault(min(clause), []).append(g)
    true = ([g for j in inputs for g in first.get(j, ()) if clauses[g] <= inputs] for inputs in active)
    return bits(list(true), len(clauses))


def bits(rows: Sequence[Sequence[int]], columns: int) -> Bits:
    """The 0/1 matrix whose rows have these supports."""
    matrix = np.zeros((len(rows), columns), dtype=np.bool_)
    for row, places in zip(matrix, rows, strict=True):
        row[list(places)] = True
    return matrix


def packed(matrix: Bits) -> Words:
    """The rows of a 0/1 matrix, 64 columns a word."""
    padded = np.zeros((len(matrix), -(-matrix.shape[1] // 64) * 64), dtype=np.bool_)
    padded[:, : matrix.shape[1]] = matrix
    return np.packbits(padded, axis=1).view(np.uint64)


def meets(left: Words, right: Words) -> npt.NDArray[np.uint16]:
    """How many ones each packed row of ``left`` has in common with each of ``right``: the product left right^T."""
    # Not a BLAS product: on matrices as small as these its threads wait for one another most of the time.
    counts = np.zeros((len(left), len(right)), dtype=np.uint16)
    for own, other in zip(left.T, right.T, strict=True):
        counts += np.bitwise_count(own[:, None] & other)
    return counts


@dataclass(frozen=True)
class Level:
    """A level and all that it can be asked: on each possible set, the true gates ``before`` it (sets x G') and its
    ``true`` outputs (sets x M)."""

    gates: Gates
    C: Bits
    before: Bits
    true: Bits

    @cached_property
    def read(self) -> Words:
        """x0 on each set (sets x n'), packed."""
        return packed(meets(packed(self.before), packed(self.C)) > 0)

    @cached_property
    def asked(self) -> Words:
        """``true``, packed."""
        return packed(self.true)

    @cached_property
    def columns(self) -> Bits:
        """C_a or C_b for each distinct pair (n' x G)."""
        a, b = np.array(self.gates.distinct).T
        either: Bits = self.C[:, a] | self.C[:, b]
        return either

    def hidden(self, R: Bits) -> tuple[Bits, Counts]:
        """The rows U_r (n x n') and the thresholds T_r; a neuron that serves no pair has an empty row, and 1."""
        served = np.where(R, self.columns.sum(axis=0), len(self.C))
        levels: Counts = np.where(R.any(axis=1), served.min(axis=1), 1)
        return meets(packed(R), packed(self.columns)) > 0, levels

    def reads(self, codes: Codes) -> Bits:
        """W2 (n x n)."""
        R, C1 = codes
        return meets(packed(C1), packed(R[:, self.gates.gate_of])) > 0

    def layers(self, codes: Codes, weights: tuple[int, ...]) -> tuple[Layer, ...]:
        """From x0 to x1: four layers, each with a ReLU."""
        rows, levels = self.hidden(codes[0])
        below, invert = threshold(rows, 0)
        below = Layer(below.sources, below.weights, tuple(levels.tolist()), relu=True)
        return (below, invert, *threshold(self.reads(codes), weights[0]))

    def find(self, rng: np.random.Generator, progress: Progress | None = None) -> tuple[Found, int]:
        """Codes (R, C1) without a fault, of about the least width, and the draws that the search went on with."""
        neurons, attempts = 1 + isqrt(len(self.gates.pairs)), 0
        while neurons <= WIDEST:
            for weights in WEIGHTS:
                search = Search(self._design(weights), rng=rng, progress=progress)
                found = search.at(neurons) if max(weights) <= neurons else None
                attempts += search.attempts
                if found:
                    return found, attempts
            neurons += max(1, neurons // 8)
        raise Malformed("compose: circuit", f"levels of at most {WIDEST} neurons", "none were found for one")

    def _design(self, weights: tuple[int, ...]) -> Callable[[int], Design]:
        counts = len(self.gates.distinct), len(self.gates.pairs)
        return lambda neurons: Design(neurons, weights, counts, LevelJudge(self, weights))


@dataclass(frozen=True)
class LevelJudge:
    """All faults of codes (R, C1), over every possible set: rows that fire though no true output owns them, and
    outputs that are read as true and are not."""

    level: Level
    weights: tuple[int, ...]

    def __call__(self, codes: Codes) -> Faults:
        R, C1 = codes
        rows, levels = self.level.hidden(R)
        fired = meets(self.level.read, packed(rows)) >= levels
        wanted = meets(self.level.asked, packed(C1)) > 0
        false = (meets(packed(fired), packed(self.level.reads(codes))) >= self.weights[0]) & ~wanted
        hidden = (meets(packed(wanted), packed(C1.T)) >= self.weights[1]) & ~self.level.true
        blamed = frozenset(self._blamed(codes, fired, int(r), false[:, r]) for r in np.flatnonzero(false.any(axis=0)))
        return Faults(
            int(false.sum() + hidden.sum()),
            (
                frozenset(self.level.gates.gate_of[i] for i in blamed),
                blamed.union(np.flatnonzero(hidden.any(axis=0)).tolist()),
            ),
        )

    def _blamed(self, codes: Codes, fired: Bits, row: int, where: Bits) -> int:
        """The owner of a falsely firing row whose read set meets the firing neurons most, on the first such set."""
        R, C1 = codes
        owners = np.flatnonzero(C1[row])
        reads = R[:, [self.level.gates.gate_of[i] for i in owners]]
        return int(owners[np.argmax(reads[fired[np.argmax(where)]].sum(axis=0))])
