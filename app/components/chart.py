"""A chart on a page: the figure, its accessible name, and its data as a table."""

import streamlit as st

from app.charts import Chart
from app.charts.locales import plotly_config
from app.components.table import Column, static_table
from core.i18n import Translator

_TABLE_ROWS = 400


def show_chart(t: Translator, chart: Chart, key: str) -> None:
    """Show a chart, and under it the way to the same data as a table.

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
    table = st.expander(t("View as table"), key=f"{key}_table", on_change="rerun")
    if table.open:
        with table:
            columns = [Column(str(name), str(name)) for name in chart.table.columns]
            static_table(t, chart.table.head(_TABLE_ROWS), columns, caption=chart.alt)
