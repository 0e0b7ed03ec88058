"""How fast networks with one dense hidden layer are decided: the engine against enumeration, all in one run.

    python -m benchmarks.dense [--sizes 40 100 200] [--repeat 10] [--again]

run in tests/. The opponent is enumeration by BLAS in float32 as fast as numpy does it: sums shared by all inputs with
the same last two ones, batches that stay in the cache, one thread of BLAS in each of as many threads as the machine
has cores. It is not exact, and has no certificate. Above ``--whole`` inputs it gets a random part of the batches,
and is scaled up. Beside it stands enumeration the plain way, which gathers and sums the columns of each input. The
arrays of either are made beforehand, so they are for the engine's search ("whole engine" makes them, too). Every
number of seconds is [processor, wall clock], the least of ``--repeat`` interleaved tries, for machines are shared.
The rows go to reports/verification/dense.json, in place of those of the same networks; these are kept in .cache.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from math import comb
from pathlib import Path
from typing import Any

import numpy as np

from supverify.engines.dense.engine import Dense, Walked
from supverify.engines.fast_check.dense import fast_check_dense
from supverify.engines.shards.local import Local
from supverify.engines.shards.work import Job, Outcome
from supverify.files import write_atomically
from supverify.kernel.certificate import Certificate
from supverify.kernel.check import check
from supverify.kernel.claim import Claim
from supverify.kernel.codec import serialise
from supverify.kernel.verdict import Status

from .dense_blas import Enumeration, Plain
from .dense_networks import Trained, Training, trained

TABLE = Path(__file__).parents[2] / "reports" / "verification" / "dense.json"
TRAININGS = (
    Training(40, 100, 20, 4, 0, 6000),
    Training(40, 100, 20, 4, 1, 6000),
    Training(40, 40, 20, 4, 2, 4000),
    Training(100, 200, 50, 4, 1, 6000),
    Training(100, 200, 50, 4, 0, 6000),  # one output wrong, on some inputs with 4 ones
    Training(100, 200, 50, 4, 3, 1500),  # trained too little: several outputs wrong
    Training(200, 500, 100, 4, 1, 10000),
    Training(200, 500, 100, 4, 0, 6000),  # one output wrong
)
WANTED = {40: 50, 100: 30, 200: 8}  # times faster than enumeration, for k = 4


@dataclass
class Row:
    """One network and k; every number of seconds is [processor, wall clock]."""

    inputs: int
    neurons: int
    outputs: int
    k: int
    seed: int
    steps: int
    status: str = ""
    detail: str = ""
    population: int = 0
    certificate_bytes: int = 0
    part_enumerated: float = 1.0
    seconds: dict[str, list[float]] = field(default_factory=dict)
    ratios: dict[str, list[float]] = field(default_factory=dict)


def main() -> None:
    """Measures, prints and writes the table."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--sizes", type=int, nargs="*", default=[40, 100, 200])
    options.add_argument("--ks", type=int, nargs="*", default=[2, 3, 4])
    options.add_argument("--repeat", type=int, default=10)
    options.add_argument("--whole", type=int, default=300_000)
    chosen = options.parse_args()
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":  # numpy reads it when it is first imported
        environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
        os.execve(sys.executable, [sys.executable, "-m", "benchmarks.dense", *sys.argv[1:]], environment)
    rows = []
    for training in TRAININGS:
        if training.inputs in chosen.sizes:
            network = trained(training)
            for k in chosen.ks:
                rows.append(measured(training, network, k, repeat=chosen.repeat, whole=chosen.whole))
                sys.stdout.write(json.dumps(asdict(rows[-1])) + "\n")
                sys.stdout.flush()
                save(rows)


def save(rows: list[Row]) -> None:
    """The table with these rows in place of those of the same networks and k."""
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    table: dict[str, Any] = {"machine": f"{machine}, numpy {np.__version__}", "wanted": WANTED}
    known = json.loads(TABLE.read_text())["rows"] if TABLE.exists() else []
    joined = {key(row): row for row in (*known, *map(asdict, rows))}
    TABLE.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(TABLE, (json.dumps(table | {"rows": list(joined.values())}, indent=1) + "\n").encode())


