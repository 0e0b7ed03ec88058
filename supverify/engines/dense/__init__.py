"""Branch and bound for one hidden ReLU layer of any signs, compiled."""
