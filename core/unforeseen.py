"""What a log may say of an error that nobody foresaw: where it happened, not what it says.

Messages of databases and libraries quote what they could not read: "could not convert string
'Chan Tai Man' to DOUBLE". A log is read by others than the rows are, and outlasts them. So only our
own errors speak (their texts are written for readers), and what the operating system says.
"""

import logging
import traceback
from pathlib import Path
from typing import Any

from core.errors import HarbourlightError

_LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
_ROOT = Path(__file__).resolve().parents[1]


def account_of(error: BaseException) -> str:
    """Return an error and what caused it: kinds, places in the code, and no values."""
    parts: list[str] = []
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)
        lines = [f"  {_place(frame)} in {frame.name}" for frame in frames]
        parts.append("\n".join([headline_of(current), *lines]))
        current = current.__cause__ or current.__context__
    return "\nCaused by: ".join(parts)


def headline_of(error: BaseException) -> str:
    """Return the kind of an error, what it says if that is safe, and where it was raised."""
    kind = type(error).__name__
    if isinstance(error, HarbourlightError):
        return f"{kind}: {error}"
    if isinstance(error, OSError) and error.strerror:
        kind = f"{kind}: {error.strerror}"
    frames = traceback.extract_tb(error.__traceback__)
    return f"{kind} at {_place(frames[-1])}" if frames else kind


def _place(frame: traceback.FrameSummary) -> str:
    path = Path(frame.filename)
    inside = path.is_relative_to(_ROOT)
    return f"{path.relative_to(_ROOT) if inside else path.name}:{frame.lineno}"


def start_log(*, verbose: bool = False) -> None:
    """Have this process write its log to standard error, one line an event, without values.

    Parameters
    ----------
    verbose : bool
        Write lines of level INFO, too; from WARNING on otherwise.
    """
    keep_values_out_of_logs()
    logging.basicConfig(level=logging.INFO if verbose else logging.WARNING, format=_LINE)
    logging.getLogger("httpx").setLevel(logging.WARNING)  # it tells addresses, keys in them too


def keep_values_out_of_logs() -> None:
    """Have every log of this process tell of errors as :func:`account_of` does, libraries' too."""
    logging.setLogRecordFactory(_record)


def _record(*arguments: Any, **words: Any) -> logging.LogRecord:
    record = logging.LogRecord(*arguments, **words)
    error = record.exc_info[1] if record.exc_info else None
    if error is not None:
        record.msg, record.args = f"{record.getMessage()}: {account_of(error)}", ()
        record.exc_info = None
    return record
