"""``python -S -m supverify.kernel CLAIM CERTIFICATE``: VERIFIED (exit 0) or NOT VERIFIED (exit 1)."""

from __future__ import annotations

import sys
from pathlib import Path

from .check import recheck
from .errors import Refusal


def main(arguments: list[str]) -> int:
    """Prints the answer; only its last line can say VERIFIED."""
    try:
        if len(arguments) != 2:
            raise OSError("usage: python -S -m supverify.kernel CLAIM CERTIFICATE")
        verdict = recheck(*(Path(path).read_bytes() for path in arguments))
    except (OSError, MemoryError, Refusal) as refusal:
        sys.stdout.write(f"{refusal}\nNOT VERIFIED\n")
        return 1
    sys.stdout.write(f"{verdict.status.name}: {verdict.reason}\nVERIFIED\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
