"""Demonstration data for the stand-in ML_PP schema; deterministic, with dates relative to now."""
