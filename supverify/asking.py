"""Questions answered under a hard time limit: worker processes, ended when their time is up, in the order asked."""

from __future__ import annotations

import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from .oracles.answer import as_json
from .oracles.decision import undecided

START = 60.0  # seconds that a worker may take to start
AHEAD = 8  # questions that are read ahead for each worker
SOONER = 0.85  # of the limit: the time a procedure is told that it has, so that it can say what was missing


class Worker:
    """A process that answers one question at a time; it is started anew after each one that took too long.

    ``command`` is what the interpreter is told to run; the protocol is that of ``supverify.oracles.worker``.
    """

    def __init__(self, *command: str) -> None:
        self.command = command or ("-P", "-m", "supverify.oracles.worker")  # -P: no module from the working folder
        self.process: subprocess.Popen[str] | None = None
        self.lines: queue.Queue[str] = queue.Queue()

    def ask(self, claim: str, limit: float) -> dict[str, Any]:
        """The answer to ``claim``, "undecided" if there is none within ``limit`` seconds."""
        if self.process is None or self.process.poll() is not None:
            self._start()
        started = time.monotonic()
        found = self._exchange(json.dumps({"claim": claim, "seconds": limit * SOONER}), limit)
        if found is None:
            ended = time.monotonic() - started < limit
            self.close()
            found = as_json(undecided("the worker ended" if ended else f"no answer within {limit:g} seconds"))
        return {**found, "seconds": round(time.monotonic() - started, 3)}

    def _start(self) -> None:
        root = str(Path(__file__).resolve().parent.parent)
        path = os.pathsep.join((root, *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))))
        self.lines = queue.Queue()
        self.process = subprocess.Popen(  # our own interpreter, no shell
            [sys.executable, *self.command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": path},
            text=True,
            encoding="utf-8",
        )
        threading.Thread(target=_collect, args=(self.process, self.lines), daemon=True).start()
        with_start = self._receive(START)
        if with_start is None:
            self.close()

    def _exchange(self, line: str, limit: float) -> dict[str, Any] | None:
        if self.process is None or self.process.stdin is None:
            return None
        try:
            self.process.stdin.write(line + "\n")
            self.process.stdin.flush()
        except OSError:
            return None
        text = self._receive(limit)
        try:
            answer = json.loads(text) if text else None
        except ValueError:  # something else than the worker wrote there
            return None
        return answer if isinstance(answer, dict) else None

    def _receive(self, limit: float) -> str | None:
        """The next line, None if there is none in time or the process ended."""
        try:
            return self.lines.get(timeout=limit) or None
        except queue.Empty:
            return None

    def close(self) -> None:
        """Ends the process."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for pipe in (self.process.stdin, self.process.stdout):
                with suppress(OSError):  # what was not read any more
                    if pipe is not None:
                        pipe.close()
            self.process = None


def _collect(process: subprocess.Popen[str], lines: queue.Queue[str]) -> None:
    """Passes on what the process writes; an empty line is its end."""
    try:
        for line in process.stdout or ():
            lines.put(line)
    except (OSError, ValueError):  # closed while it was read
        pass
    lines.put("")


def ask(claim: str, *, limit: float = 8.0) -> dict[str, Any]:
    """The answer to one claim, as ``ask --json`` prints it, or ``{"error": ...}``."""
    worker = Worker()
    try:
        return worker.ask(claim, limit)
    finally:
        worker.close()


def ask_all(lines: Iterable[str], *, limit: float, workers: int | None = None) -> Iterator[dict[str, Any]]:
    """The answers to lines ``{"id": ..., "claim": ...}`` in their order; another line gets an error object."""
    count = workers or os.cpu_count() or 1
    idle: queue.Queue[Worker] = queue.Queue()
    made = [Worker() for _ in range(count)]
    for worker in made:
        idle.put(worker)
    waiting: deque[Future[dict[str, Any]]] = deque()
    with ThreadPoolExecutor(count) as pool:
        try:
            for line in filter(str.strip, lines):
                waiting.append(pool.submit(_answer_line, line, limit, idle))
                if len(waiting) >= AHEAD * count:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            for future in waiting:
                future.cancel()
            pool.shutdown(wait=True)
            for worker in made:
                worker.close()


def _answer_line(line: str, limit: float, idle: queue.Queue[Worker]) -> dict[str, Any]:
    wanted = _read(line)
    if "error" in wanted:
        return dict(wanted)
    worker = idle.get()
    try:
        return {"id": wanted["id"], **worker.ask(wanted["claim"], limit)}
    finally:
        idle.put(worker)


def _read(line: str) -> Mapping[str, Any]:
    """The id and the claim of a line; "error" says what is wrong with any other."""
    try:
        wanted = json.loads(line)
    except (ValueError, RecursionError) as problem:
        return {"id": None, "error": f"no JSON: {problem}"}
    name = wanted.get("id") if isinstance(wanted, dict) else None
    if not isinstance(wanted, dict) or not isinstance(wanted.get("claim"), str):
        return {"id": name, "error": 'an object {"id": ..., "claim": "..."} is expected'}
    return {"id": name, "claim": wanted["claim"]}
