"""Text files as a stream of decoded lines in which undecodable bytes stay recognisable."""

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TextIO

from core.ingest.readers.detect import unreadable

# Every undecodable byte becomes U+DC00 + byte. Such a code point stands in no decoded text, so
# it marks the line; for the reader it is written \xNN.
_HANDLER = "harbourlight-mark"
_MARKED = re.compile("[\udc00-\udcff]")
_CODECS = {"big5-hkscs": "big5hkscs", "utf-8": "utf-8-sig"}


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    wrong = error.object[error.start : error.end]
    return "".join(chr(0xDC00 + byte) for byte in wrong), error.end


codecs.register_error(_HANDLER, _mark)


@contextmanager
def open_text(path: Path, encoding: str) -> Iterator[TextIO]:
    """Open a text file; line ends are kept, undecodable bytes are marked.

    Parameters
    ----------
    path : Path
        The file.
    encoding : str
        One of :data:`core.ingest.readers.detect.ENCODINGS`.

    Raises
    ------
    UnreadableFile
        If it cannot be opened.
    """
    name = _CODECS.get(encoding, encoding)
    try:
        file = path.open(encoding=name, errors=_HANDLER, newline="")
    except OSError as error:
        raise unreadable(path, error.strerror or str(error)) from error
    with file:
        yield file


def is_marked(text: str) -> bool:
    """Whether bytes of the text could not be decoded."""
    return not text.isascii() and _MARKED.search(text) is not None


def readable(text: str) -> str:
    r"""Return marked text with each undecodable byte written as ``\xNN``."""
    return _MARKED.sub(lambda match: f"\\x{ord(match[0]) - 0xDC00:02x}", text)
