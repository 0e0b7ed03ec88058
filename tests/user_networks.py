"""Networks as users bring them, and what they compute: arrays of floats, Fractions, no engine of supverify.

``user_network`` makes one of a kind from a seed; ``Brute`` goes through every input with exact fractions, or with
every product and sum rounded to 24 or 53 bits by ``rounded``.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations
from math import floor
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import numpy.typing as npt

from supverify.files import NetworkFile, read_network

Array = npt.NDArray[Any]
Active = tuple[int, ...]
KINDS = (
    "trained", "two hidden", "superposed inputs", "decoder", "planted error",
    "ties", "tiny margins", "dead and twins", "float32 only", "everything",
)  # fmt: skip
TINY = 2.0**-27


@dataclass
class UserNetwork:
    """The arrays of a file and the pairs that its outputs are the ANDs of."""

    kind: str
    inputs: int
    k: int
    pairs: list[tuple[int, int]]
    arrays: dict[str, Array]
    threshold: Fraction = Fraction(1, 2)
    strict: bool = True
    criterion: str = "readout"
    slack: Fraction = Fraction(0)
    exactly: bool = False
    planted: Active | None = None
    depth: int = field(default=2)

    def save(self, path: Path) -> Path:
        np.savez(path, allow_pickle=False, **self.arrays)
        return path

    def read(self) -> NetworkFile:
        """What supverify reads from the file."""
        with TemporaryDirectory() as folder:
            return read_network(self.save(Path(folder) / "network.npz"))

    def layers(self) -> list[tuple[Array, Array, bool]]:
        """Weights, bias, and whether a ReLU follows: the input code and the decoder are layers as well."""
        found: list[tuple[Array, Array, bool]] = []
        if "C" in self.arrays:
            found.append((self.arrays["C"], np.zeros(len(self.arrays["C"])), False))
        for i in range(1, self.depth + 1):
            found.append((self.arrays[f"W{i}"], self.arrays[f"b{i}"], i < self.depth))
        if "D" in self.arrays:
            found.append((self.arrays["D"], self.arrays["c"], False))
        return found


def gates(rng: random.Random, inputs: int, count: int) -> list[tuple[int, int]]:
    """Pairs, some of them repeated or reversed."""
    return [(pair[0], pair[1]) for pair in (rng.sample(range(inputs), 2) for _ in range(count))]


def designed(pairs: Sequence[tuple[int, int]], inputs: int) -> tuple[Array, Array, Array, Array]:
    """relu(y_a + y_b - 1) for each pair, passed on."""
    first = np.zeros((len(pairs), inputs))
    for i, (a, b) in enumerate(pairs):
        first[i, a] = first[i, b] = 1
    return first, -np.ones(len(pairs)), np.eye(len(pairs)), np.zeros(len(pairs))


def user_network(kind: str, seed: int) -> UserNetwork:
    """A small network of the kind; the same seed makes the same network."""
    rng = random.Random(f"{kind} {seed}")
    normal = np.random.default_rng(rng.randrange(2**32))
    inputs, k = rng.randint(3, 6), rng.randint(1, 3)
    pairs = gates(rng, inputs, rng.randint(1, 4))
    noise = rng.choice([0.01, 0.05, 0.15, 0.4])
    dtype = rng.choice([np.float32, np.float64])
    W1, b1, W2, b2 = (x + normal.normal(0, noise, x.shape) for x in designed(pairs, inputs))
    made = UserNetwork(kind, inputs, min(k, inputs), pairs, {"W1": W1, "b1": b1, "W2": W2, "b2": b2})
    builder = {
        "two hidden": _two_hidden,
        "superposed inputs": _superposed,
        "decoder": _decoder,
        "planted error": _planted,
        "ties": _ties,
        "tiny margins": _tiny,
        "dead and twins": _dead_and_twins,
        "float32 only": _float32_only,
        "everything": _everything,
    }.get(kind)
    if builder is not None:
        builder(made, rng, normal)
    if kind not in ("tiny margins", "float32 only"):
        made.arrays = {name: array.astype(dtype) for name, array in made.arrays.items()}
    if kind not in ("planted error", "tiny margins", "float32 only"):
        _reading(made, rng)
    return made


def _reading(made: UserNetwork, rng: random.Random) -> None:
    made.strict, made.exactly = rng.random() < 0.5, rng.random() < 0.25
    made.criterion = rng.choice(["readout", "readout", "readout", "separated", "linear"])
    if made.kind != "ties":
        made.threshold = Fraction(rng.choice(["1/2", "1/2", "1/3", "0", "3/4"]))
    if made.criterion != "readout":
        made.slack = Fraction(rng.randint(0, 12), 24)


def _two_hidden(made: UserNetwork, rng: random.Random, normal: np.random.Generator) -> None:
    """A hidden layer more, between the two."""
    width = len(made.pairs)
    made.arrays["W3"], made.arrays["b3"] = made.arrays["W2"], made.arrays["b2"]
    made.arrays["W2"] = np.eye(width) + normal.normal(0, 0.05, (width, width))
    made.arrays["b2"] = normal.normal(0, 0.02, width)
    made.depth = 3


def _superposed(made: UserNetwork, rng: random.Random, normal: np.random.Generator) -> None:
    """Inputs in superposition: x = C y with fewer dimensions than inputs, read back by the transpose."""
    code = normal.normal(0, 1, (rng.randint(2, made.inputs), made.inputs))
    code /= np.linalg.norm(code, axis=0)
    made.arrays["C"], made.arrays["W1"] = code, made.arrays["W1"] @ code.T


def _decoder(made: UserNetwork, rng: random.Random, normal: np.random.Generator) -> None:
    """Outputs in superposition, decoded by D z + c."""
    width, count = rng.randint(1, 3), len(made.pairs)
    made.arrays["W2"] = normal.normal(0, 1, (width, count))
    made.arrays["b2"] = normal.normal(0, 0.1, width)
    made.arrays["D"] = np.linalg.pinv(made.arrays["W2"]) + normal.normal(0, 0.01, (count, width))
    made.arrays["c"] = normal.normal(0, 0.05, count)


def _planted(made: UserNetwork, rng: random.Random, normal: np.random.Generator) -> None:
    """A neuron that is on for one input only, and turns one output over there."""
    quiet = designed(made.pairs, made.inputs)
    W1, b1, W2, b2 = (x + normal.normal(0, 0.01, x.shape) for x in quiet)
    size = rng.randint(0, made.k)
    y = tuple(sorted(rng.sample(range(made.inputs), size)))
    i = rng.randrange(len(made.pairs))
    truth = set(made.pairs[i]) <= set(y)
    row = np.array([[1.0 if j in y else -9.0 for j in range(made.inputs)]])
    column = np.zeros((len(made.pairs), 1))
    column[i] = -4.0 if truth else 4.0
    made.arrays = {
        "W1": np.vstack([W1, row]),
        "b1": np.append(b1, 0.5 - size),
        "W2": np.hstack([W2, column]),
        "b2": b2,
    }
    made.planted = y


def _ties(made: UserNetwork, rng: random.Random, normal: np.random.Generator) -> None:
    """Halves and quarters, so that outputs meet the threshold exactly."""
    W1, b1, W2, b2 = designed(made.pairs, made.inputs)
    change = normal.integers(-1, 2, W2.shape) * rng.choice([0.25, 0.5])
    made.arrays = {
        "W1": W1,
        "b1": b1 + rng.choice([0, 0.5]),
        "W2": W2 + change,
        "b2": b2 + rng.choice([0, 0.5, 0.25]),
    }
    made.threshold = Fraction(rng.choice(["1/2", "1/4", "1"]))


def _tiny(made: UserNetwork, rng: random.Random, normal: np.random.Generator) -> None:
    """Outputs of 1/2 + 2^-27 (or, at times, 1/2 - 2^-27) where they should be 1, and 1/2 - 2^-27 or 1/2 elsewhere."""
    W1, b1, W2, b2 = designed(made.pairs, made.inputs)
    sign = -1.0 if rng.random() < 0.3 else 1.0
    made.arrays = {"W1": W1, "b1": b1, "W2": W2 * TINY * (1 + sign), "b2": b2 + 0.5 - TINY}
    if sign > 0 and rng.random() < 0.5:
        made.arrays["b2"] = b2 + 0.5
        made.arrays["W2"] = W2 * TINY


def _dead_and_twins(made: UserNetwork, rng: random.Random, normal: np.random.Generator) -> None:
    """Neurons that are never on, and pairs of equal neurons that add up to one, or to nothing."""
    W1, b1, W2, b2 = (made.arrays[name] for name in ("W1", "b1", "W2", "b2"))
    dead, twin = normal.normal(0, 1, (2, made.inputs)), W1[:1]
    share = rng.choice([0.25, 0.5])
    column = normal.normal(0, 1, (len(made.pairs), 1))
    W1 = np.vstack([W1, dead, twin, twin])
    b1 = np.concatenate([b1, [-50.0, -60.0], b1[:1], b1[:1]])
    W2 = np.hstack([W2, normal.normal(0, 1, (len(made.pairs), 2)), column, -column])
    W2[:, -2] += share * W2[:, 0]
    W2[:, 0] -= share * W2[:, 0]
    made.arrays = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}


def _float32_only(made: UserNetwork, rng: random.Random, normal: np.random.Generator) -> None:
    """Right over the real numbers; in float32 a small term is lost beside a large one that cancels."""
    W1, b1, W2, b2 = designed(made.pairs, made.inputs)
    large = 2.0 ** rng.randint(24, 30)
    row = np.zeros((2, made.inputs))
    row[:, made.pairs[0][0]] = 1.0  # two neurons that carry the same feature, times large and minus large
    column = np.zeros((len(made.pairs), 2))
    column[0] = [large, -large]
    first = rng.random() < 0.5
    W2 = np.hstack([column[:, :1], W2, column[:, 1:]]) if first else np.hstack([W2, column])
    W1 = np.vstack([row[:1], W1, row[1:]]) if first else np.vstack([W1, row])
    b1 = np.concatenate([[0.0], b1, [0.0]]) if first else np.concatenate([b1, [0.0, 0.0]])
    arrays = {"W1": W1, "b1": b1, "W2": W2, "b2": b2}
    made.arrays = {name: array.astype(np.float32) for name, array in arrays.items()}


def _everything(made: UserNetwork, rng: random.Random, normal: np.random.Generator) -> None:
    """Two hidden layers, an input code and a decoder."""
    _two_hidden(made, rng, normal)
    _superposed(made, rng, normal)
    width, count = rng.randint(1, 3), len(made.pairs)
    made.arrays["W3"] = normal.normal(0, 1, (width, count))
    made.arrays["b3"] = normal.normal(0, 0.1, width)
    made.arrays["D"] = np.linalg.pinv(made.arrays["W3"])
    made.arrays["c"] = normal.normal(0, 0.05, count)


def rounded(number: Fraction, bits: int) -> Fraction:
    """The nearest number of ``bits`` significant bits, ties to an even last one; the exponent is not limited."""
    if not number:
        return number
    size = abs(number)
    exponent = size.numerator.bit_length() - size.denominator.bit_length()
    exponent -= size < Fraction(2) ** exponent  # 2^exponent <= size < 2^(exponent + 1)
    unit = Fraction(2) ** (exponent + 1 - bits)
    whole = floor(number / unit)
    rest = number / unit - whole
    return unit * (whole + (rest > Fraction(1, 2) or (rest == Fraction(1, 2) and whole % 2 == 1)))


@dataclass(frozen=True)
class Sums:
    """How a row is summed: exactly (bits None), or rounded, its terms in the order ``places`` gives them."""

    bits: int | None = None
    bias_first: bool = False
    shuffled: int | None = None

    def __call__(self, terms: list[Fraction], bias: Fraction) -> Fraction:
        if self.bits is None:
            return sum(terms, bias)
        numbers = [rounded(term, self.bits) for term in terms]
        numbers = [bias, *numbers] if self.bias_first else [*numbers, bias]
        if self.shuffled is not None:
            random.Random(self.shuffled).shuffle(numbers)
        total = numbers[0]
        for number in numbers[1:]:
            total = rounded(total + number, self.bits)
        return total


EXACTLY = Sums()


class Brute:
    """Every input of a claim about a user's network, gone through one by one."""

    def __init__(self, network: UserNetwork, sums: Sums = EXACTLY) -> None:
        self.network, self.sums = network, sums
        self.layers = [
            ([[Fraction(float(w)) for w in row] for row in W], [Fraction(float(x)) for x in b], relu)
            for W, b, relu in network.layers()
        ]
        self.entries = {y: list(self._entries(y)) for y in self.inputs()}

    def inputs(self) -> Iterator[Active]:
        """Fewest active first, then lexicographic."""
        for size in range(self.network.k if self.network.exactly else 0, self.network.k + 1):
            yield from combinations(range(self.network.inputs), size)

    def outputs(self, active: Active) -> list[Fraction]:
        x = [Fraction(int(j in active)) for j in range(self.network.inputs)]
        for weights, bias, relu in self.layers:
            z = [
                self.sums([w * v for w, v in zip(row, x, strict=True)], b)
                for row, b in zip(weights, bias, strict=True)
            ]
            x = [max(v, Fraction(0)) for v in z] if relu else z
        return x

    def _entries(self, active: Active) -> Iterator[tuple[Fraction, bool, bool]]:
        """The value of each output, its truth, and whether it is wrong."""
        for a, pair in zip(self.outputs(active), self.network.pairs, strict=True):
            truth = set(pair) <= set(active)
            yield a, truth, not self._right(a, truth)

    def _right(self, a: Fraction, truth: bool) -> bool:
        t, s = self.network.threshold, self.network.slack
        if self.network.criterion == "readout":
            return (a > t if self.network.strict else a >= t) == truth
        if self.network.criterion == "separated":
            return a >= t + s if truth else a <= t - s
        return abs(a - truth) <= s

    def wrong_inputs(self) -> list[Active]:
        return [y for y, entries in self.entries.items() if any(bad for _, _, bad in entries)]

    def counts(self) -> dict[str, object]:
        """Every number that supverify reports, under its name there."""
        t, everything = self.network.threshold, [entry for entries in self.entries.values() for entry in entries]
        wrong = self.wrong_inputs()
        failing = [[y for y in wrong if self.entries[y][i][2]] for i in range(len(self.network.pairs))]
        found: dict[str, object] = {
            "inputs_covered": len(self.entries),
            "wrong_inputs": len(wrong),
            "wrong_entries": sum(bad for _, _, bad in everything),
            "false_positives": sum(bad and not truth for _, truth, bad in everything),
            "false_negatives": sum(bad and truth for _, truth, bad in everything),
            "ties": sum(a == t for a, _, _ in everything),
            "min_margin": min(a - t if truth else t - a for a, truth, _ in everything),
            "wrong_per_size": tuple(sum(len(y) == s for y in wrong) for s in range(self.network.k + 1)),
            "wrong_per_output": tuple(map(len, failing)),
            "first_per_output": tuple(inputs[0] if inputs else None for inputs in failing),
        }
        if self.network.criterion == "linear":
            found["max_deviation"] = max(abs(a - truth) for a, truth, _ in everything)
        return found
