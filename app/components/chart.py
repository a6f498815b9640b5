"""A chart on a page: the figure, its accessible name, and its data as a table."""

import streamlit as st

from app.charts import Chart
from app.charts.locales import plotly_config
from app.components.chart_files import show_files
from app.components.table import Column, static_table
from app.context import page_context
from core.i18n import Translator

_TABLE_ROWS = 400
_SMALL = 0.1  # shares below are told apart by their second decimal
_MANY = 100.0


def show_chart(t: Translator, chart: Chart, key: str) -> None:
    """Show a chart, and under it the way to the same data as a table, a picture or a file.

    Parameters
    ----------
    t : Translator
        The reader's language.
    chart : Chart
        What a builder of ``app.charts`` returned.
    key : str
        Stable and unique on the page.
    """
    st.plotly_chart(
        chart.figure, key=key, theme=None, config=plotly_config(t.locale), alt=chart.alt
    )
    table = st.expander(t("View as table, picture or file"), key=f"{key}_table", on_change="rerun")
    if table.open:
        with table:
            show_files(page_context(), chart, key)
            columns = [_column(chart, str(name)) for name in chart.table.columns]
            static_table(t, chart.table.head(_TABLE_ROWS), columns, caption=chart.alt)


def _column(chart: Chart, name: str) -> Column:
    values = chart.table[name]
    if name in chart.shares:
        return Column(name, name, kind="percent", digits=2 if values.max() < _SMALL else 1)
    if values.dtype.kind == "f":  # 0.6 under 0.643 would look rounder than it is
        return Column(name, name, kind="number", digits=3 if values.abs().max() < _MANY else None)
    return Column(name, name)
