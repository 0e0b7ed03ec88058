"""The claim as float32 or float64 compute it, in one order of summation or in any."""
