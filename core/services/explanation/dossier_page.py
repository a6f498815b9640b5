"""The printed part of a dossier, from the same facts as its other files."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from core.domain.explanation import CodeBook
from core.i18n import N_, Translator
from core.reports.dossier import DossierPage, Section
from core.services.explanation.dossier_model_page import model_sections, policy_facts
from core.services.explanation.dossier_people_page import people_sections
from core.services.explanation.dossier_source import Source
from core.services.explanation.dossier_told import (
    in_groups,
    instant,
    noted,
    number_text,
    unproved,
)
from core.services.explanation.dossier_words import METHODS, NOTHING, SCALES, SOURCES, said
from core.services.explanation.letter_words import CHECKS
from core.services.explanation.telling import value_text
from core.services.rights.letter_texts import decision_text

_NO_REASON = N_("The record has no reasons.")
_NOT_LOOKED_FOR = N_("The record does not say whether any was looked for.")


def dossier_page(
    t: Translator, source: Source, book: CodeBook, facts: Mapping[str, Any]
) -> DossierPage:
    """Return what is printed.

    Parameters
    ----------
    t : Translator
        The language.
    source : Source
        What the dossier is made from.
    book : CodeBook
        The one that the record names.
    facts : mapping
        ``dossier.json`` before it is written.
    """
    decision = source.decision
    name = decision.contract.name.get(t.locale)
    made = [
        _decision(t, facts),
        _reasons(t, source, book),
        _parts(t, source),
        _others(t, source),
        _checks(t, facts),
        *model_sections(t, source, facts),
        *people_sections(t, source, facts),
        _unknown(t, facts),
        Section(t(N_("How to check this dossier")), tuple(unproved(t))),
    ]
    lead = t(N_("{model} · record {number} of the decision"), model=name, number=source.kept.number)
    return DossierPage(t.locale, t(N_("Dossier of a decision")), lead, tuple(made))


def _decision(t: Translator, facts: Mapping[str, Any]) -> Section:
    found, made, record = facts["decision"], facts["made"], facts["record"]
    lines = [
        (t(N_("Prediction")), found["prediction"] or t(N_("left out: it names a person"))),
        (t(N_("Pseudonym of the prediction")), in_groups(found["pseudonym"])),
        (t(N_("Pseudonym of the person")), in_groups(found["subject"])),
        (t(N_("Decided at")), instant(found["predicted_at"])),
        (t(N_("Decision")), decision_text(t, found["decision"])),
        (t(N_("Score")), number_text(t, found["score"])),
        *_scored(t, facts),
        *policy_facts(t, facts["policy"]),
        (t(N_("SHA-256 of the record")), in_groups(record["sha256"])),
        (t(N_("Dossier made at")), instant(made["at"])),
        (t(N_("Made by")), made["by"]),
        (t(N_("Made for")), made["to"]),
        (t(N_("Reason")), made["reason"]),
    ]
    return Section(t(N_("The decision")), facts=tuple(lines))


def _scored(t: Translator, facts: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield what the model gives again, and the rank of the score."""
    again, standing = facts["rescored"], facts["explanation"]["standing"]
    if again and again["again"] is not None:
        agrees = t(N_("the same")) if again["agrees"] else t(N_("another one"))
        text = noted(t, number_text(t, again["again"]), agrees)
        yield t(N_("Score of the registered model, asked again")), text
    if standing and standing["below"] is not None:
        rank = N_("score above {share} of {n} rows of the training data")
        yield t(N_("Rank")), t(rank, share=t.percent(standing["below"]), n=standing["n"])


def _reasons(t: Translator, source: Source, book: CodeBook) -> Section:
    document = source.document
    heading = t(N_("Why it was made"))
    notes = [
        t(N_("The explanation is from: {source}."), source=said(t, SOURCES, document["source"]))
    ]
    if not document["reasons"]:
        return Section(heading, (*notes, t(_NO_REASON), *filter(None, [t(document["why"])])))
    steady = document["steadiness"]
    if steady:
        same = t(
            N_("The same reasons with {share} of {count} other backgrounds."),
            share=t.percent(steady["same_reasons"], 0),
            count=steady["redraws"],
        )
        notes.append(same)
    parts = {each["field"]: each for each in document["attributions"]["parts"]}
    tell = _teller(t, source)
    rows = [
        (
            each["code"] or "–",
            _label(t, source, each["field"]),
            _sentence(each, parts[each["field"]], book, t, tell),
            t.percent(each["share"], 0),
        )
        for each in document["reasons"]
    ]
    head = (t(N_("Code")), t(N_("Field")), t(N_("Reason")), t(N_("Share")))
    return Section(heading, tuple(notes), (), head, tuple(rows))


