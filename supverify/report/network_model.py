"""What a report says of a user's network, as immutable plain values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class FailingGate:
    """An output that is wrong somewhere: on how many inputs, and on which first (fewest active, lexicographic)."""

    output: int
    computes: str
    wrong_inputs: int
    first: tuple[int, ...]


@dataclass(frozen=True, kw_only=True)
class ErrorProbability:
    """The exact probability that some output is wrong on a random input, as a fraction in text.

    ``inputs`` says how it is drawn, ``about`` is it in decimals. ``lower`` and ``upper`` enclose it; they differ
    where inputs may be drawn that the claim does not cover, whose ``covered`` is below 1. ``given_covered`` is the
    probability among covered ones.
    """

    inputs: str
    about: str
    lower: str
    upper: str
    covered: str
    given_covered: str | None


@dataclass(frozen=True, kw_only=True)
class ArithmeticAnswer:
    """The verdict in one arithmetic, with its counts where every input was gone through.

    ``error_bound`` bounds the distance of every computed output from the exact one; ``rounded_weights`` counts the
    weights and biases that the arithmetic does not hold; ``refuted_in`` is the order of sums that goes wrong.
    """

    arithmetic: str
    status: str
    reason: str
    oracles: tuple[str, ...]
    counterexample: tuple[int, ...] | None
    refuted_in: str | None
    wrong_inputs: int | None
    wrong_entries: int | None
    min_margin: str | None
    error_bound: str | None
    rounded_weights: int


@dataclass(frozen=True, kw_only=True)
class LargestK:
    """The largest k for which the network is exact on every input with at most k ones; None where not even on 0.

    ``final``: it is known to be wrong for the next k (on ``counterexample``), or there are no more inputs; else the
    next k is undecided, as ``reason`` says.
    """

    k: int | None
    final: bool
    counterexample: tuple[int, ...] | None = None
    reason: str = ""
