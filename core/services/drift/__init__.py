"""Drift of inputs, score and decision: one by one, all together, and from raw values."""
