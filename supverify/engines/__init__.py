"""Engines decide claims about networks: untrusted search whose evidence the kernel re-checks.

``verify`` is the door. Each engine is one module: ``enumerate`` counts, ``smt`` asks Z3, ``branch`` finds trees, and
``contract`` goes through a network layer by layer.
"""

from __future__ import annotations

from .answer import Answer, Engine, Progress, Statistics
from .shrink import shrink
from .verify import ENGINES, Disagreement, NetworkVerdict, Store, verify

__all__ = [
    "ENGINES",
    "Answer",
    "Disagreement",
    "Engine",
    "NetworkVerdict",
    "Progress",
    "Statistics",
    "Store",
    "shrink",
    "verify",
]
