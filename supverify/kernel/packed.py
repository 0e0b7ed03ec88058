"""Networks on whole vectors at once: a vector of integers is one integer in base 2^digit.

The vector z stands for the integer sum of z_r 2^(digit r) (Kronecker substitution), so adding vectors is adding
integers and a matrix product is a few of them. ``digit`` comes from an exact bound on every |z_r| that can occur,
therefore no digit runs over into the next. Tests compare this reading with ``network.evaluate``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from .network import Layer, Network


class Packed:
    """A network prepared for many evaluations; ``room`` is the largest |number| outputs are compared with."""

    def __init__(self, network: Network, room: int) -> None:
        self.digit = _largest(network, room).bit_length() + 2
        self.half = sum(1 << (self.digit * (r + 1) - 1) for r in range(max(network.widths)))
        layers = [_Product(self, layer, width) for layer, width in zip(network.layers, network.widths, strict=False)]
        self.start, self.columns = layers[0].bias, layers[0].columns
        while not layers[0].relu and len(layers) > 1:  # the leading linear layers, such as an input code
            del layers[0]
            self.start = layers[0].bias + layers[0].times(self.start)
            self.columns = [layers[0].times(column) for column in self.columns]
        self.layers = layers

    def pack(self, vector: Iterable[int]) -> int:
        """The vector as one integer."""
        return sum(z << (self.digit * r) for r, z in enumerate(vector))

    def evaluate(self, active: Iterable[int]) -> int:
        """The packed outputs when exactly the inputs in ``active`` are 1."""
        sums = self.start + sum(self.columns[j] for j in active)
        for layer, following in zip(self.layers, self.layers[1:], strict=False):
            product = following.spread(self.positive(sums)) if layer.relu else following.times(sums)
            sums = following.bias + product
        return self.positive(sums) if self.layers[-1].relu else sums

    def positive(self, vector: int) -> int:
        """max(z_r, 0) in every digit: shifted by half, a digit shows its sign in its top bit."""
        shifted = vector + self.half
        signs = shifted & self.half
        return shifted & (signs - (signs >> (self.digit - 1)))

    def below(self, vector: int, bound: int) -> int:
        """A top bit in every digit in which ``vector`` is below ``bound``."""
        return ~(vector - bound + self.half) & self.half

    def digits(self, vector: int) -> Iterator[tuple[int, int]]:
        """The (place, value) of the digits other than 0; ``vector`` has no negative digit."""
        while vector:
            place = ((vector & -vector).bit_length() - 1) // self.digit
            value = vector >> (self.digit * place) & ((1 << self.digit) - 1)
            vector ^= value << (self.digit * place)
            yield place, value


class _Product:
    """W x of one layer: a sum of packed columns, or one product where W is a multiple of the identity."""

    def __init__(self, packed: Packed, layer: Layer, width: int) -> None:
        self.packed, self.relu, self.bias = packed, layer.relu, packed.pack(layer.bias)
        self.columns = [0] * width
        for r in range(len(layer.bias)):
            for j, w in layer.row(r):
                self.columns[j] += w << (packed.digit * r)
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
        return sum(value * self.columns[j] for j, value in self.packed.digits(vector))


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
