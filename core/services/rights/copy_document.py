"""A customer's copy as texts: every row that was frozen, every column and code in each language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from core.contract import ModelContract
from core.i18n import N_, Translator
from core.lake.decisions.subject_rows import PLACE
from core.reports.subject_copy import CodeLine, CopiedModel, CopiedRecord, SubjectCopy
from core.services.rights.column_words import (
    AS_RECORDED,
    STREAMS,
    code_meaning,
    column_meaning,
    column_name,
    is_coded,
)

LEFT_OUT = N_("left out: it would tell who somebody else is")
_ALWAYS_LEFT_OUT = frozenset({("decisions", "decided_by")})
_FREE_TEXT = frozenset({("decisions", "reason")})


@dataclass(slots=True)
class CopyMaker:
    """Turns a frozen document into a copy.

    Parameters
    ----------
    languages : sequence of Translator
        Each meaning is written in all of them, in this order.
    contracts : Mapping of str to ModelContract
        Model → contract.
    without_others : callable
        Returns a free text without what names other people, and whether it had any.
    withheld : frozenset of str
        Columns that the desk leaves out besides, by the names of the log.
    meanings : Mapping of str to str
        What the desk says of codes that no contract explains: ``column=code`` → meaning.
    """

    languages: Sequence[Translator]
    contracts: Mapping[str, ModelContract]
    without_others: Callable[[str], tuple[str, bool]] = lambda text: (text, False)
    withheld: frozenset[str] = frozenset()
    meanings: Mapping[str, str] = field(default_factory=dict)
    unexplained: set[str] = field(default_factory=set)

    def words(self, message: str, **values: object) -> str:
        """Return a message in each language, one behind the other."""
        return " · ".join(dict.fromkeys(t(message, **values) for t in self.languages))

    def make(self, document: Mapping[str, Any], facts: Sequence[tuple[str, str]]) -> SubjectCopy:
        """Return the copy of a frozen document; models that hold nothing are left out."""
        held = [each for each in document["models"] if any(each["streams"].values())]
        return SubjectCopy(
            title=self.words(N_("Copy of the data we hold")),
            languages=tuple(t.locale for t in self.languages),
            facts=tuple(facts),
            headings={
                "column": self.words(N_("Column")),
                "meaning": self.words(N_("Meaning")),
                "value": self.words(N_("Value")),
                "code_book": self.words(N_("Code book")),
                "code": self.words(N_("Code")),
                "nothing": self.words(N_("No data are held.")),
            },
            models=tuple(self._model(each) for each in held),
        )

    def _model(self, held: Mapping[str, Any]) -> CopiedModel:
        contract = self.contracts[held["model"]]
        records = []
        for stream, heading in STREAMS.items():
            rows = held["streams"].get(stream, [])
            for number, row in enumerate(rows, start=1):
                title = f"{self.words(heading)} {number} / {len(rows)}"
                records.append(CopiedRecord(title, self._lines(contract, stream, row)))
        return CopiedModel(
            name=self._joined(contract.name.get),
            purpose=self._joined(contract.purpose.get),
            records=tuple(records),
            code_book=self._code_book(contract, held["streams"]),
        )

    def _lines(
        self, contract: ModelContract, stream: str, row: Mapping[str, Any]
    ) -> tuple[tuple[str, str, str], ...]:
        lines = []
        for alias, value in row.items():
            if alias in PLACE or value is None or value == "":
                continue
            name = column_name(contract, stream, alias)
            meaning = self._meaning(contract, stream, alias)
            lines.append((name, meaning, self._value(contract, stream, alias, value)))
        return tuple(lines)

    def _value(self, contract: ModelContract, stream: str, alias: str, value: object) -> str:
        name = column_name(contract, stream, alias)
        if (stream, alias) in _ALWAYS_LEFT_OUT or name in self.withheld:
            return self.words(LEFT_OUT)
        text = value_text(value)
        if (stream, alias) in _FREE_TEXT:
            text, had_others = self.without_others(text)
            return f"{text} [{self.words(LEFT_OUT)}]" if had_others else text
        if not is_coded(contract, stream, alias):
            return text
        meaning = self._code(contract, alias, name, text)
        return text if meaning in {None, text} else f"{text} ({meaning})"

    def _code_book(
        self, contract: ModelContract, streams: Mapping[str, Sequence[Mapping[str, Any]]]
    ) -> tuple[CodeLine, ...]:
        lines = []
        for stream in STREAMS:
            rows = streams.get(stream, [])
            aliases = dict.fromkeys(a for row in rows for a in row if a not in PLACE)
            for alias in aliases:
                name = column_name(contract, stream, alias)
                found = {value_text(row[alias]) for row in rows if row.get(alias) not in {None, ""}}
                if not found:
                    continue
                shown = is_coded(contract, stream, alias) and name not in self.withheld
                codes = tuple(
                    self._explained(contract, alias, name, code)
                    for code in (sorted(found) if shown else ())
                )
                lines.append(CodeLine(name, self._meaning(contract, stream, alias), codes))
        return tuple(lines)

    def _explained(
        self, contract: ModelContract, alias: str, name: str, code: str
    ) -> tuple[str, str]:
        return code, self._code(contract, alias, name, code) or self.words(AS_RECORDED)

    def _code(self, contract: ModelContract, alias: str, name: str, code: str) -> str | None:
        own = self.meanings.get(f"{name}={code}")
        if own:
            return own
        told = [code_meaning(t, contract, alias, code) for t in self.languages]
        if None in told:
            self.unexplained.add(f"{name}={code}")
            return None
        return " · ".join(dict.fromkeys(each for each in told if each))

    def _meaning(self, contract: ModelContract, stream: str, alias: str) -> str:
        told = (column_meaning(t, contract, stream, alias) for t in self.languages)
        return " · ".join(dict.fromkeys(told))

    def _joined(self, text_in: Callable[[str], str]) -> str:
        return " · ".join(dict.fromkeys(text_in(t.locale) for t in self.languages))


def value_text(value: object) -> str:
    """Return a frozen value as it was kept; a whole number without its ``.0``."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value)
