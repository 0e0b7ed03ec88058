"""What a network is made of, exactly: its units, what they read, its ranks, and which inputs reach which outputs.

forms       the first ReLU layer as linear forms of the inputs, and their extremes on k-sparse inputs
evaluation  networks on many inputs at once
signs       inputs on which units are on, or off: all inputs where there are few, else chosen and random ones
units       units that are dead, never off or twins of one another, in every ReLU layer
reach       which inputs are led to which outputs by weights other than 0
decisions   which inputs change how an output is read
ranks       ranks over the rationals
rounding    the network with fewer bits a weight
suspects    an input that is wrong, sought among a few thousand
"""

from __future__ import annotations

from .decisions import deciding
from .forms import Form, first_forms, form_of
from .ranks import RankBounds, rank
from .reach import reaching
from .rounding import rounded
from .suspects import wrong_input
from .units import FirstLayer, UnitLayer, first_layer, unit_layers

__all__ = [
    "FirstLayer",
    "Form",
    "RankBounds",
    "UnitLayer",
    "deciding",
    "first_forms",
    "first_layer",
    "form_of",
    "rank",
    "reaching",
    "rounded",
    "unit_layers",
    "wrong_input",
]
