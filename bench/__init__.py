"""Side-by-side timings of Harbourlight, a plain DuckDB aggregate and three peers.

Run with ``make bench`` or ``python -m bench``; docs/bench.md says how to read the table.
"""
