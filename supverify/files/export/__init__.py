"""The same question for other tools: SMT-LIB, OPB, VNN-LIB with ONNX, and Coq, each from a claim's exact integers."""

from __future__ import annotations

from .cone import Cone, cone
from .coq import checker, coq
from .onnx import exact_in_any_order, onnx_model
from .opb import opb
from .smt2 import smt2
from .vnnlib import vnnlib_1, vnnlib_2

__all__ = [
    "Cone",
    "checker",
    "cone",
    "coq",
    "exact_in_any_order",
    "onnx_model",
    "opb",
    "smt2",
    "vnnlib_1",
    "vnnlib_2",
]
