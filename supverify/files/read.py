"""Reading what other people wrote: bounded sizes, one line that says what is wrong and where."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from supverify.kernel.errors import Malformed

LARGEST_FILE = 1 << 29
"""Bytes that a file may have, and that its arrays may have together once unpacked."""


def read_bytes(path: str | Path) -> bytes:
    """The file's contents; raises Malformed if it cannot be read or is larger than LARGEST_FILE."""
    path = Path(path)
    try:
        with path.open("rb") as file:
            data = file.read(LARGEST_FILE + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the name
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise Malformed(str(path), "a readable file", reason) from error
    if len(data) > LARGEST_FILE:
        raise Malformed(str(path), f"at most {LARGEST_FILE} bytes", "more")
    return data


def read_text(path: str | Path) -> str:
    """The file's contents as UTF-8 text; raises Malformed."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Malformed(str(path), "UTF-8 text", f"byte {error.object[error.start]} at {error.start}") from error


def read_json(text: str, place: str) -> object:
    """The JSON value, in which no object has a key twice; raises Malformed. Floats (NaN included) pass."""

    def once(pairs: list[tuple[str, object]]) -> dict[str, object]:
        table = dict(pairs)
        if len(table) < len(pairs):
            keys = [key for key, _ in pairs]
            raise Malformed(place, "each key once", max(table, key=keys.count))
        return table

    try:
        return json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError) as error:
        raise Malformed(place, "JSON", str(error)) from error


@contextmanager
def within(place: str) -> Iterator[None]:
    """Says in which file a place is, for refusals that know only the place inside it."""
    try:
        yield
    except Malformed as refusal:
        raise Malformed(f"{place}: {refusal.place}", refusal.expected, refusal.got) from refusal
