"""Text → tokens: numbers, texts in quotes, names, words of the language, and marks."""

import re
from dataclasses import dataclass
from typing import Literal, NoReturn

from core.domain.expression.errors import ExpressionError

TokenKind = Literal["number", "text", "name", "word", "mark", "end"]

LONGEST = 2_000
WORDS = frozenset({"and", "or", "not", "in", "is", "where", "true", "false"})
"""Words of the language, in any case: columns of these names are written in backticks."""

_SPACE = re.compile(r"\s+")
_NUMBER = re.compile(r"(?:\d+(?:_\d+)*(?:\.(?:\d+(?:_\d+)*)?)?|\.\d+)(?:[eE][+-]?\d+)?%?")
_NAME = re.compile(r"[^\W\d]\w*(?:\.[^\W\d]\w*)*")
_MARK = re.compile(r"==|!=|<>|<=|>=|[-+*/=<>(),]")
_PLAIN_MARK = {"==": "=", "<>": "!="}
_SIGNS = {"×": "*", "÷": "/", "−": "-", "≤": "<=", "≥": ">=", "≠": "!=", "（": "(", "）": ")"}
_SIGNS |= {"，": ",", "＝": "=", "“": '"', "”": '"', "‘": "'", "’": "'", "&": "and", "|": "or"}


@dataclass(frozen=True, slots=True)
class Token:
    """One token.

    Parameters
    ----------
    kind : str
        What it is; ``end`` stands behind the last one.
    text : str
        A name or a text without its quotes, a word in lower case, a mark.
    start, end : int
        Its place in the text.
    value : float
        Of a number.
    """

    kind: TokenKind
    text: str
    start: int
    end: int
    value: float = 0.0

    @property
    def is_end(self) -> bool:
        """Whether it stands behind the last one."""
        return self.kind == "end"

    def is_mark(self, *marks: str) -> bool:
        """Return whether it is one of these marks."""
        return self.kind == "mark" and self.text in marks

    def is_word(self, *words: str) -> bool:
        """Return whether it is one of these words of the language."""
        return self.kind == "word" and self.text in words


def tokens(text: str) -> tuple[Token, ...]:
    """Cut a text into tokens; the last one marks the end.

    Raises
    ------
    ExpressionError
        At the first character that begins no token; at the end of what is too long.
    """
    if len(text) > LONGEST:
        raise ExpressionError(
            "The expression is longer than {most} characters.",
            remedy="Give parts of it names under 'definitions'.",
            source=text,
            position=LONGEST,
            end=len(text),
            most=LONGEST,
        )
    found: list[Token] = []
    position = 0
    while position < len(text):
        space = _SPACE.match(text, position)
        if space:
            position = space.end()
            continue
        found.append(_next(text, position))
        position = found[-1].end
    return (*found, Token("end", "", len(text), len(text)))


def _next(text: str, start: int) -> Token:
    character = text[start]
    if character in "\"'`":
        return _enclosed(text, start, character)
    number = _NUMBER.match(text, start)
    if number:
        return _number(text, start, number.end())
    name = _NAME.match(text, start)
    if name:
        word = name[0].lower()
        is_word = word in WORDS
        return Token("word" if is_word else "name", word if is_word else name[0], *name.span())
    mark = _MARK.match(text, start)
    if mark:
        return Token("mark", _PLAIN_MARK.get(mark[0], mark[0]), *mark.span())
    _refuse(text, start)


def _refuse(text: str, start: int) -> NoReturn:
    character = text[start]
    instead = _SIGNS.get(character)
    if instead is not None:
        raise ExpressionError(
            "{character!r} is not a sign of the language.",
            remedy="Write {instead} instead.",
            source=text,
            position=start,
            end=start + 1,
            character=character,
            instead=instead,
        )
    raise ExpressionError(
        "{character!r} is not a sign of the language.",
        remedy="Write a column whose name has such characters in backticks.",
        source=text,
        position=start,
        end=start + 1,
        character=character,
    )


def _number(text: str, start: int, end: int) -> Token:
    written = text[start:end]
    value = float(written.rstrip("%"))
    stop = _NAME.match(text, end)
    if value == float("inf") or stop:
        raise ExpressionError(
            "{written!r} is not a number.",
            remedy="Write numbers like 1_000, 0.05 or 5%, and other names in backticks.",
            source=text,
            position=start,
            end=stop.end() if stop else end,
            written=text[start : stop.end() if stop else end],
        )
    return Token("number", written, start, end, value / 100 if "%" in written else value)


def _enclosed(text: str, start: int, quote: str) -> Token:
    """Read a text in quotes or a name in backticks; the mark itself is written twice inside."""
    position = start + 1
    while True:
        position = text.find(quote, position)
        if position < 0:
            _unclosed(text, start, quote)
        if text[position + 1 : position + 2] != quote:
            break
        position += 2
    inside = text[start + 1 : position].replace(quote * 2, quote)
    for place, character in enumerate(text[start:position], start):
        if character == "\0" or "\ud800" <= character <= "\udfff":
            _refuse(text, place)
    if quote == "`" and not inside:
        raise ExpressionError(
            "There is no name between the backticks.",
            remedy="Write the name of a column.",
            source=text,
            position=start,
            end=position + 1,
        )
    return Token("name" if quote == "`" else "text", inside, start, position + 1)


def _unclosed(text: str, start: int, quote: str) -> NoReturn:
    raise ExpressionError(
        "What begins with {quote} here does not end.",
        remedy="Put {quote} behind it too.",
        source=text,
        position=start,
        end=len(text),
        quote=quote,
    )
