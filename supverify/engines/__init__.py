"""Engines decide claims about networks: untrusted search whose evidence the kernel re-checks.

``verify`` is the door. Each engine is one module: ``enumerate`` counts, ``smt`` asks Z3, ``branch`` finds trees,
``dense`` finds them in compiled code, ``contract`` goes through a network layer by layer, and ``channels`` asks which
few inputs cover a whole channel. ``judged`` adds what becomes of a verdict in floating point.
"""

from __future__ import annotations

from .answer import Answer, Engine, Progress, Statistics
from .arithmetic import judged
from .counting import counted
from .error_rate import BernoulliError, UniformError, bernoulli_error, uniform_error
from .semantics import EXACTLY, ORDERS, Arithmetic, ArithmeticVerdict, Order, arithmetic
from .shards import Runner
from .shards_local import Local
from .shards_run import Execution
from .shrink import shrink
from .verify import ENGINES, Disagreement, NetworkVerdict, Store, verify

__all__ = [
    "ENGINES",
    "EXACTLY",
    "ORDERS",
    "Answer",
    "Arithmetic",
    "ArithmeticVerdict",
    "BernoulliError",
    "Disagreement",
    "Engine",
    "Execution",
    "Local",
    "NetworkVerdict",
    "Order",
    "Progress",
    "Runner",
    "Statistics",
    "Store",
    "UniformError",
    "arithmetic",
    "bernoulli_error",
    "counted",
    "judged",
    "shrink",
    "uniform_error",
    "verify",
]
