"""The code book: which sentence tells a person that a field moved the model's score.

An entry belongs to one field and one direction of the score. It says the same in three languages,
and names the person's own value: what could be said of anybody is no reason.
"""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

LANGUAGES = ("en", "zh-HK", "zh-CN")
RAISES, LOWERS = "raises", "lowers"
DIRECTIONS = (RAISES, LOWERS)
"""Whether the field moved the score up or down against the background's."""
VALUE, USUAL = "value", "usual"
LONGEST = 240
_CODE = re.compile(r"[A-Z][A-Z0-9]{1,11}")
_HOLE = re.compile(r"\{([^{}]*)\}")
_KEYS = frozenset({"code", "field", "direction", "sentence"})

_GENERIC = (
    r"\bscores? (?:was |is |were |are )?(?:too )?(?:low|high|insufficient)\b",
    r"\b(?:low|high|insufficient|poor) (?:credit )?scores?\b",
    r"\bdid not (?:meet|satisfy|achieve)\b.*\b(?:criteria|standards?|requirements?|score)\b",
    r"\b(?:internal|our|company) (?:policy|policies|standards|criteria)\b",
    r"\b(?:the )?(?:model|algorithm|system) (?:decided|determined|said)\b",
    r"(?:評分|分數|得分)(?:過|太|不|偏|未)",
    r"(?:评分|分数|得分)(?:过|太|不|偏|未)",
    r"(?:不|未能?)(?:符合|達到|达到)[^,，。]{0,8}(?:準則|標準|要求|标准|准则|政策)",
    r"(?:內部|公司|内部)(?:政策|準則|准则|標準|标准)",
)


@dataclass(frozen=True, slots=True)
class CodeEntry:
    """One reason that may be given.

    Parameters
    ----------
    code : str
        Two to twelve capital letters and digits, such as ``LN01``; once in a book.
    field : str
        A feature of the model.
    direction : {"raises", "lowers"}
        Whether it is the reason for a higher or a lower score.
    sentence : Mapping of str to str
        Language → sentence with ``{value}``, and perhaps ``{usual}``, in it.
    """

    code: str
    field: str
    direction: str
    sentence: Mapping[str, str]

    def document(self) -> dict[str, object]:
        """Return the entry as JSON has it."""
        return {
            "code": self.code,
            "field": self.field,
            "direction": self.direction,
            "sentence": {each: self.sentence[each] for each in LANGUAGES},
        }

    def filled(self, language: str, *, value: str, usual: str) -> str:
        """Return the sentence in a language with the person's own value in it."""
        words = {VALUE: value, USUAL: usual}
        return _HOLE.sub(lambda hole: words[hole[1]], self.sentence[language])


