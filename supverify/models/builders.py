"""``build``: an exact network in superposition for any problem, in one of three variants."""

from __future__ import annotations

from typing import Literal

from supverify.kernel.claim import Permutation, Problem, TwoAnd
from supverify.kernel.errors import Malformed

from .compact.network import build_compact, minimise_compact
from .compact.reach import MOST
from .construction import Construction
from .paper.network import build_paper
from .permute import build_permutation
from .plan import WIDEST
from .resample import Progress
from .smallest import smallest_permutation
from .two_and import build_two_and

Variant = Literal["paper", "compact", "random"]
VARIANTS: tuple[Variant, ...] = ("paper", "compact", "random")
FEW = 64  # outputs below which one hidden block of searched rows is no narrower than random codes


def build(
    problem: Problem,
    *,
    k: int,
    seed: int = 0,
    neurons: int | None = None,
    variant: Variant | None = None,
    minimise: bool = False,
    progress: Progress | None = None,
) -> Construction:
    """A network that computes ``problem`` on every input with at most k ones; the same seed gives the same network.

    ``variant``: "paper" has a block for each class of outputs, "compact" one block of searched integer rows, "random"
    one block of random codes; None is compact for 2-AND problems of at least 64 outputs and k <= 4, else random.
    ``neurons``: the width to start from (None: about what the variant needs); it grows where nothing is found, but
    for compact networks. ``minimise`` looks for ever narrower compact networks, until interrupted or no
    step is left, and searches a permutation's code bit by bit.
    ``progress`` hears (what, how much of it is done, how much there is). Raises Malformed for a problem that is no
    2-AND problem and no permutation, a k that is not in 0..m or too large for the variant, neurons that are not in
    1..2^13, and a seed below 0; Rejected if no compact network with ``neurons`` neurons is found.
    """
    if not isinstance(problem, TwoAnd | Permutation):
        raise Malformed("build: problem", "2-and or permutation", problem.kind)
    if not 0 <= k <= problem.inputs:
        raise Malformed("build: k", f"0 <= k <= {problem.inputs}", k)
    if neurons is not None and not 1 <= neurons <= WIDEST:
        raise Malformed("build: neurons", f"1 to {WIDEST}", neurons)
    if seed < 0:
        raise Malformed("build: seed", "at least 0", seed)
    chosen = variant or default_variant(problem, k=k)
    if minimise and neurons is not None:
        raise Malformed("build: minimise", "a width that is left open", f"{neurons} neurons")
    if isinstance(problem, Permutation):
        if chosen != "random":
            raise Malformed("build: variant", "random for a permutation", chosen)
        if minimise:
            return smallest_permutation(problem, k=k, seed=seed, progress=progress)
        return build_permutation(problem, k=k, seed=seed, neurons=neurons, progress=progress)
    if minimise and chosen != "compact":
        raise Malformed("build: minimise", "a compact network", chosen)
    if minimise:
        return minimise_compact(problem, k=k, seed=seed, progress=progress)
    maker = {"paper": build_paper, "compact": build_compact, "random": build_two_and}[chosen]
    return maker(problem, k=k, seed=seed, neurons=neurons, progress=progress)


def default_variant(problem: Problem, *, k: int) -> Variant:
    """What is built when nobody chooses."""
    compact = isinstance(problem, TwoAnd) and len(problem.pairs) >= FEW and k <= MOST
    return "compact" if compact else "random"
