"""What is wrong with an expression, and where: the line with a mark under the place."""

import unicodedata
from collections.abc import Collection, Sequence
from difflib import SequenceMatcher, get_close_matches

from core.errors import InvalidInput

_WIDEST = 100
_AHEAD = 60
_MOST_NAMES = 3
_SIMILAR = 0.6


class ExpressionError(InvalidInput):
    """An expression that cannot be read, or that does not fit the names and kinds at hand.

    Parameters
    ----------
    template, remedy : str
        What is wrong and how to mend it, messages of the catalogues.
    source : str
        Text of the expression.
    position, end : int
        The place: characters ``position`` up to ``end`` of the text.
    definition : str
        Name of the definition whose text it is; empty for the expression itself.
    **params : object
        Values of the placeholders.
    """

    def __init__(
        self,
        template: str,
        *,
        remedy: str = "",
        source: str,
        position: int,
        end: int,
        definition: str = "",
        **params: object,
    ) -> None:
        self.source = source
        self.position = min(max(position, 0), len(source))
        self.end = min(max(end, self.position), len(source))
        self.definition = definition
        super().__init__(template, remedy=remedy, **params)

    @property
    def place(self) -> str:
        """The line of the expression with the place marked under it."""
        return marked(self.source, self.position, self.end, self.definition)

    @property
    def message(self) -> str:
        """The English text without the marked line."""
        return super()._text()

    def within(self, definition: str) -> "ExpressionError":
        """Return the same error, said of the text of a definition."""
        return _rebuild(type(self), self.template, {**self._state(), "definition": definition})

    def _text(self) -> str:
        return f"{self.message}\n{self.place}"

    def __reduce__(self) -> tuple[object, ...]:
        return _rebuild, (type(self), self.template, self._state())

    def _state(self) -> dict[str, object]:
        place = {"source": self.source, "position": self.position, "end": self.end}
        return {**self.params, **place, "remedy": self.remedy, "definition": self.definition}


class UnknownName(ExpressionError):
    """A name that is no column, no definition and no parameter: ``params["name"]``."""


def _rebuild(
    kind: type[ExpressionError], template: str, state: dict[str, object]
) -> ExpressionError:
    return kind(template, **state)  # type: ignore[arg-type]


def marked(source: str, position: int, end: int, definition: str = "") -> str:
    """Return the line of a text that holds a place, and a second line that marks it.

    Long lines are cut to what stands around the place. ``definition`` is written before the line.

    Examples
    --------
    >>> print(marked("sum(los) / count()", 4, 7))
      sum(los) / count()
          ^^^
    """
    first = source.rfind("\n", 0, position) + 1
    last = source.find("\n", position)
    line = source[first : len(source) if last < 0 else last]
    start, stop = position - first, min(max(end, position + 1) - first, len(line) + 1)
    cut = max(start - _AHEAD, 0) if len(line) > _WIDEST else 0
    shown = line[cut : cut + _WIDEST]
    head = ("  " if not definition else f"  {definition}: ") + ("…" if cut else "")
    tail = "…" if cut + _WIDEST < len(line) else ""
    under = " " * (_width(head) + _width(shown[: start - cut]))
    length = max(_width(shown[start - cut : stop - cut]), 1)
    return f"{head}{_plain(shown)}{tail}\n{under}{'^' * length}"


def _plain(text: str) -> str:
    """Return a text with a space for each character that would move the line."""
    return "".join(each if each.isprintable() else " " for each in text)


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in text)


def nearest(name: str, known: Collection[str]) -> Sequence[str]:
    """Return the known names that are most like one that is not known, the likeliest first.

    Compared without case, and the part after the last dot by itself too, so that ``Loss`` finds
    ``outcome.loss``.
    """
    folded: dict[str, list[str]] = {}
    for each in known:
        for spelling in {each.casefold(), each.casefold().rpartition(".")[2]}:
            folded.setdefault(spelling, []).append(each)
    spellings = {name.casefold(), name.casefold().rpartition(".")[2]}
    found = [
        match
        for spelling in sorted(spellings, key=len, reverse=True)
        for near in get_close_matches(spelling, folded, n=_MOST_NAMES, cutoff=_SIMILAR)
        for match in folded[near]
    ]
    return sorted(dict.fromkeys(found), key=lambda each: _unlike(name, each))[:_MOST_NAMES]


def _unlike(name: str, other: str) -> tuple[float, float]:
    """Return how little two names are alike: by the likest spelling, then as a whole."""
    likeness = SequenceMatcher(b=name.casefold())
    ratios = []
    for spelling in (other.casefold(), other.casefold().rpartition(".")[2]):
        likeness.set_seq1(spelling)
        ratios.append(-likeness.ratio())
    return min(ratios), ratios[0]
