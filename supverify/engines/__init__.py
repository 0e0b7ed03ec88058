"""Engines decide claims about networks: untrusted search whose evidence the kernel re-checks.

``verify`` is the door. A file's first word says to which room it belongs:

    enumerate   counts every input: scan_numba, scan_numpy, limbs, ranks, subsets, tally; error_rate, counting
    smt         asks Z3, one output at a time
    branch      finds split trees by the kernel's own bounds, slowly and for every network
    dense*      finds them in compiled code, for one hidden layer of any signs
    channels*   asks which few inputs cover a whole channel, for networks of steps, also very large ones
    contract*   goes layer by layer through networks that were built in superposition
    fast_check* reads certificates a second time in compiled integers; ``reread`` chooses between it and the kernel
    shards*     cut work into pieces, for threads, processes and clusters, that end in the same bytes
    arithmetic  what becomes of a verdict in floating point: semantics, floating, ieee, rounding
"""

from __future__ import annotations

from .answer import Answer, Engine, Progress, Statistics
from .arithmetic import judged
from .counting import counted
from .error_rate import BernoulliError, UniformError, bernoulli_error, check_probability, uniform_error
from .semantics import EXACTLY, ORDERS, Arithmetic, ArithmeticVerdict, Order, arithmetic
from .shards import Runner
from .shards_local import Local
from .shards_run import Execution
from .shrink import shrink
from .verify import ENGINES, Disagreement, NetworkVerdict, Store, in_memory, verify

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
    "check_probability",
    "counted",
    "in_memory",
    "judged",
    "shrink",
    "uniform_error",
    "verify",
]
