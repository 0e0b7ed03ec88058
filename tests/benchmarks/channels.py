"""How fast channel networks are decided: the engine against enumeration and solvers, and the whole command line.

    python -m benchmarks.channels [--outputs 64 256 1000] [--large] [--seconds 60] [--cones 16] [--repeat 10]

run in tests/. Instances: random distinct pairs, as many inputs as outputs, code weight 8, f = neurons / (sqrt(M)
log2 M) = 3 for k = 2 and 4 for k = 3, of the first of eight seeds that holds; a twin of each has a planted fault.
Everything is timed in one run, in processor and wall-clock seconds, because machines are shared. Enumeration gets
``--seconds``, and what it has not reached then is scaled up; solvers get ``--cones`` outputs of M, and the sums
G = W1 C for nothing. The rows go to reports/verification/channels.json, in place of those of the same instances.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field, replace
from math import log2, sqrt
from pathlib import Path
from typing import Any

import numpy as np

from supverify.engines import Answer
from supverify.engines.channels.engine import Channels
from supverify.engines.enumeration.engine import Enumerate
from supverify.engines.fast_check.steps import fast_check_steps
from supverify.files import NetworkFile, write_atomically, write_network
from supverify.kernel.certificate import Certificate
from supverify.kernel.check import check
from supverify.kernel.claim import Claim, TwoAnd
from supverify.kernel.verdict import Status
from supverify.models import generate, random_channels
from supverify.models.channel_network import Channels as Network

from .channel_peers import PEERS, Cone

TABLE = Path(__file__).parents[2] / "reports" / "verification" / "channels.json"
FACTOR = {2: 3.0, 3: 4.0, 4: 6.5, 5: 12.0, 6: 18.0}


@dataclass
class Row:
    """One instance; every number of seconds is [processor, wall clock]."""

    outputs: int
    k: int
    neurons: int
    fault: int
    status: str
    detail: str
    certificate_bytes: int
    seconds: dict[str, list[float]] = field(default_factory=dict)
    scaled: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--outputs", type=int, nargs="*", default=[64, 256, 1000])
    options.add_argument("--large", action="store_true", help="M = 10000 and 100000 too, without the peers")
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument("--cones", type=int, default=16)
    options.add_argument("--repeat", type=int, default=10)
    import numba  # noqa: F401 - the engine compiles in a process that has it: a warm one

    chosen = options.parse_args()
    for row in table(chosen):
        found = asdict(row) | {"machine": f"{platform.machine()}, {platform.system()}, {os.cpu_count()} cores"}
        sys.stderr.write(json.dumps(found) + "\n")
        rows = json.loads(TABLE.read_text())["rows"] if TABLE.exists() else []
        rows = sorted([*(old for old in rows if key(old) != key(found)), found], key=key)
        TABLE.parent.mkdir(parents=True, exist_ok=True)
        write_atomically(TABLE, (json.dumps({"rows": rows}, indent=1) + "\n").encode())


def key(row: dict[str, Any]) -> tuple[int, int, int]:
    return row["outputs"], row["k"], row["fault"]


def table(chosen: argparse.Namespace) -> Iterator[Row]:
    for outputs in chosen.outputs:
        for k in (2, 3):
            for fault in (0, k - 1):
                yield measured(outputs, k, fault, chosen, peers=True)
    if 1000 in chosen.outputs:
        for k in (4, 5, 6):
            yield measured(1000, k, 0, chosen, peers=False)
    for outputs, k in ((10_000, 2), (10_000, 3), (100_000, 2)) if chosen.large else ():
        yield measured(outputs, k, 0, chosen, peers=False)


def measured(outputs: int, k: int, fault: int, chosen: argparse.Namespace, *, peers: bool) -> Row:
    problem = generate(f"random:M={outputs},seed=0")
    assert isinstance(problem, TwoAnd)
    neurons = round(FACTOR[k] * sqrt(outputs) * log2(outputs))
    seed = next((s for s in range(8) if holds(problem, neurons, s, k)), 0)
    made = random_channels(problem, neurons=neurons, seed=seed, fault=fault)
    claim = Claim(made.network(), problem, k)
    engine, repeat = Channels(), chosen.repeat if outputs <= 10_000 else 2
    answer, searched = best(lambda: engine.run(claim), repeat)
    row = Row(outputs, k, neurons, fault, answer.status.name, answer.detail, len(answer.evidence or ""))
    row.seconds["channels"] = searched
    if outputs <= 10_000:
        plain = replace(engine, compiled=False)
        _, row.seconds["channels without compiled loops"] = best(lambda: plain.run(claim), 1)
    checks(row, claim, answer, repeat)
    if outputs <= 1000:
        row.seconds["command line"] = command_line(made, f"random:M={outputs},seed=0", k)
    if peers:
        enumerated(row, claim, chosen.seconds)
        if not fault:
            solved(row, made, k, chosen.cones)
    for name, total in row.scaled.items():
        row.ratios[name] = round(total / searched[0], 1)
    return row


def holds(problem: TwoAnd, neurons: int, seed: int, k: int) -> bool:
    """Whether the instance without a planted fault holds."""
    network = random_channels(problem, neurons=neurons, seed=seed).network()
    return Channels().run(Claim(network, problem, k)).status is Status.PROVED


def best(work: Callable[[], Any], repeat: int) -> tuple[Any, list[float]]:
    """The last result, and the least processor and wall-clock time of some runs after a first one."""
    result, times = work(), []
    for _ in range(repeat):
        started = time.process_time(), time.perf_counter()
        result = work()
        times.append((time.process_time() - started[0], time.perf_counter() - started[1]))
    return result, [round(min(column), 5) for column in zip(*times, strict=True)]


def checks(row: Row, claim: Claim, answer: Answer, repeat: int) -> None:
    assert answer.evidence is not None
    certificate = Certificate(claim.digest, answer.evidence)
    if row.outputs <= 10_000:
        verdict, row.seconds["kernel"] = best(lambda: check(claim, certificate), repeat)
        assert verdict.status.name == row.status
    if row.status == "PROVED":
        _, row.seconds["fast check"] = best(lambda: fast_check_steps(claim, certificate), repeat)


def command_line(made: Network, problem: str, k: int) -> list[float]:
    """Start, load, search, certificate and check: the least of three runs of the installed command.

    It finds its modules compiled, as an installed command does after its first run.
    """
    times, environment = [], {name: x for name, x in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.npz"
        write_network(path, NetworkFile(made.network()))
        command = [str(Path(sys.executable).with_name("supverify")), "verify", str(path), problem, "-k", str(k)]
        for _ in range(3):
            started, used = time.perf_counter(), children()
            subprocess.run(command, capture_output=True, check=False, env=environment)
            times.append((children() - used, time.perf_counter() - started))
    return [round(min(column), 3) for column in zip(*times, strict=True)]


def children() -> float:
    """Processor seconds of the processes that were waited for."""
    import resource

    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def enumerated(row: Row, claim: Claim, seconds: float) -> None:
    """Enumeration, of which the part reached in time is scaled up to all inputs."""
    engine = Enumerate()
    engine.run(replace(claim, k=1))
    started = time.process_time(), time.perf_counter()
    reached = [0]
    answer = engine.run(claim, seconds=seconds, progress=lambda what, done, total: reached.append(done))
    used = time.process_time() - started[0], time.perf_counter() - started[1]
    row.seconds["enumerate"] = [round(used[0], 3), round(used[1], 3)]
    share = max(reached) / claim.population(claim.domain)
    row.scaled["enumerate"] = round(used[0] / share, 3)
    assert answer.status.name in (row.status, "UNKNOWN")


def solved(row: Row, made: Network, k: int, cones: int) -> None:
    """The solvers on some outputs, scaled up to all."""
    neurons, inputs = made.neurons, made.problem.inputs
    reads, code = np.zeros((neurons, neurons), np.float32), np.zeros((neurons, inputs), np.float32)
    reads[made.reads()] = 1
    code[made.code.ravel(), np.repeat(np.arange(inputs), made.weight)] = 1
    sums = (reads @ code).astype(np.int64)
    chosen = range(0, row.outputs, max(row.outputs // cones, 1))
    asked = [Cone(sums[made.channels[i]], 2 * made.weight, made.problem.pairs[i], k) for i in chosen]
    for name, fires in PEERS.items():
        try:
            fires(asked[0])
        except ImportError:
            continue
        started = time.process_time()
        assert not any(map(fires, asked))
        row.scaled[name] = round((time.process_time() - started) * row.outputs / len(asked), 3)


if __name__ == "__main__":
    main()
