"""An explanation in a reader's language: sentences with the person's own values in them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.contract import ModelContract
from core.domain.explanation import CodeBook
from core.domain.explanation.record import Cell, Change, ExplanationRecord
from core.i18n import N_, Translator
from core.i18n.format import CURRENCIES
from core.services.personal.names import MASK

MISSING = N_("not given")
_PLAIN = N_("{field}: {value}; usually {usual}")


@dataclass(frozen=True, slots=True)
class ToldReason:
    """One reason as a reader has it.

    Parameters
    ----------
    code : str
        Of the code book; empty where the book has none: then the sentence is a plain one of ours.
    field, sentence : str
        The field's label, and what the book says with the value in it.
    share : float
        Of all that moved the score in the same direction.
    """

    code: str
    field: str
    sentence: str
    share: float


@dataclass(frozen=True, slots=True)
class ToldChange:
    """What change would have led to another result: a sentence for each field, and the score."""

    changes: tuple[str, ...]
    score: float


def told_reasons(
    t: Translator,
    contract: ModelContract,
    book: CodeBook,
    record: ExplanationRecord,
    *,
    masked: bool = True,
) -> tuple[ToldReason, ...]:
    """Return the reasons of a record in the reader's language.

    Parameters
    ----------
    t : Translator
        Of the reader, or of the person whom a letter is for.
    contract : ModelContract
        Of the model.
    book : CodeBook
        The one that the record's codes are of.
    record : ExplanationRecord
        What was found.
    masked : bool
        Whether personal values are left out; a letter to the person has them.
    """
    if record.attributions is None:
        return ()
    parts = {each.field: each for each in record.attributions.parts}
    told = []
    for each in record.reasons:
        part = parts[each.field]
        value = value_text(t, contract, each.field, part.value, masked=masked)
        usual = value_text(t, contract, each.field, part.usual, masked=masked)
        entry = book.of(each.field, each.direction)
        label = contract.feature(each.field).label_in(t.locale)
        sentence = (
            t(_PLAIN, field=label, value=value, usual=usual)
            if entry is None
            else entry.filled(t.locale, value=value, usual=usual)
        )
        told.append(ToldReason(each.code, label, sentence, each.share))
    return tuple(told)


def told_changes(
    t: Translator, contract: ModelContract, record: ExplanationRecord, *, masked: bool = True
) -> tuple[ToldChange, ...]:
    """Return what would have led to another result in the reader's language."""
    if record.others is None:
        return ()
    return tuple(
        ToldChange(_sentences(t, contract, (*each.changes, *each.moved), masked), each.score)
        for each in record.others.found
    )


def shown(contract: ModelContract, record: ExplanationRecord) -> ExplanationRecord:
    """Return a record as screens and commands show it: without personal values, and the salt.

    With the salt, guesses at what is masked could be held against the hash in the trail.
    """

    def cell(field: str, value: Cell) -> Cell:
        return MASK if contract.is_personal(field) else value

    def change(each: Change) -> Change:
        return Change(each.field, cell(each.field, each.before), cell(each.field, each.after))

    about, sums, others = record.subject, record.attributions, record.others
    if contract.is_personal("@prediction_id"):
        about = replace(about, prediction_id=MASK)
    if contract.is_personal("@amount"):
        about = replace(about, amount=None)
    if sums is not None:
        parts = tuple(
            replace(each, value=cell(each.field, each.value), usual=cell(each.field, each.usual))
            for each in sums.parts
        )
        sums = replace(sums, parts=parts)
    if others is not None:
        found = tuple(
            replace(
                each,
                changes=tuple(map(change, each.changes)),
                moved=tuple(map(change, each.moved)),
            )
            for each in others.found
        )
        others = replace(others, found=found)
    masked = replace(record, subject=about, attributions=sums, others=others, salt="")
    return _without_score(masked) if contract.is_personal("@score") else masked


def _without_score(record: ExplanationRecord) -> ExplanationRecord:
    """Return a record without its score, and without what adds up to it or stands beside it."""
    return replace(
        record,
        subject=replace(record.subject, score=None),
        rescored=None,
        attributions=None,
        reasons=(),
        standing=None,
        others=None,
    )


def _sentences(
    t: Translator, contract: ModelContract, changes: Sequence[Change], masked: bool
) -> tuple[str, ...]:
    return tuple(
        t(
            "{field}: {after} instead of {before}",
            field=contract.feature(each.field).label_in(t.locale),
            before=value_text(t, contract, each.field, each.before, masked=masked),
            after=value_text(t, contract, each.field, each.after, masked=masked),
        )
        for each in changes
    )


def value_text(
    t: Translator, contract: ModelContract, field: str, value: Cell, *, masked: bool
) -> str:
    """Return a value of a feature as a person reads it, with its unit; money in full."""
    feature = contract.feature(field)
    if masked and contract.is_personal(field):
        return MASK
    if value is None:
        return t(MISSING)
    if isinstance(value, str):
        return feature.value_in(value, t.locale)
    unit = feature.unit_in(t.locale)
    if unit in CURRENCIES:
        return t.money(value, unit)
    if unit == "%":
        return f"{t.number(value)}%"
    return t("{value} {unit}", value=value, unit=unit) if unit else t.number(value)
