"""Whether every output of a compact network can be read back from its output code by a threshold."""

from __future__ import annotations

from math import comb

import numpy as np

from .compact_channels import Channels
from .compact_compile import Flags, Ints, compiled


def unreadable(channels: Channels, *, k: int) -> list[int]:
    """The gates whose channel lies inside the union of channels of other gates that can be true without it.

    The readout of gate i counts the active neurons of its channel and asks for all ``width`` of them, so it is wrong
    on a k-sparse input exactly if i is false there and the true gates cover its channel.
    """
    reach = comb(k, 2)
    width = channels.rows.shape[1]
    owners = [np.flatnonzero((channels.rows == r).any(axis=1)) for r in range(len(channels.together))]
    found = []
    for i, channel in enumerate(channels.rows):
        near, shared = np.unique(np.concatenate([owners[r] for r in channel]), return_counts=True)
        most = max((int(s) for g, s in zip(near, shared, strict=True) if g != i), default=0)
        if most * reach >= width and _covered(channels, owners, i, channel, frozenset(), k):
            found.append(i)
    return found


def _covered(channels: Channels, owners: list[Ints], i: int, open_rows: Ints, active: frozenset[int], k: int) -> bool:
    """Whether gates true on at most k inputs, among them ``active``, cover ``open_rows`` while gate i is false."""
    if not len(open_rows):
        return True
    pair = frozenset(channels.gates[i].tolist())
    for gate in owners[open_rows[0]].tolist():
        more = active | frozenset(channels.gates[gate].tolist())
        if len(more) <= k and not pair <= more:
            left = open_rows[~np.isin(open_rows, channels.rows[gate])]
            if _covered(channels, owners, i, left, more, k):
                return True
    return False


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
