"""Which pages there are, who may open them, and which filters they show."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from core.auth.policy import allows
from core.domain.identity import Actor, Permission, Role
from core.i18n import N_, Translator

HOME = "home"
PAGES_FOLDER = Path(__file__).resolve().parents[1] / "pages"


@dataclass(frozen=True, slots=True)
class Entry:
    """One page of the menu.

    Parameters
    ----------
    key : str
        Stem of the file in ``pages/`` and last part of the address.
    title : str
        Message id of the name in the menu.
    permission : Permission
        Who has it sees the page; the page's service checks it again.
    section : str
        Message id of the group.
    chips : tuple of str
        The filters the page shows, in order.
    under : str
        Key of the page that leads to it; the menu leaves it out and shows that one instead.
    """

    key: str
    title: str
    permission: Permission
    section: str
    chips: tuple[str, ...] = ()
    under: str = ""

    @property
    def in_menu(self) -> str:
        """Key of what the menu shows for it: itself, or the page that leads to it."""
        return self.under or self.key

    @property
    def path(self) -> Path:
        """Where the page's script is."""
        return PAGES_FOLDER / f"{self.key}.py"


_FULL = ("model", "period", "version", "slice", "as_of")

BUSINESS = N_("Business")
REVIEW = N_("Review")

ENTRIES: tuple[Entry, ...] = (
    Entry("outcomes", N_("Business outcomes"), Permission.kpi_view, BUSINESS, _FULL),
    Entry("value", N_("Value of decisions"), Permission.value_view, BUSINESS, _FULL),
    Entry("portfolio", N_("Portfolio"), Permission.value_view, BUSINESS),
    Entry(
        "overview",
        N_("Overview"),
        Permission.overview_view,
        N_("Models"),
        ("model", "period", "as_of"),
    ),
    Entry(
        "model",
        N_("Model"),
        Permission.overview_view,
        N_("Models"),
        _FULL,
    ),
    Entry("model_card", N_("Model card"), Permission.model_view, N_("Models"), ("model",)),
    Entry(
        "operations",
        N_("Operations"),
        Permission.operations_view,
        N_("Models"),
        _FULL,
    ),
    Entry(
        "drift",
        N_("Drift"),
        Permission.drift_view,
        N_("Models"),
        ("model", "period", "chunks", "version", "slice", "as_of"),
    ),
    Entry(
        "data_quality",
        N_("Data quality"),
        Permission.quality_view,
        N_("Models"),
        _FULL,
    ),
    Entry(
        "performance",
        N_("Performance"),
        Permission.performance_view,
        N_("Models"),
        _FULL,
    ),
    Entry(
        "segments",
        N_("Segments"),
        Permission.performance_view,
        N_("Models"),
        _FULL,
    ),
    Entry(
        "fairness",
        N_("Fairness"),
        Permission.fairness_view,
        N_("Models"),
        _FULL,
    ),
    Entry("alerts", N_("Alerts"), Permission.alert_view, N_("Models")),
    Entry("review", N_("Human review"), Permission.review_view, REVIEW),
    Entry("case", N_("Case"), Permission.review_view, REVIEW, under="review"),
    Entry("decision", N_("Decision"), Permission.explanation_view, REVIEW, ("model",)),
    Entry("explanations", N_("Explanations"), Permission.explanation_view, REVIEW, ("model",)),
    Entry("oversight", N_("Human oversight"), Permission.review_view, REVIEW, ("model",)),
    Entry("review_team", N_("Team and clocks"), Permission.review_manage, REVIEW),
    Entry(
        "oversight_quality",
        N_("Oversight quality"),
        Permission.oversight_view,
        REVIEW,
        ("model",),
    ),
    Entry("requests", N_("Customers' requests"), Permission.rights_view, REVIEW),
    Entry(
        "ingest",
        N_("Ingest"),
        Permission.ingest_view,
        N_("Data"),
        ("model",),
    ),
    Entry("approvals", N_("Approvals"), Permission.approval_view, N_("Governance")),
    Entry("audit_trail", N_("Audit trail"), Permission.audit_view, N_("Governance")),
    Entry(
        "examiner",
        N_("Examiner room"),
        Permission.examiner_view,
        N_("Governance"),
        ("model",),
    ),
    Entry("personal_data", N_("Personal data"), Permission.retention_view, N_("Governance")),
    Entry("serving", N_("Serving systems"), Permission.approval_view, N_("Governance")),
    Entry("people", N_("People and access"), Permission.user_view, N_("Administration")),
    Entry("account", N_("My account"), Permission.account_manage, N_("Administration")),
)


def visible_entries(actor: Actor, entries: Sequence[Entry] = ENTRIES) -> tuple[Entry, ...]:
    """Return the pages that the actor's roles open, in the order of the menu."""
    return tuple(each for each in entries if allows(actor, each.permission))


def home_entry(actor: Actor | None, entries: Sequence[Entry]) -> Entry | None:
    """Return the page at the bare address, of those that an actor may open.

    Who has no role but the business one begins with what the models earn, and who decides cases
    with the queue. Everybody else begins with how the models are: that is what they are there to
    look after.
    """
    entries = [each for each in entries if not each.under]
    roles = actor.roles if actor is not None else frozenset()
    if roles and roles <= {Role.compliance, Role.compliance_lead}:
        entries = [each for each in entries if each.section == REVIEW] or entries
    if roles != {Role.business}:
        entries = [each for each in entries if each.section != BUSINESS] or entries
    return next(iter(entries), None)


def streamlit_pages(
    t: Translator, actor: Actor | None, otherwise: Callable[[], None]
) -> dict[str, Any]:
    """Return page key → ``st.Page`` of every page there is, and ``home`` at the bare address.

    Every address stays known, so that a link survives the sign-in and a page that is not open
    to the actor says so, instead of "page not found".

    Parameters
    ----------
    t : Translator
        The reader's language.
    actor : Actor, optional
        Who looks; ``None`` while nobody is signed in.
    otherwise : callable
        Shown instead of what the actor may not open.
    """
    allowed = visible_entries(actor) if actor else ()
    pages = {
        each.key: st.Page(
            each.path if each in allowed else otherwise,
            title=t(each.title),
            url_path=each.key.replace("_", "-"),
        )
        for each in ENTRIES
    }
    first = home_entry(actor, allowed or ENTRIES)
    if first is not None:
        # Streamlit serves its default page at the bare address only; so it is a page of its own.
        script = first.path if first in allowed else otherwise
        pages[HOME] = st.Page(script, title=t(first.title), url_path=HOME, default=True)
    return pages


def entry_of(chosen: Any, pages: Mapping[str, Any], actor: Actor) -> Entry:
    """Return the entry that a chosen page belongs to; the bare address is the actor's home.

    Raises
    ------
    LookupError
        If the actor may open no page at all.
    """
    named = next((each for each in ENTRIES if pages.get(each.key) == chosen), None)
    found = named or home_entry(actor, visible_entries(actor))
    if found is None:
        raise LookupError("no page is open to the actor")
    return found
