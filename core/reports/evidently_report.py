"""Evidently's own drift report, for readers who know it; run by the worker on a sample.

Importing Evidently takes seconds, so it is imported inside the function and never at start-up.
Its defaults (tests by sample size, pooled window) differ from Harbourlight's: the page that
offers the report says so. What comes out of a log is made inert before Evidently sees it, and
the file carries a policy of its own: it is opened from a disk, where no header protects it.
"""

import os
import warnings
from collections.abc import Sequence
from html import escape
from pathlib import Path

import pandas as pd

from core.errors import NotComputable
from core.reports.closed_page import closed_page
from core.reports.inert_text import inert, inert_names, make_texts_inert

LEFT_OUT = "Left out, because a report would quote personal values:"


def write_report(
    reference: pd.DataFrame,
    current: pd.DataFrame,
    *,
    numeric: Sequence[str],
    categorical: Sequence[str],
    left_out: Sequence[str] = (),
    target: Path,
) -> None:
    """Write Evidently's drift and summary report as one self-contained HTML file.

    Parameters
    ----------
    reference, current : DataFrame
        Samples with the same columns.
    numeric, categorical : sequence of str
        Columns of each kind; a column that is empty in either sample is left out, because it
        would abort the whole report. Names and categories are shown with lookalikes of the
        letters that could be markup.
    left_out : sequence of str
        Columns that the report is not about because their values are personal; it says so on top.
    target : Path
        File to write.

    Raises
    ------
    NotComputable
        If no column has values in both samples.
    """
    filled = [c for c in reference if reference[c].notna().any() and current[c].notna().any()]
    kept_numeric = [column for column in numeric if column in filled]
    kept_categorical = [column for column in categorical if column in filled]
    if not kept_numeric and not kept_categorical:
        raise NotComputable(
            "No feature has values in both samples.", remedy="Choose another period."
        )
    os.environ["DO_NOT_TRACK"] = "1"  # read by the library while it is imported
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Evidently warns of its own dependencies' future
        from evidently import DataDefinition, Dataset, Report  # noqa: PLC0415
        from evidently.presets import DataDriftPreset, DataSummaryPreset  # noqa: PLC0415

        before, after = make_texts_inert(
            [reference[kept_numeric + kept_categorical], current[kept_numeric + kept_categorical]],
            kept_categorical,
        )
        names = inert_names(before.columns)
        definition = DataDefinition(
            numerical_columns=[names[column] for column in kept_numeric],
            categorical_columns=[names[column] for column in kept_categorical],
        )
        snapshot = Report([DataDriftPreset(), DataSummaryPreset()]).run(
            Dataset.from_pandas(after.rename(columns=names), data_definition=definition),
            Dataset.from_pandas(before.rename(columns=names), data_definition=definition),
        )
        page = snapshot.get_html_str(as_iframe=False)
    target.write_text(closed_page(_with_note(page, left_out)), encoding="utf-8")


def _with_note(page: str, left_out: Sequence[str]) -> str:
    """Return the page with a line on top that names the columns it is not about."""
    if not left_out:
        return page
    names = escape(", ".join(inert(name) for name in left_out))
    line = f'<p style="font-family: sans-serif; margin: 1rem">{LEFT_OUT} {names}</p>'
    return page.replace("<body>", f"<body>\n    {line}", 1)
