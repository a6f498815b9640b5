"""Whether a text names a value: however it is cased, spaced or punctuated."""

import re
import unicodedata
from datetime import date, datetime

_SHORTEST = 3
_SHORTEST_WIDE = 2
_WITHIN = 5
_WORD = re.compile(r"[^\W_]+")


def names_value(text: str, value: object) -> bool:
    """Return whether a text names a value.

    Both are compared without case, width, spaces and punctuation. What is written with at least
    five characters, or in another script with at least two, is found anywhere; what is shorter only
    where it is a word or a run of words. Fewer than three characters of ASCII, such as ``M``, and
    truth values, would be found in almost every text and are not looked for.

    Parameters
    ----------
    text : str
        What somebody wrote.
    value : object
        A cell of a log.
    """
    words = _words(text)
    return any(_is_in(words, spelling) for spelling in _spellings(value))


def _is_in(words: list[str], wanted: str) -> bool:
    if not wanted.isascii():
        return len(wanted) >= _SHORTEST_WIDE and wanted in "".join(words)
    if len(wanted) >= _WITHIN:
        return wanted in "".join(words)
    return len(wanted) >= _SHORTEST and _is_run(words, wanted)


def _is_run(words: list[str], wanted: str) -> bool:
    for start in range(len(words)):
        joined = ""
        for word in words[start:]:
            joined += word
            if joined == wanted:
                return True
            if len(joined) >= len(wanted):
                break
    return False


def _spellings(value: object) -> set[str]:
    """Return what a value is written as, squeezed; a number and a day also as people write them."""
    if value is None or isinstance(value, bool):
        return set()
    written = {str(value)}
    if isinstance(value, float) and value.is_integer():
        written.add(str(int(value)))
    elif isinstance(value, float):
        written.add(f"{value:.2f}")
    if isinstance(value, datetime | date):
        written |= {f"{value:%Y%m%d}", f"{value:%d%m%Y}", f"{value:%m%d%Y}"}
    return {"".join(_words(each)) for each in written}


def _words(text: str) -> list[str]:
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())
