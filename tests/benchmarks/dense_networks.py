"""Networks trained on 2-AND by plain numpy, as claims: one hidden layer, float32, nothing but a seed decides them."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np
import numpy.typing as npt

from supverify.deciding.verification import state
from supverify.files import read_network
from supverify.kernel.claim import Claim, TwoAnd

Floats = npt.NDArray[np.float32]
CACHE = Path(__file__).parents[2] / ".cache" / "dense"


@dataclass(frozen=True)
class Training:
    """What decides a network: its sizes, the sparsity it is trained for, its seed, and the steps of Adam."""

    inputs: int
    neurons: int
    outputs: int
    k: int
    seed: int
    steps: int

    @property
    def name(self) -> str:
        """The file that keeps the network."""
        return "_".join(map(str, vars(self).values()))


@dataclass(frozen=True)
class Trained:
    """relu(W1 y + b1), W2 h + b2, read above 1/2; ``pairs`` outputs x 2."""

    W1: Floats
    b1: Floats
    W2: Floats
    b2: Floats
    pairs: npt.NDArray[np.int64]

    def claim(self, k: int) -> Claim:
        """What is claimed of the network, its weights taken as the dyadic rationals that they are."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "network.npz"
            np.savez(path, W1=self.W1, b1=self.b1, W2=self.W2, b2=self.b2)
            pairs = tuple((int(a), int(b)) for a, b in self.pairs)
            return state(read_network(path), TwoAnd(self.W1.shape[1], pairs), k=k)


def trained(training: Training) -> Trained:
    """The network of a training, from the cache or anew (a few seconds to some minutes)."""
    path = CACHE / f"{training.name}.npz"
    if not path.exists():
        CACHE.mkdir(parents=True, exist_ok=True)
        np.savez(path, **vars(_train(training)))
    with np.load(path) as found:
        return Trained(*(found[name] for name in ("W1", "b1", "W2", "b2", "pairs")))


def _train(training: Training) -> Trained:
    """Adam with a cosine of the step size on mean squared error, true outputs counted five times."""
    rng = np.random.default_rng(training.seed)
    m, hidden, n = training.inputs, training.neurons, training.outputs
    everything = list(combinations(range(m), 2))
    pairs = np.array([everything[i] for i in np.sort(rng.choice(len(everything), n, replace=False))])
    weights = [
        (rng.standard_normal((m, hidden)) / np.sqrt(8)).astype(np.float32),
        np.zeros(hidden, np.float32),
        (rng.standard_normal((hidden, n)) * np.sqrt(1 / hidden)).astype(np.float32),
        np.zeros(n, np.float32),
    ]
    means, squares = [np.zeros_like(w) for w in weights], [np.zeros_like(w) for w in weights]
    for step in range(1, training.steps + 1):
        rate = 5e-3 * 0.5 * (1 + np.cos(np.pi * step / training.steps))
        for i, slope in enumerate(_slopes(weights, _batch(training, pairs, rng), pairs)):
            means[i] = 0.9 * means[i] + 0.1 * slope
            squares[i] = 0.999 * squares[i] + 0.001 * slope * slope
            one, two = means[i] / (1 - 0.9**step), squares[i] / (1 - 0.999**step)
            weights[i] -= rate * (one / (np.sqrt(two) + 1e-8))
    return Trained(weights[0].T, weights[1], weights[2].T, weights[3], pairs)


def _batch(training: Training, pairs: npt.NDArray[np.int64], rng: np.random.Generator, size: int = 512) -> Floats:
    """Inputs with k - 1 or k ones; in half of them, one of the pairs is on."""
    k = training.k
    inputs = np.zeros((size, training.inputs), np.float32)
    places = rng.random((size, training.inputs)).argpartition(k, axis=1)[:, :k]
    ones = rng.integers(max(0, k - 1), k + 1, size)
    for c in range(k):
        rows = np.arange(size)[ones > c]
        inputs[rows, places[rows, c]] = 1
    half, chosen = np.arange(size // 2), rng.integers(0, len(pairs), size // 2)
    inputs[half, places[: size // 2, 0]] = 0
    inputs[half, places[: size // 2, 1]] = 0
    inputs[half, pairs[chosen, 0]] = 1
    inputs[half, pairs[chosen, 1]] = 1
    return inputs


def _slopes(weights: list[Floats], inputs: Floats, pairs: npt.NDArray[np.int64]) -> tuple[Floats, ...]:
    """The gradient of the loss by W1^T, b1, W2^T and b2."""
    one, bias, two, other = weights
    truth = inputs[:, pairs[:, 0]] * inputs[:, pairs[:, 1]]
    sums = inputs @ one + bias
    hidden = np.maximum(sums, 0)
    errors = (hidden @ two + other - truth) * (1 + 4 * truth) / len(inputs) * 2
    back = (errors @ two.T) * (sums > 0)
    return inputs.T @ back, back.sum(0), hidden.T @ errors, errors.sum(0)
