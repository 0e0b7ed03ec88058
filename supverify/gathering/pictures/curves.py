"""The curves of pictures over M: floors, the paper's expressions and verified networks; and the time to verify."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

from ...files.capacity import KnownNetwork
from ...files.timings import Timing, known_timings
from ...models.bounds import floor_neurons
from ...models.counting import LARGEST
from ...models.expressions import expressions
from ...report.pictures.data import Curve, TimedCurve, Times

FEWEST = 4  # outputs drawn, from where no curve is 0
OWN = {
    "channels": "supverify: search",
    "kernel": "supverify: kernel check",
    "fast check": "supverify: fast check",
    "command line": "supverify verify",
}
PEERS = {"enumerate": "enumeration", "exact": "Exact", "cp-sat": "CP-SAT", "highs": "HiGHS"}
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


def known_times() -> Times | None:
    """What the table of the working folder says; None where there is none."""
    return times(known_timings())


def times(rows: Sequence[Timing]) -> Times | None:
    """The seconds to decide networks of channels that hold, for each k of which at least two sizes were measured."""
    held = [row for row in rows if not row.fault and row.status == "PROVED"]
    panels = tuple((k, curves) for k in sorted({row.k for row in held}) if (curves := tuple(_timed(held, k))))
    machines = ", ".join(dict.fromkeys(row.machine for row in held))
    return Times(panels=panels, machine=machines) if panels else None


def _timed(rows: Iterable[Timing], k: int) -> Iterator[TimedCurve]:
    asked = [row for row in rows if row.k == k]
    if len({row.outputs for row in asked}) < 2:
        return
    for name in dict.fromkeys(name for row in asked for name in (*OWN, *row.scaled)):
        found = ((row.outputs, (row.seconds if name in OWN else row.scaled).get(name)) for row in asked)
        measured = [(outputs, seconds) for outputs, seconds in found if seconds is not None]
        if measured:
            yield TimedCurve(
                label=OWN.get(name) or PEERS.get(name, name),
                outputs=tuple(outputs for outputs, _ in measured),
                seconds=tuple(seconds for _, seconds in measured),
                peer=name not in OWN,
            )
