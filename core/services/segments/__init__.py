"""Segments of a model: the slices of its rows in which it does worst."""

from core.services.segments.measure import segments
from core.services.segments.rows import COUNTED, SegmentTable, SliceRow, csv_table

__all__ = ["COUNTED", "SegmentTable", "SliceRow", "csv_table", "segments"]
