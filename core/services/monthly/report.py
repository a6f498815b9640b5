"""The monthly report of a model as a document: figures, why they changed, alerts, definitions."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from core.domain.identity import Actor, Permission
from core.domain.kpi_level import KpiLevel
from core.domain.status import Status
from core.domain.windows import Window, local_day, start_of_day
from core.errors import InvalidInput, NothingYet
from core.i18n import N_, Translator
from core.reports.monthly import MonthlyReport, ReportAlert, headings
from core.services import access
from core.services.alerts import list_alerts
from core.services.alerts.words import SEVERITY_WORDS, STATE_WORDS, headline
from core.services.kpi_changes import KpiChange
from core.services.kpis import KpiAnswer, KpiFigure, kpi_figures
from core.services.monthly.changes import explained, month_question, report_change
from core.services.monthly.finals import newest_finals
from core.services.monthly.kpis import report_definitions, report_kpis
from core.services.questions import Question, View
from core.services.registry.models import RegisteredModel, get_model
from core.services.workspace import Workspace
from core.store.alerts.threads import Alert

MONTHS = 12
_MONTH = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")
_MOST_ALERTS = 500
_FIRST_YEAR = 1900


@dataclass(frozen=True, slots=True)
class MonthFound:
    """What a monthly report is written from, whatever its language.

    Parameters
    ----------
    model : RegisteredModel
        The model.
    answer : KpiAnswer
        Twelve months of KPIs; the last period is the month.
    finals : mapping of str to KpiFigure
        The newest final month of each KPI whose outcomes of the month are not all known.
    changes : tuple of KpiChange
        Why figures changed.
    alerts : tuple of Alert, optional
        Those of the month; ``None`` for a reader of some jurisdictions.
    made_at : datetime
        When it was put together.
    made_by : str
        For whom.
    """

    model: RegisteredModel
    answer: KpiAnswer
    finals: Mapping[str, KpiFigure]
    changes: tuple[KpiChange, ...]
    alerts: tuple[Alert, ...] | None
    made_at: datetime
    made_by: str

    @property
    def month(self) -> Window:
        """The month."""
        chunk = self.answer.view.chunks[-1]
        return Window(chunk.start, chunk.end)


def month_found(
    workspace: Workspace, model_id: str, month: str, *, actor: Actor, as_of: str | None = None
) -> MonthFound:
    """Return what the report of a month is written from.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        Which model.
    month : str
        ``YYYY-MM``, in the model's time zone.
    actor : Actor
        Needs ``kpi.export`` for the model, and ``kpi.view``.
    as_of : str, optional
        What was known then.

    Raises
    ------
    InvalidInput
        If the month is none.
    NothingYet
        If the log has no prediction of the month.
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    """
    access.require(actor, Permission.kpi_export, model=model_id)
    model = get_model(workspace, model_id, actor=actor)
    zone = model.contract.timezone
    window = month_window(month, zone)
    first, last = window.days(zone)
    start = _year_before(first).isoformat()
    year = Question(model_id, start=start, end=last.isoformat(), by="month", as_of=as_of)
    answer = kpi_figures(workspace, year, actor=actor)
    _require_rows(answer.view, window, month)
    alone = month_question(model_id, window, zone, as_of=as_of)
    return MonthFound(
        model,
        answer,
        newest_finals(workspace, answer, actor=actor),
        explained(workspace, answer, alone, actor=actor),
        _alerts(workspace, model_id, window, actor),
        workspace.clock(),
        actor.display_name or actor.username,
    )


def written(t: Translator, found: MonthFound) -> MonthlyReport:
    """Return the report in a language."""
    view, contract = found.answer.view, found.model.contract
    definitions = [series.definition for series in found.answer.kpis]
    return MonthlyReport(
        language=t.locale,
        words=headings(t),
        model=contract.name.get(t.locale),
        month=t.month(_first_day(view, -1)),
        sentence=_sentence(t, found),
        months=tuple(t.month(_first_day(view, place)) for place in range(len(view.chunks))),
        kpis=report_kpis(t, found.answer, found.finals),
        changes=tuple(report_change(t, each) for each in found.changes),
        alerts=tuple(_alert(t, found, each) for each in found.alerts or ()),
        definitions=report_definitions(t, contract, definitions),
        facts=_facts(t, found),
        notes=_notes(t, found),
    )


def month_window(month: str, zone: str) -> Window:
    """Return a month that is written as ``YYYY-MM``, in a time zone.

    Raises
    ------
    InvalidInput
        If it is none.
    """
    read = _MONTH.fullmatch(month)
    if read is None or int(read[1]) < _FIRST_YEAR:
        raise InvalidInput("{text!r} is not a month.", remedy="Write YYYY-MM.", text=month)
    year, number = int(read[1]), int(read[2])
    following = date(year + number // 12, number % 12 + 1, 1)
    return Window(start_of_day(date(year, number, 1), zone), start_of_day(following, zone))


def _year_before(day: date) -> date:
    """Return the first day of the twelve months that end with the month that begins on a day."""
    number = day.year * 12 + day.month - MONTHS
    return date(number // 12, number % 12 + 1, 1)


def _require_rows(view: View, month: Window, name: str) -> None:
    if view.last_prediction < month.start or view.first_prediction >= month.end:
        raise NothingYet(
            N_("The log of {model} has no prediction of {month}."),
            remedy=N_("It has them from {first} to {last}: choose a month of these."),
            model=view.contract.id,
            month=name,
            first=f"{local_day(view.first_prediction, view.timezone):%Y-%m}",
            last=f"{local_day(view.last_prediction, view.timezone):%Y-%m}",
        )


def _alerts(
    workspace: Workspace, model_id: str, month: Window, actor: Actor
) -> tuple[Alert, ...] | None:
    """Return the alerts that were opened in a month, or whose alarm is about a part of it."""
    if actor.jurisdictions is not None:
        return None
    board = list_alerts(workspace, actor=actor, model_id=model_id, limit=_MOST_ALERTS)
    found = [
        each
        for each in board.alerts
        if month.start <= each.opened_at < month.end
        or (each.alarm.chunk_start < month.end and each.alarm.chunk_end > month.start)
    ]
    return tuple(sorted(found, key=lambda each: (each.severity != "act", each.opened_at)))


def _alert(t: Translator, found: MonthFound, alert: Alert) -> ReportAlert:
    contract = found.model.contract
    return ReportAlert(
        opened=t.date(alert.opened_at, contract.timezone),
        what=headline(t, contract, alert.alarm),
        status=Status(alert.severity),
        severity=t(SEVERITY_WORDS[alert.severity]),
        state=t(STATE_WORDS[alert.state]),
    )


def _sentence(t: Translator, found: MonthFound) -> str:
    levels = [series.periods[-1].level for series in found.answer.kpis]
    judged = [each for each in levels if each.status is not Status.not_enough_data]
    if judged:
        stand = t(
            "Of {n} figures with a target or a limit, {good} are on track, {risk} at risk and "
            "{bad} missed.",
            n=len(judged),
            good=judged.count(KpiLevel.on_track),
            risk=judged.count(KpiLevel.at_risk),
            bad=judged.count(KpiLevel.missed),
        )
    else:
        stand = t("No figure could be held against a target this month.")
    return t.sentences(stand, *(each.sentence(t) for each in found.changes[:1]))


def _notes(t: Translator, found: MonthFound) -> dict[str, str]:
    notes = {}
    if not found.answer.kpis:
        notes["kpis"] = t("The contract of this model names no KPI.")
    if not found.changes:
        notes["changes"] = t("No figure changed by more than chance since the month before.")
    if found.alerts is None:
        notes["alerts"] = t("Alerts are about all jurisdictions; you see some of them.")
    elif not found.alerts:
        notes["alerts"] = t("No alert was opened about this month.")
    return notes


def _facts(t: Translator, found: MonthFound) -> tuple[tuple[str, str], ...]:
    view, model = found.answer.view, found.model
    zone = view.timezone
    return (
        (t("Model"), model.id),
        (t("Period"), t.period(*found.month.days(zone))),
        (t("Known as of"), t.instant(view.as_of, zone)),
        (t("Lake generation"), str(view.generation)),
        (t("Contract"), t("revision {number}", number=str(model.revision))),
        ("SHA-256", view.spec_sha256),
        (t("Made"), t("{at} for {who}", at=t.instant(found.made_at, zone), who=found.made_by)),
        (t("Intervals"), t("95% unless said otherwise")),
    )


def _first_day(view: View, place: int) -> date:
    return Window(view.chunks[place].start, view.chunks[place].end).days(view.timezone)[0]
