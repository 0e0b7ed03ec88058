"""Tails, unions and existence, in exact rationals."""
