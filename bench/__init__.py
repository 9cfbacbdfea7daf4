"""Measured ratios, each against a plain reference in the same run: `make bench`."""