def _sentence(
    reason: Mapping[str, Any],
    part: Mapping[str, Any],
    book: CodeBook,
    t: Translator,
    tell: Callable[[str, object], str],
) -> str:
    entry = book.of(reason["field"], reason["direction"])
    value, usual = (tell(reason["field"], part[name]) for name in ("value", "usual"))
    if entry is None:
        return t(N_("{value}; usually {usual}"), value=value, usual=usual)
    return entry.filled(t.locale, value=value, usual=usual)


def _checks(t: Translator, facts: Mapping[str, Any]) -> Section:
    """Return what was checked before the dossier left, and what of it failed."""
    rows = [
        (t(CHECKS[each["name"]]), t(N_("passed")) if each["passed"] else t(N_("did not pass")))
        for each in facts["checks"]
    ]
    failed = sum(not each["passed"] for each in facts["checks"])
    notes = [
        t.n(
            "{n} check failed; the dossier was asked for in spite of it.",
            "{n} checks failed; the dossier was asked for in spite of them.",
            failed,
        )
    ] * bool(failed)
    head = (t(N_("What was checked")), t(N_("Result")))
    return Section(t(N_("Checks before release")), tuple(notes), (), head, tuple(rows))


def _parts(t: Translator, source: Source) -> Section:
    heading, found = t(N_("What each field added")), source.document["attributions"]
    if not found:
        return Section(heading, (t(N_("Nothing is known of what the fields added.")),))
    background = source.document["background"]
    lines = [
        (t(N_("Method")), said(t, METHODS, found["method"])),
        (t(N_("Scale")), said(t, SCALES, found["scale"])),
    ]
    if background:
        lines += [
            (t(N_("Background")), in_groups(background["id"])),
            (t(N_("Seed")), str(background["seed"])),
            (t(N_("Mean of the background")), number_text(t, found["base"])),
        ]
    tell = _teller(t, source)
    rows = [
        (
            _label(t, source, each["field"]),
            tell(each["field"], each["value"]),
            tell(each["field"], each["usual"]),
            t.number(each["added"], 4),
        )
        for each in sorted(found["parts"], key=lambda each: -abs(each["added"]))
    ]
    head = (t(N_("Field")), t(N_("Value")), t(N_("Usual")), t(N_("Added")))
    return Section(heading, (), tuple(lines), head, tuple(rows))


def _others(t: Translator, source: Source) -> Section:
    heading, found = t(N_("What would have led to another result")), source.document["others"]
    if not found or not found["found"]:
        why = said(t, NOTHING, found["why"]) if found else t(source.document["why"])
        return Section(heading, (why or t(_NOT_LOOKED_FOR),))
    tell = _teller(t, source)
    rows = [
        (
            str(number),
            _label(t, source, change["field"]),
            tell(change["field"], change["before"]),
            tell(change["field"], change["after"]),
            t.number(each["score"], 6),
        )
        for number, each in enumerate(found["found"], start=1)
        for change in (*each["changes"], *each["moved"])
    ]
    head = tuple(
        t(each) for each in (N_("Way"), N_("Field"), N_("Before"), N_("After"), N_("Score then"))
    )
    note = t(N_("Each was scored again by the same version of the model."))
    return Section(heading, (note,), (), head, tuple(rows))


def _unknown(t: Translator, facts: Mapping[str, Any]) -> Section:
    places: dict[str, list[str]] = {}
    for place, why in sorted(facts["unknown"].items()):
        places.setdefault(why, []).append(place)
    rows = [(_first_of(t, found), t(why)) for why, found in places.items()]
    head = (t(N_("Place in dossier.json")), t(N_("Why nothing is there")))
    return Section(t(N_("What is not known")), (), (), head, tuple(rows))


def _first_of(t: Translator, places: list[str]) -> str:
    more = len(places) - 1
    if not more:
        return places[0]
    return t.n("{place} and one more", "{place} and {n} more", more, place=places[0])


def _teller(t: Translator, source: Source) -> Callable[[str, object], str]:
    contract = source.decision.contract

    def tell(field: str, value: Any) -> str:
        return value_text(t, contract, field, value, masked=not source.values)

    return tell


def _label(t: Translator, source: Source, field: str) -> str:
    return source.decision.contract.feature(field).label_in(t.locale)
