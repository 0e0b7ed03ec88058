"""The page and the plot of reports/verification, from the tables that ``channels`` and ``dense`` have measured.

    python -m benchmarks.verification

run in tests/, after ``python -m benchmarks.channels --large`` and ``python -m benchmarks.dense``. Nothing is measured
here, so that the same tables give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

from supverify.files import write_atomically
from supverify.files.timings import read_timings
from supverify.gathering.pictures.curves import times
from supverify.report.pictures.times import verification_times

FOLDER = Path(__file__).parents[2] / "reports" / "verification"
CHANNELS = (
    ("M", lambda row: row["outputs"]),
    ("k", lambda row: row["k"]),
    ("n", lambda row: row["neurons"]),
    ("fault", lambda row: row["fault"] or ""),
    ("status", lambda row: row["status"]),
    ("certificate, bytes", lambda row: row["certificate_bytes"]),
    ("search, s", lambda row: _wall(row, "channels")),
    ("plain search, s", lambda row: _wall(row, "channels without compiled loops")),
    ("kernel, s", lambda row: _wall(row, "kernel")),
    ("kernel / search", lambda row: _share(row, "kernel", "channels")),
    ("kernel / plain search", lambda row: _share(row, "kernel", "channels without compiled loops")),
    ("fast check, s", lambda row: _wall(row, "fast check")),
    ("command, s", lambda row: _wall(row, "command line")),
    ("enumeration / search", lambda row: _times(row["ratios"].get("enumerate"))),
    ("best solver / search", lambda row: _times(min(_solvers(row).values(), default=None))),
)
DENSE = (
    ("m", lambda row: row["inputs"]),
    ("H", lambda row: row["neurons"]),
    ("outputs", lambda row: row["outputs"]),
    ("k", lambda row: row["k"]),
    ("status", lambda row: row["status"]),
    ("inputs", lambda row: f"{row['population']:,}"),
    ("certificate, bytes", lambda row: row["certificate_bytes"]),
    ("search, s", lambda row: _wall(row, "search")),
    ("engine, s", lambda row: _wall(row, "whole engine")),
    ("fast check, s", lambda row: _wall(row, "fast check")),
    ("BLAS enumeration, s", lambda row: _wall(row, "enumeration")),
    ("enumeration / search", lambda row: _times(row["ratios"].get("enumeration / search", [None])[-1])),
    ("enumeration / engine", lambda row: _times(row["ratios"].get("enumeration / whole engine", [None])[-1])),
)
PAGE = """# How fast networks are decided

Written by `python -m benchmarks.verification` in `tests/`, from `channels.json` and `dense.json`, which are measured
by `python -m benchmarks.channels --large` and `python -m benchmarks.dense`. Times are wall-clock seconds of one run
({machine}), a ratio compares two times of the same run. How everything is run is said at the top of each program.

## Channel networks

The instances of random distinct pairs with random codes, as many inputs as outputs, and a twin of each with a planted
fault (its size in ones). The search is the engine `channels` inside a warm process, with the sums G = W1 C included,
and the plain search the same without compiled loops, as a command of short life runs it. The kernel, which re-checks
the certificate, is pure Python, the fast check compiled. The command is `supverify verify` from start to end, in a
process of its own. Enumeration is the engine `enumerate` (numba), scaled up where it did not end in time; the solvers
get one output's cone at a time, and are scaled up from a sample of the outputs.

{channels}

![Time to decide against M, with enumeration and solvers](channels.svg)

## Dense trained networks

One dense hidden layer, trained with numpy. The opponent is enumeration by float32 BLAS, as fast as numpy does it; it
is not exact and leaves no certificate. Where it would take too long it is scaled up from a part. Its arrays are made
beforehand, and so are those of the search; the engine makes them, too, from Python's integers.

{dense}
"""

Columns = Sequence[tuple[str, Callable[[dict[str, Any]], object]]]


def main() -> None:
    """Writes README.md and channels.svg; raises OSError where a table is missing."""
    channels, dense = (json.loads((FOLDER / f"{name}.json").read_text()) for name in ("channels", "dense"))
    page = PAGE.format(
        machine=dense["machine"], channels=table(CHANNELS, channels["rows"]), dense=table(DENSE, dense["rows"])
    )
    write_atomically(FOLDER / "README.md", page.encode())
    measured = times(read_timings(FOLDER / "channels.json"))
    drawing = verification_times(measured).svg if measured else None
    if drawing is not None:
        write_atomically(FOLDER / "channels.svg", drawing.encode())


def table(columns: Columns, rows: Iterable[dict[str, Any]]) -> str:
    """A Markdown table."""
    lines = [" | ".join(name for name, _ in columns), " | ".join("---" for _ in columns)]
    lines += [" | ".join(str(value(row)) for _, value in columns) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def _wall(row: dict[str, Any], name: str) -> str:
    times = row["seconds"].get(name)
    return f"{times[-1]:.3g}" if times else ""


def _share(row: dict[str, Any], one: str, other: str) -> str:
    """How many times as long one takes as the other, by wall clock."""
    seconds = row["seconds"]
    return f"{seconds[one][-1] / seconds[other][-1]:.2g}" if {one, other} <= seconds.keys() else ""


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.3g}"


def _solvers(row: dict[str, Any]) -> dict[str, float]:
    return {name: ratio for name, ratio in row["ratios"].items() if name != "enumerate"}


if __name__ == "__main__":
    main()
