"""Engines decide claims about networks: untrusted search whose evidence the kernel re-checks.

``verify`` is the door; it asks these, each in a room or a file of its own:

    enumeration     counts every input
    smt             asks Z3, one output at a time
    branch          finds split trees by the kernel's own bounds, slowly and for every network
    dense           finds them in compiled code, for one hidden layer of any signs
    channels        asks which few inputs cover a whole channel, for networks of steps, also very large ones
    contract        goes layer by layer through networks that were built in superposition
    fast_check      reads certificates a second time in compiled integers, or leaves them to the kernel
    shards          cut work into pieces, for threads, processes and clusters, that end in the same bytes
    floating_point  what becomes of a verdict in float32 and float64
"""

from __future__ import annotations

from .answer import Answer, Engine, Progress, Statistics
from .counting import counted
from .enumeration.error_rate import BernoulliError, UniformError, bernoulli_error, check_probability, uniform_error
from .floating_point.arithmetic import judged
from .floating_point.semantics import EXACTLY, ORDERS, Arithmetic, ArithmeticVerdict, Order, arithmetic
from .shards.local import Local
from .shards.run import Execution
from .shards.work import Runner
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
