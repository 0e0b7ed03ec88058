"""How few neurons compute M ANDs exactly: builds, proves and tabulates every network of ``capacity.toml``.

    python tests/benchmarks/capacity.py            everything that reports/capacity/capacity.json does not hold yet
    python tests/benchmarks/capacity.py --again    everything anew
    python tests/benchmarks/capacity.py --page     only the page and the plot, from the table that is there

Each network is built from its committed seed and width, and both of its claims are decided on every k-sparse input.
The table is written after every network, so an interrupted run goes on where it stopped. Timings are wall-clock
seconds of this machine, named in the page; everything else depends on the seeds alone.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import time
import tomllib
from collections.abc import Callable, Iterable, Iterator
from math import exp, fsum, log, log2, sqrt
from pathlib import Path
from typing import Any

from supverify import engines
from supverify.building.permutation_sizes import verified_permutation_sizes
from supverify.building.representation import represent_and_verify
from supverify.files import write_atomically
from supverify.kernel.errors import Rejected
from supverify.kernel.verdict import Status
from supverify.models import build, generate, sizes
from supverify.models.bounds import floor_neurons
from supverify.report.pictures.bounds import bounds_plot
from supverify.report.pictures.data import Curve, NeuronBounds

HERE = Path(__file__).parent
FOLDER = HERE.parents[1] / "reports" / "capacity"
TABLE = FOLDER / "capacity.json"
FITTED = range(256, 10_001)  # outputs whose growth is fitted; beyond, widths were not searched down
Row = dict[str, Any]
Growth = Callable[[int], float]
GROWTHS: dict[str, Growth] = {
    "sqrt(M log2 M)": lambda m: sqrt(m * log2(m)),
    "sqrt(M) log2 M": lambda m: sqrt(m) * log2(m),
}
SHOWN = {2: ("random", "mixture", "star", "powerlaw"), 3: ("random", "mixture"), 4: ("random",)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--again", action="store_true")
    options.add_argument("--page", action="store_true")
    chosen = options.parse_args()
    plan = tomllib.loads((HERE / "capacity.toml").read_text())
    table: dict[str, Any] = {"networks": [], "permutations": [], "representing": []}
    if TABLE.exists() and not chosen.again:
        table |= json.loads(TABLE.read_text())
    if not chosen.page:
        table |= {"machine": machine(), "commit": commit()}
        fill(table, plan)
    table["fits"] = list(fits(table["networks"]))
    save(table)
    write_atomically(FOLDER / "README.md", page(table, plan).encode())
    drawing = plot(table["networks"])
    if drawing is not None:
        write_atomically(FOLDER / "capacity.svg", drawing.encode())


def fill(table: dict[str, Any], plan: dict[str, Any]) -> None:
    wanted = [key(entry) for entry in plan["network"]]
    table["networks"] = [row for row in table["networks"] if key(row) in wanted]
    held = {key(row) for row in table["networks"]}
    for entry in plan["network"]:
        if key(entry) not in held:
            sys.stderr.write(f"{entry}\n")
            try:
                row = measured(entry)
            except Rejected as refusal:
                sys.stderr.write(f"    {refusal}\n")
                continue
            table["networks"] = sorted([*table["networks"], row], key=lambda other: wanted.index(key(other)))
            save(table)
    for k, inputs in plan["permutations"].items():
        missing = [m for m in inputs if not held_at(table["permutations"], int(k), inputs=m)]
        for found in verified_permutation_sizes(missing, k=int(k)):
            table["permutations"].append(dict(vars(found)))
            save(table)
    for k, counts in plan["representing"].items():
        for features in counts:
            if not held_at(table["representing"], int(k), features=features):
                row = dict(vars(represent_and_verify(features=features, k=int(k))))
                table["representing"].append(
                    {name: row[name] for name in row if name not in ("claim", "certificate")}
                )
                save(table)


def key(row: Row) -> tuple[Any, ...]:
    return row["problem"], row["k"], row["variant"], row["neurons_asked"], row["seed"]


def held_at(rows: Iterable[Row], k: int, **names: int) -> bool:
    return any(row["k"] == k and all(row[name] == value for name, value in names.items()) for row in rows)


def measured(entry: Row) -> Row:
    problem = generate(entry["problem"])
    started = time.monotonic()
    built = build(
        problem, k=entry["k"], seed=entry["seed"], neurons=entry["neurons_asked"] or None, variant=entry["variant"]
    )
    built_in, started = time.monotonic() - started, time.monotonic()
    verdicts = {name: engines.verify(claim) for name, claim in built.claims().items()}
    verified_in = time.monotonic() - started
    size = sizes(built.network, problem, decoded=built.decoded)
    return {
        **entry,
        "family": entry["problem"].split(":")[0] + ("-quarter" if "left" in entry["problem"] else ""),
        "inputs": problem.inputs,
        "outputs": len(problem.targets()),
        "neurons": built.neurons,
        "status": min(verdict.status for verdict in verdicts.values()).name,
        "oracles": sorted(set().union(*(verdict.oracles for verdict in verdicts.values()))),
        "attempts": built.attempts,
        "code_weights": list(built.weights),
        "aligned": built.aligned,
        "f": size.paper.f,
        **{name: value for name, value in vars(size).items() if name not in ("neurons", "paper")},
        "build_seconds": round(built_in, 1),
        "verify_seconds": round(verified_in, 1),
    }


def save(table: dict[str, Any]) -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    write_atomically(TABLE, (json.dumps(table, indent=1) + "\n").encode())


def machine() -> str:
    return f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def commit() -> str:
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip() or "no commit"


def fits(rows: Iterable[Row]) -> Iterator[Row]:
    """n = c * growth(M), c by least squares on log n: which growth leaves less, as the mean error in per cent."""
    for k in (2, 3):
        points = [(m, n) for m, n in widths(rows, "random", k) if m in FITTED]
        if len(points) < 3:
            continue
        for name, growth in GROWTHS.items():
            logs = [log(n / growth(m)) for m, n in points]
            mean = fsum(logs) / len(logs)
            error = sqrt(fsum((x - mean) ** 2 for x in logs) / len(logs))
            yield {"k": k, "growth": name, "points": points, "factor": round(exp(mean), 4), "error": round(error, 4)}


def widths(rows: Iterable[Row], family: str, k: int) -> list[tuple[int, int]]:
    """(M, n) of the compact networks of a family that were proved."""
    chosen = [row for row in rows if (row["family"], row["k"], row["status"]) == (family, k, Status.PROVED.name)]
    return sorted((row["outputs"], row["neurons"]) for row in chosen if row["variant"] == "compact")


def plot(rows: list[Row]) -> str | None:
    ms = tuple(sorted({row["outputs"] for row in rows if row["outputs"] > 1}))
    lines = [
        Curve(label="paper: sqrt(M) log2 M", outputs=ms, neurons=tuple(sqrt(m) * log2(m) for m in ms), dash=6),
        Curve(label="sqrt(M log2 M)", outputs=ms, neurons=tuple(sqrt(m * log2(m)) for m in ms), dash=2),
        Curve(
            label="counting floor, one bit a weight",
            outputs=ms,
            neurons=tuple(float(floor_neurons(m, bits=1, k=2)) for m in ms),
        ),
    ]
    points = [
        Curve(label=f"{family}, k = {k}", outputs=outputs, neurons=tuple(map(float, neurons)))
        for k, families in SHOWN.items()
        for family in families
        for outputs, neurons in [tuple(zip(*widths(rows, family, k), strict=True)) or ((), ())]
    ]
    return bounds_plot(NeuronBounds(lines=tuple(lines), points=tuple(points), outputs=10000)).svg


def page(table: dict[str, Any], plan: dict[str, Any]) -> str:
    head = (HERE / "capacity.md").read_text()
    return head.format(
        machine=table.get("machine", "unknown"),
        commit=table.get("commit", "unknown"),
        networks=markdown(NETWORK_COLUMNS, table["networks"]),
        fits=markdown(FIT_COLUMNS, table["fits"]),
        permutations=markdown(PERMUTATION_COLUMNS, table["permutations"]),
        representing=markdown(REPRESENTING_COLUMNS, table["representing"]),
    )


NETWORK_COLUMNS = {
    "problem": "problem",
    "k": "k",
    "variant": "variant",
    "n": "neurons",
    "seed": "seed",
    "f": "f",
    "w0, w1, w2": "code_weights",
    "aligned": "aligned",
    "bits a weight": "weight_bits",
    "total bits": "bits",
    "entropy": "entropy",
    "of it C": "code_entropy",
    "floor bits": "counting_floor_bits",
    "entropy / floor": "entropy_ratio",
    "verdict": "status",
    "rests on": "oracles",
    "build s": "build_seconds",
    "verify s": "verify_seconds",
}
FIT_COLUMNS = {"k": "k", "growth": "growth", "factor": "factor", "error of log n": "error"}
PERMUTATION_COLUMNS = {
    "m": "inputs",
    "k": "k",
    "n": "neurons",
    "w": "weight",
    "floor bits": "counting_bits",
    "n / sqrt(floor)": "per_root",
    "verdict": "status",
    "w of T": "linear_weight",
    "noise of T": "linear_noise",
    "least true": "linear_least_true",
    "most false": "linear_most_false",
}
REPRESENTING_COLUMNS = {
    "features m": "features",
    "k": "k",
    "represent: n": "neurons",
    "w": "weight",
    "construction": "construction",
    "verdict": "status",
    "rests on": "oracles",
    "compute m ANDs: floor": "computing_floor",
    "ratio": "ratio",
}


def markdown(columns: dict[str, str], rows: Iterable[Row]) -> str:
    lines = ["| " + " | ".join(columns) + " |", "|" + "---|" * len(columns)]
    lines += ["| " + " | ".join(cell(row[name]) for name in columns.values()) + " |" for row in rows]
    return "\n".join(lines)


def cell(value: Any) -> str:
    if isinstance(value, list | tuple):
        return ", ".join(map(cell, value)) or "kernel"
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 100 else f"{value:,.0f}"
    return f"{value:,}" if isinstance(value, int) else str(value)


if __name__ == "__main__":
    main()
