"""One reader per log format; each turns a file into numbered columns with line numbers."""

from core.ingest.readers.open import open_source
from core.ingest.readers.source import BrokenRow, Source, SourceColumn

__all__ = ["BrokenRow", "Source", "SourceColumn", "open_source"]
