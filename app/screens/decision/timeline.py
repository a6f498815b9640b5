"""What happened to a decision, the newest last: a row for each event, with who and what."""

from collections.abc import Callable, Mapping

import pandas as pd

from app.components import Column, Link, note, static_table
from app.context import PageContext
from app.screens.case.facts import ACTIONS
from app.screens.decision.words import SOURCES
from app.screens.review.words import VERDICTS, reason_words
from core.contract import ModelContract
from core.i18n import N_, Translator
from core.i18n.locales import native_name
from core.services.explanation import timeline as told
from core.services.explanation.letter_words import CHECKS
from core.services.explanation.looking import DecisionView
from core.services.explanation.timeline import Event
from core.services.rights.words import KINDS, OUTCOMES

_OWN = "Harbourlight"
_NOTHING = "–"
_ANSWERS = {
    "released": N_("A serving system was told that it may take effect"),
    "held": N_("A serving system was told to wait"),
}
_SIMPLE = {
    told.EFFECT: N_("The decision took effect, by the log"),
    "prediction.released": N_("The decision was released by hand"),
    "prediction.stopped": N_("The decision was stopped by hand"),
    "personal.revealed": N_("Personal values were looked at"),
}


def show_timeline(ctx: PageContext, view: DecisionView) -> None:
    """Show what happened, and what of it this reader is not told."""
    t, found = ctx.t, view.timeline.found
    if found is None:
        note(t(view.timeline.why, **view.timeline.params))
        return
    rows = [_row(ctx, view, each) for each in found.events]
    columns = [
        Column("at", t("When")),
        Column("who", t("Who")),
        Column("what", t("What happened"), wide=True),
    ]
    if any(each["about"] != _NOTHING for each in rows):
        columns.append(Column("about", t("About")))
    static_table(
        t, pd.DataFrame(rows), columns, caption=t("From the prediction to what became of it")
    )
    if not found.with_cases:
        note(t("Your roles do not include cases of human review; their steps are not told here."))
    if not found.with_requests:
        note(t("Customers' requests are told to who handles them, for all jurisdictions."))


def _row(ctx: PageContext, view: DecisionView, event: Event) -> dict[str, object]:
    t = ctx.t
    return {
        "at": t.instant(event.at, view.contract.timezone),
        "who": _who(t, view, event),
        "what": event_text(t, view.contract, event),
        "about": _about(ctx, event),
    }


def _who(t: Translator, view: DecisionView, event: Event) -> str:
    if event.who:
        return event.who
    if event.kind == told.PREDICTED:
        return view.contract.name.get(t.locale)
    if event.kind in {told.REQUESTED, told.DISPUTED}:
        return t("The customer")
    return _OWN if event.kind == told.CASE else _NOTHING


def _about(ctx: PageContext, event: Event) -> object:
    """Return what it is about by its reference: a case leads to its page."""
    about = event.about
    if event.kind == told.CASE:
        page = ctx.pages.get("case")
        if page is None:
            return about["case"]
        return Link(about["case"], f"{page.url_path}?case={about['case_id']}")
    return about.get("request") or about.get("letter") or _NOTHING


def event_text(t: Translator, contract: ModelContract, event: Event) -> str:
    """Return what an event says."""
    if event.kind in _SIMPLE:
        return t(_SIMPLE[event.kind])
    if event.kind == told.OUTCOME:
        return _outcome(t, contract, event.about["outcome"])
    return _WORDS[event.kind](t, event.about)


def _predicted(t: Translator, about: Mapping[str, str]) -> str:
    return t(
        "Version {version} decided “{decision}”",
        version=about["version"] or "–",
        decision=about["decision"] or "–",
    )


def _of_case(t: Translator, about: Mapping[str, str]) -> str:
    said = t("Case: {what}", what=t(ACTIONS.get(about["action"], about["action"])))
    if about["verdict"]:
        said = t("{words}, {verdict}", words=said, verdict=t(VERDICTS[about["verdict"]]))
    if about["reason"]:
        said = t("{words} ({reason})", words=said, reason=reason_words(t, about["reason"]))
    return said


def _explained(t: Translator, about: Mapping[str, str]) -> str:
    return t(
        "Explanation {number} was kept: {source}",
        number=about["number"],
        source=t(SOURCES[about["source"]]),
    )


def _letter(t: Translator, about: Mapping[str, str]) -> str:
    text = N_("A letter was released in {language}")
    if about["withheld"]:
        text = N_("A letter without reasons was released in {language}")
    return t(text, language=native_name(about["language"]))


def _refused(t: Translator, about: Mapping[str, str]) -> str:
    failed = [t(CHECKS[each]) for each in about["checks"].split(",") if each in CHECKS]
    return t("A letter was not released; it did not pass: {checks}", checks=t.items(*failed))


def _dossier(t: Translator, about: Mapping[str, str]) -> str:
    if not about["to"]:
        return t("A dossier was given away")
    return t("A dossier was given to {to}", to=about["to"])


def _answered(t: Translator, about: Mapping[str, str]) -> str:
    return t(_ANSWERS.get(about["state"], _ANSWERS["held"]))


def _requested(t: Translator, about: Mapping[str, str]) -> str:
    return t("A request came in: {kind}", kind=t(KINDS[about["kind"]]))


def _closed(t: Translator, about: Mapping[str, str]) -> str:
    outcome = OUTCOMES.get(about["outcome"])
    return t("The request was closed: {outcome}", outcome=t(outcome) if outcome else "–")


def _disputed(t: Translator, about: Mapping[str, str]) -> str:
    del about
    return t("The customer's note of dispute was attached")


def _outcome(t: Translator, contract: ModelContract, outcome: str) -> str:
    label = None if contract.outcome is None else contract.outcome.label
    words = {"yes": t("yes"), "no": t("no")}
    return t(
        "The outcome became known: {name}, {outcome}",
        name="–" if label is None else label.label_in(t.locale),
        outcome=words.get(outcome, outcome),
    )


_WORDS: Mapping[str, Callable[[Translator, Mapping[str, str]], str]] = {
    told.PREDICTED: _predicted,
    told.CASE: _of_case,
    told.EXPLAINED: _explained,
    told.LETTER: _letter,
    "letter.refused": _refused,
    told.DOSSIER: _dossier,
    "release.answered": _answered,
    told.REQUESTED: _requested,
    told.CLOSED: _closed,
    told.DISPUTED: _disputed,
}
