"""What a file is, told by its content and never by its name."""

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from email.parser import BytesHeaderParser

PDF, PNG, JPEG = "application/pdf", "image/png", "image/jpeg"
TEXT, CSV, EMAIL = "text/plain", "text/csv", "message/rfc822"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
ENDINGS: Mapping[str, str] = {
    PDF: ".pdf",
    PNG: ".png",
    JPEG: ".jpg",
    TEXT: ".txt",
    CSV: ".csv",
    EMAIL: ".eml",
    XLSX: ".xlsx",
    DOCX: ".docx",
}
"""Kinds that are taken, and how the name of such a file ends."""

_SIGNATURES = ((b"%PDF-", PDF), (b"\x89PNG\r\n\x1a\n", PNG), (b"\xff\xd8\xff", JPEG))
_OFFICE = (("xl/workbook.xml", XLSX), ("word/document.xml", DOCX))
_ACTIVE_PARTS = re.compile(r"(?i)vbaproject|activex|macrosheets|/embeddings/|oleobject")
_MARKUP = re.compile(
    rb"(?i)<\s*(!doctype|!--|\?xml|html|head|body|script|svg|iframe|img|object|embed|style|link|meta)"
)
_CONTROL = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_HEADER = re.compile(rb"\A[!-9;-~]+:[ \t]")
_MOST_PARTS = 5000


def kind_of(content: bytes, name: str = "") -> str | None:
    """Return the media type of a file that is taken; ``None`` of any other.

    Texts with markup are not taken, nor office files that hold programs or other files. The name
    tells only a table from another text; both are plain text.

    Parameters
    ----------
    content : bytes
        The whole file.
    name : str
        What it is called.
    """
    for signature, kind in _SIGNATURES:
        if content.startswith(signature):
            return kind
    if content.startswith(b"PK\x03\x04"):
        return _office_kind(content)
    return _text_kind(content, name)


def _office_kind(content: bytes) -> str | None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = parts.namelist()
    except (zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError, OSError):
        return None
    if "[Content_Types].xml" not in names or len(names) > _MOST_PARTS:
        return None
    if any(_ACTIVE_PARTS.search(each) for each in names):
        return None
    return next((kind for part, kind in _OFFICE if part in names), None)


def _text_kind(content: bytes, name: str) -> str | None:
    if not content.strip() or _CONTROL.search(content):
        return None
    try:
        content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
    if _HEADER.match(content) and _is_email(content):
        return EMAIL
    if _MARKUP.search(content):
        return None
    return CSV if name.lower().endswith(".csv") else TEXT


def _is_email(content: bytes) -> bool:
    headers = BytesHeaderParser().parsebytes(content)
    return "From" in headers and ("Date" in headers or "Message-ID" in headers)
