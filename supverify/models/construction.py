"""A network in superposition together with everything that is claimed of it."""

from __future__ import annotations

from dataclasses import dataclass, field

from supverify.kernel.claim import Claim, Criterion, Problem
from supverify.kernel.network import Network

from .notebook import construction_html


@dataclass(frozen=True, kw_only=True)
class Construction:
    """Two networks that compute ``problem`` on every input with at most k ones.

    ``network`` leaves the outputs in superposition: its output r is the OR of the problem's outputs in ``code[r]``.
    ``decoded`` ends with the linear decoder, one output for each output of the problem, true above 1/2.
    ``weights``: the most ones in a column of each code; ``attempts``: the draws that the search went on with;
    ``aligned``: how many ones of each column of the input code were drawn with the problem in view, 0 for a code that
    was drawn before it.
    """

    network: Network = field(repr=False)
    decoded: Network = field(repr=False)
    code: tuple[tuple[int, ...], ...] = field(repr=False)
    problem: Problem = field(repr=False)
    k: int
    seed: int
    weights: tuple[int, ...]
    attempts: int
    aligned: int = 0

    @property
    def neurons(self) -> int:
        """The width of the widest ReLU layer."""
        return max(len(layer.bias) for layer in self.network.layers if layer.relu)

    def claims(self) -> dict[str, Claim]:
        """What is to be verified: "code" of ``network``, exactly, and "readout" of ``decoded``."""
        return {
            "code": Claim(self.network, self.problem, self.k, Criterion("code"), code=self.code),
            "readout": Claim(self.decoded, self.problem, self.k, Criterion("readout")),
        }

    def _repr_html_(self) -> str:
        """What a notebook shows."""
        return construction_html(self)
