"""Which two periods the page Outcomes sets side by side, and the control that chooses them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import streamlit as st

from app.components import plain
from app.context import PageContext
from app.filters import Filters, log_days
from app.screens.outcomes_words import period_name
from core.domain.comparison import first_day_before, year_earlier
from core.domain.windows import Chunk, Window, local_day
from core.i18n import N_, Translator
from core.services.kpis import KpiAnswer, KpiFigure
from core.services.questions import Question, View

Against = Literal["previous", "last-year", "own"]

GRAINS = {"month": N_("Months"), "quarter": N_("Quarters"), "year": N_("Years")}
_AGAINST: dict[Against, str] = {
    "previous": N_("The period before"),
    "last-year": N_("A year earlier"),
    "own": N_("Own dates"),
}
_GRAIN, _PERIOD, _BESIDE = "outcomes_grain", "outcomes_period", "outcomes_against"
_FROM, _TO = "outcomes_from", "outcomes_to"
_MONTHS, _QUARTERS = 1_200, 7_400  # days up to which months, and quarters, can be read


@dataclass(frozen=True, slots=True)
class Sides:
    """The period shown and the one it is compared with.

    Parameters
    ----------
    view : View
        The whole course, in chunks of ``grain``.
    grain : {"month", "quarter", "year"}
        Length of a period.
    place : int
        Of the period shown among the view's chunks.
    against : {"previous", "last-year", "own"}
        How the other one is chosen.
    baseline : Window or None
        The other one; ``None`` if the log has nothing of it.
    """

    view: View
    grain: str
    place: int
    against: Against
    baseline: Window | None

    @property
    def chunk(self) -> Chunk:
        """The period shown."""
        return self.view.chunks[self.place]

    def name(self, t: Translator) -> str:
        """Return what the period shown is called."""
        return period_name(t, self.chunk, self.grain, self.view.timezone)

    def beside(self, t: Translator) -> str:
        """Return what the period compared with is called; empty without one."""
        if self.baseline is None:
            return ""
        return period_name(t, self.baseline, self.grain, self.view.timezone)

    def question(self, span: Chunk | Window | None = None) -> Question:
        """Return what a service is asked about one period as a whole."""
        part = span or self.chunk
        first, last = Window(part.start, part.end).days(self.view.timezone)
        asked = self.view.question
        return replace(asked, start=first.isoformat(), end=last.isoformat(), last=None, by="all")

    @property
    def against_text(self) -> str:
        """The period compared with, as ``FROM..TO``; empty without one."""
        if self.baseline is None:
            return ""
        first, last = self.baseline.days(self.view.timezone)
        return f"{first.isoformat()}..{last.isoformat()}"


def chosen_grain(filters: Filters) -> str:
    """Return the length of a period: as chosen, else what suits the length of the log shown."""
    chosen = str(st.session_state.get(_GRAIN) or "")
    if chosen in GRAINS:
        return chosen
    days = (filters.last - filters.first).days + 1 if filters.first and filters.last else 0
    return "month" if days <= _MONTHS else "quarter" if days <= _QUARTERS else "year"


def chosen_sides(answer: KpiAnswer, grain: str) -> Sides:
    """Return the two periods as chosen, else the newest that is known and the one before."""
    view = answer.view
    keys = [chunk.key for chunk in view.chunks]
    chosen = st.session_state.get(_PERIOD)
    place = keys.index(chosen) if chosen in keys else newest_known(answer)
    asked = st.session_state.get(_BESIDE)
    against: Against = next((each for each in _AGAINST if each == asked), "previous")
    return Sides(view, grain, place, against, _baseline(view, grain, place, against))


def newest_known(answer: KpiAnswer) -> int:
    """Return the place of the newest period of which most figures are final."""
    count = len(answer.view.chunks)
    known = [sum(_is_known(each.periods, place) for each in answer.kpis) for place in range(count)]
    most = max(known, default=0)
    return max((place for place in range(count) if known[place] == most), default=count - 1)


def _is_known(periods: Sequence[KpiFigure], place: int) -> bool:
    figure = periods[place]
    return figure.value == figure.value and figure.is_final


def _baseline(view: View, grain: str, place: int, against: Against) -> Window | None:
    chunk = view.chunks[place]
    if against == "own":
        return _own_dates(view.timezone)
    if against == "last-year":
        found = year_earlier(chunk, grain, view.timezone)
    elif place > 0:
        before = view.chunks[place - 1]
        found = Window(before.start, before.end)
    else:
        first = local_day(chunk.start, view.timezone)
        start = first_day_before(first, grain, 1)
        found = Window.of_days(start, first - timedelta(days=1), view.timezone)
    return found if found is not None and found.end > view.first_prediction else None


def _own_dates(timezone: str) -> Window | None:
    first, last = st.session_state.get(_FROM), st.session_state.get(_TO)
    if not isinstance(first, date) or not isinstance(last, date):
        return None
    return Window.of_days(min(first, last), max(first, last), timezone)


def choose_sides(ctx: PageContext, sides: Sides) -> None:
    """Show which periods are set side by side, and let the reader choose others."""
    t = ctx.t
    name, beside = plain(sides.name(t)), plain(sides.beside(t))
    label = t("{period}, compared with {other}", period=name, other=beside) if beside else name
    with (
        st.container(horizontal=True, key="hl_sides", vertical_alignment="center"),
        st.popover(label, key="hl_choose_sides"),
    ):
        _choose_grain(t, sides)
        _choose_period(t, sides)
        _choose_other(ctx, sides)


def _choose_grain(t: Translator, sides: Sides) -> None:
    st.session_state[_GRAIN] = sides.grain
    st.segmented_control(
        t("Length of a period"),
        list(GRAINS),
        format_func=lambda grain: t(GRAINS[grain]),
        key=_GRAIN,
        required=True,
    )


def _choose_period(t: Translator, sides: Sides) -> None:
    names = {
        chunk.key: period_name(t, chunk, sides.grain, sides.view.timezone)
        for chunk in sides.view.chunks
    }
    st.session_state[_PERIOD] = sides.chunk.key
    st.selectbox(
        t("Period shown"), list(names)[::-1], format_func=lambda key: names[key], key=_PERIOD
    )


def _choose_other(ctx: PageContext, sides: Sides) -> None:
    t = ctx.t
    st.session_state[_BESIDE] = sides.against
    st.radio(
        t("Compared with"), list(_AGAINST), format_func=lambda name: t(_AGAINST[name]), key=_BESIDE
    )
    if sides.against != "own" or ctx.model is None:
        return
    days = log_days(ctx.model)
    for key, label in ((_FROM, t("First day")), (_TO, t("Last day"))):
        st.date_input(
            label,
            value=None,
            min_value=days[0] if days else None,
            max_value=days[1] if days else None,
            key=key,
        )


def show_period(key: str) -> None:
    """Let the page tell of another period from its next run on."""
    st.session_state[_PERIOD] = key
