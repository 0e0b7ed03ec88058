"""The sums of a layer behind linear layers: each is a constant and a multiple of every input.

Rows with few sources are added up as vectors over the inputs. Of others the columns, packed over a block of rows, are
added up as the layers before say, one sum of vectors for each of their weights; the columns of the product that come
out are turned, and are its rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from .network import Layer
from .packed import Lanes

ROWS = 1536  # of a block, all of which are made when one of them is asked for
FILL = 18  # lanes are added in the time that one is filled and turned

# A constant, the multiples of the inputs, and these as lanes: the positive ones, and the others without their sign.
Sum = tuple[int, Sequence[int], int, int]


class Sums(dict[int, Sum]):
    """The sums of the last of ``layers``, the others of which are linear, made some at a time when one is asked for.

    ``lanes`` have to hold what is added up; unless ``keep``, only those of one time are remembered.
    """

    def __init__(self, layers: Sequence[Layer], lanes: Lanes, *, keep: bool) -> None:
        super().__init__()
        self.layers, self.lanes, self.keep = layers, lanes, keep
        self.widths = (lanes.count, *(len(layer.bias) for layer in layers))
        self.constants: Sequence[int] = (0,) * lanes.count
        for layer in layers:
            self.constants = _applied(layer, self.constants)
        *before, last = layers
        added, filled = sum(map(len, last.sources)) * lanes.count, len(last.bias) * self.widths[-2]
        self.few = bool(before) and added < FILL * filled
        self.inner = self._inner() if self.few else []

    def __missing__(self, r: int) -> Sum:
        if not self.keep:
            self.clear()
        if self.few:
            vector = _combined(self.layers[-1], r, self.inner)
            self[r] = found = self._sum(r, vector, self.lanes.encoded(vector))
            return found
        start = r - r % ROWS
        rows = range(start, min(start + ROWS, self.widths[-1]))
        for q, data in zip(rows, self._turned(rows), strict=True):
            self[q] = self._sum(q, self.lanes.decoded(data), data)
        return self[r]

    def _sum(self, r: int, vector: int, data: bytes) -> Sum:
        return self.constants[r], self.lanes.values(data), *self.lanes.split(vector)

    def _inner(self) -> list[int]:
        """The sums of the last layer but one, without their constants."""
        first, *others = self.layers[:-1]
        vectors = [self.lanes.named(first.row(q)) for q in range(len(first.bias))]
        for layer in others:
            vectors = [_combined(layer, q, vectors) for q in range(len(layer.bias))]
        return vectors

    def _turned(self, rows: range) -> list[bytes]:
        """Rows of the product, by way of their columns."""
        *before, last = self.layers
        wide, tall = Lanes(self.widths[-2], self.lanes.width), Lanes(len(rows), self.lanes.width)
        filled = [wide.sparse(last.sources[r], last.weights[r]) for r in rows]
        columns = [tall.decoded(data) for data in wide.turned(filled)]
        for layer, width in zip(before[::-1], self.widths[-3::-1], strict=True):
            columns = _multiplied(columns, layer, width)
        return tall.turned([tall.encoded(column) for column in columns])


def _multiplied(columns: Sequence[int], layer: Layer, width: int) -> list[int]:
    """The columns of the product with a layer of ``width`` inputs on the right."""
    found = [0] * width
    for column, sources, weights in zip(columns, layer.sources, layer.weights, strict=True):
        if weights.count(1) == len(weights):
            for j in sources:
                found[j] += column
        else:
            for j, weight in zip(sources, weights, strict=True):
                found[j] += weight * column
    return found


def _combined(layer: Layer, r: int, vectors: Sequence[int]) -> int:
    """Row r of the layer applied to vectors; sources of one weight are added first, and multiplied once."""
    weights = layer.weights[r]
    if weights and weights.count(weights[0]) == len(weights):
        return weights[0] * sum(map(vectors.__getitem__, layer.sources[r]))
    return sum([weight * vectors[j] for j, weight in layer.row(r)])


def _applied(layer: Layer, values: Sequence[int]) -> Sequence[int]:
    """The layer's sums for these values."""
    if not any(values):
        return layer.bias
    return [b + sum(w * values[j] for j, w in layer.row(r)) for r, b in enumerate(layer.bias)]
