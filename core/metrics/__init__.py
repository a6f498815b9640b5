"""Metrics: pure functions, counts and arrays in, frozen results out; one registry names them."""
