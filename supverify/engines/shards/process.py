"""A worker process, seen from the one that starts it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from contextlib import suppress
from queue import Queue
from threading import Thread
from typing import Any

from supverify.kernel.codec import serialise

from .work import Job, R, order

MODULE = "supverify.engines.shards.worker"


class Worker:
    """A process that solves batches of shards of one job; what it says goes to ``inbox``, and None when it is gone.

    Its messages are {"results": [...], "milliseconds": ...}, with fewer results than shards where time was over, or
    {"error": text}.
    """

    def __init__(self, job: Job[R], inbox: Queue[tuple[Worker, Any]]) -> None:
        self.inbox = inbox
        self.errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the worker is buried
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-m", MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self.errors,
            env=environment,
            start_new_session=True,  # Ctrl-C is for the process that started it
        )
        self.ears = Thread(target=self._listen, daemon=True)
        self.ears.start()
        self._say(json.dumps(order(job.engine)).encode() + b"\n" + serialise(job.claim))

    def give(self, shards: list[int], seconds: float | None) -> None:
        """Has a batch solved within the seconds."""
        limit = None if seconds is None else int(1000 * seconds)
        self._say(json.dumps({"shards": shards, "milliseconds": limit}).encode() + b"\n")

    def bury(self) -> str:
        """Ends the worker and says how it ended: its last line on standard error, or its exit code."""
        self.process.kill()
        code = self.process.wait()
        self.ears.join()
        with suppress(OSError):
            self.process.stdin.close()  # type: ignore[union-attr]
        with self.errors:
            self.errors.seek(0)
            lines = self.errors.read().decode(errors="replace").split("\n")
        return next((line for line in reversed(lines) if line.strip()), f"exit code {code}")

    def _say(self, text: bytes) -> None:
        pipe = self.process.stdin
        with suppress(OSError):  # a worker that is gone is heard of by its end
            if pipe:
                pipe.write(text)
                pipe.flush()

    def _listen(self) -> None:
        pipe = self.process.stdout
        if pipe:
            with pipe:
                for line in pipe:
                    if line.endswith(b"\n"):  # half a line is the last of a worker that was killed
                        self.inbox.put((self, _message(line)))
        self.inbox.put((self, None))


def _message(line: bytes) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return {"error": f"a worker said {line[:80]!r}"}
