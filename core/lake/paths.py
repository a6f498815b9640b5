"""Where files lie in the lake; paths in the manifest are relative to ``lake/``.

<model>/<stream>/month=YYYY-MM/<batch>-<nn>.parquet
<model>/profile/<kind>/<batch>[-<bins_id>].parquet
<model>/reference/<bins_id>-<batch>.parquet
<model>/quarantine/<batch>.parquet
"""

import re
from collections.abc import Iterable
from pathlib import PurePosixPath

from core.errors import InvalidInput

_SAFE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,199}")
_MONTH = re.compile(r"\d{4}-(0[1-9]|1[0-2])")


def safe_id(text: str) -> str:
    """Return an id that may stand in a path: letters, digits, ``. _ -``, no leading dot.

    Raises
    ------
    InvalidInput
        If the text is anything else.
    """
    if _SAFE.fullmatch(text) is None:
        raise InvalidInput(
            "{text!r} cannot be part of a path.",
            remedy="Use letters, digits, '.', '_' and '-'.",
            text=text,
        )
    return text


def data_path(model_id: str, stream: str, month: str, batch_id: str, number: int = 0) -> str:
    """Return the path of one data file; ``month`` is ``YYYY-MM`` in the model's time zone.

    Raises
    ------
    InvalidInput
        If the model or the month cannot be part of a path.
    """
    if _MONTH.fullmatch(month) is None:
        raise InvalidInput("{text!r} is not a month.", remedy="Write YYYY-MM.", text=month)
    name = f"{safe_id(batch_id)}-{number:02d}.parquet"
    return str(PurePosixPath(safe_id(model_id), safe_id(stream), f"month={month}", name))


def profile_path(model_id: str, kind: str, batch_id: str, bins_id: str | None = None) -> str:
    """Return the path of a profile file; operations profiles have no ``bins_id``."""
    suffix = "" if bins_id is None else f"-{safe_id(bins_id)}"
    name = f"{safe_id(batch_id)}{suffix}.parquet"
    return str(PurePosixPath(safe_id(model_id), "profile", safe_id(kind), name))


def reference_path(model_id: str, bins_id: str, batch_id: str) -> str:
    """Return the path of the reference's own counts."""
    name = f"{safe_id(bins_id)}-{safe_id(batch_id)}.parquet"
    return str(PurePosixPath(safe_id(model_id), "reference", name))


def quarantine_path(model_id: str, batch_id: str) -> str:
    """Return the path of a batch's quarantine."""
    return str(PurePosixPath(safe_id(model_id), "quarantine", f"{safe_id(batch_id)}.parquet"))


def parquet_relation(paths: Iterable[object]) -> str:
    """Return the FROM item that scans Parquet files; columns are matched by name.

    Raises
    ------
    InvalidInput
        If there is no path.
    """
    listed = ", ".join(quoted(path) for path in paths)
    if not listed:
        raise InvalidInput("There are no files to read.", remedy="Name at least one file.")
    return f"read_parquet([{listed}], union_by_name := true, hive_partitioning := false)"


def quoted(text: object) -> str:
    """Return a text as an SQL literal."""
    return "'" + str(text).replace("'", "''") + "'"
