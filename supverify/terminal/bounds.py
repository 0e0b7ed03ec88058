"""What people see of ``bounds``: counting floors, the paper's expressions, what is proved, verified networks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .tables import line, table

if TYPE_CHECKING:
    from ..files.capacity import KnownNetwork
    from ..models.bounds import Bounds
    from ..oracles.inequality.paper import PaperBound
    from ..oracles.probability.search import Existence


def show_bounds(found: Bounds, verified: Sequence[KnownNetwork]) -> None:
    """Counting floors, the paper's expressions, what a given width has room for, and the best verified networks."""
    weights = [f"b = {bits}" for bits in found.weight_bits]
    line(f"M = {found.outputs:,} outputs of m = {found.inputs:,} inputs, k = {found.k}")
    line(f"counting floor: the least n of {found.layers} layers of n x n weights and n biases with b bits each,")
    line("for input codes and readings of the outputs that do not depend on the problem")
    table(
        ("family", "members", "bits", *weights),
        ((floor.family, floor.count, floor.bits, *floor.neurons) for floor in found.floors),
    )
    paper = found.paper
    expressions = {
        "sqrt(M) log2 M, upper, neurons": paper.upper_neurons,
        "sqrt(M log2 M), lower, neurons": paper.lower_neurons,
        "M log2 M, lower, bits": paper.lower_bits,
        f"f = n / (sqrt(M) log2 M) at n = {found.neurons}": paper.f,
        f"n^2 / log2 n, capacity, at n = {found.neurons}": paper.capacity,
    }
    known = ((name, value) for name, value in expressions.items() if value is not None)
    table(("the paper's expression, without its constant", ""), known)
    if found.capacities:
        line(f"most outputs, m = M, for which {found.neurons:,} neurons have room:")
        rows = ((room.family, *("no limit" if M is None else M for M in room.outputs)) for room in found.capacities)
        table(("family", *weights), rows)
    if verified:
        line(f"fewest neurons verified at k = {found.k}:")
        heads = ("family", "outputs", "neurons", "variant", "seed", "status")
        table(heads, ((n.family, n.outputs, n.neurons, n.variant, n.seed, n.status) for n in verified))


def show_proved(found: Bounds, existence: Existence | None, statements: Sequence[PaperBound]) -> None:
    """A width that suffices, with its chance of failure, and the paper's expressions with constants."""
    if existence is None:
        line("no width is proved to suffice for these sizes")
    else:
        _show_existence(found, existence)
    line(f"the paper's expressions with constants, for b = {found.weight_bits[0]}:")
    for bound in statements:
        line(*_proved(bound))


def _show_existence(found: Bounds, existence: Existence) -> None:
    design = existence.design
    unit = f"{design.neurons / found.paper.upper_neurons:.2f} sqrt(M) log2 M"
    line(f"existence bound: n = {design.neurons:,} neurons suffice ({unit}) for every 2-AND problem of this size in")
    line(
        f"which no input is in more than {design.degree} outputs: random codes fail with probability below",
        end(existence),
    )
    events = ((event.name, f"{float(event.bound):.2g}") for event in existence.events)
    table(("bad event", "chance, at most"), events)
    sizes = f"w0 = {design.code}, w1 = {design.channel}, w2 = {design.output_code}"
    line(f"ones in the columns: {sizes}; proved for M = {found.outputs:,} and m = {design.inputs:,} only")


def end(existence: Existence) -> str:
    """The chance of failure, rounded up to three places."""
    thousandths = -(-1000 * existence.failure.numerator // existence.failure.denominator)
    return f"{thousandths / 1000:.3f}" if thousandths < 1000 else "1"


def _proved(bound: PaperBound) -> tuple[str, str]:
    """A status, and the statement with its range."""
    variable = "n" if bound.expression.startswith("n") else "M"
    if bound.verdict == "true":
        here = {True: "", False: ", not here", None: ""}[bound.holds]
        return "PROVED", f"{bound.statement}\n        for all {variable} >= {bound.least:,}{here}  ({bound.family})"
    status = "REFUTED" if bound.verdict == "false" else "UNKNOWN"
    return status, f"{bound.statement}\n        {bound.reason}  ({bound.family})"
