"""The shape that the engine ``channels`` decides: linear layers, one hidden step, and a readout of few neurons each.

    h_r = [G_r y >= T_r],  G = W1 C;    output i = [sum of D[i,r] h_r >= T'_i] or the sum itself; D, G of any signs

A step is relu(1 - relu(T - z)) on integers; for k <= 2 a plain relu(z) will do too, read by weights above 0. Every
question about an output is one of covering: its rows are the neurons it reads (where D[i,r] < 0, the neuron that
fires when this one does not), each with the weight |D[i,r]|, a need and a gain for each input; the output comes out
too high where the rows whose need is met weigh at least a goal, and too low where the rows not met do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from supverify.kernel.claim import Claim, Window
from supverify.kernel.network import Layer

from ..contract.sparse import Ints, Sparse, identity, owners, row_sums, sparse

NEVER = 1 << 40  # a goal that no weights reach
UNIT = 1 << 30  # the fixed point in which fractions of a need are added up
LONGEST = 1 << 62  # sums that might be as large are not formed: they could wrap round to small ones
LARGEST_K = 15


class Unfit(Exception):
    """Why the engine has no opinion, in one line."""


@dataclass(frozen=True)
class Parts:
    """A claim in parts.

    Output i reads the neurons ``rows[i]`` (padded with the number of neurons) with the weights ``weights[i]``
    (padded with 0) and the ``signs[i]``. ``goals[i]``: too high when false, when true; too low when false, when true.
    ``clauses[i]``: the inputs of its AND, ascending, padded with -1. ``finest``: the kernel adds up fractions of
    needs in units at least as fine as 1 / finest, rounded upwards where that is not exact.
    """

    inputs: int
    k: int
    exactly: bool
    code: Sparse
    first: Sparse
    thresholds: Ints
    relu: bool
    finest: int
    rows: Ints
    weights: Ints
    signs: Ints
    clauses: Ints
    goals: Ints

    @property
    def outputs(self) -> int:
        """How many there are."""
        return len(self.rows)

    @property
    def neurons(self) -> int:
        """Of the hidden step."""
        return len(self.thresholds)

    def largest_gain(self) -> int:
        """A rough bound on what an input adds to a neuron."""
        first, code = self.first, self.code
        values = np.abs(first.values).max(initial=1) * np.abs(code.values).max(initial=1)
        return int(values) * int(np.diff(first.pointer).max(initial=1))

    def needs(self) -> Ints:
        """What each row of each output needs to be met, on no active input."""
        needs = np.append(self.thresholds, 1)[self.rows]
        return np.where(self.signs < 0, 1 - needs, needs)


def suits(claim: Claim) -> bool:
    """Whether the claim has the shape, by a glance at its layers; what their numbers hold shows in ``parts``."""
    try:
        return claim.code is None and claim.k <= LARGEST_K and (_form(_steps(claim)) != "relu" or claim.k <= 2)
    except Unfit:
        return False


def _steps(claim: Claim) -> Sequence[Layer]:
    """The layers from the first with a ReLU on."""
    layers = claim.network.layers
    return layers[next((i for i, layer in enumerate(layers) if layer.relu), len(layers)) :]


def parts(claim: Claim) -> Parts:
    """The parts of the claim; raises Unfit, naming what is in the way."""
    if claim.k > LARGEST_K:
        raise Unfit(f"k = {claim.k} is more than {LARGEST_K}")
    clauses, steps = _clauses(claim), _steps(claim)
    form = _form(steps)
    if form == "relu" and claim.k > 2:
        raise Unfit("a plain ReLU, and not a step, behind the linear layers, and k > 2")
    code, start = _code(claim.network.inputs, claim.network.layers[: -len(steps)])
    hidden, last = steps[0], steps[1 if form == "relu" else 2 :]
    first, bias = _matrix(hidden), _word(hidden.bias)
    if start.any():
        _check_sums(first, np.abs(start))
        bias += row_sums(first, start)
    step = form != "relu"
    readout = _matrix(last[0])
    if len(last) == 2:
        readout = readout._replace(values=-readout.values)
    rows, weights, signs = _padded(readout, len(hidden.bias))
    found = Parts(
        inputs=claim.network.inputs,
        k=claim.k,
        exactly=claim.mode == "exactly",
        code=code,
        first=first._replace(values=-first.values) if step else first,
        thresholds=bias if step else 1 - bias,
        relu=not step,
        finest=min(1 << (int(np.abs(hidden.bias).max()) + claim.k + 2).bit_length() + 8, UNIT),
        rows=rows,
        weights=weights,
        signs=signs,
        clauses=clauses,
        goals=_goals(claim, last, readout, relu=not step),
    )
    _guard(found)
    return found


def _clauses(claim: Claim) -> Ints:
    if claim.code is not None:
        raise Unfit("outputs that are ORs of gates")
    targets = claim.targets()
    longest = max(len(target[0]) for target in targets)
    return np.array([(*t[0], *[-1] * (longest - len(t[0]))) for t in targets], dtype=np.int64)


def _form(layers: Sequence[Layer]) -> str:
    """Which layers follow the linear ones: a step or a plain ReLU, then a readout or a second step."""
    relus = [layer.relu for layer in layers]
    if relus[:2] == [True, True] and _inverts(layers[1]):
        if relus[2:] == [False]:
            return "step"
        if relus[2:] == [True, True] and _inverts(layers[3]):
            return "two steps"
    if relus == [True, False]:
        if any(w < 0 for row in layers[1].weights for w in row):
            raise Unfit("weights below 0 behind a plain ReLU")
        return "relu"
    raise Unfit("not linear layers, one hidden step, and a readout or a second step")


def _inverts(layer: Layer) -> bool:
    """Whether the layer is relu(1 - u)."""
    plain = all(sources == (r,) for r, sources in enumerate(layer.sources))
    return plain and set(layer.bias) == {1} and set(layer.weights) == {(-1,)}


def _code(inputs: int, layers: Sequence[Layer]) -> tuple[Sparse, Ints]:
    """The product of the linear layers, and their value on no active input."""
    start = np.zeros(inputs, dtype=np.int64)
    if not layers:
        return identity(inputs), start
    code = None
    for layer in layers:
        matrix = _matrix(layer)
        _check_sums(matrix, np.abs(start) if code is None else np.maximum(_largest(code), np.abs(start)))
        start = row_sums(matrix, start) + _word(layer.bias)
        code = matrix if code is None else product(matrix, code, inputs)
        if max(np.abs(code.values).max(initial=0), np.abs(start).max(initial=0)) >= UNIT:
            raise Unfit("sums of more than 30 bits")
    return code or identity(inputs), start


def _matrix(layer: Layer) -> Sparse:
    try:
        matrix = sparse(layer)
    except OverflowError as error:
        raise Unfit("weights of more than 63 bits") from error
    if max(matrix.values.max(initial=0), -matrix.values.min(initial=0)) >= UNIT:
        raise Unfit("weights of more than 30 bits")
    return matrix


def _check_sums(matrix: Sparse, sizes: Ints) -> None:
    """Raises Unfit unless every product of the matrix with numbers of at most these sizes fits 64 bits."""
    if _reach(matrix, sizes) >= LONGEST:
        raise Unfit("sums that may take more than 62 bits")


def _reach(matrix: Sparse, sizes: Ints) -> int:
    """How far from 0 a sum of the matrix can be, about: worked out in floating point, which does not wrap round."""
    terms = np.abs(matrix.values.astype(np.float64)) * sizes[matrix.columns]
    return int(np.bincount(owners(matrix), weights=terms).max(initial=0))


def product(left: Sparse, right: Sparse, width: int) -> Sparse:
    """The matrix product; ``width`` columns."""
    counts = np.diff(right.pointer)[left.columns]
    places = ranges(right.pointer[left.columns], counts)
    keys = np.repeat(owners(left), counts) * width + right.columns[places]
    values = np.repeat(left.values, counts) * right.values[places]
    distinct, where = np.unique(keys, return_inverse=True)
    sums = np.zeros(len(distinct), dtype=np.int64)
    np.add.at(sums, where, values)
    distinct, sums = distinct[sums != 0], sums[sums != 0]
    pointer = np.searchsorted(distinct, np.arange(len(left.pointer)) * width)
    return Sparse(pointer, distinct % width, sums)


def ranges(starts: Ints, counts: Ints) -> Ints:
    """starts[0], starts[0] + 1, .. (counts[0] numbers), then starts[1], .."""
    ends = np.cumsum(counts)
    return np.arange(ends[-1] if len(ends) else 0) + np.repeat(starts - ends + counts, counts)


def _padded(readout: Sparse, neurons: int) -> tuple[Ints, Ints, Ints]:
    """Rows, weights and signs of every output, side by side."""
    counts = np.diff(readout.pointer)
    longest = max(int(counts.max()), 1)
    if longest * len(counts) > 64 * len(readout.columns) + (1 << 20):
        raise Unfit("outputs that read very different numbers of neurons")
    inside = np.arange(longest) < counts[:, None]
    rows = np.full(inside.shape, neurons, dtype=np.int64)
    weights, signs = np.zeros(inside.shape, dtype=np.int64), np.ones(inside.shape, dtype=np.int64)
    rows[inside] = readout.columns
    weights[inside], signs[inside] = np.abs(readout.values), np.sign(readout.values)
    return rows, weights, signs


def _goals(claim: Claim, last: Sequence[Layer], readout: Sparse, *, relu: bool) -> Ints:
    """What the rows that are met (or those that are not) have to weigh to put an output out of its window.

    Behind plain ReLUs: what the weighted sum, or minus the sum, has to be.
    """
    ones, bias = np.ones(readout.columns.max(initial=0) + 1, dtype=np.int64), _word(last[0].bias)
    up, down = (row_sums(readout._replace(values=np.maximum(sign * readout.values, 0)), ones) for sign in (1, -1))
    high, low = [], []
    for least, most in claim.windows:
        if len(last) == 2:  # relu(1 - relu(z)), ``readout`` holding the weights of -z: 1 where -z >= 0
            high.append(NEVER if _holds((least, most), 1) else bias + down)
            low.append(NEVER if _holds((least, most), 0) else up - bias + 1)
        else:
            high.append(NEVER if most is None else min(most, NEVER) + 1 - bias + down)
            low.append(NEVER if least is None else bias + (0 if relu else up) - max(least, -NEVER) + 1)
    table = np.empty((len(bias), 4), dtype=np.int64)
    for column, values in enumerate([*high, *low]):
        table[:, column] = np.clip(values, -2 * UNIT, NEVER)
    # A row may count once for each active input, so what cannot be reached begins at (k + 1) times the weights.
    table[table > (2 * UNIT if relu else (claim.k + 1) * (up + down)[:, None])] = NEVER
    if relu and (table[:, 2] < NEVER).any():
        raise Unfit("a criterion that bounds false outputs from below, behind a plain ReLU")
    return table


def _word(numbers: tuple[int, ...]) -> Ints:
    if max(map(abs, numbers)) >= NEVER:
        raise Unfit("biases of too many bits")
    return np.array(numbers, dtype=np.int64)


def _holds(window: Window, value: int) -> bool:
    low, high = window
    return (low is None or low <= value) and (high is None or value <= high)


def _guard(found: Parts) -> None:
    """Every sum that is formed fits 64 bits, fractions in units of 1 / UNIT included."""
    k = max(found.k, 1) + 1
    weights = int(found.weights.sum(axis=1).max(initial=0))

    def fits(gain: int) -> bool:
        gains = gain * k + int(np.abs(found.thresholds).max(initial=0)) + 1
        return weights * k < 1 << 28 and gains * weights * k < 1 << 31 and gains < UNIT

    if not fits(found.largest_gain()) and not fits(_reach(found.first, _largest(found.code))):
        raise Unfit("weights, or sums of the hidden step, of too many bits")


def _largest(code: Sparse) -> Ints:
    """The largest |weight| of each row of the code."""
    height = len(code.pointer) - 1
    largest = np.zeros(height, dtype=np.int64)
    np.maximum.at(largest, owners(code), np.abs(code.values))
    return largest
