"""Reads one file under limits of memory and time, and prints what became of it as a line of JSON.

python tests/fuzz/limits.py PATH [problem]
"""

from __future__ import annotations

import json
import resource
import signal
import sys
import time
from pathlib import Path

MOST_MEMORY = 2 << 30  # bytes of address space, everything that Python and numpy map included
MOST_SECONDS = 60


def limit(memory: int = MOST_MEMORY) -> None:
    """No more address space than this, for this process and its children."""
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))


def peak() -> int:
    """The most bytes that this process ever held (where Linux says so: getrusage counts its parent's too)."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text("utf-8").partition("VmHWM:")[2].split()[0]) * 1024
    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def outcome(path: Path, kind: str) -> dict[str, object]:
    """Whether the file was read or refused; any other exception leaves this function."""
    from supverify.files import read_network, read_problem
    from supverify.kernel.errors import Malformed

    start, refused = time.monotonic(), None
    try:
        (read_problem if kind == "problem" else read_network)(path)
    except Malformed as refusal:
        refused = str(refusal)
    return {"refused": refused, "peak": peak(), "seconds": round(time.monotonic() - start, 2)}


if __name__ == "__main__":
    limit()
    signal.alarm(MOST_SECONDS)
    print(json.dumps(outcome(Path(sys.argv[1]), sys.argv[2] if len(sys.argv) > 2 else "network")))  # noqa: T201
