"""How much the columns of a network's first layer have in common, counted exactly over every two of them."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import numpy as np
import numpy.typing as npt

from ...kernel.claim import Claim
from ...kernel.network import Layer
from ...report.pictures.data import Overlaps

CODE_COLUMNS, COLUMNS = 10_000, 1000  # of which every two are compared
ROWS = 512  # of the products that are kept at once
BARS = 20  # of an interval of length 1
NEAR = 1e-9  # a cosine times BARS so near an integer is compared with it exactly

Integers = npt.NDArray[Any]
Numbers = npt.NDArray[np.float64]


def overlaps(claim: Claim, name: str, seed: int = 0) -> Overlaps | None:
    """The overlaps of the first layer, the input code if there is one; None where there are no two columns."""
    columns = _columns(claim.network.layers[0], claim.network.inputs)
    used = np.flatnonzero((columns != 0).any(axis=0))
    of = len(used)
    if of < 2:
        return None
    code = bool(np.isin(columns, (0, 1)).all())
    most = CODE_COLUMNS if code else COLUMNS
    if of > most:
        used = np.sort(np.random.default_rng(seed).choice(used, size=most, replace=False))
    chosen = columns[:, used]
    if code:
        return _of_code(chosen.astype(np.float32), used, of, claim.k, name)
    return _of_weights(chosen, of, claim.k, name)


def _columns(layer: Layer, width: int) -> Integers:
    """The weights, outputs x inputs, as Python integers."""
    dense = np.zeros((len(layer.bias), width), dtype=object)
    for r, (sources, weights) in enumerate(zip(layer.sources, layer.weights, strict=True)):
        dense[r, list(sources)] = weights
    return dense


def _of_code(chosen: npt.NDArray[np.float32], used: npt.NDArray[np.int64], of: int, k: int, name: str) -> Overlaps:
    ones = chosen.sum(axis=0).astype(np.int64)
    counts, filled = np.zeros(len(chosen) + 1, dtype=np.int64), list[tuple[int, int, int, int]]()
    for begin in range(0, len(used), ROWS):
        common = (chosen[:, begin : begin + ROWS].T @ chosen).astype(np.int64)  # exact: sums of ones, below 2^24
        places = np.arange(begin, begin + len(common))
        counts += np.bincount(common[places[:, None] < np.arange(len(used))], minlength=len(counts))
        common[places - begin, places] = 0
        most = -np.sort(-common, axis=1)[:, :k].sum(axis=1)
        worst = int((ones[places] - most).argmin())
        own = int(ones[places[worst]])
        filled.append((own - int(most[worst]), int(used[places[worst]]), int(most[worst]), own))
    bars = tuple((Fraction(overlap), count) for overlap, count in enumerate(counts.tolist()) if count)
    return Overlaps(
        name=name,
        code=True,
        k=k,
        columns=len(used),
        of=of,
        bars=bars,
        least=float(bars[0][0]),
        most=float(bars[-1][0]),
        ones=(int(ones.min()), int(ones.max())),
        filled=min(filled)[1:],
    )


def _of_weights(chosen: Integers, of: int, k: int, name: str) -> Overlaps:
    lengths = (chosen * chosen).sum(axis=0)
    largest = max(abs(w) for column in chosen.tolist() for w in column)
    shares = (chosen / largest).astype(np.float64)
    shares /= np.sqrt((shares * shares).sum(axis=0))
    counts, ends = np.zeros(2 * BARS, dtype=np.int64), list[float]()
    for begin in range(0, shares.shape[1], ROWS):
        cosines = shares[:, begin : begin + ROWS].T @ shares
        places = np.arange(begin, begin + len(cosines))
        rows, others = np.nonzero(places[:, None] < np.arange(shares.shape[1]))
        values = cosines[rows, others]
        if len(values):
            bars = _bars(values, rows + begin, others, chosen, lengths)
            counts += np.bincount(bars, minlength=2 * BARS)
            ends += [float(values.min()), float(values.max())]
    first = [(Fraction(bar - BARS, BARS), count) for bar, count in enumerate(counts.tolist()) if count]
    least, most = max(min(ends), -1.0), min(max(ends), 1.0)
    return Overlaps(
        name=name, code=False, k=k, columns=shares.shape[1], of=of, bars=tuple(first), least=least, most=most
    )


def _bars(
    cosines: Numbers, rows: npt.NDArray[np.int64], others: npt.NDArray[np.int64], chosen: Integers, lengths: Integers
) -> npt.NDArray[np.int64]:
    """The bar of each cosine, 0 for [-1, -1 + 1/20); where floats do not tell, integers do."""
    scaled = cosines * BARS
    bars = np.floor(scaled).astype(np.int64)
    near = np.flatnonzero((np.abs(scaled - np.round(scaled)) < NEAR) & (cosines != 0))
    a, b, edges = rows[near], others[near], np.round(scaled[near]).astype(np.int64)
    products = BARS * (chosen[:, a] * chosen[:, b]).sum(axis=0)
    limits = (edges * np.abs(edges)).astype(object) * lengths[a] * lengths[b]
    bars[near] = edges - (products * np.abs(products) < limits)
    return np.clip(bars, -BARS, BARS - 1) + BARS
