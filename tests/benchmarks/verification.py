"""The page and the plot of reports/verification, from the tables that ``channels`` and ``dense`` have measured.

    python -m benchmarks.verification

run in tests/, after ``python -m benchmarks.channels --large`` and ``python -m benchmarks.dense``. Nothing is measured
here, so that the same tables give the same bytes.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from supverify.files import write_atomically

FOLDER = Path(__file__).parents[2] / "reports" / "verification"
CHANNELS = (
    ("M", lambda row: row["outputs"]),
    ("k", lambda row: row["k"]),
    ("n", lambda row: row["neurons"]),
    ("fault", lambda row: row["fault"] or ""),
    ("status", lambda row: row["status"]),
    ("certificate, bytes", lambda row: row["certificate_bytes"]),
    ("search, s", lambda row: _wall(row, "channels")),
    ("kernel, s", lambda row: _wall(row, "kernel")),
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
    ("engine, s", lambda row: _wall(row, "whole engine")),
    ("fast check, s", lambda row: _wall(row, "fast check")),
    ("BLAS enumeration, s", lambda row: _wall(row, "enumeration")),
    ("enumeration / engine", lambda row: _times(row["ratios"].get("enumeration / whole engine", [None])[-1])),
)
PAGE = """# How fast networks are decided

Written by `python -m benchmarks.verification` in `tests/`, from `channels.json` and `dense.json`, which are measured
by `python -m benchmarks.channels --large` and `python -m benchmarks.dense`. Times are wall-clock seconds of one run
({machine}), a ratio compares two times of the same run. How everything is run is said at the top of each program.

## Channel networks

The instances of random distinct pairs with random codes, as many inputs as outputs, and a twin of each with a planted
fault (its size in ones). The search is the engine `channels` inside a warm process, with the sums G = W1 C included;
the kernel is pure Python, the fast check compiled; the command is `supverify verify` from start to end, in a process
of its own. Enumeration is the engine `enumerate` (numba), scaled up where it did not end in time; the solvers get one
output's cone at a time, and are scaled up from a sample of the outputs.

{channels}

![Time to decide against M, with enumeration and solvers](channels.svg)

## Dense trained networks

One dense hidden layer, trained with numpy. The opponent is enumeration by float32 BLAS, as fast as numpy does it; it
is not exact and leaves no certificate. Where it would take too long it is scaled up from a part.

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
    write_atomically(FOLDER / "channels.svg", plot(channels["rows"]).encode())


def table(columns: Columns, rows: Iterable[dict[str, Any]]) -> str:
    """A Markdown table."""
    lines = [" | ".join(name for name, _ in columns), " | ".join("---" for _ in columns)]
    lines += [" | ".join(str(value(row)) for _, value in columns) for row in rows]
    return "\n".join(f"| {line} |" for line in lines)


def _wall(row: dict[str, Any], name: str) -> str:
    times = row["seconds"].get(name)
    return f"{times[-1]:.3g}" if times else ""


def _times(ratio: float | None) -> str:
    return "" if ratio is None else f"{ratio:.3g}"


def _solvers(row: dict[str, Any]) -> dict[str, float]:
    return {name: ratio for name, ratio in row["ratios"].items() if name != "enumerate"}


def lines(rows: Sequence[dict[str, Any]], k: int) -> Iterator[tuple[str, list[tuple[int, float]]]]:
    """For each way to decide holding instances its points (M, seconds)."""
    held = [row for row in rows if row["k"] == k and not row["fault"] and row["status"] == "PROVED"]
    yield "channels: search", [(row["outputs"], row["seconds"]["channels"][-1]) for row in held]
    for name in ("kernel", "fast check", "command line"):
        yield name, [(row["outputs"], row["seconds"][name][-1]) for row in held if name in row["seconds"]]
    for name in dict.fromkeys(name for row in held for name in row["scaled"]):
        yield name, [(row["outputs"], row["scaled"][name]) for row in held if name in row["scaled"]]


def plot(rows: Sequence[dict[str, Any]]) -> str:
    """Seconds against M on logarithmic axes, k = 2 and 3 side by side."""
    import io

    import matplotlib
    from matplotlib.backends.backend_svg import FigureCanvasSVG
    from matplotlib.figure import Figure

    style: dict[Any, Any] = {"svg.hashsalt": "supverify", "svg.fonttype": "path", "font.size": 9}
    with matplotlib.rc_context(style):
        figure = Figure(figsize=(9.0, 4.0))
        FigureCanvasSVG(figure)
        for axes, k in zip(figure.subplots(1, 2, sharey=True), (2, 3), strict=True):
            for name, points in lines(rows, k):
                axes.loglog(*zip(*points, strict=True), marker="o", markersize=3, label=name) if points else None
            axes.set(title=f"k = {k}", xlabel="outputs M", ylabel="seconds" if k == 2 else "")
            axes.grid(visible=True, alpha=0.3)
        figure.axes[0].legend(fontsize=7)
        text = io.StringIO()
        figure.savefig(text, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    return text.getvalue()


if __name__ == "__main__":
    main()
