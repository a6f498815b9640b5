"""The row of chips under the title: each says what is chosen and opens its control."""

from collections.abc import Collection, Sequence
from datetime import date, timedelta

import streamlit as st

from app.chosen import slice_text, value_word, version_text
from app.components.text import plain
from app.filters import (
    RANGE_LABELS,
    RANGES,
    Filters,
    ModelChoice,
    log_days,
)
from core.i18n import Translator
from core.services.personal.names import MASK

_CONTROL = "hl_choose_{}"


def show_chips(
    t: Translator,
    filters: Filters,
    models: Sequence[ModelChoice],
    names: Sequence[str],
    *,
    key: str = "hl_chips",
) -> None:
    """Show the chips that a page asks for.

    Parameters
    ----------
    t : Translator
        The reader's language.
    filters : Filters
        What is chosen now.
    models : sequence of ModelChoice
        What can be chosen.
    names : sequence of {"model", "version", "period", "chunks", "slice", "as_of"}
        Which chips, in the order of display.
    key : str
        Of the row; a page that has more of them further down names each.
    """
    model = next((each for each in models if each.id == filters.model), None)
    if model is None or not names:
        return
    with st.container(horizontal=True, key=key, vertical_alignment="center"):
        for name in names:
            if name == "model":
                _model_chip(t, model, models)
            elif name == "version" and len(model.versions) > 1:
                _version_chip(t, filters, model)
            elif name == "slice" and model.slices:
                _slice_chip(t, filters, model)
            elif name == "period" and filters.first is not None:
                _period_chip(t, filters, model)
            elif name == "chunks" and model.row_chunks:
                _chunks_chip(t, filters, model)
            elif name == "as_of" and model.newest is not None:
                _as_of_chip(t, filters, model)


def _take(name: str, *clears: str) -> None:
    """Copy a control's value into its carrier, and clear what depends on it."""
    value = st.session_state.get(_CONTROL.format(name))
    st.session_state[name] = value.isoformat() if isinstance(value, date) else (value or "")
    for other in clears:
        st.session_state[other] = ""


def _take_one(name: str, options: Collection[str], *clears: str) -> None:
    """Copy a control's option into its carrier, and clear what depends on it.

    A click on words of the language that was just left names no option any more: it is let go.
    """
    value = st.session_state.get(_CONTROL.format(name))
    if value is None or value in options:
        _take(name, *clears)


def _preset(name: str, value: object) -> str:
    key = _CONTROL.format(name)
    st.session_state[key] = value
    return key


def _model_chip(t: Translator, model: ModelChoice, models: Sequence[ModelChoice]) -> None:
    names = {each.id: plain(each.name) for each in models}
    with st.popover(plain(model.name), key="hl_chip_model"):
        st.radio(
            t("Model"),
            list(names),
            format_func=lambda identifier: names[identifier],
            key=_preset("model", model.id),
            on_change=_take_one,
            args=(
                "model",
                tuple(names),
                "version",
                "slice",
                "value",
                "by",
                "kpi",
                "period",
                "beside",
            ),
        )


def _version_chip(t: Translator, filters: Filters, model: ModelChoice) -> None:
    everything = t("All versions")
    options = ("", *model.versions)
    with st.popover(plain(version_text(t, filters)), key="hl_chip_version"):
        st.radio(
            t("Model version"),
            options,
            format_func=lambda version: plain(version) or everything,
            key=_preset("version", filters.version or ""),
            on_change=_take_one,
            args=("version", options),
        )


def _slice_chip(t: Translator, filters: Filters, model: ModelChoice) -> None:
    everything = t("All rows")
    names = {each.name: each.label or each.name for each in model.slices}
    with st.popover(plain(slice_text(t, filters, model)), key="hl_chip_slice"):
        values = {each.name: each.values for each in model.slices}
        asked = str(st.session_state.get("slice") or "")
        asked = asked if asked in values else ""
        st.selectbox(
            t("Slice by"),
            ["", *values],
            format_func=lambda name: names.get(name, everything),
            key=_preset("slice", asked),
            on_change=_take_one,
            args=("slice", ("", *values), "value"),
        )
        if asked:
            st.selectbox(
                t("Value"),
                values[asked],
                index=None,
                placeholder=t("Choose a value"),
                format_func=lambda text: value_word(t, text),
                key=_preset("value", filters.slice_value),
                on_change=_take_one,
                args=("value", tuple(values[asked])),
            )
            if any(each.startswith(MASK) for each in values[asked]):
                st.caption(plain(t("Values of personal columns are numbered, the frequent first.")))


def _period_chip(t: Translator, filters: Filters, model: ModelChoice) -> None:
    if filters.first is None or filters.last is None:
        return
    days = log_days(model)
    with st.popover(plain(t.period(filters.first, filters.last)), key="hl_chip_period"):
        st.segmented_control(
            t("Period, counted back from the newest record"),
            list(RANGES),
            format_func=lambda name: t(RANGE_LABELS[name]),
            key=_preset("range", filters.range),
            on_change=_take_one,
            args=("range", tuple(RANGES)),
            required=True,
        )
        if filters.range == "custom" and days is not None:
            for name, label, value in (
                ("from", t("First day"), filters.first),
                ("to", t("Last day"), filters.last),
            ):
                st.date_input(
                    label,
                    min_value=min(days[0], value),
                    max_value=max(days[1], value),
                    key=_preset(name, value),
                    on_change=_take,
                    args=(name,),
                )


def _chunks_chip(t: Translator, filters: Filters, model: ModelChoice) -> None:
    calendar = t("By the calendar")
    names = {f"rows:{n}": t("Every {n} rows", n=n) for n in model.row_chunks}
    chosen = f"rows:{filters.rows_per_chunk}" if filters.rows_per_chunk else ""
    with st.popover(plain(names.get(chosen, calendar)), key="hl_chip_chunks"):
        st.radio(
            t("Cut the period into chunks"),
            ["", *names],
            format_func=lambda name: plain(names.get(name, calendar)),
            key=_preset("by", chosen),
            on_change=_take_one,
            args=("by", ("", *names)),
        )
        st.caption(plain(t("Chunks of rows are counted from the raw rows, which takes longer.")))


def _as_of_chip(t: Translator, filters: Filters, model: ModelChoice) -> None:
    days = log_days(model)
    chosen = filters.as_of
    label = t("As of {date}", date=chosen) if chosen else t("As of the newest record")
    with st.popover(plain(label), key="hl_chip_as_of"):
        st.date_input(
            t("Show what was known at the end of"),
            value=None,
            min_value=days[0] if days else None,
            max_value=(days[1] if days else date.today()) + timedelta(days=3_660),
            key=_preset("as_of", chosen),
            on_change=_take,
            args=("as_of",),
            help=t("Rows that became known later are left out. Clear it for the newest record."),
        )
