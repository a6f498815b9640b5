"""Acceptance checks of letters and dossiers: what has to hold before one leaves, each alone."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass

from core.contract import ModelContract
from core.domain.explanation import LANGUAGES, CodeBook
from core.domain.explanation.code_book import LOWERS, RAISES, is_generic
from core.domain.explanation.readable import (
    HARDEST_GRADE,
    LONGEST_SENTENCE,
    grade_of,
    longest_sentence,
)
from core.domain.explanation.record import LOGGED, MODEL, ExplanationRecord, OtherResults
from core.i18n import DEFAULT_LOCALE
from core.reports.decision_letter import DecisionLetter
from core.services.explanation.telling import ToldReason

TOLERANCE = 1e-9
"""Largest difference of two numbers that are said to be the same."""
_HOLDS = {
    "<": lambda score, limit: score < limit,
    "<=": lambda score, limit: score <= limit,
    ">": lambda score, limit: score > limit,
    ">=": lambda score, limit: score >= limit,
}


@dataclass(frozen=True, slots=True)
class Check:
    """What came of a check.

    Parameters
    ----------
    name : str
        A key of :data:`core.services.explanation.letter_words.CHECKS`.
    passed : bool
        Whether the letter may leave, as far as this goes.
    found : str
        What it was about: fields, codes, languages and counts; never a value of the person.
    """

    name: str
    passed: bool
    found: str = ""

    def document(self) -> dict[str, object]:
        """Return it as JSON has it."""
        return asdict(self)


def record_checks(
    contract: ModelContract,
    book: CodeBook,
    record: ExplanationRecord,
    again: ExplanationRecord,
    scores: Sequence[float],
) -> tuple[Check, ...]:
    """Return what is to be said of the record, whatever the letter says.

    Parameters
    ----------
    contract : ModelContract
        Of the model.
    book : CodeBook
        The one that the record's codes are of.
    record, again : ExplanationRecord
        What was kept, and what is found now.
    scores : sequence of float
        What the model gives now for each of the record's other results.
    """
    return (
        Check("score", *_score(record)),
        Check("inputs", *_listed(_strangers(contract, record))),
        Check("coded", *_listed(_without_code(book, record))),
        Check("reproduces", *_listed(_differences(record, again))),
        Check("advice", *_listed(_not_to_be_advised(contract, record))),
        Check("other_results", *_listed(_not_reached(record.others, scores))),
    )


def letter_checks(
    told: Mapping[str, Sequence[ToldReason]],
    sources: Mapping[str, str],
    pages: Mapping[str, DecisionLetter],
    lengths: Mapping[str, int],
) -> tuple[Check, ...]:
    """Return what is to be said of the letter in all its languages.

    Parameters
    ----------
    told : mapping
        Language → reasons.
    sources : mapping
        Language → where the reasons are from.
    pages, lengths : mapping
        Language → the letter, and how many pages it fills.
    """
    return (
        Check("source", *_listed(each for each in LANGUAGES if not _is_said(pages, sources, each))),
        Check("specific", *_listed(_generic(told))),
        Check("languages", *_listed(_unlike(told, pages))),
        *form_checks(pages, lengths),
    )


def told_checks(told: Mapping[str, Sequence[ToldReason]]) -> tuple[Check, ...]:
    """Return what is to be said of the reasons in all languages, whatever paper they stand on."""
    expected = [each.code for each in told.get(LANGUAGES[0], ())]
    unlike = (each for each in LANGUAGES if [e.code for e in told.get(each, ())] != expected)
    return (Check("specific", *_listed(_generic(told))), Check("languages", *_listed(unlike)))


def withheld_checks(
    told: Mapping[str, Sequence[ToldReason]],
    pages: Mapping[str, DecisionLetter],
    lengths: Mapping[str, int],
) -> tuple[Check, ...]:
    """Return what is to be said of a letter that leaves the reasons out."""
    leaks = (
        f"{language} {reason.code or reason.field}"
        for language in LANGUAGES
        for reason in told.get(language, ())
        for text in pages[language].sentences()
        if reason.sentence in text
    )
    lists = (each for each in LANGUAGES if any(part.lines for part in pages[each].sections))
    return (Check("nothing_told", *_listed((*leaks, *lists))), *form_checks(pages, lengths))


def form_checks(
    pages: Mapping[str, DecisionLetter], lengths: Mapping[str, int]
) -> tuple[Check, ...]:
    """Return whether a letter is one page, and not too hard to read, in every language."""
    longer = (f"{each}: {lengths[each]}" for each in LANGUAGES if lengths[each] != 1)
    hard = [found for each in LANGUAGES if (found := too_hard(each, pages[each].sentences()))]
    measured = [f"{each}: {_hardness(each, pages[each].sentences())}" for each in LANGUAGES]
    return (
        Check("one_page", *_listed(longer)),
        Check("readable", not hard, ", ".join(hard or measured)),
    )


def _hardness(language: str, texts: Iterable[str]) -> str:
    """Return how hard texts are to read: an English grade, or the longest Chinese sentence."""
    if language == DEFAULT_LOCALE:
        return f"{grade_of(texts):.1f}"
    return str(longest_sentence(texts))


def too_hard(language: str, texts: Iterable[str]) -> str:
    """Return by how much texts are harder to read than a letter may be; empty if they are not."""
    if language == DEFAULT_LOCALE:
        grade = grade_of(texts)
        return f"{language}: {grade:.1f} > {HARDEST_GRADE:g}" if grade > HARDEST_GRADE else ""
    longest = longest_sentence(texts)
    return f"{language}: {longest} > {LONGEST_SENTENCE}" if longest > LONGEST_SENTENCE else ""


def _listed(faults: Iterable[str]) -> tuple[bool, str]:
    """Return whether there are no faults, and which there are."""
    found = list(dict.fromkeys(faults))
    return not found, ", ".join(found)


def _score(record: ExplanationRecord) -> tuple[bool, str]:
    """Return whether the model gives the logged score; the log's own sums need none."""
    if record.source == LOGGED:
        return True, LOGGED
    if record.rescored is None:
        return False, record.source
    return record.rescored.agrees and record.source == MODEL, ""


