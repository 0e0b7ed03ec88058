"""What a worker runs: ``python -m supverify.engines.shards.worker``, spoken to in lines of JSON, or a dask task.

The first line says which engine, the second is the claim; each further one is a batch of shards. The end of the input
ends the worker at once, in the midst of a shard as well, so none outlives the process that it works for.
"""

from __future__ import annotations

import json
import os
import sys
import time
from functools import lru_cache
from queue import SimpleQueue
from threading import Thread, get_ident
from typing import Any

from supverify.kernel.claim import Claim
from supverify.kernel.codec import decode, parse

from .work import Sharded, Work, plain


def prepared(engine: str, claim: bytes) -> Work[Any]:
    """The work that two lines describe, prepared once in each thread, for a search may keep what it has found out."""
    return _prepared(engine, claim, get_ident())


@lru_cache(maxsize=8)
def _prepared(engine: str, claim: bytes, thread: int) -> Work[Any]:
    stated: Claim = decode(Claim, parse(claim, "claim"), "claim")
    return restored(engine).cut(stated)


def restored(text: str) -> Sharded[Any]:
    """The engine that ``shards.order`` described; raises RuntimeError where this supverify has another version."""
    from ..verify import ENGINES

    told: Any = parse(text, "engine")
    known: Any = ENGINES.get(told["engine"])
    if known is None or getattr(known, "version", None) != told["version"]:
        raise RuntimeError(f"a worker's supverify has no engine {told['engine']}, version {told['version']}")
    engine: Sharded[Any] = decode(type(known), told["options"], "engine")
    return engine


def solve(engine: str, claim: bytes, shards: list[int], milliseconds: int | None) -> dict[str, Any]:
    """The results of a batch as plain values; those of its beginning if time is over before its end."""
    started = time.monotonic()
    deadline = None if milliseconds is None else started + milliseconds / 1000
    results: list[Any] = []
    try:
        work = prepared(engine, claim)
        for shard in shards:
            results.append(plain(work.solve(shard, deadline)))
    except TimeoutError:
        pass
    except Exception as error:  # noqa: BLE001 - whatever goes wrong is for the process that asked
        return {"error": f"{type(error).__name__}: {error}"}
    return {"results": results, "milliseconds": int(1000 * (time.monotonic() - started))}


def main() -> None:
    """Serves one job until the input ends."""
    answers, sys.stdout = sys.stdout.buffer, sys.stderr  # what a library prints is no answer
    lines: SimpleQueue[bytes] = SimpleQueue()
    Thread(target=_listen, args=(lines,), daemon=True).start()
    engine, claim = lines.get().decode(), lines.get()
    while True:
        batch = json.loads(lines.get())
        answer = solve(engine, claim, batch["shards"], batch["milliseconds"])
        answers.write(json.dumps(answer).encode() + b"\n")
        answers.flush()


def _listen(lines: SimpleQueue[bytes]) -> None:
    for line in sys.stdin.buffer:
        lines.put(line)
    os._exit(0)


if __name__ == "__main__":
    main()
