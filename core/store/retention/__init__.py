"""Retention, holds, erasures and disposals, and what a database keeps of deleted rows."""
