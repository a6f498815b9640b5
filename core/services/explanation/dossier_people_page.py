"""The printed sections on what people did, where the decision is from, and how long it is kept."""

from collections.abc import Mapping, Sequence
from typing import Any

from core.i18n import N_, Translator
from core.reports.dossier import Section
from core.services.explanation.dossier_told import in_groups, instant, or_unknown


def people_sections(t: Translator, facts: Mapping[str, Any]) -> tuple[Section, ...]:
    """Return them in order."""
    return (
        *_review(t, facts["review"]),
        _release(t, facts["release"]),
        _rights(t, facts["rights"]),
        _lineage(t, facts["lineage"]),
        _keeping(t, facts["keeping"]),
    )


def _review(t: Translator, found: Mapping[str, Any]) -> tuple[Section, ...]:
    heading = t(N_("Review by people"))
    if not found["cases"]:
        return (Section(heading, (t(N_("No person has reviewed this decision.")),)),)
    seen = found["values_revealed"]
    lines = tuple((t(N_("Values revealed")), f"{instant(e['at'])}, {e['by']}") for e in seen)
    cases = [_case(t, each, heading) for each in found["cases"]]
    return (*cases, *([Section(heading, (), lines)] if lines else ()))


def _case(t: Translator, case: Mapping[str, Any], heading: str) -> Section:
    lines = (
        (t(N_("Kind")), case["kind"]),
        (t(N_("State")), case["state"]),
        (t(N_("View before the score was shown")), or_unknown(t, case["own_view"])),
        (t(N_("First verdict")), or_unknown(t, case["first_verdict"])),
        (t(N_("Final verdict")), or_unknown(t, case["final_verdict"])),
        (t(N_("Final decision")), or_unknown(t, case["final_decision"])),
        (t(N_("Reviewer")), or_unknown(t, case["maker"])),
        (t(N_("Checked by")), or_unknown(t, case["checker"])),
    )
    heads = (N_("When"), N_("By"), N_("Step"), N_("State"), N_("Verdict"), N_("Notes of evidence"))
    rows = tuple(
        (
            instant(each["at"]),
            each["by"],
            each["action"],
            each["to_state"],
            each["verdict"] or "–",
            str(each["notes_of_evidence"]),
        )
        for each in case["steps"]
    )
    title = f"{heading} · {case['reference']}"
    return Section(title, (), lines, tuple(t(each) for each in heads), rows)


def _release(t: Translator, found: Mapping[str, Any]) -> Section:
    lines = (
        (t(N_("May take effect")), f"{found['state']} ({found['reason']})"),
        (t(N_("Decided at")), instant(found["decided_at"])),
    )
    head = tuple(t(each) for each in (N_("When"), N_("Serving system"), N_("Answer")))
    rows = tuple((instant(e["at"]), e["system"], e["state"]) for e in found["answered"])
    return Section(t(N_("Release")), (), lines, head, rows)


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
            each["kind"],
            instant(each["received_at"]),
            each["state"],
            each["outcome"] or "–",
            instant(each["closed_at"]),
        )
        for each in found["requests"]
    )
    heading = t(N_("What the person asked for"))
    notes = () if rows else (t(N_("No request about this decision is on record.")),)
    return Section(heading, notes, lines, tuple(t(each) for each in names), rows)


def _letters(t: Translator, found: Sequence[Mapping[str, Any]]) -> str:
    told = [f"{each['reference']} ({each['language']}), {instant(each['at'])}" for each in found]
    return "; ".join(told) or t(N_("none"))


def _lineage(t: Translator, found: Mapping[str, Any]) -> Section:
    file, batch = found["file"], found["batch"]
    lines = [(t(N_("Jurisdiction")), or_unknown(t, found["jurisdiction"]))]
    if file:
        lines += [
            (t(N_("File")), file["name"]),
            (t(N_("SHA-256 of the file")), in_groups(file["sha256"])),
        ]
    if batch:
        lines += [
            (t(N_("Batch")), batch["id"]),
            (t(N_("Ingested at")), instant(batch["ingested_at"])),
        ]
    return Section(t(N_("Where the decision is from")), facts=tuple(lines))


def _keeping(t: Translator, found: Mapping[str, Any]) -> Section:
    head = (t(N_("Class of records")), t(N_("At least, days")), t(N_("At most, days")))
    rows = tuple(
        (each["class"], _days(each["minimum_days"]), _days(each["maximum_days"]))
        for each in found["classes"]
    )
    held = ", ".join(each["id"] for each in found["holds"]) or t(N_("none"))
    heading = t(N_("How long it is kept"))
    return Section(heading, (), ((t(N_("Legal holds")), held),), head, rows)


def _days(count: int | None) -> str:
    return "–" if count is None else str(count)
