"""The monthly report as a file, in one of three formats; the audit trail knows each by its hash."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Literal, get_args

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_, translator
from core.i18n.locales import Locale
from core.reports.monthly import MonthlyReport, book, page, printed
from core.services import access
from core.services.monthly.report import MonthFound, month_found, written
from core.services.workspace import Workspace
from core.store.audit import trail as audit

Format = Literal["pdf", "xlsx", "html"]
FORMATS: tuple[Format, ...] = get_args(Format)
MEDIA_TYPES: Mapping[Format, str] = {
    "pdf": "application/pdf",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "html": "text/html",
}


def _page(report: MonthlyReport, *, at: datetime) -> bytes:
    del at  # the page says when it was made among its facts
    return page(report)


_WRITERS: Mapping[Format, Callable[..., bytes]] = {"pdf": printed, "xlsx": book, "html": _page}


@dataclass(frozen=True, slots=True)
class ReportFile:
    """A finished report: its name, media type and content."""

    name: str
    media_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        """Hash of the content in hex."""
        return sha256(self.content).hexdigest()


def monthly_report(
    workspace: Workspace,
    model_id: str,
    month: str,
    *,
    actor: Actor,
    format: str = "pdf",
    language: Locale = "en",
    as_of: str | None = None,
) -> ReportFile:
    """Make the report of a month.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, month : str
        Which model, and which month as ``YYYY-MM`` in its time zone.
    actor : Actor
        Needs ``kpi.export`` for the model.
    format : {"pdf", "xlsx", "html"}
        As what.
    language : {"en", "zh-HK", "zh-CN"}
        In which language.
    as_of : str, optional
        What was known then.

    Raises
    ------
    InvalidInput
        If there is no such format or month.
    NothingYet
        If the log has no prediction of the month.
    Forbidden, NotFound
        If the actor may not, or there is no such model.
    """
    access.require(actor, Permission.kpi_export, model=model_id)
    chosen = checked_format(format)
    found = month_found(workspace, model_id, month, actor=actor, as_of=as_of)
    made = as_file(found, month, chosen, language)
    record_report(workspace, actor, found, made, {"month": month, "format": chosen})
    return made


def checked_format(text: str) -> Format:
    """Return the format of a name.

    Raises
    ------
    InvalidInput
        If there is none of it.
    """
    for each in FORMATS:
        if text == each:
            return each
    raise InvalidInput(
        N_("{text!r} is not known here."),
        remedy=N_("Choose from: {known}."),
        text=text,
        known=", ".join(FORMATS),
    )


def as_file(found: MonthFound, month: str, chosen: Format, language: Locale) -> ReportFile:
    """Return a month in a format and a language."""
    report = written(translator(language), found)
    content = _WRITERS[chosen](report, at=found.made_at)
    name = f"{found.model.id}-{month}-{language}.{chosen}"
    return ReportFile(name, MEDIA_TYPES[chosen], content)


def record_report(
    workspace: Workspace,
    person: Actor,
    found: MonthFound,
    made: ReportFile,
    about: Mapping[str, object],
) -> None:
    """Tell the audit trail of a report that was made for a person."""
    view = found.answer.view
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=workspace.clock(),
            actor=person.audit_name,
            role=person.role_text,
            kind="monthly_report.made",
            objects={"model": found.model.id},
            body={
                **about,
                "file": made.name,
                "sha256": made.sha256,
                "bytes": len(made.content),
                "as_of": view.as_of,
                "generation": view.generation,
                "contract": view.spec_sha256,
            },
        )
