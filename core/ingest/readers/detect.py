"""What a file is: format, encoding and, for separated values, the separator."""

import codecs
import csv
import io
import re
from collections import Counter
from pathlib import Path

from core.errors import InvalidInput, UnreadableFile
from core.ingest.readers.formats import FORMATS, LABELS, format_beginning, format_named

ENCODINGS = ("utf-8", "utf-16", "big5-hkscs", "gb18030")
_SAMPLE = 1 << 20
_BEYOND_ASCII = re.compile(rb"[\x80-\xff]")
_SEPARATORS = ",\t;|"
_ALIASES = {
    "utf8": "utf-8",
    "utf-8-sig": "utf-8",
    "ascii": "utf-8",
    "utf16": "utf-16",
    "big5": "big5-hkscs",
    "big5hkscs": "big5-hkscs",
    "gbk": "gb18030",
    "gb2312": "gb18030",
}


def format_of(path: Path, override: str | None = None) -> str:
    """Return the format of a file: what was said, else what its first bytes show.

    Raises
    ------
    InvalidInput
        If the format that was said does not exist.
    UnreadableFile
        If the file is empty or cannot be opened.
    """
    if override is not None:
        chosen = format_named(override)
        if chosen is None:
            raise InvalidInput(
                "{format!r} is not a format of logs.",
                remedy="Choose from: {formats}.",
                format=override,
                formats=", ".join(FORMATS),
            )
        return chosen
    try:
        with path.open("rb") as file:
            head = file.read(4096)
    except OSError as error:
        raise unreadable(path, error.strerror or str(error)) from error
    if not head:
        raise unreadable(path, "it is empty")
    binary = format_beginning(head)
    if binary is not None:
        return binary
    if head.startswith((b"PK\x03\x04", b"\x1f\x8b", b"\xd0\xcf\x11\xe0", b"%PDF")):
        raise unreadable(path, "it is a compressed file or a document")
    text = head.decode(encoding_of(path), "replace").lstrip("\ufeff \t\r\n")
    return "jsonl" if text.startswith("{") else "csv"


def encoding_of(path: Path, override: str | None = None) -> str:
    """Return the encoding of a text file: what was said, else what its bytes show.

    A byte-order mark decides; else valid UTF-8 is UTF-8; else the encoding in which the most
    two-byte characters are everyday Chinese. The sample starts where the file stops being ASCII.

    Raises
    ------
    InvalidInput
        If the encoding that was said is not supported.
    """
    if override is not None:
        name = override.lower().replace("_", "-")
        name = _ALIASES.get(name, name)
        if name not in (*ENCODINGS, "utf-16-le", "utf-16-be"):
            raise InvalidInput(
                "{encoding!r} is not an encoding that is read.",
                remedy="Choose from: {encodings}.",
                encoding=override,
                encodings=", ".join(ENCODINGS),
            )
        return name
    sample = _sample(path)
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if sample.startswith(codecs.BOM_UTF8):
        return "utf-8"
    if sample.count(0) > len(sample) // 4:
        return "utf-16-le" if sample[1::2].count(0) > sample[::2].count(0) else "utf-16-be"
    return _multibyte(sample)


def _sample(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            first = file.read(_SAMPLE)
            chunk = first
            while chunk and chunk.isascii():
                chunk = file.read(_SAMPLE)
            return first if chunk is first or not chunk else chunk
    except OSError as error:
        raise unreadable(path, error.strerror or str(error)) from error


def _multibyte(sample: bytes) -> str:
    beyond = _BEYOND_ASCII.search(sample)
    if beyond is None:
        return "utf-8"
    sample = sample[beyond.start() :]
    text = sample.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(1 for character in text if character > "\x7f") - wrong
    if right > 4 * wrong:
        return "utf-8"
    scores = {"big5-hkscs": _everyday(sample, _BIG5), "gb18030": _everyday(sample, _GB)}
    best = max(scores, key=lambda name: scores[name])
    return best if scores[best] >= 0.5 else "utf-8"


# Lead and trail bytes of the everyday characters: Big5 level 1 and GB 2312 level 1, with the
# full-width punctuation of each.
_BIG5 = ((range(0xA4, 0xC7), (range(0x40, 0x7F), range(0xA1, 0xFF))), (range(0xA1, 0xA4), ()))
_GB = ((range(0xB0, 0xD8), (range(0xA1, 0xFF),)), (range(0xA1, 0xA4), ()))
_Ranges = tuple[tuple[range, tuple[range, ...]], ...]


def _everyday(sample: bytes, ranges: _Ranges) -> float:
    """Return the share of two-byte characters that are everyday ones, read from the left."""
    everyday = pairs = position = 0
    limit = min(len(sample) - 1, 200_000)
    (leads, trails), (marks, _) = ranges
    while position < limit:
        lead, trail = sample[position], sample[position + 1]
        if lead < 0x80:
            position += 1
            continue
        pairs += 1
        if lead in leads and any(trail in allowed for allowed in trails):
            everyday += 1
        elif lead in marks and trail >= 0x40:
            pairs -= 1
        position += 2 if trail >= 0x30 else 1
    return everyday / pairs if pairs else 0.0


def separator_of(sample: str) -> str:
    """Return the separator under which the sample's lines have the most regular width."""
    best, best_score = ",", (0.0, 0)
    for separator in _SEPARATORS:
        try:
            rows = list(csv.reader(io.StringIO(sample, newline=""), delimiter=separator))
        except csv.Error:
            continue
        widths = Counter(len(row) for row in rows[:200] if row)
        if not widths:
            continue
        width = len(next(row for row in rows if row))
        if width == 1:
            continue
        score = (widths[width] / widths.total(), width)
        if score > best_score:
            best, best_score = separator, score
    return best


def unreadable(path: Path, reason: str) -> UnreadableFile:
    """Return the error for a file that cannot be read as a log."""
    return UnreadableFile(
        "{file} cannot be read: {reason}.",
        remedy="Give a file of one of these formats: {formats}.",
        file=path.name,
        reason=reason,
        formats=LABELS,
    )
