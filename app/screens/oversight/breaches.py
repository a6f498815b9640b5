"""What took effect without required review: the sentence, by version, and one by one with cases."""

from collections.abc import Iterator, Sequence
from urllib.parse import urlencode

import pandas as pd

from app.components import Column, Link, note, static_table
from app.context import PageContext
from app.filters import ModelChoice
from app.screens.decision.page import decision_address
from app.screens.requests.dispute import mark
from app.screens.review.words import STATES
from app.screens.serving.page import LEVELS
from core.domain.review import CaseState
from core.domain.status import Status
from core.domain.windows import local_day
from core.i18n import N_, Translator
from core.services.routing.breach_cases import BreachCase, ToldBreach
from core.services.routing.breaches import ModelOversight

_NOTHING = "–"
_HOW = {
    "without_verdict": N_("no verdict was final"),
    "while_waiting": N_("its case was waiting"),
    "without_release": N_("no rule oversees it, and nobody had released it"),
    "while_suspended": N_("its model was suspended"),
    "opted_out": N_("its customer had opted out, and no verdict was final"),
    "other_decision": N_("not the decision that people had made"),
    "after_stop": N_("a person had stopped it"),
}
_STATUS_WORDS = {
    Status.in_range: N_("none"),
    Status.act: N_("not as people decided"),
    Status.watch: N_("no level declared"),
    Status.not_enough_data: N_("not logged"),
}
_NOT_IN_LOG = N_("not in the log")


def summary(ctx: PageContext, found: Sequence[ModelOversight]) -> tuple[str, Status, str]:
    """Return the sentence of the page, how it stands, and the word for that."""
    t = ctx.t
    logged = [each for each in found if each.is_logged]
    if not logged:
        return (
            t("No log says when a decision took effect, so nothing is proved."),
            Status.not_enough_data,
            t(_STATUS_WORDS[Status.not_enough_data]),
        )
    breaches = sum(each.breaches for each in logged)
    since = min(each.since for each in logged if each.since is not None)
    told = t.n(
        "{n} decision was released without required review since {day}; it must be 0.",
        "{n} decisions were released without required review since {day}; it must be 0.",
        breaches,
        day=t.date(local_day(since, ctx.filters.timezone)),
    )
    released = t.n(
        "The logs tell of {n} release.",
        "The logs tell of {n} releases.",
        sum(each.released for each in logged),
    )
    unknown = sum(each.undeclared for each in logged)
    unlogged = sum(each.unlogged or 0 for each in logged)
    status = _status(sum(each.released for each in logged), breaches, unknown + unlogged)
    silent = len(found) - len(logged)
    parts = (told, *_beside(t, unknown, unlogged), released, *_silent(t, silent))
    word = _NOT_IN_LOG if status == Status.watch and not unknown else _STATUS_WORDS[status]
    return t.sentences(*parts), status, t(word)


def _beside(t: Translator, unknown: int, unlogged: int) -> Iterator[str]:
    """Yield what took effect and of which nobody can say whether it needed review."""
    if unknown:
        yield t.n(
            "{n} more took effect while no oversight level was declared for its version: whether "
            "it needed review cannot be said.",
            "{n} more took effect while no oversight level was declared for their version: whether "
            "they needed review cannot be said.",
            unknown,
        )
    if unlogged:
        yield t.n(
            "{n} more took effect and is not among the predictions of the log: whether it needed "
            "review cannot be said.",
            "{n} more took effect and are not among the predictions of the log: whether they "
            "needed review cannot be said.",
            unlogged,
        )


def _silent(t: Translator, silent: int) -> Iterator[str]:
    if silent:
        yield t.n(
            "The log of {n} model does not say when its decisions took effect.",
            "The logs of {n} models do not say when their decisions took effect.",
            silent,
        )


def show_held(t: Translator, found: Sequence[ModelOversight]) -> None:
    """Say how many predictions wait for a verdict that nobody will give, if there are any."""
    held = sum(each.no_case for each in found)
    if held:
        note(
            t.n(
                "{n} prediction in the loop stays held: it was routed and no rule made a case of "
                "it. A request for review opens one.",
                "{n} predictions in the loop stay held: they were routed and no rule made a case "
                "of them. A request for review opens one.",
                held,
            )
        )


