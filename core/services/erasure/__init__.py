"""Erasing a person from every store, and the report of it."""
