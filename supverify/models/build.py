"""``build``: an exact network in superposition for any problem."""

from __future__ import annotations

from supverify.kernel.claim import Problem, TwoAnd
from supverify.kernel.errors import Malformed

from .construction import Construction
from .permute import build_permutation
from .plan import WIDEST
from .resample import Progress
from .two_and import build_two_and


def build(
    problem: Problem, *, k: int, seed: int = 0, neurons: int | None = None, progress: Progress | None = None
) -> Construction:
    """A network that computes ``problem`` on every input with at most k ones; the same seed gives the same network.

    ``neurons``: the width to start from (None: about what random codes allow); it grows where codes are not found.
    ``progress`` hears (what, columns without a fault, columns). Raises Malformed for a k
    that is not in 0..m or too large for random codes, for neurons that are not in 1..2^13, and for a seed below 0.
    """
    if not 0 <= k <= problem.inputs:
        raise Malformed("build: k", f"0 <= k <= {problem.inputs}", k)
    if neurons is not None and not 1 <= neurons <= WIDEST:
        raise Malformed("build: neurons", f"1 to {WIDEST}", neurons)
    if seed < 0:
        raise Malformed("build: seed", "at least 0", seed)
    if isinstance(problem, TwoAnd):
        return build_two_and(problem, k=k, seed=seed, neurons=neurons, progress=progress)
    return build_permutation(problem, k=k, seed=seed, neurons=neurons, progress=progress)
