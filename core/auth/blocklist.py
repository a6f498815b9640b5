"""Passwords that are easy to guess although they are long.

Long passwords are guessed by recipe: a common word with a year, a row of keys, a pattern repeated,
the name of the person or of the product. What such parts cover is not counted; what is left must
still be worth six characters. Common passwords and words are kept as the first 40 bits of their
SHA-256, so that the list can be searched but is not pleasant to read.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.resources import files

_LIST = "common_passwords.txt"
_DIGITS = 10  # hexadecimal, 40 bits
_LEFT_OVER = 6
_SHORTEST_RUN = 4
_SHORTEST_NAME = 3
_ROWS = (
    "abcdefghijklmnopqrstuvwxyz",
    "0123456789",
    "1234567890",
    "`1234567890-=",
    "~!@#$%^&*()_+",
    "qwertyuiop[]\\",
    "asdfghjkl;'",
    "zxcvbnm,./",
    "qwertzuiop",
    "azertyuiop",
    "йцукенгшщзхъ",
    "фывапролджэ",
    "ячсмитьбю",
    "1qaz2wsx3edc4rfv5tgb6yhn7ujm8ik,9ol.0p;/",
    "qazwsxedcrfvtgbyhnujmikolp",
    "1q2w3e4r5t6y7u8i9o0p",
    "q1w2e3r4t5y6u7i8o9p0",
)
_PRODUCT = ("harbourlight", "harborlight")
_LOOKALIKES = str.maketrans("013457@$!", "oleastasi")


def is_guessable(password: str, names: Iterable[str] = ()) -> bool:
    """Whether a password is common, or made of parts that a guesser tries first.

    Parameters
    ----------
    password : str
        As typed.
    names : iterable of str
        Names of the person: user name, full name, parts of an address.
    """
    text = unicodedata.normalize("NFKC", password).casefold()
    forms = {text, text.translate(_LOOKALIKES)}
    if any(_is_common(core) for form in forms for core in _cores(form)):
        return True
    forms |= {"".join(letter for letter in form if letter.isalnum()) for form in forms}
    words = [*_PRODUCT, *_name_parts(names)]
    return any(_left_over(form, words) < _LEFT_OVER for form in forms)


def entry(word: str) -> str:
    """Return how a word stands in the list."""
    return hashlib.sha256(word.encode("utf-8", "replace")).hexdigest()[:_DIGITS]


def _is_common(word: str) -> bool:
    return len(word) >= _SHORTEST_RUN and entry(word) in _common()


@cache
def _common() -> frozenset[str]:
    text = files("core.auth").joinpath(_LIST).read_text(encoding="ascii")
    return frozenset(line for line in text.split("\n") if line and not line.startswith("#"))


def _cores(text: str) -> Iterator[str]:
    """Yield the text, without the digits and marks around it, and without repetition."""
    bare = text.strip("".join({letter for letter in text if not letter.isalpha()}))
    for each in {text, bare, "".join(text.split()), "".join(bare.split())}:
        yield each
        yield _period(each)


def _period(text: str) -> str:
    """Return the shortest text that, repeated, begins with the whole text."""
    for length in range(1, len(text) // 2 + 1):
        if all(text[place] == text[place - length] for place in range(length, len(text))):
            return text[:length]
    return text


def _name_parts(names: Iterable[str]) -> Iterator[str]:
    for name in names:
        folded = unicodedata.normalize("NFKC", name).casefold()
        parts = "".join(letter if letter.isalnum() else " " for letter in folded).split()
        for part in (folded, "".join(parts), *parts):
            if len(part) >= _SHORTEST_NAME:
                yield part


def _left_over(text: str, words: Iterable[str]) -> int:
    """Return how many characters are left of a text, once what is guessed first is taken out."""
    repeated = _period(text)
    rest = repeated
    for word in sorted(set(words), key=len, reverse=True):
        rest = rest.replace(word, "\x00")
    covered = _covered_by_runs(rest)
    kept = [letter for letter, hit in zip(rest, covered, strict=True) if not hit]
    return min(len("".join(kept).replace("\x00", "")), len(set(repeated)) + 2)


def _covered_by_runs(text: str) -> list[bool]:
    """Return for each character whether it lies in a row of keys, or repeats the one before."""
    covered = [False] * len(text)
    rows = [direction for row in _ROWS for direction in (row, row[::-1])]
    for start in range(len(text) - _SHORTEST_RUN + 1):
        piece = text[start : start + _SHORTEST_RUN]
        if len(set(piece)) == 1 or any(piece in row for row in rows):
            covered[start : start + _SHORTEST_RUN] = [True] * _SHORTEST_RUN
    return covered
