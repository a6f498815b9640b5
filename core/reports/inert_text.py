"""Names and texts of a log as a report may hold them: no browser takes any of it for markup.

What can begin a tag, an entity, a Markdown link or another direction of writing is replaced by a
letter that looks like it. Escaping would not do: Evidently puts the same text into a script, into
HTML and into tables that show it as it is, and each of them is escaped differently.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping

import pandas as pd

_LOOKALIKES = str.maketrans({"<": "＜", ">": "＞", "&": "＆", "`": "｀"})
_LINK = re.compile(r"\](?=[(\[])")
_REPLACED = "\ufffd"


def inert(text: str) -> str:
    """Return a text that looks the same and is markup nowhere.

    >>> inert("</script><b>&amp;")
    '＜/script＞＜b＞＆amp;'
    """
    plain = "".join(_REPLACED if acts(letter) else letter for letter in text)
    return _LINK.sub("］", plain.translate(_LOOKALIKES))


def inert_names(texts: Iterable[str]) -> Mapping[str, str]:
    """Return what each text becomes; two that differ never become the same.

    A text that is inert already stays as it is, whatever others become.
    """
    every = sorted(set(texts), key=lambda text: (inert(text) != text, text))
    given: dict[str, str] = {}
    taken: set[str] = set()
    for text in every:
        base = name = inert(text)
        number = 1
        while name in taken:
            number += 1
            name = f"{base} ({number})"
        given[text] = name
        taken.add(name)
    return given


def make_texts_inert(frames: Iterable[pd.DataFrame], columns: Iterable[str]) -> list[pd.DataFrame]:
    """Return frames whose texts in the given columns are inert; the same text alike in all."""
    made = list(frames)
    for column in columns:
        found = {str(value) for frame in made for value in frame[column].dropna().unique()}
        names = inert_names(found)
        if all(text == name for text, name in names.items()):
            continue
        made = [frame.assign(**{column: _renamed(frame[column], names)}) for frame in made]
    return made


def _renamed(values: pd.Series, names: Mapping[str, str]) -> pd.Series:
    texts = values.astype(object)
    return texts.where(values.isna(), texts.astype(str).map(names))


def acts(letter: str) -> bool:
    """Whether a letter does something instead of being shown: controls, lines, directions."""
    return unicodedata.category(letter) in {"Cc", "Zl", "Zp"} or unicodedata.bidirectional(
        letter
    ) in {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
