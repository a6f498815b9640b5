"""Which two periods the page Outcomes sets side by side, and the control that chooses them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal

import streamlit as st

from app.components import plain
from app.context import PageContext
from app.filters import Filters, log_days, parse_day
from app.screens.outcomes.words import period_name
from core.domain.comparison import first_day_before, year_earlier
from core.domain.windows import Chunk, Window, calendar_chunks, local_day
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
# What the URL carries, so that links and saved views keep it: 2007-Q4; last-year, or FROM..TO.
_PERIOD, _BESIDE = "period", "beside"
_CONTROL = "outcomes_choose_{}"
_KEYS = {
    "month": re.compile(r"\d{4}-\d\d"),
    "quarter": re.compile(r"\d{4}-Q[1-4]"),
    "year": re.compile(r"\d{4}"),
}
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

    @property
    def baseline_place(self) -> int | None:
        """Place of the other one among the view's chunks; ``None`` if it is none of them.

        The first chunk may begin with the log instead of with its month or quarter.
        """
        other = self.baseline
        if other is None:
            return None
        for place, chunk in enumerate(self.view.chunks):
            begins = chunk.start == other.start or (place == 0 and chunk.start > other.start)
            if begins and chunk.end == other.end:
                return place
        return None

    def name(self, t: Translator) -> str:
        """Return what the period shown is called."""
        return period_name(t, self.chunk, self.grain, self.view.timezone)

    def beside(self, t: Translator) -> str:
        """Return what the period compared with is called; empty without one."""
        if self.baseline is None:
            return ""
        grain = "" if self.against == "own" else self.grain
        return period_name(t, self.baseline, grain, self.view.timezone)

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
    chosen = filters.parameters.get(_PERIOD, "")
    for grain, pattern in _KEYS.items():
        if pattern.fullmatch(chosen):
            return grain
    days = (filters.last - filters.first).days + 1 if filters.first and filters.last else 0
    return "month" if days <= _MONTHS else "quarter" if days <= _QUARTERS else "year"


def chosen_sides(filters: Filters, answer: KpiAnswer, grain: str) -> Sides:
    """Return the two periods as chosen, else the newest that is known and the one before."""
    view = answer.view
    keys = [chunk.key for chunk in view.chunks]
    chosen = filters.parameters.get(_PERIOD)
    place = keys.index(chosen) if chosen in keys else newest_known(answer)
    beside = filters.parameters.get(_BESIDE, "")
    own = _own_dates(beside, view.timezone)
    if own is not None or beside == "own":
        return Sides(view, grain, place, "own", own)
    against: Against = "last-year" if beside == "last-year" else "previous"
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


def _own_dates(text: str, timezone: str) -> Window | None:
    first, _, last = text.partition("..")
    days = parse_day(first), parse_day(last)
    if days[0] is None or days[1] is None:
        return None
    return Window.of_days(min(days[0], days[1]), max(days[0], days[1]), timezone)


def choose_sides(ctx: PageContext, sides: Sides) -> None:
    """Show which periods are set side by side, and let the reader choose others."""
    t = ctx.t
    name, beside = sides.name(t), sides.beside(t)
    label = t("{period}, compared with {other}", period=name, other=beside) if beside else name
    with (
        st.container(horizontal=True, key="hl_sides", vertical_alignment="center"),
        st.popover(plain(label), key="hl_choose_sides"),
    ):
        _choose_grain(t, sides)
        _choose_period(t, sides)
        _choose_other(ctx, sides)


def _preset(name: str, value: object) -> str:
    """Let a control follow the URL, which a link or the way back may have changed."""
    key = _CONTROL.format(name)
    st.session_state[key] = value
    return key


def _choose_grain(t: Translator, sides: Sides) -> None:
    last = Window(sides.chunk.start, sides.chunk.end).days(sides.view.timezone)[1]
    st.segmented_control(
        t("Length of a period"),
        list(GRAINS),
        format_func=lambda grain: t(GRAINS[grain]),
        key=_preset("grain", sides.grain),
        on_change=_take_grain,
        args=(last,),
        required=True,
    )


def _take_grain(day: date) -> None:
    """Choose the period of the new length in which the old one ended."""
    grain = st.session_state[_CONTROL.format("grain")]
    window = Window.of_days(day, day, "UTC")
    st.session_state[_PERIOD] = calendar_chunks(window, grain, "UTC")[0].key


def _choose_period(t: Translator, sides: Sides) -> None:
    names = {
        chunk.key: period_name(t, chunk, sides.grain, sides.view.timezone)
        for chunk in sides.view.chunks
    }
    st.selectbox(
        t("Period shown"),
        list(names)[::-1],
        format_func=lambda key: names[key],
        key=_preset("period", sides.chunk.key),
        on_change=lambda: show_period(st.session_state[_CONTROL.format("period")]),
    )


def _choose_other(ctx: PageContext, sides: Sides) -> None:
    t = ctx.t
    st.radio(
        t("Compared with"),
        list(_AGAINST),
        format_func=lambda name: t(_AGAINST[name]),
        key=_preset("against", sides.against),
        on_change=_take_against,
    )
    if sides.against != "own" or ctx.model is None:
        return
    days = log_days(ctx.model)
    own = (None, None) if sides.baseline is None else sides.baseline.days(sides.view.timezone)
    for name, label, value in (("from", t("First day"), own[0]), ("to", t("Last day"), own[1])):
        key = _CONTROL.format(name)
        if value is not None:
            st.session_state[key] = value
        st.date_input(
            plain(label),
            value=None,
            min_value=min(days[0], value or days[0]) if days else None,
            max_value=max(days[1], value or days[1]) if days else None,
            key=key,
            on_change=_take_dates,
        )


def _take_against() -> None:
    chosen = str(st.session_state[_CONTROL.format("against")])
    st.session_state[_BESIDE] = "" if chosen == "previous" else chosen


def _take_dates() -> None:
    first, last = (st.session_state.get(_CONTROL.format(name)) for name in ("from", "to"))
    if isinstance(first, date) and isinstance(last, date):
        st.session_state[_BESIDE] = f"{first.isoformat()}..{last.isoformat()}"


def show_period(key: str) -> None:
    """Let the page tell of another period from its next run on."""
    st.session_state[_PERIOD] = key
