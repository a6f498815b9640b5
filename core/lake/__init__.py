"""The lake: immutable Parquet files, and every question that DuckDB asks of them.

Raw rows of four streams, and profiles: counts per version, jurisdiction, day, slice, feature and
bin, from which any calendar window is summed. Files are written once and never changed; which of
them count is the manifest's business.
"""
