"""The journal of a run: finished shards in an SQLite file, from which a run that was stopped goes on.

A transaction holds the shards of a fifth of a second, or one that took longer; SQLite's own rollback journal keeps a
sudden end (``kill -9``, a power cut) from leaving half of one. The file is bound to one claim by its digest, each
engine's results to that engine, its version and its options, and each result to all of that by a checksum. What does
not fit is refused, never skipped. A checksum finds damage, not malice: who may write the journal may forge the counts
of an enumeration, and nothing else, for the kernel re-reads all other evidence.
"""

from __future__ import annotations

import hashlib
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from supverify.kernel.errors import Malformed

from .write import check_writable

FORMAT = "supverify-journal-1"
TABLES = """
    CREATE TABLE about (format TEXT NOT NULL, claim TEXT NOT NULL);
    CREATE TABLE engines (engine TEXT PRIMARY KEY, identity TEXT NOT NULL);
    CREATE TABLE results (engine TEXT NOT NULL, shard INTEGER NOT NULL, result TEXT NOT NULL, checksum TEXT NOT NULL,
                          PRIMARY KEY (engine, shard));
"""
SHOWN = 12  # digits of a digest
COLUMNS = {"about": "format,claim", "engines": "engine,identity", "results": "engine,shard,result,checksum"}


class Journal:
    """One run's journal; ``unfinished`` says whether an engine has begun work that it has not finished.

    Nothing is written before ``after`` seconds have passed, so that short runs leave no trace.
    """

    def __init__(self, path: Path, claim: str, *, resume: bool = False, after: float = 0.0) -> None:
        """The journal at ``path`` of the claim with this digest, new unless ``resume`` finds one.

        Raises Malformed for a path that cannot be written, for a journal that is already there and not to be
        resumed, in use, damaged, or of another claim.
        """
        self.path, self.claim = path, claim
        self.identities: dict[str, str] = {}
        self.finished: set[str] = set()
        self.waiting: list[tuple[str, int, str, str]] = []
        self.begin = time.monotonic() + after
        self.file: sqlite3.Connection | None = None
        check_writable(path)
        if path.exists():
            if not resume:
                raise Malformed(str(path), "--resume, to go on with the run kept there, or no such file", "a file")
            self.file = self._open()
            with self._failing("a journal of supverify"):
                self._inspect(self.file)
        elif not after:
            self._write()

    @property
    def unfinished(self) -> bool:
        """Whether an engine has begun work that it has not finished."""
        return not self.finished.issuperset(self.identities)

    @property
    def written(self) -> bool:
        """Whether there is a file."""
        return self.file is not None

    def load(self, engine: str, identity: str) -> dict[int, str]:
        """The engine's results; raises Malformed if they are of another ``identity``, or damaged."""
        found: dict[int, str] = {}
        if self.file is not None:
            with self._failing("a journal of supverify"):
                kept = self.file.execute("SELECT identity FROM engines WHERE engine = ?", (engine,)).fetchone()
                if kept is not None and kept[0] != identity:
                    raise Malformed(str(self.path), f"results of the engine {identity}", kept[0])
                rows = self.file.execute("SELECT shard, result, checksum FROM results WHERE engine = ?", (engine,))
                for shard, result, checksum in rows:
                    if checksum != self._checksum(identity, shard, result):
                        raise Malformed(str(self.path), f"shard {shard} of {engine} as written", "a damaged one")
                    found[shard] = result
        self.identities[engine] = identity
        return found

    def add(self, engine: str, results: Mapping[int, str]) -> None:
        """Keeps these results, all or none; raises Malformed where that cannot be done."""
        identity = self.identities[engine]
        self.waiting += [
            (engine, shard, result, self._checksum(identity, shard, result)) for shard, result in results.items()
        ]
        if self.file is not None or time.monotonic() >= self.begin:
            self._write()

    def finish(self, engine: str) -> None:
        """Nothing of this engine is left to do."""
        self.finished.add(engine)

    def close(self, *, keep: bool) -> None:
        """Closes the file, which is removed unless it is to be kept."""
        if self.file is not None:
            self.file.close()
            self.file = None
            if not keep:
                self.path.unlink(missing_ok=True)
                self._forget_drafts()

    def _write(self) -> None:
        """One transaction: what waits, and the tables and engines it belongs to."""
        with self._failing("a path that can be written"):
            if self.file is None:
                self.file = self._new()
            with self.file:
                self.file.execute("BEGIN")
                self.file.executemany("INSERT OR IGNORE INTO engines VALUES (?, ?)", self.identities.items())
                self.file.executemany("INSERT OR REPLACE INTO results VALUES (?, ?, ?, ?)", self.waiting)
        self.waiting = []

    def _new(self) -> sqlite3.Connection:
        """The file with its tables, which appears whole or not at all."""
        draft = self._forget_drafts()
        file = sqlite3.connect(draft, isolation_level=None)
        try:
            with file:
                file.executescript(f"BEGIN; {TABLES}")
                file.execute("INSERT INTO about VALUES (?, ?)", (FORMAT, self.claim))
        finally:
            file.close()
        draft.replace(self.path)
        return self._open()

    def _forget_drafts(self) -> Path:
        """Removes what a run leaves that is killed while it makes the file; returns where that is made."""
        draft = self.path.with_name(f".{self.path.name}.new")
        for old in (draft, draft.with_name(f"{draft.name}-journal")):
            old.unlink(missing_ok=True)
        return draft

    def _open(self) -> sqlite3.Connection:
        """The file, held by this process alone until it is closed."""
        with self._failing("a journal of supverify that no other run is using"):
            file = sqlite3.connect(self.path, timeout=0, isolation_level=None)
            try:
                file.execute("PRAGMA locking_mode = EXCLUSIVE")
                file.execute("PRAGMA synchronous = FULL")
                file.execute("BEGIN EXCLUSIVE")
                file.execute("COMMIT")
            except BaseException:
                file.close()
                raise
            return file

    def _inspect(self, file: sqlite3.Connection) -> None:
        """Raises Malformed unless it is an intact journal of this claim."""
        damage = file.execute("PRAGMA integrity_check(1)").fetchone()[0]
        if damage != "ok":
            raise sqlite3.DatabaseError(damage)
        for table, columns in COLUMNS.items():
            names = ",".join(row[1] for row in file.execute(f"PRAGMA table_info({table})"))
            if names != columns:
                raise sqlite3.DatabaseError(f"table {table} has columns {names or 'none'}")
        about = file.execute("SELECT format, claim FROM about").fetchall()
        if len(about) != 1 or about[0][0] != FORMAT:
            raise sqlite3.DatabaseError(f"another format than {FORMAT}")
        if about[0][1] != self.claim:
            expected = f"a journal of the claim {self.claim[:SHOWN]}... (remove it, or name another with --journal)"
            raise Malformed(str(self.path), expected, f"one of {about[0][1][:SHOWN]}...")

    def _checksum(self, identity: str, shard: int, result: str) -> str:
        return hashlib.sha256(repr((self.claim, identity, shard, result)).encode()).hexdigest()

    @contextmanager
    def _failing(self, expected: str) -> Iterator[None]:
        """What SQLite and the file system complain of becomes Malformed, and the file is closed."""
        try:
            yield
        except (sqlite3.Error, OSError, Malformed) as error:
            if self.file is not None:
                with suppress(sqlite3.Error):
                    self.file.close()
                self.file = None
            if isinstance(error, Malformed):
                raise
            reason = getattr(error, "strerror", None) or str(error)
            raise Malformed(str(self.path), expected, reason) from error
