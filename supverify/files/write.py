"""Files are written whole or not at all: under another name in the same folder, which then takes their place."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from supverify.kernel.certificate import Certificate
from supverify.kernel.claim import Claim
from supverify.kernel.codec import serialise
from supverify.kernel.errors import Malformed


def write_atomically(path: str | Path, data: bytes) -> None:
    """Puts ``data`` at ``path``; raises Malformed where that cannot be done, and leaves there what was there."""
    path = Path(path)
    with _temporary(path) as temporary:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)


def check_writable(path: str | Path) -> None:
    """Raises Malformed if no file can be written at ``path``: to be known before long work, not after it."""
    path = Path(path)
    with _temporary(path) as temporary:
        if path.is_dir():
            raise IsADirectoryError(0, "a folder")
        temporary.open("xb").close()


def check_drawable(path: Path) -> None:
    """Raises Malformed if no drawing can be written at ``path``, or its name says that it is none."""
    if path.suffix != ".svg":
        raise Malformed(str(path), "a name ending in .svg", path.suffix or "none")
    check_writable(path)


def check_kept(paths: Iterable[Path], read: Iterable[str | Path]) -> None:
    """Raises Malformed if writing at one of ``paths`` would replace a file that was ``read``."""
    kept = [Path(source) for source in read if os.path.lexists(source)]
    for path in filter(Path.exists, paths):
        if any(path.samefile(source) for source in kept):
            raise Malformed(str(path), "another place to write than a file that was read", path.name)


def write_claim(path: str | Path, claim: Claim) -> None:
    """Writes the claim file that the kernel re-reads: the canonical JSON of ``kernel.codec``."""
    write_atomically(path, serialise(claim))


def write_certificate(path: str | Path, certificate: Certificate) -> None:
    """Writes the certificate file that the kernel re-reads."""
    write_atomically(path, serialise(certificate))


@contextmanager
def _temporary(path: Path) -> Iterator[Path]:
    """A new name beside ``path``, gone at the end; OSErrors of the body become Malformed."""
    if not path.name:
        raise Malformed(str(path), "a path that can be written", "a folder")
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        yield temporary
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Malformed(str(path), "a path that can be written", reason) from error
    finally:
        with suppress(OSError, ValueError):
            temporary.unlink()
