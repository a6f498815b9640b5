"""The portfolio to take away: an Excel file or a board pack, each on the trail by its hash."""

from collections.abc import Callable, Mapping
from typing import Literal, get_args

from core.domain.identity import Actor, Permission
from core.domain.money import BASE
from core.errors import InvalidInput
from core.i18n import N_, translator
from core.i18n.locales import Locale
from core.reports.portfolio import book, printed
from core.services import access
from core.services.monthly.files import MEDIA_TYPES, ReportFile
from core.services.portfolio.rows import portfolio
from core.services.portfolio.written import written
from core.services.workspace import Workspace
from core.store.audit import trail as audit

PortfolioFormat = Literal["pdf", "xlsx"]
PORTFOLIO_FORMATS: tuple[PortfolioFormat, ...] = get_args(PortfolioFormat)
_WRITERS: Mapping[PortfolioFormat, Callable[..., bytes]] = {"pdf": printed, "xlsx": book}
_ZONE = "Asia/Hong_Kong"


def portfolio_file(
    workspace: Workspace,
    format: str,
    *,
    actor: Actor,
    language: Locale = "en",
    currency: str = BASE,
    as_of: str | None = None,
) -> ReportFile:
    """Make the portfolio as a file.

    Parameters
    ----------
    workspace : Workspace
        Where.
    format : {"xlsx", "pdf"}
        An Excel file, or a board pack.
    actor : Actor
        Needs ``kpi.export``.
    language : {"en", "zh-HK", "zh-CN"}
        In which language.
    currency : str
        Of all money.
    as_of : str, optional
        What was known then.

    Raises
    ------
    InvalidInput
        If there is no such format.
    Forbidden
        If the actor may not.
    """
    access.require(actor, Permission.kpi_export)
    chosen = next((each for each in PORTFOLIO_FORMATS if each == format), None)
    if chosen is None:
        raise InvalidInput(
            N_("{text!r} is not known here."),
            remedy=N_("Choose from: {known}."),
            text=format,
            known=", ".join(PORTFOLIO_FORMATS),
        )
    found = portfolio(workspace, actor=actor, currency=currency, as_of=as_of)
    now = workspace.clock()
    name = actor.display_name or actor.username
    report = written(translator(language), found, made_at=now, made_for=name, timezone=_ZONE)
    content = _WRITERS[chosen](report, at=now)
    made = ReportFile(f"portfolio-{now:%Y%m%d}-{language}.{chosen}", MEDIA_TYPES[chosen], content)
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=now,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="portfolio.exported",
            objects={},
            body={
                "format": chosen,
                "currency": currency,
                "models": [row.model.id for row in found.rows],
                "sha256": made.sha256,
                "bytes": len(content),
            },
        )
    return made
