"""Every input, one after the other: exact counts and the first wrong input."""
