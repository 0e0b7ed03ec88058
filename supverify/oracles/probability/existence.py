"""The existence theorem with constants: so many neurons suffice for every 2-AND problem of given size and influence.

The construction of one network with random codes (derived): x0 = C y with w0 ones in each of m columns of n rows;
each output i has a random set R_i of w1 of the n hidden neurons and a column of C1 with w2 ones. Hidden neuron r has
the members S_r, the inputs of the outputs whose R_i it is in; U_r is the union of their columns of C. The network is
exact for every input with at most k ones unless one of these happens, whose chances are added up:

- ``load``: some hidden neuron is in more than ``load`` of the sets R_i (binomial tail, M trials of w1/n).
- ``union``: some U_r, of at most 2 load columns, has more than ``union`` rows. Whether the rows are covered is
  negatively associated (Joag-Dev, Proschan 1983), so Chernoff's bound holds with 1 - (1 - w0/n)^(2 load) a row.
- ``layer 1``: k - 1 inputs outside S_r have w0 or more ones in U_r: k - 1 independent hypergeometric numbers. Without
  this no hidden neuron fires unless two of its members are active (condition L1(k)).
- ``crossings``: 2 to k inputs have more than ``crossings`` hidden neurons that lie in sets of two of them and in none
  of the outputs between them: for each input after the first at most d hypergeometric numbers, sets revealed in turn.
- ``layer 2``: 2 to k inputs, and one of n rows of the next layer that belongs to no true output but has w1 or more
  of the active neurons in its channels. Each output is in the row with chance w2/n. If none of its inputs is active,
  its R_i meets the active neurons, at most C(k,2) w1 + crossings, in a hypergeometric number; the at most k d others,
  each with one active input, meet the sets of the other k - 1 active inputs (condition L2(k)).
- ``codes``: two columns of C1 are equal or, for k > 2, one is inside the union of the others true with it.

If the sum is below 1, codes exist with which nothing happens. Sums are worked out in integers, rounded up.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import comb

from ...kernel.errors import Malformed
from .probability import BadEvent, union_bound

PRECISION = 512  # binary places of a probability; every step rounds up
ONE = 1 << PRECISION


@dataclass(frozen=True, kw_only=True)
class Design:
    """The sizes of one construction; see the module's text. ``degree``: the most outputs that an input is in."""

    outputs: int
    inputs: int
    k: int
    degree: int
    neurons: int
    code: int
    channel: int
    output_code: int
    load: int
    union: int
    crossings: int


def failure(design: Design) -> tuple[BadEvent, ...]:
    """The bad events of a construction with upper bounds of their chances; below 1 in all: an exact network exists.

    Raises Malformed for sizes that do not fit together.
    """
    _check(design)
    n, rows = design.neurons, design.neurons
    others = comb(design.inputs, design.k - 1)
    supports = sum(comb(design.inputs, active) for active in range(2, design.k + 1))
    share = Fraction(design.channel, n)
    covered = Fraction(up(1 - (1 - Fraction(design.code, n)) ** min(2 * design.load, design.inputs)), ONE)
    return (
        BadEvent(name="load", count=rows, each=_few_or_many(design.outputs, share, design.load + 1)),
        BadEvent(name="union", count=rows, each=_chernoff(n, covered, design.union + 1)),
        BadEvent(name="layer 1", count=rows * others, each=_layer1(design)),
        BadEvent(name="crossings", count=supports, each=_crossings(design)),
        BadEvent(name="layer 2", count=supports * rows, each=_layer2(design)),
        *_codes(design, supports),
    )


