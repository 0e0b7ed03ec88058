"""Explicit inequalities for all numbers from some on, with the smallest such number."""