def _strangers(contract: ModelContract, record: ExplanationRecord) -> Iterable[str]:
    """Yield fields of reasons that are no inputs, or did not do what the reason says."""
    features = {each.name for each in contract.features}
    parts = {} if record.attributions is None else {e.field: e for e in record.attributions.parts}
    if record.source in {MODEL, LOGGED} and not record.reasons:
        yield "–"
    for reason in record.reasons:
        part = parts.get(reason.field)
        moved = {RAISES: 1, LOWERS: -1}.get(reason.direction, 0) * reason.added
        same = part is not None and abs(part.added - reason.added) <= TOLERANCE
        if reason.field not in features or not same or moved <= 0:
            yield reason.field


def _without_code(book: CodeBook, record: ExplanationRecord) -> Iterable[str]:
    for reason in record.reasons:
        entry = book.of(reason.field, reason.direction)
        if entry is None or not reason.code or entry.code != reason.code:
            yield f"{reason.field} {reason.direction}"


def _differences(record: ExplanationRecord, again: ExplanationRecord) -> Iterable[str]:
    """Yield in what two records of a decision differ: values, sums, reasons, scores."""
    if record.source != again.source:
        yield "source"
    if record.subject.score != again.subject.score or record.subject.decision != (
        again.subject.decision
    ):
        yield "decision"
    if [(e.code, e.field, e.direction) for e in record.reasons] != [
        (e.code, e.field, e.direction) for e in again.reasons
    ]:
        yield "reasons"
    before, now = (() if e.attributions is None else e.attributions.parts for e in (record, again))
    if [(each.field, each.value) for each in before] != [(each.field, each.value) for each in now]:
        yield "inputs"
    elif any(abs(a.added - b.added) > TOLERANCE for a, b in zip(before, now, strict=True)):
        yield "sums"


def _not_to_be_advised(contract: ModelContract, record: ExplanationRecord) -> Iterable[str]:
    banned = {*contract.protected, *contract.explanation.proxies}
    features = {each.name for each in contract.features}
    allowed = {each.name for each in contract.features if each.actionable is not None}
    for other in () if record.others is None else record.others.found:
        yield from (e.field for e in other.changes if e.field in banned or e.field not in allowed)
        yield from (e.field for e in other.moved if e.field in banned or e.field not in features)


def _not_reached(others: OtherResults | None, scores: Sequence[float]) -> Iterable[str]:
    """Yield the numbers of other results whose score or decision is not what the record says."""
    found = () if others is None else others.found
    if len(scores) != len(found):
        yield "–"
        return
    for number, (other, score) in enumerate(zip(found, scores, strict=True), start=1):
        holds = _HOLDS.get(others.relation) if others is not None else None
        limit = None if others is None else others.limit
        reached = holds is not None and limit is not None and holds(score, limit)
        if not reached or not abs(other.score - score) <= TOLERANCE:
            yield str(number)


def _is_said(
    pages: Mapping[str, DecisionLetter], sources: Mapping[str, str], language: str
) -> bool:
    return bool(sources[language]) and sources[language] in pages[language].sentences()


def _generic(told: Mapping[str, Sequence[ToldReason]]) -> Iterable[str]:
    for language in LANGUAGES:
        for each in told.get(language, ()):
            if is_generic(each.sentence):
                yield f"{language} {each.code or each.field}"


def _unlike(
    told: Mapping[str, Sequence[ToldReason]], pages: Mapping[str, DecisionLetter]
) -> Iterable[str]:
    """Yield languages whose letter has other codes than the first, or leaves a reason out."""
    expected = [each.code for each in told[LANGUAGES[0]]]
    for language in LANGUAGES:
        said = list(pages[language].sentences())
        same = [each.code for each in told[language]] == expected
        if not same or any(each.sentence not in said for each in told[language]):
            yield language
