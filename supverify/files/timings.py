"""The committed table of how long networks of channels took to be decided, by supverify and by its peers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from math import isfinite
from pathlib import Path

from supverify.kernel.codec import decode
from supverify.kernel.errors import Malformed

from .capacity import LARGEST
from .read import check_names, read_json, read_text

TABLE = Path("reports/verification/channels.json")


@dataclass(frozen=True, kw_only=True)
class Instance:
    """A network of M ``outputs`` and what was found; ``fault`` is 0 for the network as it was built."""

    outputs: int
    k: int
    fault: int
    status: str
    machine: str


@dataclass(frozen=True, kw_only=True)
class Timing(Instance):
    """``seconds`` of supverify's own ways to decide it, ``scaled`` of its peers, some worked out from a part."""

    seconds: Mapping[str, float]
    scaled: Mapping[str, float]


def read_timings(path: str | Path) -> tuple[Timing, ...]:
    """The rows of the table at ``path``, a JSON object with the list "rows"; raises Malformed for anything else."""
    place = str(path)
    found = read_json(read_text(path), place)
    rows = found.get("rows") if isinstance(found, dict) else None
    if not isinstance(rows, list):
        raise Malformed(place, 'an object with the list "rows"', found)
    return tuple(_timing(row, f"{place}: rows[{i}]") for i, row in enumerate(rows))


def known_timings(path: Path | None = None) -> tuple[Timing, ...]:
    """Those of the table at ``path``; None is the committed one, none where it is not in the working folder."""
    return read_timings(path or TABLE) if path or TABLE.exists() else ()


def _timing(row: object, place: str) -> Timing:
    table, names = _table(row, place), {field.name for field in fields(Instance)}
    instance: Instance = decode(Instance, {key: value for key, value in table.items() if key in names}, place)
    if not 1 <= instance.outputs <= LARGEST:
        raise Malformed(f"{place}.outputs", f"1 to {LARGEST}", instance.outputs)
    runs = {name: _last(times) for name, times in _table(table.get("seconds"), f"{place}.seconds").items()}
    scaled = _table(table.get("scaled"), f"{place}.scaled")
    return Timing(
        **vars(instance),
        seconds={name: _seconds(time, f"{place}.seconds.{name}") for name, time in runs.items()},
        scaled={name: _seconds(time, f"{place}.scaled.{name}") for name, time in scaled.items()},
    )


def _table(value: object, place: str) -> dict[str, object]:
    if not isinstance(value, dict):
        raise Malformed(place, "an object", value)
    check_names(value, place)
    return value


def _last(times: object) -> object:
    """The last of several runs, whose compiled code was there already."""
    return times[-1] if isinstance(times, list) and times else times


def _seconds(value: object, place: str) -> float:
    if not isinstance(value, int | float) or isinstance(value, bool) or not (isfinite(value) and value > 0):
        raise Malformed(place, "seconds, above 0", value)
    return float(value)
