"""What is known of an attribute's groups period by period, and which of it is not final."""

import numpy as np
import pandas as pd

from app.components import Column
from core.i18n import Translator
from core.metrics.registry import METRICS
from core.services.fairness.figures import AttributeFairness
from core.services.fairness.rows import maturity_word, outcome_shares
from core.services.fairness.summaries import Figures

OPPORTUNITY = "equal_opportunity_difference"


def period_frame(t: Translator, found: AttributeFairness) -> tuple[pd.DataFrame, list[Column]]:
    """Return a line a period: rows, how far outcomes are, and how far the groups lie apart.

    A figure of outcomes whose period is not mature throughout says so: rows will still come.
    """
    rows = [
        {
            "period": chunk.key,
            "n": int(figures.counts.n.sum()),
            "ratio": figures.selection.smallest_ratio,
            "matured": outcome_shares(figures.counts)[0],
            "labelled": outcome_shares(figures.counts)[1],
            "opportunity": _opportunity(t, figures),
        }
        for chunk, figures in found.chunks
    ]
    columns = [
        Column("period", t("Period")),
        Column("n", t("Rows"), kind="count"),
        Column("ratio", t("Lowest ratio"), kind="number", digits=3),
        Column("matured", t("Old enough for an outcome"), kind="percent", digits=0),
        Column("labelled", t("Outcome counts"), kind="percent", digits=0),
        Column("opportunity", t(METRICS[OPPORTUNITY].label)),
    ]
    return pd.DataFrame(rows, columns=[column.name for column in columns]), columns


def _opportunity(t: Translator, figures: Figures) -> str:
    value = figures.opportunity.largest_difference
    if np.isnan(value):
        return t.number(None)
    written = t.number(value, 3)
    if maturity_word(outcome_shares(figures.counts)[0]) == "matured":
        return written
    return t("{value}, not final", value=written)
