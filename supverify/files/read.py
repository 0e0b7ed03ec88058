"""Reading what other people wrote: bounded sizes, one line that says what is wrong and where."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from supverify.kernel.errors import Malformed

LARGEST_FILE = 1 << 29
"""Bytes that a file may have, and that one of its arrays may have once unpacked."""
LARGEST_TEXT = 3 << 24
"""Bytes that a text may have: parsed, JSON takes up to 28 times as much memory as its text."""


def read_bytes(path: str | Path, *, most: int | None = None) -> bytes:
    """The file's contents; raises Malformed if it cannot be read or has more than ``most`` bytes (LARGEST_FILE)."""
    path, most = Path(path), LARGEST_FILE if most is None else most
    try:
        with path.open("rb") as file:
            data = file.read(most + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Malformed(str(path), "a readable file", reason) from error
    if len(data) > most:
        raise Malformed(str(path), f"at most {most} bytes", "more")
    return data


def read_text(path: str | Path) -> str:
    """The file's contents as UTF-8 text of at most LARGEST_TEXT bytes; raises Malformed."""
    try:
        return read_bytes(path, most=LARGEST_TEXT).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(str(path), "UTF-8 text", f"byte {error.object[error.start]} at {error.start}") from error


def read_json(text: str, place: str) -> object:
    """The JSON value, in which no object has a key twice; raises Malformed. Floats (NaN included) pass."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        table = dict(pairs)
        if len(table) < len(pairs):
            keys = [key for key, _ in pairs]
            raise Malformed(place, "each key once", _repeated(keys))
        return table

    try:
        return json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Malformed(place, "JSON", str(error) or "an empty file") from error


def _repeated(keys: list[str]) -> str:
    """The first key that was there before; counting each key would take a hostile file's time squared."""
    seen: set[str] = set()
    for key in keys:
        if key in seen:
            break
        seen.add(key)
    return key


def check_names(names: Iterable[str], place: str) -> None:
    """Raises Malformed for a name that cannot be printed as it is, such as one that would steer a terminal."""
    for name in names:
        if not name.isprintable():
            raise Malformed(place, "names of printable characters", ascii(name))


@contextmanager
def within(place: str) -> Iterator[None]:
    """Says in which file a place is, for refusals that know only the place inside it."""
    try:
        yield
    except Malformed as refusal:
        raise Malformed(f"{place}: {refusal.place}", refusal.expected, refusal.got) from refusal
