"""What periods are compared with, in words, and the control that chooses it."""

from collections import Counter

import streamlit as st

from app.components import note
from app.context import PageContext
from app.filters import Filters
from app.screens.words import column_label
from core.domain.comparison import Comparison, ComparisonKind
from core.i18n import N_, Translator
from core.metrics.drift import REASONS, Reason
from core.services.drift.measure import ColumnDrift, DriftTable

_OFFERED = ("reference", "weekday", "last-year", "previous", "rolling:3", "rolling:6", "rolling:12")
_NAMES = {
    ComparisonKind.reference: N_("the reference"),
    ComparisonKind.weekday: N_("the same weekdays of the reference"),
    ComparisonKind.last_year: N_("the same period a year earlier"),
}
_SIDES = {
    ComparisonKind.reference: N_("reference"),
    ComparisonKind.weekday: N_("same weekdays"),
    ComparisonKind.last_year: N_("a year earlier"),
}
_NOTHING = (Reason.outside_log, Reason.no_such_period, Reason.comparison_empty)
_CONTROL = "hl_choose_against"


def comparison_name(t: Translator, against: Comparison) -> str:
    """Return what is compared with, as part of a sentence."""
    if against.kind is not ComparisonKind.rolling:
        return t(_NAMES[against.kind])
    if against.periods == 1:
        return t("the period before")
    return t("the {n} periods before", n=against.periods)


def side_name(t: Translator, against: Comparison) -> str:
    """Return a short name of the side compared with, for the key of a chart."""
    if against.kind is not ComparisonKind.rolling:
        return t(_SIDES[against.kind])
    return t("before")


def with_comparison(t: Translator, title: str, against: Comparison) -> str:
    """Return a chart's title that names what is compared with, unless that is the reference."""
    if against.is_fixed:
        return title
    return t(
        "{title}, compared with {comparison}", title=title, comparison=comparison_name(t, against)
    )


def period_title(
    t: Translator, table: DriftTable, column: ColumnDrift, period: str, *, cumulated: bool = False
) -> str:
    """Return the title of a chart of one column in one period beside what it is compared with."""
    name = column_label(t, table.view.contract, column.column)
    if table.against.is_fixed and cumulated:
        return t("{feature}: reference against {period}, cumulated", feature=name, period=period)
    if table.against.is_fixed:
        return t("{feature}: reference against {period}", feature=name, period=period)
    if cumulated:
        text = t("{feature}: {period}, cumulated", feature=name, period=period)
    else:
        text = t("{feature}: {period}", feature=name, period=period)
    return with_comparison(t, text, table.against)


def choose_comparison(ctx: PageContext) -> None:
    """Let the reader choose; the choice is a parameter of the URL, so links and views keep it."""
    t, filters = ctx.t, ctx.filters
    offered = _offered(filters)
    # The control follows the URL, which a link or the way back may have changed.
    st.session_state[_CONTROL] = str(filters.against)
    st.selectbox(
        t("Compared with"),
        offered,
        format_func=lambda text: _capital(comparison_name(t, Comparison.parse(text))),
        key=_CONTROL,
        on_change=_take,
        width=300,
    )


def _capital(text: str) -> str:
    """Return a name as it stands alone."""
    return text[:1].upper() + text[1:]


def _offered(filters: Filters) -> list[str]:
    names = list(_OFFERED)
    if filters.rows_per_chunk:
        names = [name for name in names if name not in {"weekday", "last-year"}]
    chosen = str(filters.against)
    return names if chosen in names else [*names, chosen]


def _take() -> None:
    chosen = str(st.session_state[_CONTROL])
    st.session_state["against"] = "" if Comparison.parse(chosen).is_fixed else chosen


def show_comparison(t: Translator, table: DriftTable) -> None:
    """Say what a comparison other than with the whole reference means for what the page shows."""
    if table.against.is_fixed:
        return
    note(
        t.sentences(
            t(
                "Each period is compared with {comparison}; the thresholds stay the same.",
                comparison=comparison_name(t, table.against),
            ),
            t("Alarms below are judged against the whole reference."),
        )
    )
    for text in nothing_beside(t, table):
        note(text)


def nothing_beside(t: Translator, table: DriftTable) -> list[str]:
    """Say how many periods with rows have nothing to be compared with, and why."""
    if not table.columns:
        return []
    reasons = Counter(str(reason) for reason in table.columns[0].result.reason)
    return [
        t.sentences(
            t.n("{n} period is not judged.", "{n} periods are not judged.", reasons[reason]),
            t(REASONS[reason]),
        )
        for reason in _NOTHING
        if reasons[reason]
    ]


def nothing_compared(t: Translator, table: DriftTable) -> str:
    """Return why no period at all could be compared; empty if one could."""
    for reason in _NOTHING:
        found = [str(each) for column in table.columns for each in column.result.reason]
        known = [each for each in found if each != Reason.current_empty]
        if known and set(known) == {str(reason)}:
            return t(REASONS[reason])
    return ""


def comparison_text(t: Translator, table: DriftTable) -> str:
    """Return what each period is compared with, for the foot of the page."""
    name = comparison_name(t, table.against)
    texts = {
        ComparisonKind.weekday: t(
            "Each weekday of a period is compared with the same weekday of the reference."
        ),
        ComparisonKind.last_year: t(
            "The same dates a year earlier; weeks by their number, Monday to Sunday."
        ),
        ComparisonKind.rolling: t("Whole periods, also from before the dates that are shown."),
    }
    return t.sentences(
        t("Each period is compared with {comparison}.", comparison=name),
        texts[table.against.kind],
        t(
            "Counted into the same bins ({bins}). A period is not judged where the log does not "
            "reach back to nine tenths of the days compared with.",
            bins=table.view.bins_id or "–",
        ),
    )