@dataclass(frozen=True, slots=True)
class CodeBook:
    """The reasons that may be given of a model's decisions."""

    entries: tuple[CodeEntry, ...]

    def of(self, field: str, direction: str) -> CodeEntry | None:
        """Return the entry of a field and direction, if the book has it."""
        found = (
            each for each in self.entries if (each.field, each.direction) == (field, direction)
        )
        return next(found, None)

    def missing(self, fields: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Return each field and direction that the book says nothing of."""
        known = {(each.field, each.direction) for each in self.entries}
        return tuple(
            (field, direction)
            for field in fields
            for direction in DIRECTIONS
            if (field, direction) not in known
        )

    def document(self) -> dict[str, object]:
        """Return the book as JSON has it."""
        return {"codes": [each.document() for each in self.entries]}


@dataclass(frozen=True, slots=True)
class CodeFault:
    """What is wrong with a code book.

    Parameters
    ----------
    place : int
        Number of the entry, from 1; 0: the book itself.
    kind : str
        Which of the faults: a key of :data:`core.services.explanation.words.CODE_FAULTS`.
    found : str
        What is there now, or is lacking.
    """

    place: int
    kind: str
    found: str = ""


def read_code_book(
    document: object, *, fields: Collection[str], protected: Collection[str] = ()
) -> tuple[CodeBook | None, tuple[CodeFault, ...]]:
    """Return the code book of a document, or all that is wrong with it.

    Parameters
    ----------
    document : object
        ``{"codes": [{code, field, direction, sentence: {en, zh-HK, zh-CN}}, …]}``.
    fields : collection of str
        Features of the model; nothing else can be a reason.
    protected : collection of str
        Names and labels of protected columns, which no sentence may contain.
    """
    listed = document.get("codes") if isinstance(document, Mapping) else None
    if not isinstance(listed, Sequence) or isinstance(listed, str) or not listed:
        return None, (CodeFault(0, "no_codes"),)
    faults: list[CodeFault] = []
    entries: list[CodeEntry] = []
    for place, each in enumerate(listed, start=1):
        entry, wrong = _entry(place, each)
        faults += wrong
        if entry is None:
            continue
        faults += _wrong_fields(place, entry, fields, entries)
        faults += _wrong_sentences(place, entry, protected)
        entries.append(entry)
    return (None, tuple(dict.fromkeys(faults))) if faults else (CodeBook(tuple(entries)), ())


def _entry(place: int, given: object) -> tuple[CodeEntry | None, list[CodeFault]]:
    """Return an entry whose parts are all there, or what is lacking."""
    if not isinstance(given, Mapping):
        return None, [CodeFault(place, "no_entry")]
    unknown = sorted(str(key) for key in given if key not in _KEYS)
    if unknown:
        return None, [CodeFault(place, "unknown_key", ", ".join(unknown))]
    sentence = given.get("sentence")
    sentences = sentence if isinstance(sentence, Mapping) else {}
    lacking = [key for key in ("code", "field", "direction") if not _text(given.get(key))]
    lacking += [f"sentence.{each}" for each in LANGUAGES if not _text(sentences.get(each))]
    if lacking:
        return None, [CodeFault(place, "lacking", ", ".join(lacking))]
    return CodeEntry(
        _text(given["code"]),
        _text(given["field"]),
        _text(given["direction"]),
        {each: _text(sentences[each]) for each in LANGUAGES},
    ), []


def _text(given: object) -> str:
    return given.strip() if isinstance(given, str) else ""


def _wrong_fields(
    place: int, entry: CodeEntry, fields: Collection[str], before: Sequence[CodeEntry]
) -> Iterator[CodeFault]:
    if _CODE.fullmatch(entry.code) is None:
        yield CodeFault(place, "odd_code", entry.code)
    if entry.code in {each.code for each in before}:
        yield CodeFault(place, "code_twice", entry.code)
    if entry.field not in fields:
        yield CodeFault(place, "no_feature", entry.field)
    if entry.direction not in DIRECTIONS:
        yield CodeFault(place, "odd_direction", entry.direction)
    if (entry.field, entry.direction) in {(each.field, each.direction) for each in before}:
        yield CodeFault(place, "reason_twice", f"{entry.field} {entry.direction}")


def _wrong_sentences(
    place: int, entry: CodeEntry, protected: Collection[str]
) -> Iterator[CodeFault]:
    for language in LANGUAGES:
        sentence = entry.sentence[language]
        holes = _HOLE.findall(sentence)
        if VALUE not in holes:
            yield CodeFault(place, "no_value", language)
        if set(holes) - {VALUE, USUAL} or set(_HOLE.sub("", sentence)) & set("{}"):
            yield CodeFault(place, "odd_hole", language)
        if len(sentence) > LONGEST:
            yield CodeFault(place, "too_long", language)
        if is_generic(sentence):
            yield CodeFault(place, "generic", sentence)
        named = next((each for each in protected if _names(sentence, each)), None)
        if named is not None:
            yield CodeFault(place, "protected", named)


def is_generic(sentence: str) -> bool:
    """Whether a sentence says what could be said to anybody, such as "score too low"."""
    return any(re.search(each, sentence, re.IGNORECASE) for each in _GENERIC)


def _names(sentence: str, word: str) -> bool:
    """Whether a sentence contains a word: in Latin letters a whole one."""
    if not word.strip():
        return False
    if word.isascii():
        return re.search(rf"\b{re.escape(word)}\b", sentence, re.IGNORECASE) is not None
    return word in sentence
