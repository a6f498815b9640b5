"""The kinds of entries of the audit trail, as docs/audit-events.md lists them."""

from collections import defaultdict
from collections.abc import Mapping

from app.screens.audit.words import SENTENCES, kind_label
from core.i18n import translator

HOLDS: Mapping[str, str] = {
    "alert": "model, alert or rule or channel; what was set, the state before, the reason",
    "annotation": "model; the instant, the kind and the words on the time axis",
    "approval": "approval, what it is about; a keyed digest of content and reason",
    "assignment": "user, model; the place in the lines of defence",
    "audit": "what was set before and after; hosts, never whole addresses; public keys",
    "backup": "backup; entries and root of the trail; what a restore took back",
    "batch": "model, batch; rows read, stored, skipped, refused; SHA-256 of sources and files",
    "card": "model; format, language, SHA-256 of facts and file, parts left out",
    "check": "model, check; as of when, lake generation, contract, alarms, alerts moved",
    "closure": "day; kind and note of each, how many cases and requests have other days",
    "code_book": "model, approval; number, SHA-256, how many codes",
    "dispute": "model, prediction; the place where the note was shown, once a day and reader",
    "doctor": "paths of the files",
    "dossier": "model, prediction, jurisdiction; SHA-256, what was left out, checks that failed",
    "erasure": "pseudonym, erasure; what each store and the database found and removed",
    "explanation": "model, mostly prediction and jurisdiction; version, artefact, SHA-256, counts",
    "export": "export; permission, type, bytes, SHA-256, whether personal data are in it",
    "hold": "pseudonym, model or class of records; a commitment to the reason",
    "hook": "hook; what is called as it is shown to people, models, rules, what came back",
    "ingest": "model, job; stream, bytes, SHA-256 of the file",
    "lake": "model; path and SHA-256 of the new file, how many it replaces",
    "letter": "model, prediction, explanation, letter; language, template, SHA-256, checks",
    "letter_template": "approval; number and SHA-256 of the fixed words",
    "model": "model; contract, files, versions, state before and after, the reason",
    "monthly_report": "model; month, format, SHA-256, lake generation; or the plan",
    "opt_out": "model, pseudonym; since when, the request; once a day and system",
    "oversight": "model; the period, how many people",
    "pack": "model, sample; for whom and why, SHA-256, bytes",
    "page": "page, model, what was looked at; by examiners only, once a day",
    "password": "user",
    "person": "model, pseudonym; how many decisions were found",
    "personal": "model, prediction or refused row; columns; a commitment to the reason",
    "portfolio": "format, currency, models, SHA-256",
    "prediction": "model, prediction, jurisdiction; state before; a commitment to the reason",
    "quarantine": "model; batch, rows",
    "rates": "file by SHA-256, currencies, rates added and replaced",
    "reference": "model, reference; the window, rows, what it replaces, SHA-256 of files",
    "release": "model, prediction; what the serving system was told and why",
    "report": "model, job; what was asked",
    "retention": "class of records, or approval; limits before and after, basis, what went",
    "review": "model, case, prediction, jurisdiction; states, verdict; a commitment to words",
    "reviewer": "user; skills, languages, limits, absences",
    "rights": "request, pseudonym, model; states, facts; a commitment to words",
    "sample": "model, sample; method, condition, seed, SHA-256 of frame and sample",
    "scenario": "model, scenario; name and cut-off",
    "second_factor": "user",
    "session": "user if known; how, or why not; a keyed digest of the source",
    "sign_in": "the rules before and after",
    "source": "a keyed digest of the source",
    "subject": "pseudonym, erasure; rows of each model, whether the key was destroyed",
    "token": "token; models, actions, end; or why it was refused",
    "user": "user; roles, scope or identity before and after",
    "watch": "model, watch; folder, pattern; or how many files were refused",
}
"""First part of a kind → what its entries are about, and what they say beside."""


def event_tables() -> str:
    """Return every kind by its first part, with what it says in English and what it holds."""
    t = translator("en")
    families: dict[str, list[str]] = defaultdict(list)
    for kind in sorted(each for each in SENTENCES if " " not in each):
        families[kind.partition(".")[0]].append(f"| `{kind}` | {kind_label(t, kind)} |")
    parts = []
    for family, rows in sorted(families.items()):
        head = [f"### {family}", "", f"Holds: {HOLDS[family]}.", ""]
        parts.append("\n".join([*head, "| kind | what happened |", "|---|---|", *rows]))
    return "\n\n".join(parts)
