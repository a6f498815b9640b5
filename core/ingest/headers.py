"""A look at a file's header before a batch is opened, so that a wrong file stops nothing else."""

from collections.abc import Sequence
from pathlib import Path

import pyarrow as pa
from pyarrow import parquet

from core.ingest.readers.delimited import header_of
from core.ingest.readers.detect import encoding_of, format_of, unreadable
from core.ingest.streams import Shape
from core.ingest.validate import check_columns


def check_header(
    path: Path, shapes: Sequence[Shape], format_name: str | None, encoding: str | None
) -> None:
    """Refuse a file that cannot hold rows of any of the shapes.

    JSON lines have no header; they are checked when they are read.

    Parameters
    ----------
    path : Path
        The file.
    shapes : sequence of Shape
        What its rows may be.
    format_name, encoding : str, optional
        Overrides of what the file's bytes show.

    Raises
    ------
    UnreadableFile, MissingColumn, InvalidInput
        As the readers and :func:`core.ingest.validate.check_columns` do.
    """
    found = format_of(path, format_name)
    if found == "parquet":
        check_columns(path.name, parquet_shape(path)[1], shapes)
    else:
        text_encoding = encoding_of(path, encoding)
        if found == "csv":
            check_columns(path.name, header_of(path, text_encoding)[1], shapes)


def parquet_shape(path: Path) -> tuple[int, tuple[str, ...]]:
    """Return the rows and the column names that a Parquet file's footer claims.

    Raises
    ------
    UnreadableFile
        If it is no Parquet file.
    """
    try:
        with parquet.ParquetFile(path) as file:
            return file.metadata.num_rows, tuple(file.schema_arrow.names)
    except (OSError, pa.ArrowException) as error:
        raise unreadable(path, str(error).splitlines()[0]) from error
