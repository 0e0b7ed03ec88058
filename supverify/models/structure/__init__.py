"""What a network is made of, exactly: its units, what they read, its ranks, and which inputs reach which outputs.

forms  the first ReLU layer as linear forms of the inputs, and their extremes on k-sparse inputs
units  dead, linear and twin units of every ReLU layer
signs  inputs on which units are on, or off: all inputs where there are few, else chosen and random ones
reach  which inputs are led to which outputs by weights other than 0
rank   ranks over the rationals
"""

from __future__ import annotations

from .forms import Form, first_forms, form_of
from .ranks import RankBounds, rank
from .reach import reaching
from .rounding import rounded
from .units import FirstLayer, UnitLayer, first_layer, unit_layers

__all__ = [
    "FirstLayer",
    "Form",
    "RankBounds",
    "UnitLayer",
    "first_forms",
    "first_layer",
    "form_of",
    "rank",
    "reaching",
    "rounded",
    "unit_layers",
]
