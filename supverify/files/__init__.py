"""Readers and writers: problems, networks, claims and certificates, each file whole or not at all."""

from __future__ import annotations

from .journal import Journal
from .network import NetworkFile, ReadLayer, network_of, read_network
from .problem import read_problem
from .read import read_bytes, read_text
from .write import check_drawable, check_kept, check_writable, write_atomically, write_certificate, write_claim
from .write_network import check_network_path, write_network

__all__ = [
    "Journal",
    "NetworkFile",
    "ReadLayer",
    "check_drawable",
    "check_kept",
    "check_network_path",
    "check_writable",
    "network_of",
    "read_bytes",
    "read_network",
    "read_problem",
    "read_text",
    "write_atomically",
    "write_certificate",
    "write_claim",
    "write_network",
]
