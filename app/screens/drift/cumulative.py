"""How far the values of a feature moved: sentence and picture of a Wasserstein distance."""

from datetime import timedelta
from functools import partial

from app.charts import Chart, Look, cumulative, labels_for
from app.screens.compared import period_title, side_name
from app.screens.words import column_label, column_unit, value_text
from core.domain.windows import local_day
from core.errors import NotComputable
from core.i18n import Translator
from core.metrics.binning import NumericBins
from core.metrics.drift import REASONS, CumulativeShares, Reason, cumulative_shares
from core.services.drift.measure import ColumnDrift, DriftTable
from core.services.thresholds import thresholds_of


def shares_of(column: ColumnDrift, chunk: int) -> CumulativeShares | None:
    """Return the distribution functions of a column; ``None`` if it has none in this chunk."""
    counts = column.counts
    if not isinstance(counts.bins, NumericBins):
        return None
    try:
        return cumulative_shares(counts.bins, counts.reference_at(chunk), counts.current_at(chunk))
    except NotComputable:
        return None


def distance_sentence(
    t: Translator, table: DriftTable, column: ColumnDrift, shares: CumulativeShares
) -> str:
    """Say how far the values moved: in their own unit, in standard deviations, and which way."""
    contract = table.view.contract
    words = {
        "feature": column_label(t, contract, column.column),
        "distance": value_text(t, shares.distance, column_unit(t, contract, column.column)),
    }
    if shares.distance == 0:
        if not table.against.is_fixed:
            return t("The values of {feature} lie as in what they are compared with.", **words)
        return t("The values of {feature} lie as in the reference.", **words)
    if shares.one_way > 0:
        text = t("Values of {feature} moved by {distance} on average, nearly all upwards.", **words)
    elif shares.one_way < 0:
        text = t(
            "Values of {feature} moved by {distance} on average, nearly all downwards.", **words
        )
    else:
        text = t("Values of {feature} moved by {distance} on average, both ways.", **words)
    if shares.deviations == shares.deviations:
        unit = t(
            "That is {deviations} standard deviations of the reference.",
            deviations=t.number(shares.deviations),
        )
    else:
        unit = t(REASONS[Reason.no_spread])
    rows = min(shares.n_reference, shares.n_current)
    few = rows < thresholds_of(contract, "wasserstein").minimum_n
    return t.sentences(text, unit, t(REASONS[Reason.too_few_rows]) if few else "")


def cumulative_chart(
    look: Look,
    table: DriftTable,
    column: ColumnDrift,
    chunk: int,
    period: str,
    shares: CumulativeShares,
) -> Chart:
    """Return reference against one chunk as cumulated shares, the area between them shaded."""
    t, view = look.t, table.view
    label = column_label(t, view.contract, column.column)
    unit = column_unit(t, view.contract, column.column)
    at = table.chunks[chunk]
    return cumulative(
        look,
        labels_for(
            t,
            title=period_title(t, table, column, period, cumulated=True),
            x=label,
            y=t("Share of rows up to the value"),
            n=shares.n_reference,
            first=local_day(at.start, view.timezone),
            last=local_day(at.end - timedelta(microseconds=1), view.timezone),
        ),
        at=shares.at,
        reference=shares.reference,
        current=shares.current,
        current_n=shares.n_current,
        beside="" if table.against.is_fixed else side_name(t, table.against),
        shown=shares.central(),
        write=partial(value_text, t, unit=unit),
    )


def cropped(shares: CumulativeShares) -> bool:
    """Whether the picture leaves out more than a tenth of the values' whole range."""
    low, high = shares.central()
    return bool(high - low < 0.9 * (shares.at[-1] - shares.at[0]))
