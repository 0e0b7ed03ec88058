"""Which firing beside its channel a true gate of a compact network may pass on without harm to any readout."""

from __future__ import annotations

import numpy as np

from .compact_channels import Channels
from .compact_compile import Flags, Ints, compiled


def loose_gates(channels: Channels) -> Flags:
    """The gates (G) under which no other gate's whole channel fires.

    For k = 2 a true gate is alone, so which of the firing neurons beside its channel are passed on makes
    no difference to any readout.
    """
    lowest = channels.rows.min(axis=1)
    order = np.argsort(lowest, kind="stable")
    starts = np.searchsorted(lowest[order], np.arange(len(channels.together) + 1))
    loose = np.ones(len(channels.gates), dtype=np.bool_)
    compiled(_tighten)(channels.members, channels.gates, channels.rows, order, starts, loose)
    return loose


def _tighten(members: Ints, gates: Ints, rows: Ints, order: Ints, starts: Ints, loose: Flags) -> None:
    for i in range(len(gates)):
        firing = members[gates[i, 0]] + members[gates[i, 1]]
        for r in range(len(firing)):
            if firing[r] == 2:
                for other in order[starts[r] : starts[r + 1]]:
                    inside = 0
                    for x in rows[other]:
                        inside += firing[x] == 2
                    if other != i and inside == len(rows[other]):
                        loose[i] = False
