"""Vectors of integers as one integer, so that adding vectors is adding integers.

The vector z stands for the integer sum of z_r 2^(width r) (Kronecker substitution). ``width`` comes from an exact
bound on every |z_r| that can occur, therefore no lane runs over into the next. ``Packed`` evaluates networks that
way, and a matrix product is a few of these sums; tests compare it with ``network.evaluate``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .network import Layer, Network


class Lanes:
    """Vectors of ``count`` integers, each below 2^(width - 2) in magnitude, as integers in base 2^width."""

    def __init__(self, count: int, width: int) -> None:
        self.count, self.width = count, width
        self.ones = ((1 << (width * count)) - 1) // ((1 << width) - 1)
        self.half = self.ones << (width - 1)

    def pack(self, vector: Iterable[int]) -> int:
        """The vector as one integer."""
        return sum(z << (self.width * r) for r, z in enumerate(vector))

    def positive(self, vector: int) -> int:
        """max(z_r, 0) in every lane: shifted by half, a lane shows its sign in its top bit."""
        shifted = vector + self.half
        signs = shifted & self.half
        return shifted & (signs - (signs >> (self.width - 1)))

    def reach(self, vector: int, bound: int) -> int:
        """A top bit in every lane in which ``vector`` reaches ``bound``."""
        return (vector - bound + self.half) & self.half

    def capped(self, vector: int, most: int) -> int:
        """min(z_r, most) in every lane of a vector without negative lanes."""
        above = self.full(self.reach(vector, most * self.ones))
        return (vector & ~above) | (most * self.ones & above) if above else vector

    def full(self, tops: int) -> int:
        """The lanes, all of whose bits are set, that a vector of top bits marks."""
        return (tops << 1) - (tops >> (self.width - 1))

    def lane(self, vector: int, r: int) -> int:
        """The lane z_r of a vector without negative lanes."""
        return vector >> (self.width * r) & ((1 << self.width) - 1)

    def top(self, vector: int) -> int:
        """The largest lane of a vector without negative lanes, bit by bit."""
        top = 0
        for bit in reversed(range(self.width - 2)):
            top |= bool(self.reach(vector, (top | 1 << bit) * self.ones)) << bit
        return top

    def widened(self, vector: int, lanes: Lanes) -> int:
        """A vector without negative lanes in lanes at least as wide; both widths are whole numbers of bytes."""
        size, step = self.width // 8, lanes.width // 8
        data, wide = vector.to_bytes(size * self.count, "little"), bytearray(step * self.count)
        for i in range(size):
            wide[i::step] = data[i::size]
        return int.from_bytes(wide, "little")

    def filled(self, vector: int) -> Iterator[tuple[int, int]]:
        """The (place, value) of the lanes other than 0 of a vector without negative lanes."""
        while vector:
            place = ((vector & -vector).bit_length() - 1) // self.width
            value = self.lane(vector, place)
            vector ^= value << (self.width * place)
            yield place, value

    def values(self, vector: int) -> list[int]:
        """All lanes; the width has to be a whole number of bytes."""
        size, middle = self.width // 8, 1 << (self.width - 1)
        data = (vector + self.half).to_bytes(size * self.count, "little")
        return [int.from_bytes(data[i : i + size], "little") - middle for i in range(0, len(data), size)]


class Packed(Lanes):
    """A network prepared for many evaluations; ``room`` is the largest |number| outputs are compared with."""

    def __init__(self, network: Network, room: int) -> None:
        super().__init__(max(network.widths), _largest(network, room).bit_length() + 2)
        layers = [_Product(self, layer, width) for layer, width in zip(network.layers, network.widths, strict=False)]
        self.start, self.columns = layers[0].bias, layers[0].columns
        while not layers[0].relu and len(layers) > 1:  # the leading linear layers, such as an input code
            del layers[0]
            self.start = layers[0].bias + layers[0].times(self.start)
            self.columns = [layers[0].times(column) for column in self.columns]
        self.layers = layers

    def evaluate(self, active: Iterable[int]) -> int:
        """The packed outputs when exactly the inputs in ``active`` are 1."""
        sums = self.start + sum(self.columns[j] for j in active)
        for layer, following in zip(self.layers, self.layers[1:], strict=False):
            product = following.spread(self.positive(sums)) if layer.relu else following.times(sums)
            sums = following.bias + product
        return self.positive(sums) if self.layers[-1].relu else sums


class _Product:
    """W x of one layer: a sum of packed columns, or one product where W is a multiple of the identity."""

    def __init__(self, packed: Packed, layer: Layer, width: int) -> None:
        self.packed, self.relu, self.bias = packed, layer.relu, packed.pack(layer.bias)
        self.columns = [0] * width
        for r in range(len(layer.bias)):
            for j, w in layer.row(r):
                self.columns[j] += w << (packed.width * r)
        factors = {w for weights in layer.weights for w in weights}
        diagonal = len(factors) == 1 and layer.sources == tuple((r,) for r in range(width))
        self.factor = factors.pop() if diagonal else None

    def times(self, vector: int) -> int:
        """W x for a packed x of any signs."""
        if self.factor is not None:
            return self.factor * vector
        return self.spread(self.packed.positive(vector)) - self.spread(self.packed.positive(-vector))

    def spread(self, vector: int) -> int:
        """W x for a packed x without negative digits."""
        if self.factor is not None:
            return self.factor * vector
        return sum(value * self.columns[j] for j, value in self.packed.filled(vector))


def _largest(network: Network, room: int) -> int:
    """A bound on ``room`` and on every |number| in the network, from the interval of each neuron."""
    ends = [(0, 1)] * network.inputs
    for layer in network.layers:
        rows = [[(w * ends[j][w < 0], w * ends[j][w > 0]) for j, w in layer.row(r)] for r in range(len(layer.bias))]
        sums = [
            (b + sum(x for x, _ in row), b + sum(x for _, x in row)) for row, b in zip(rows, layer.bias, strict=True)
        ]
        room = max(room, *(max(-low, high) for low, high in sums))
        ends = [(max(low, 0), max(high, 0)) for low, high in sums] if layer.relu else sums
    return room