def version_frame(
    t: Translator, found: Sequence[ModelOversight], models: Sequence[ModelChoice]
) -> tuple[pd.DataFrame, list[Column]]:
    """Return every version with its oversight level, and what of it took effect."""
    names = {model.id: model.name for model in models}
    rows = [
        {
            "model": names.get(each.model_id, each.model_id),
            "version": version.version or _NOTHING,
            "level": t(LEVELS[version.level]) if version.level else _NOTHING,
            # Where nothing is logged of a version, nothing was measured of it either.
            "released": version.released or _NOTHING,
            "breaches": version.breaches if version.released else _NOTHING,
            "undeclared": version.undeclared if version.released else _NOTHING,
            "no_case": version.no_case,
            "status": _status(version.released, version.breaches, version.undeclared),
        }
        for each in found
        for version in each.versions
    ]
    columns = [
        Column("model", t("Model")),
        Column("version", t("Version")),
        Column("level", t("Oversight level")),
        Column("released", t("Took effect"), "count"),
        Column("breaches", t("Without required review"), "count"),
        Column("undeclared", t("Without a declared level"), "count"),
        Column("no_case", t("Held, no case"), "count"),
        Column("status", t("Status"), "status", words=_STATUS_WORDS),
    ]
    return pd.DataFrame(rows, columns=[column.name for column in columns]), columns


def _status(released: int, breaches: int, unknown: int) -> Status:
    if breaches:
        return Status.act
    if unknown:
        return Status.watch
    return Status.in_range if released else Status.not_enough_data


def show_breaches(ctx: PageContext, found: ModelOversight) -> None:
    """Show the newest decisions that took effect too early, one by one."""
    t = ctx.t
    if not found.newest:
        note(_nothing_told(t, found))
        return
    rows = [_row(ctx, found.model_id, each) for each in found.newest]
    columns = [
        Column("prediction", t("Prediction")),
        Column("version", t("Version")),
        Column("level", t("Oversight level then")),
        Column("how", t("When it took effect")),
        Column("released", t("Took effect at")),
        Column("predicted", t("Predicted at")),
        Column("case", t("Case")),
        Column("verdict", t("Its verdict"), wide=True),
    ]
    static_table(
        t, pd.DataFrame(rows), columns, caption=t("Released without required review, newest first")
    )
    if len(rows) < found.breaches:
        note(t("The newest {shown} of {all}.", shown=len(rows), all=found.breaches))


def _nothing_told(t: Translator, found: ModelOversight) -> str:
    if found.breaches:
        return t("Which ones they are is not told while one of them is decided a second time.")
    if found.is_logged:
        return t("Nothing of this model was released without required review.")
    return t("The log of this model does not say when its decisions took effect.")


def _row(ctx: PageContext, model: str, breach: ToldBreach) -> dict[str, object]:
    t, zone = ctx.t, ctx.filters.timezone
    prediction = mark(t, breach.prediction_id, breach.disputed)
    address = decision_address(ctx, model, breach.prediction_id)
    return {
        "prediction": Link(prediction, address) if address else prediction,
        "version": breach.version or _NOTHING,
        "level": t(LEVELS[breach.level]) if breach.level else _NOTHING,
        "how": t(_HOW[breach.kind]),
        "released": t.instant(breach.released_at, zone),
        "predicted": t.instant(breach.time, zone),
        "case": _case(ctx, breach.case),
        "verdict": verdict_text(t, breach.case, zone),
    }


def _case(ctx: PageContext, case: BreachCase | None) -> str | Link:
    if case is None:
        return ctx.t("none")
    page = ctx.pages.get("case")
    if page is None:
        return case.reference
    return Link(case.reference, f"{page.url_path}?{urlencode({'case': case.case_id})}")


def verdict_text(t: Translator, case: BreachCase | None, zone: str) -> str:
    """Return what people had decided by then, or later, in the case that a decision went past."""
    if case is None:
        return _NOTHING
    if case.final_at is None:
        return t("No verdict: {state}.", state=t(STATES[CaseState(case.state)]))
    at, decision = t.instant(case.final_at, zone), case.decision or _NOTHING
    if case.was_final:
        return t("People had decided {decision} at {time}.", decision=decision, time=at)
    return t("People decided {decision} only later, at {time}.", decision=decision, time=at)
