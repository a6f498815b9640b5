"""Which column of the log is what, and which further columns are kept."""

from typing import Literal

from pydantic import Field

from core.contract.base import Part

ColumnType = Literal["numeric", "integer", "categorical", "text", "boolean", "date", "timestamp"]


class LogColumns(Part):
    """Names of the log's own columns for each of the product's.

    ``prediction_id`` and ``time`` are required; the rest is used where it is logged.
    """

    prediction_id: str
    time: str
    version: str | None = None
    score: str | None = None
    scores: dict[str, str] = Field(default_factory=dict)
    prediction: str | None = None
    decision: str | None = None
    released_at: str | None = None
    subject: str | None = None
    jurisdiction: str | None = None
    latency_ms: str | None = None
    status: str | None = None
    cpu_ms: str | None = None
    memory_mb: str | None = None
    amount: str | None = None

    def mapping(self) -> dict[str, str]:
        """Return the canonical names in use and the log's column for each."""
        named = {
            name: getattr(self, name)
            for name in type(self).model_fields
            if name != "scores" and getattr(self, name) is not None
        }
        for index, column in enumerate(self.scores.values()):
            named[f"score_{index}"] = column
        return named


class Column(Part):
    """A further column that is kept with each prediction."""

    name: str
    type: ColumnType
    personal: bool = False
    purpose: str = ""
    required: bool = False
