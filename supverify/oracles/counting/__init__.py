"""Sizes of families, by bijections, recurrences and identities."""