def _check(design: Design) -> None:
    n = design.neurons
    for name, value, most in (
        ("outputs", design.outputs, design.inputs * design.degree // 2),
        ("inputs", design.inputs, 10**12),
        ("k", design.k, design.inputs),
        ("code", design.code, n),
        ("channel", design.channel, n),
        ("output code", design.output_code, n),
        ("union", design.union, n),
    ):
        if not 1 <= value <= most:
            raise Malformed(f"existence: {name}", f"1 to {most}", value)
    if design.k < 2 or design.load < 0 or design.crossings < 0:
        raise Malformed("existence", "k of at least 2, and bounds of at least 0", design)


def _few_or_many(trials: int, chance: Fraction, least: int) -> Fraction:
    """At least P(X >= least): the first term of the binomial tail, and a geometric series above the others."""
    if least <= trials * chance or least > trials:
        return Fraction(int(least <= trials))
    ratio = chance * (trials - least) / ((1 - chance) * (least + 1))
    first = comb(trials, least) * raised(chance, least) * raised(1 - chance, trials - least)
    return min(Fraction(1), first / (1 - ratio))


def _chernoff(trials: int, chance: Fraction, least: int) -> Fraction:
    """At least the bound of ``chernoff_tail``, with shorter numbers."""
    if least <= trials * chance or least > trials:
        return Fraction(int(least <= trials))
    share = Fraction(least, trials)
    rest = raised((1 - chance) / (1 - share), trials - least) if least < trials else Fraction(1)
    return min(Fraction(1), raised(chance / share, least) * rest)


def _layer1(design: Design) -> Fraction:
    one = meeting(design.neurons, design.union, design.code, design.code)
    return _fraction(total(one, design.k - 1, design.code)[-1])


def _crossings(design: Design) -> Fraction:
    cap, n, w = design.crossings + 1, design.neurons, design.channel
    result = total((ONE,), 0, cap)
    for earlier in range(1, design.k):
        marked = min(n, earlier * design.degree * w)
        result = joined(result, total(meeting(n, marked, w, cap), design.degree, cap), cap)
    return _fraction(result[-1])


def _layer2(design: Design) -> Fraction:
    n, w, k = design.neurons, design.channel, design.k
    active = min(n, comb(k, 2) * w + design.crossings)
    apart = total(sometimes(design, meeting(n, active, w, w)), design.outputs, w)
    near = min(n, (k - 1) * design.degree * w)
    touching = total(sometimes(design, meeting(n, near, w, w)), k * design.degree, w)
    return _fraction(joined(apart, touching, w)[-1])


def _codes(design: Design, supports: int) -> tuple[BadEvent, ...]:
    whole, true = comb(design.neurons, design.output_code), comb(design.k, 2)
    equal = BadEvent(name="equal codes", count=comb(design.outputs, 2), each=Fraction(1, whole))
    if design.k == 2:
        return (equal,)
    inside = comb(min(design.neurons, (true - 1) * design.output_code), design.output_code)
    return equal, BadEvent(name="hidden codes", count=supports * true, each=Fraction(inside, whole))


# Distributions as integers over 2^PRECISION, rounded up: an upper bound of every probability. The last entry holds
# all that is at least its index.


def up(fraction: Fraction) -> int:
    """The least integer over 2^PRECISION that is not below the fraction."""
    return -(-fraction.numerator * ONE // fraction.denominator)


def raised(base: Fraction, exponent: int) -> Fraction:
    """A number that is at least base^exponent: 64 more bits than PRECISION are kept of its first ones."""
    size = base
    result = Fraction(1)
    while exponent:
        if exponent & 1:
            result = _shortened(result * size)
        exponent >>= 1
        size = _shortened(size * size)
    return result


def _shortened(number: Fraction) -> Fraction:
    """The least number of PRECISION + 64 significant bits that is not below a number > 0."""
    shift = PRECISION + 64 - (number.numerator.bit_length() - number.denominator.bit_length())
    scaled = number * 2**shift if shift >= 0 else number / 2**-shift
    whole = -(-scaled.numerator // scaled.denominator)
    return Fraction(whole, 2**shift) if shift >= 0 else Fraction(whole * 2**-shift)


def _fraction(number: int) -> Fraction:
    return min(Fraction(1), Fraction(number, ONE))


def meeting(population: int, marked: int, drawn: int, cap: int) -> tuple[int, ...]:
    """How many of ``drawn`` things are marked (hypergeometric), from ``cap`` on in one entry."""
    whole = comb(population, drawn)
    counts = [comb(marked, j) * comb(population - marked, drawn - j) for j in range(min(marked, drawn) + 1)]
    exact = [-(-count * ONE // whole) for count in counts]
    return (*exact[:cap], sum(exact[cap:])) if len(exact) > cap else tuple(exact)


def sometimes(design: Design, chances: Sequence[int]) -> tuple[int, ...]:
    """The number if an output is in a row, which has chance w2/n, and 0 otherwise."""
    mixed = [-(-chance * design.output_code // design.neurons) for chance in chances]
    mixed[0] += up(1 - Fraction(design.output_code, design.neurons))
    return tuple(mixed)


def joined(left: Sequence[int], right: Sequence[int], cap: int) -> tuple[int, ...]:
    """The sum of two independent numbers."""
    result = [0] * (cap + 1)
    for i, p in enumerate(left):
        for j, q in enumerate(right):
            result[min(i + j, cap)] += p * q
    return tuple(-(-number >> PRECISION) for number in result)


def total(chances: Sequence[int], times: int, cap: int) -> tuple[int, ...]:
    """The sum of so many independent numbers."""
    result: tuple[int, ...] = (ONE, *[0] * cap)
    power = tuple(chances)
    while times:
        if times & 1:
            result = joined(result, power, cap)
        times >>= 1
        power = joined(power, power, cap) if times else power
    return result


def certified(design: Design) -> Fraction:
    """The whole chance of failure, at most."""
    return union_bound(failure(design))