def key(row: dict[str, Any]) -> tuple[int, ...]:
    return tuple(row[name] for name in ("inputs", "neurons", "outputs", "seed", "steps", "k"))


def measured(training: Training, network: Trained, k: int, *, repeat: int, whole: int) -> Row:
    """One row, after everything has been compiled and has run once."""
    claim, row = network.claim(k), Row(**{**vars(training), "k": k})
    row.population = sum(comb(training.inputs, size) for size in range(k + 1))
    row.part_enumerated = min(1.0, whole / row.population)
    enumeration = Enumeration(network, k, part=row.part_enumerated)
    plain = Plain(network, k, most=whole // 4)
    answer = Dense().run(claim)
    row.status, row.detail = answer.status.name, answer.detail
    certificate = Certificate(claim.digest, answer.evidence or "L")
    row.certificate_bytes = len(serialise(certificate))
    checked = answer.status is Status.PROVED
    tasks: dict[str, Callable[[], list[float]]] = {
        "enumeration": lambda: timed(enumeration.run),
        "plain enumeration": lambda: timed(plain.run),
        "search": lambda: prepared(claim),
        "whole engine": lambda: timed(lambda: Dense().run(claim)),
    }
    if checked:
        fast_check_dense(claim, certificate)
        tasks["fast check"] = lambda: timed(lambda: fast_check_dense(claim, certificate))
    if checked and training.inputs <= 100:
        row.seconds["kernel check"] = timed(lambda: check(claim, certificate))
    for _ in range(repeat):
        for name, task in tasks.items():
            row.seconds[name] = least(row.seconds.get(name), task())
    agree(enumeration, row, training)
    row.seconds["enumeration"] = [x / enumeration.share for x in row.seconds["enumeration"]]
    row.seconds["plain enumeration"] = [x / plain.share for x in row.seconds["plain enumeration"]]
    ours = {name: row.seconds[name] for name in ("search", "whole engine")}
    if checked:
        both = zip(row.seconds["search"], row.seconds["fast check"], strict=True)
        ours["search and fast check"] = [a + b for a, b in both]
    for opponent in ("enumeration", "plain enumeration"):
        for name, seconds in ours.items():
            row.ratios[f"{opponent} / {name}"] = ratio(row.seconds[opponent], seconds)
    return row


def prepared(claim: Claim) -> list[float]:
    """The seconds of the search alone, to the smallest wrong input if any; enumeration has its arrays ready, too."""
    work = Dense().cut(claim)

    def solve() -> None:
        results: dict[int, Walked] = {}
        for solved in Local().run(Job(Dense(), claim, work), iter(range(work.count)), None):
            results |= solved
        if any(result.wrong for result in results.values()):
            work.join(Outcome(dict(sorted(results.items())), True, work.total, work.total), None)

    return timed(solve)


def timed(task: Callable[[], object]) -> list[float]:
    """The seconds of processor and wall clock that a task takes."""
    processor, wall = time.process_time(), time.perf_counter()
    task()
    return [time.process_time() - processor, time.perf_counter() - wall]


def least(known: list[float] | None, now: list[float]) -> list[float]:
    return now if known is None else [min(pair) for pair in zip(known, now, strict=True)]


def ratio(one: list[float], other: list[float]) -> list[float]:
    return [round(a / b, 1) for a, b in zip(one, other, strict=True)]


def agree(enumeration: Enumeration, row: Row, training: Training) -> None:
    """Stops if enumeration, whole or in part, contradicts the engine."""
    wrong = enumeration.wrong
    if (wrong and row.status == "PROVED") or (not wrong and row.status == "REFUTED" and enumeration.share == 1):
        raise SystemExit(f"{training}: {row.status}, but enumeration finds {wrong} wrong entries")


if __name__ == "__main__":
    main()
