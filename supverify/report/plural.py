"""Counts in the sentences of reports and pictures."""

from __future__ import annotations


def plural(count: int, noun: str) -> str:
    """``1 claim``, ``2 claims``, ``1,000 claims``."""
    return f"{count:,} {noun}" + ("" if count == 1 else "s")
