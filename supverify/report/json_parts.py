"""What the JSON of every report ends with: its files by their digests, and what depends on the machine."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from .model import EvidenceFile, Measured


@dataclass(frozen=True, kw_only=True)
class FileDigest:
    """A file under the report's folder, and the SHA-256 of its content."""

    path: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Timings:
    """What depends on the machine: seconds by what they were spent on, and the versions of the tools."""

    seconds: dict[str, float]
    versions: dict[str, str]


def digests(files: Sequence[EvidenceFile]) -> tuple[FileDigest, ...]:
    """The files by their digests."""
    return tuple(FileDigest(path=file.path, sha256=sha256(file.content).hexdigest()) for file in files)


def timings(measured: Measured) -> Timings:
    """The seconds, to a hundredth, and the versions."""
    seconds = {what: round(time, 2) for what, time in measured.seconds}
    return Timings(seconds=seconds, versions=dict(measured.versions))


def json_text(values: Mapping[str, Any]) -> str:
    """JSON to be kept in a file."""
    return json.dumps(values, indent=1, ensure_ascii=False) + "\n"
