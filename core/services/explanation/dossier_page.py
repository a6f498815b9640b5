"""The printed part of a dossier, from the same facts as its other files."""

from collections.abc import Callable, Mapping
from typing import Any

from core.domain.explanation import CodeBook
from core.i18n import N_, Translator
from core.reports.dossier import DossierPage, Section
from core.services.explanation.dossier_people_page import people_sections
from core.services.explanation.dossier_source import Source
from core.services.explanation.dossier_told import (
    in_groups,
    instant,
    or_unknown,
    unproved,
)
from core.services.explanation.telling import value_text

_NO_REASON = N_("The record has no reasons.")


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
        _model(t, facts),
        _state(t, facts),
        _groups(t, facts),
        *people_sections(t, facts),
        _unknown(t, facts),
        Section(t(N_("How to check this dossier")), tuple(unproved(t))),
    ]
    lead = t(N_("{model} · record {number} of the decision"), model=name, number=source.kept.number)
    return DossierPage(t.locale, t(N_("Dossier of a decision")), lead, tuple(made))


def _decision(t: Translator, facts: Mapping[str, Any]) -> Section:
    found, made, record = facts["decision"], facts["made"], facts["record"]
    rule = found["rule"]
    lines = [
        (t(N_("Prediction")), found["prediction"] or t(N_("left out: it names a person"))),
        (t(N_("Pseudonym of the prediction")), in_groups(found["pseudonym"])),
        (t(N_("Pseudonym of the person")), in_groups(found["subject"])),
        (t(N_("Decided at")), instant(found["predicted_at"])),
        (t(N_("Decision")), or_unknown(t, found["decision"])),
        (t(N_("Score")), _number(t, found["score"])),
        (t(N_("Cut-off of the policy")), _number(t, rule["cut_off"])),
        (t(N_("Rule of the policy")), or_unknown(t, f"{rule['policy']}: {rule['rule']}")),
        (t(N_("SHA-256 of the record")), in_groups(record["sha256"])),
        (t(N_("Dossier made at")), instant(made["at"])),
        (t(N_("Made by")), made["by"]),
        (t(N_("Made for")), made["to"]),
        (t(N_("Reason")), made["reason"]),
    ]
    return Section(t(N_("The decision")), facts=tuple(lines))


def _reasons(t: Translator, source: Source, book: CodeBook) -> Section:
    document = source.document
    heading = t(N_("Why it was made"))
    notes = [t(N_("The explanation is from: {source}."), source=document["source"])]
    if not document["reasons"]:
        return Section(heading, (*notes, t(_NO_REASON), *filter(None, [t(document["why"])])))
    steady = document["steadiness"]
    if steady:
        said = t(
            N_("The same reasons with {share} of {count} other backgrounds."),
            share=t.percent(steady["same_reasons"], 0),
            count=steady["redraws"],
        )
        notes.append(said)
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


def _parts(t: Translator, source: Source) -> Section:
    heading, found = t(N_("What each field added")), source.document["attributions"]
    if not found:
        return Section(heading, (t(N_("Nothing is known of what the fields added.")),))
    background = source.document["background"]
    lines = [(t(N_("Method")), found["method"]), (t(N_("Scale")), found["scale"])]
    if background:
        lines += [
            (t(N_("Background")), in_groups(background["id"])),
            (t(N_("Seed")), str(background["seed"])),
            (t(N_("Mean of the background")), _number(t, found["base"])),
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
        why = found["why"] if found else source.document["why"] or "–"
        return Section(heading, (t(N_("None is named: {why}."), why=why),))
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
        t(each) for each in (N_("Number"), N_("Field"), N_("Before"), N_("After"), N_("Score then"))
    )
    note = t(N_("Each was scored again by the same version of the model."))
    return Section(heading, (note,), (), head, tuple(rows))


def _model(t: Translator, facts: Mapping[str, Any]) -> Section:
    use, version, contract = facts["use_case"], facts["version"], facts["contract"]
    book = facts["code_book"]
    lines = [
        (t(N_("Purpose")), use["purpose"][t.locale]),
        (t(N_("Owner")), use["owner"]),
        (t(N_("Version")), version["id"]),
        (t(N_("Human oversight")), or_unknown(t, version["oversight_level"])),
        (t(N_("Contract")), in_groups(contract["sha256"])),
    ]
    if contract["revision"]:
        found = contract["revision"]
        said = f"{found['number']}, {instant(found['registered_at'])}, {found['registered_by']}"
        lines.append((t(N_("Revision of the contract")), said))
    lines += [(t(N_("Contract agreed to")), _agreed(each)) for each in contract["approvals"]]
    if book:
        lines.append((t(N_("Code book agreed to")), f"{book['number']}, {_agreed(book)}"))
    head = (t(N_("File")), "SHA-256", t(N_("Added at")))
    rows = [
        (each["role"], in_groups(each["sha256"]), instant(each["added_at"]))
        for each in version["files"]
    ]
    return Section(t(N_("The model and who agreed to it")), (), tuple(lines), head, tuple(rows))


def _agreed(each: Mapping[str, Any]) -> str:
    return f"{each['proposed_by']} → {each['approved_by']}, {instant(each['approved_at'])}"


def _state(t: Translator, facts: Mapping[str, Any]) -> Section:
    state = facts["state"]
    alerts = state["alerts_open"]
    lines = [
        (t(N_("Alerts open then")), ", ".join(each["about"] for each in alerts) or t(N_("none"))),
    ]
    found = state["known_then"] or state["of_the_period"]
    rows: list[tuple[str, ...]] = []
    if found:
        known = N_("Figures of the check as of")
        later = N_("Figures of that period, from the later check as of")
        name = known if state["known_then"] else later
        lines.insert(0, (t(name), instant(found["as_of"])))
        rows = [
            (e["metric"], e["method"], e["column"] or "–", _number(t, e["value"]), e["level"])
            for name in ("drift", "performance")
            for e in found[name]
            if not e["slice"]
        ]
    heads = (N_("Family"), N_("Figure"), N_("Column"), N_("Value"), N_("Level"))
    head = tuple(t(each) for each in heads)
    return Section(t(N_("The model's state then")), (), tuple(lines), head, tuple(rows))


def _groups(t: Translator, facts: Mapping[str, Any]) -> Section:
    rows = [
        (e["method"], e["column"], e["slice"] or "–", _number(t, e["value"]), str(e["n"]))
        for e in facts["state"]["groups"]
    ]
    heads = (N_("Figure"), N_("Column"), N_("Group"), N_("Value"), N_("Rows"))
    notes = () if rows else (t(N_("No figures of groups are on record for that period.")),)
    heading = t(N_("Groups compared in that period"))
    return Section(heading, notes, (), tuple(t(each) for each in heads), tuple(rows))


def _unknown(t: Translator, facts: Mapping[str, Any]) -> Section:
    rows = [(place, t(why)) for place, why in sorted(facts["unknown"].items())]
    head = (t(N_("Place in dossier.json")), t(N_("Why nothing is there")))
    return Section(t(N_("What is not known")), (), (), head, tuple(rows))


def _teller(t: Translator, source: Source) -> Callable[[str, object], str]:
    contract = source.decision.contract

    def tell(field: str, value: Any) -> str:
        return value_text(t, contract, field, value, masked=not source.values)

    return tell


def _label(t: Translator, source: Source, field: str) -> str:
    return source.decision.contract.feature(field).label_in(t.locale)


def _number(t: Translator, value: float | None) -> str:
    return "–" if value is None else t.number(value, 6)
