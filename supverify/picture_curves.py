"""The curves of the capacity picture: counting floors, the paper's expressions, and networks that were verified."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import groupby

from .files.capacity import KnownNetwork
from .models.bounds import floor_neurons
from .models.counting import LARGEST
from .models.expressions import expressions
from .report.pictures.data import Curve

FEWEST = 4  # outputs drawn, from where no curve is 0
DRAWN = 33  # places of a curve, over a factor of 10^4 in M


def floor_curves(outputs: int, k: int, weights: Iterable[int]) -> Iterator[Curve]:
    """Floors of unlabelled 2-ANDs with m = M, then the paper's expressions, a hundredth of M to a hundredfold.

    ``weights``: the bits of a weight, a floor each.
    """
    steps = (round(outputs * 10 ** (4 * i / (DRAWN - 1) - 2)) for i in range(DRAWN))
    places = tuple(sorted({M for M in steps if FEWEST <= M <= LARGEST} | {max(outputs, FEWEST)}))
    for bits in weights:
        widths = tuple(floor_neurons(M, bits=bits, k=k) for M in places)
        if all(widths):
            yield Curve(label=f"counting floor, b = {bits}", outputs=places, neurons=widths)
    stated = [expressions(M) for M in places]
    lower, upper = (tuple(s.lower_neurons for s in stated), tuple(s.upper_neurons for s in stated))
    yield Curve(label="sqrt(M log2 M), no constant", outputs=places, neurons=lower, dash=2)
    yield Curve(label="sqrt(M) log2 M, no constant", outputs=places, neurons=upper, dash=6)


def known_points(known: Iterable[KnownNetwork]) -> Iterator[Curve]:
    """The networks of each family, which stand together in ``known``."""
    for family, found in groupby(known, key=lambda row: row.family):
        rows = tuple(found)
        outputs, neurons = tuple(row.outputs for row in rows), tuple(row.neurons for row in rows)
        yield Curve(label=f"{family}, verified", outputs=outputs, neurons=neurons)
