"""Money and outcomes: dated exchange rates, and cut-offs that somebody tried out."""

from sqlalchemy import CheckConstraint, Column, Date, Double, ForeignKey, Index, Table, Text

from core.store.tables._base import metadata
from core.store.types import Instant, Json

# Hong Kong dollars for one unit of a currency on a day; the Hong Kong dollar itself has none.
exchange_rate = Table(
    "exchange_rate",
    metadata,
    Column("currency", Text, primary_key=True),
    Column("day", Date, primary_key=True),
    Column("hkd", Double, nullable=False),
    Column("source", Text, nullable=False),
    Column("imported_at", Instant, nullable=False),
    Column("imported_by", Text, nullable=False),
    CheckConstraint("hkd > 0", name="hkd"),
    CheckConstraint("currency <> 'HKD'", name="currency"),
)

scenario = Table(
    "scenario",
    metadata,
    Column("id", Text, primary_key=True),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("name", Text, nullable=False),
    Column("body", Json, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("made_at", Instant, nullable=False),
    Column("proposed_at", Instant),
    Column("approval_id", ForeignKey("approval.id")),
    CheckConstraint("(proposed_at IS NULL) = (approval_id IS NULL)", name="proposed_at"),
    Index("ix_scenario_model_id_made_at", "model_id", "made_at"),
)
