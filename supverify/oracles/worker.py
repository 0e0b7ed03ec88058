"""The process in which questions are answered, so that it can be ended when a question takes too long.

A JSON object a line on standard input, ``{"claim": ..., "seconds": ...}``, and one a line on standard output: the
decision, or ``{"error": ...}`` for a text that is no claim. The first line out says that it is ready.
"""

from __future__ import annotations

import json
import sys
from contextlib import suppress

from ..kernel.errors import Malformed
from .answer import answer, as_json
from .decision import undecided

MEMORY = 2 << 30  # bytes of address space


def reply(line: str) -> dict[str, object]:
    """The answer to one line."""
    wanted = json.loads(line)
    try:
        return as_json(answer(wanted["claim"], seconds=wanted["seconds"]))
    except Malformed as wrong:
        return {"error": str(wrong)}
    except MemoryError:
        return as_json(undecided("out of memory"))
    except Exception as bug:  # noqa: BLE001 - a bug in supverify proves nothing
        return as_json(undecided(f"a bug in supverify: {type(bug).__name__}: {bug}"))


def _limit_memory() -> None:
    with suppress(ImportError, ValueError, OSError):  # where the system has no such limit, only the time is limited
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))


def main() -> None:
    """Answers line by line until there are no more."""
    _limit_memory()
    sys.stdout.write('"ready"\n')
    sys.stdout.flush()
    for line in sys.stdin:
        sys.stdout.write(json.dumps(reply(line)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
