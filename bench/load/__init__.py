"""A load generator: many signed-in sessions act on the real app over Streamlit's own protocol.

Run with ``python -m bench.load``; docs/load.md says what it does and what it found.
"""
