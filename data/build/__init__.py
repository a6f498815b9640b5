"""Builds the demo data from public packages: ``python -m data.build``."""
