"""How often a network is wrong on random inputs: exact fractions from the counts of wrong inputs per size.

An input is wrong if any output is wrong on it. Everything follows from how many inputs with s ones are wrong, for
the sizes s that the claim covers.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from math import comb

from supverify.kernel.claim import Claim
from supverify.kernel.errors import Malformed

MOST_BITS = 1 << 20  # of the denominators


@dataclass(frozen=True, kw_only=True)
class UniformError:
    """The probability that an input is wrong, drawn uniformly among those with exactly k ones, or with at most k.

    ``at_most`` is None where the claim is about exactly k ones.
    """

    exactly: Fraction
    at_most: Fraction | None


@dataclass(frozen=True, kw_only=True)
class BernoulliError:
    """The probability that an input is wrong whose features are 1 independently, each with probability p.

    Inputs with more (or other) numbers of ones than the claim covers may be right or wrong: ``lower`` counts them
    as right, ``upper`` as wrong, ``covered`` is the probability of all others, and ``given_covered`` the probability
    of a wrong input among those (None where p excludes them).
    """

    p: Fraction
    lower: Fraction
    upper: Fraction
    covered: Fraction
    given_covered: Fraction | None


def uniform_error(claim: Claim, wrong_per_size: tuple[int, ...]) -> UniformError:
    """The error under uniform inputs; ``wrong_per_size[s]`` counts the wrong inputs with s ones, s up to k."""
    exactly = Fraction(wrong_per_size[claim.k], comb(claim.network.inputs, claim.k))
    at_most = Fraction(sum(wrong_per_size), claim.population(claim.domain))
    return UniformError(exactly=exactly, at_most=at_most if claim.mode == "at-most" else None)


def check_probability(p: Fraction, inputs: int) -> None:
    """Raises Malformed for a p that is no probability, or too fine for so many inputs."""
    if not 0 <= p <= 1:
        raise Malformed("bernoulli", "a probability from 0 to 1", str(p))
    if inputs * p.denominator.bit_length() > MOST_BITS:
        limit = MOST_BITS // inputs
        raise Malformed("bernoulli", f"a denominator of at most {limit} bits", f"{p.denominator.bit_length()} bits")


def bernoulli_error(claim: Claim, wrong_per_size: tuple[int, ...], p: Fraction) -> BernoulliError:
    """The error under independent features; raises Malformed for a p that is no probability, or too fine."""
    inputs = claim.network.inputs
    check_probability(p, inputs)
    one, zero, all_inputs = p.numerator, p.denominator - p.numerator, p.denominator**inputs
    weight = {s: one**s * zero ** (inputs - s) for s in claim.sizes(claim.domain)}
    lower = Fraction(sum(wrong_per_size[s] * weight[s] for s in weight), all_inputs)
    covered = Fraction(sum(comb(inputs, s) * weight[s] for s in weight), all_inputs)
    return BernoulliError(
        p=p,
        lower=lower,
        upper=lower + 1 - covered,
        covered=covered,
        given_covered=lower / covered if covered else None,
    )
