"""What fast readings of certificates say apart from accepting and rejecting, and their name among the oracles."""

from __future__ import annotations

ORACLE = "fast-check"


class Undecided(Exception):
    """This reading of a certificate comes to no end: neither accepted nor rejected."""
