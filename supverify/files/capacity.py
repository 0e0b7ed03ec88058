"""The committed table of networks that were built and verified: how few neurons are known to suffice."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from pathlib import Path

from supverify.kernel.codec import decode
from supverify.kernel.errors import Malformed

from .read import read_json, read_text

LARGEST = 10**12  # outputs and neurons
TABLE = Path("reports/capacity/capacity.json")


@dataclass(frozen=True, kw_only=True)
class KnownNetwork:
    """A network of the table: the problem's family and outputs, k, the widest layer, and how it was built."""

    family: str
    outputs: int
    k: int
    neurons: int
    variant: str
    seed: int
    status: str


def read_capacity(path: str | Path) -> tuple[KnownNetwork, ...]:
    """The networks of the table at ``path``, a JSON object with the list "networks"; other keys are not read.

    Raises Malformed for what is not such a table.
    """
    place = str(path)
    found = read_json(read_text(path), place)
    rows = found.get("networks") if isinstance(found, dict) else None
    if not isinstance(rows, list):
        raise Malformed(place, 'an object with the list "networks"', found)
    return tuple(_network(row, f"{place}: networks[{i}]") for i, row in enumerate(rows))


def _network(row: object, place: str) -> KnownNetwork:
    names = {field.name for field in fields(KnownNetwork)}
    known = {key: value for key, value in row.items() if key in names} if isinstance(row, dict) else row
    network: KnownNetwork = decode(KnownNetwork, known, place)
    for name, count in (("outputs", network.outputs), ("neurons", network.neurons)):
        if not 1 <= count <= LARGEST:
            raise Malformed(f"{place}.{name}", f"1 to {LARGEST}", count)
    return network


def known_networks(path: Path | None = None) -> tuple[KnownNetwork, ...]:
    """Those of the table at ``path``; None is the committed one, none where it is not in the working folder."""
    return read_capacity(path or TABLE) if path or TABLE.exists() else ()


def fewest_neurons(networks: Iterable[KnownNetwork], *, k: int) -> tuple[KnownNetwork, ...]:
    """The narrowest network proved for each family and number of outputs at this k, in that order."""
    best: dict[tuple[str, int], KnownNetwork] = {}
    proved = (network for network in networks if network.k == k and network.status == "PROVED")
    for network in sorted(proved, key=lambda n: (n.family, n.outputs, n.neurons, n.variant, n.seed)):
        best.setdefault((network.family, network.outputs), network)
    return tuple(best.values())


def nearest(networks: Iterable[KnownNetwork], *, outputs: int) -> tuple[KnownNetwork, ...]:
    """Of each family the networks with so many outputs or, without one, with the nearest numbers below and above."""
    rows = tuple(networks)
    chosen = []
    for family in dict.fromkeys(row.family for row in rows):
        counts = [row.outputs for row in rows if row.family == family]
        below = max((count for count in counts if count <= outputs), default=None)
        above = min((count for count in counts if count >= outputs), default=None)
        wanted = {outputs} if outputs in counts else {below, above}
        chosen += [row for row in rows if row.family == family and row.outputs in wanted]
    return tuple(chosen)
