"""The printed sections on what people did and were told, and how long the decision is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.i18n import N_, Translator
from core.i18n.locales import native_name
from core.reports.dossier import Section
from core.services.explanation import dossier_words as words
from core.services.explanation.dossier_source import Source
from core.services.explanation.dossier_told import instant, noted, or_unknown
from core.services.explanation.dossier_words import said
from core.services.rights.letter_texts import decision_text


def people_sections(t: Translator, source: Source, facts: Mapping[str, Any]) -> tuple[Section, ...]:
    """Return them in order.

    Parameters
    ----------
    t : Translator
        The language.
    source : Source
        What the dossier is made from.
    facts : mapping
        ``dossier.json`` before it is written.
    """
    return (
        *_review(t, source, facts["review"]),
        _release(t, facts["release"]),
        _disclosure(t, facts["rights"]["disclosure"]),
        _rights(t, facts["rights"]),
        _keeping(t, facts["keeping"]),
    )


def _review(t: Translator, source: Source, found: Mapping[str, Any]) -> tuple[Section, ...]:
    heading = t(N_("Review by people"))
    if not found["cases"]:
        return (Section(heading, (t(N_("No person has reviewed this decision.")),)),)
    seen, opened = found["values_revealed"], found["files_opened"]
    lines = [(t(N_("Values revealed")), f"{instant(e['at'])}, {e['by']}") for e in seen]
    lines += [(t(N_("File of the case opened")), _opened(each)) for each in opened]
    if not opened:
        lines.append((t(N_("File of the case opened")), t(N_("none"))))
    cases = [_case(t, source, each, heading) for each in found["cases"]]
    return (*cases, Section(t(N_("Evidence opened")), (), tuple(lines)))


def _opened(each: Mapping[str, Any]) -> str:
    about = f"{each['case']}, {each['file']}, {each['media_type']}"
    return f"{instant(each['at'])}, {each['by']}, {about}"


def _case(t: Translator, source: Source, case: Mapping[str, Any], heading: str) -> Section:
    verdicts = ("own_view", "first_verdict", "final_verdict")
    own, first, final = (said(t, words.VERDICTS, case[each]) for each in verdicts)
    lines = (
        (t(N_("Kind")), said(t, words.CASE_KINDS, case["kind"])),
        (t(N_("Rule")), _rule(t, source, case["rule"])),
        (t(N_("State")), said(t, words.CASE_STATES, case["state"])),
        (t(N_("View before the score was shown")), own),
        (t(N_("First verdict")), first),
        (t(N_("Final verdict")), final),
        (t(N_("Reason")), said(t, words.VERDICT_REASONS, case["reason_code"])),
        (t(N_("Final decision")), decision_text(t, case["final_decision"])),
        (t(N_("Reviewed by")), or_unknown(t, case["maker"])),
        (t(N_("Checked by")), or_unknown(t, case["checker"])),
    )
    heads = (N_("When"), N_("By"), N_("Step"), N_("State"), N_("Verdict"), N_("Notes of evidence"))
    rows = tuple(
        (
            instant(each["at"]),
            each["by"],
            said(t, words.CASE_STEPS, each["action"]),
            said(t, words.CASE_STATES, each["to_state"]),
            said(t, words.VERDICTS, each["verdict"]),
            str(each["notes_of_evidence"]),
        )
        for each in case["steps"]
    )
    title = f"{heading} · {case['reference']}"
    return Section(title, (), lines, tuple(t(each) for each in heads), rows)


def _rule(t: Translator, source: Source, rule: str) -> str:
    review = source.decision.contract.review
    found = review.rule(rule) if review else None
    return found.name.get(t.locale) if found else rule or "–"


def _disclosure(t: Translator, told: Mapping[str, Any] | None) -> Section:
    heading = t(N_("What customers were told before"))
    if told is None:
        return Section(heading, (t(N_("No text is on record for the time of this decision.")),))
    lines = (
        (t(N_("Version")), told["id"]),
        (t(N_("In force from")), told["from"].isoformat()),
        (t(N_("Where people saw it")), told["channel"][t.locale]),
        (t(N_("Text")), told["text"][t.locale]),
        (t(N_("First stated")), _stated(t, told)),
    )
    notes = (t(N_("Made up, as in a demonstration.")),) if told["simulated"] else ()
    return Section(heading, notes, lines)


def _stated(t: Translator, told: Mapping[str, Any]) -> str:
    return t(
        N_("in revision {number} of the contract, {at}"),
        number=told["stated_in_revision"],
        at=instant(told["stated_at"]),
    )


def _release(t: Translator, found: Mapping[str, Any]) -> Section:
    lines = (
        (t(N_("May take effect")), _standing(t, found)),
        (t(N_("Decided at")), instant(found["decided_at"])),
    )
    head = tuple(t(each) for each in (N_("When"), N_("Serving system"), N_("Answer")))
    rows = tuple(
        (instant(e["at"]), e["system"], said(t, words.RELEASES, e["state"]))
        for e in found["answered"]
    )
    return Section(t(N_("Release")), (), lines, head, rows)


def _standing(t: Translator, found: Mapping[str, Any]) -> str:
    state = said(t, words.RELEASES, found["state"])
    return noted(t, state, said(t, words.RELEASE_REASONS, found["reason"]))


def _rights(t: Translator, found: Mapping[str, Any]) -> Section:
    lines = (
        (t(N_("Letters released")), _letters(t, found["letters"])),
        (t(N_("Data given to")), ", ".join(e["to"] for e in found["given_to"]) or t(N_("none"))),
        (t(N_("Notes of dispute")), str(len(found["disputes"]))),
        (t(N_("Opted out of decisions by a model alone")), instant(found["opted_out_since"])),
    )
    names = (N_("Request"), N_("Kind"), N_("Received"), N_("State"), N_("Outcome"), N_("Closed"))
    rows = tuple(
        (
            each["reference"],
            said(t, words.REQUESTS, each["kind"]),
            instant(each["received_at"]),
            said(t, words.REQUEST_STATES, each["state"]),
            said(t, words.OUTCOMES, each["outcome"] or None),
            instant(each["closed_at"]),
        )
        for each in found["requests"]
    )
    heading = t(N_("What the person asked for"))
    notes = () if rows else (t(N_("No request about this decision is on record.")),)
    return Section(heading, notes, lines, tuple(t(each) for each in names), rows)


def _letters(t: Translator, found: Sequence[Mapping[str, Any]]) -> str:
    told = [
        f"{noted(t, each['reference'], native_name(each['language']))}, {instant(each['at'])}"
        for each in found
    ]
    return "; ".join(told) or t(N_("none"))


def _keeping(t: Translator, found: Mapping[str, Any]) -> Section:
    head = (t(N_("Class of records")), t(N_("At least, days")), t(N_("At most, days")))
    rows = tuple(
        (
            said(t, words.KEPT, each["class"]),
            _days(each["minimum_days"]),
            _days(each["maximum_days"]),
        )
        for each in found["classes"]
    )
    held = ", ".join(each["id"] for each in found["holds"]) or t(N_("none"))
    heading = t(N_("How long it is kept"))
    return Section(heading, (), ((t(N_("Legal holds")), held),), head, rows)


def _days(count: int | None) -> str:
    return "–" if count is None else str(count)
