"""Fuzzes the readers of networks, sidecars and problems: whatever a file holds, it is read or refused as Malformed.

python tests/fuzz/loaders.py --minutes 10 [--seed 0] [--engine atheris|mutations]

Guided by coverage where atheris is installed (pip install atheris; it is no dependency), else by the mutations of
``mutations.py``. No more than 2 GiB of address space and 20 seconds an input. The last line is a summary in JSON;
exit code 1 means that something else than a refusal left a reader, and the input is written beside the summary.
"""

from __future__ import annotations

import argparse
import gc
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from random import Random
from types import FrameType, FunctionType

from limits import limit, peak
from mutations import changed
from seeds import KINDS

from supverify.kernel.errors import Malformed

SECONDS = 20
INSTRUMENTED = ("supverify.files", "supverify.kernel", "zipfile", "json")


@dataclass
class Run:
    """What became of the inputs so far."""

    folder: Path
    minutes: float
    engine: str
    seed: int
    counts: Counter[str] = field(default_factory=Counter)
    start: float = field(default_factory=time.monotonic)
    slowest: float = 0.0
    crashes: list[str] = field(default_factory=list)

    def read(self, kind: str, data: bytes) -> None:
        """Reads one input under the time limit; anything but a refusal is kept with its input."""
        path = self.folder / KINDS[kind].file
        path.write_bytes(data)
        start = time.monotonic()
        signal.setitimer(signal.ITIMER_REAL, SECONDS)
        try:
            KINDS[kind].read(path)
            self.counts[f"{kind}: read"] += 1
        except Malformed as refusal:
            self.counts[f"{kind}: refused"] += 1
            str(refusal).encode("utf-8", "backslashreplace")
        except BaseException as error:  # noqa: BLE001 - this is what is looked for
            self._keep(kind, data, error)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
        self.slowest = max(self.slowest, time.monotonic() - start)

    def _keep(self, kind: str, data: bytes, error: BaseException) -> None:
        kept = Path(f"crash-{len(self.crashes)}-{KINDS[kind].file}")
        kept.write_bytes(data)
        self.crashes.append(f"{kept}: {type(error).__name__}: {error}"[:300])
        print(self.crashes[-1], file=sys.stderr)  # noqa: T201

    def finished(self) -> bool:
        """Whether the time is up, or enough has been found."""
        return time.monotonic() > self.start + 60 * self.minutes or len(self.crashes) > 20

    def summary(self) -> str:
        """One line of JSON."""
        return json.dumps(
            {
                "engine": self.engine,
                "seed": self.seed,
                "inputs": sum(self.counts.values()) + len(self.crashes),
                "refused": sum(n for key, n in self.counts.items() if key.endswith("refused")),
                "crashes": len(self.crashes),
                "slowest_seconds": round(self.slowest, 2),
                "peak_mebibytes": peak() >> 20,
                "by_kind": dict(sorted(self.counts.items())),
            }
        )


def mutate(run: Run) -> None:
    """Changes of the whole files, and of what was read in spite of a change, until the time is up."""
    random = Random(run.seed)
    pools = {kind: [whole.content] for kind, whole in KINDS.items()}
    for kind, whole in KINDS.items():
        run.read(kind, whole.content)
    while not run.finished():
        kind = random.choice(list(KINDS))
        pool = pools[kind]
        data = changed(kind, random.choice(pool), random)
        before = run.counts[f"{kind}: read"]
        run.read(kind, data)
        if run.counts[f"{kind}: read"] > before and len(data) < 1 << 16:
            pool.append(data)
            if len(pool) > 200:
                del pool[random.randrange(1, 200)]


def guide(run: Run) -> None:
    """By atheris; the first byte of an input names its kind. Leaves the process at the end."""
    import atheris

    for function in gc.get_objects():
        if isinstance(function, FunctionType) and (function.__module__ or "").startswith(INSTRUMENTED):
            atheris.instrument_func(function)
    run.start = time.monotonic()
    kinds = list(KINDS)

    def one(data: bytes) -> None:
        if run.finished():
            _leave(run)
        if data:
            run.read(kinds[data[0] % len(kinds)], data[1:])

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        """Half of the time by the mutations that keep checksums right."""
        random = Random(seed)
        if not data or random.random() < 0.5:
            result: bytes = atheris.Mutate(data, most)
            return result
        return data[:1] + changed(kinds[data[0] % len(kinds)], data[1:], random)[: most - 1]

    corpus = run.folder / "corpus"
    corpus.mkdir()
    for i, whole in enumerate(KINDS.values()):
        (corpus / str(i)).write_bytes(bytes([i]) + whole.content)
    options = [
        sys.argv[0],
        str(corpus),
        f"-seed={run.seed + 1}",
        "-max_len=20000",
        "-timeout=60",
        "-rss_limit_mb=2048",
    ]
    atheris.Setup(options, one, custom_mutator=mutated)
    atheris.Fuzz()


def _leave(run: Run) -> None:
    shutil.rmtree(run.folder)
    print(run.summary(), flush=True)  # noqa: T201
    os._exit(1 if run.crashes else 0)


def _too_slow(number: int, frame: FrameType | None) -> None:
    raise TimeoutError(f"an input took more than {SECONDS} seconds")


def main() -> None:
    """Runs one engine for some minutes."""
    usual = "atheris" if find_spec("atheris") else "mutations"
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0] if __doc__ else None)
    parser.add_argument("--minutes", type=float, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--engine", choices=["atheris", "mutations"], default=usual)
    wanted = parser.parse_args()
    limit()
    signal.signal(signal.SIGALRM, _too_slow)
    with tempfile.TemporaryDirectory() as folder:
        run = Run(Path(folder), wanted.minutes, wanted.engine, wanted.seed)
        (guide if wanted.engine == "atheris" else mutate)(run)
        _leave(run)


if __name__ == "__main__":
    main()
