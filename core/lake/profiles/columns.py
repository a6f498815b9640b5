"""What a profile counts: its features with their bins, for both kinds of profile."""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from core.contract import ModelContract
from core.lake.paths import quoted
from core.lake.streams import stream_columns
from core.metrics.binning import (
    CODE_OFFSET,
    BinSet,
    CategoricalBins,
    FeatureBins,
    NumericBins,
    log_spaced_bins,
)

ProfileKind = Literal["features", "operations"]

ROWS, STATUS, HOUR = "@rows", "@status", "@hour"
LATENCY, CPU, MEMORY = "@latency_ms", "@cpu_ms", "@memory_mb"
MEASURES = {LATENCY: "latency_ms", CPU: "cpu_ms", MEMORY: "memory_mb"}
OK_WORDS = ("ok", "success", "succeeded", "completed", "true")


@dataclass(frozen=True, slots=True)
class ProfileColumn:
    """One feature of a profile.

    Parameters
    ----------
    feature : str
        Its name in the profile; pseudo-features begin with ``@``.
    source : str
        Lake column that it reads.
    bins : NumericBins or CategoricalBins
        Its bins.
    expression : str
        SQL of the bin position where it is no plain column; empty otherwise.
    """

    feature: str
    source: str
    bins: FeatureBins
    expression: str = ""

    @property
    def width(self) -> int:
        """Number of bin positions."""
        return self.bins.bin_count + CODE_OFFSET

    @property
    def is_numeric(self) -> bool:
        """Whether the pass reads numbers, which also have a sum, minimum and maximum."""
        return isinstance(self.bins, NumericBins) and not self.expression


def feature_sources(contract: ModelContract) -> dict[str, tuple[str, Literal["number", "text"]]]:
    """Return the features that bins are made for: name → lake column and what it holds.

    Contract features under their names; score, prediction and decision, where logged, as
    ``@score`` (or ``@score_0`` … for each class), ``@prediction``, ``@decision``.
    """
    found: dict[str, tuple[str, Literal["number", "text"]]] = {
        feature.name: (
            contract.alias(feature.name),
            "number" if feature.type == "numeric" else "text",
        )
        for feature in contract.features
    }
    for name in contract.log.mapping():
        if name.startswith("score"):
            found["@" + name] = (name, "number")
        elif name in {"prediction", "decision"}:
            found["@" + name] = (name, "text")
    return found


def profile_columns(contract: ModelContract, bins: BinSet) -> tuple[ProfileColumn, ...]:
    """Return the columns of a features profile: those that have bins."""
    return tuple(
        ProfileColumn(name, column, bins.features[name])
        for name, (column, _) in feature_sources(contract).items()
        if name in bins.features
    )


@cache
def operation_bins() -> dict[str, FeatureBins]:
    """Return the fixed bins of operations profiles, which need no reference.

    ``@rows`` has one bin; ``@status`` 0 ok, 1 error; ``@hour`` twice the local hour, plus 1 for
    an error; the measures have edges at powers of 1.05 from 0.01 to 10 million.
    """
    measures: dict[str, FeatureBins] = dict.fromkeys(MEASURES, log_spaced_bins(0.01, 1e7))
    hours = tuple(f"{hour:02d}{mark}" for hour in range(24) for mark in ("", "!"))
    return {
        ROWS: CategoricalBins(("row",)),
        STATUS: CategoricalBins(("ok", "error")),
        HOUR: CategoricalBins(hours),
        **measures,
    }


def operation_columns(contract: ModelContract) -> tuple[ProfileColumn, ...]:
    """Return the columns of an operations profile: rows and hours always, the rest if logged."""
    bins, logged = operation_bins(), contract.log.mapping()
    zone = quoted(contract.timezone)
    status = f"CASE WHEN r.status IS NULL THEN 1 WHEN {_IS_ERROR} THEN 3 ELSE 2 END"
    hour = (
        f"{CODE_OFFSET} + 2 * extract('hour' FROM r.time AT TIME ZONE {zone})"
        f" + CASE WHEN {_IS_ERROR} THEN 1 ELSE 0 END"
    )
    found = [
        ProfileColumn(ROWS, "time", bins[ROWS], str(CODE_OFFSET)),
        ProfileColumn(HOUR, "time", bins[HOUR], hour),
    ]
    if "status" in logged:
        found.append(ProfileColumn(STATUS, "status", bins[STATUS], status))
    found += [
        ProfileColumn(name, column, bins[name])
        for name, column in MEASURES.items()
        if column in logged
    ]
    return tuple(found)


def source_type(contract: ModelContract, column: str) -> str:
    """Return the DuckDB type of a lake column of the predictions stream."""
    return stream_columns(contract, "predictions")[column]


_OK_LIST = ", ".join(f"'{word}'" for word in OK_WORDS)
_STATUS_TEXT = "lower(trim(r.status))"
_IS_ERROR = (
    f"(r.status IS NOT NULL AND {_STATUS_TEXT} NOT IN ({_OK_LIST})"
    f" AND NOT regexp_full_match({_STATUS_TEXT}, '[123]\\d{{2}}'))"
)
