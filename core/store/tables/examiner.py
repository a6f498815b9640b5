"""What examiners drew: samples of decisions, and the decisions in them."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
)

from core.domain.sampling import METHODS
from core.store.tables._base import metadata, not_negative, one_of
from core.store.types import Instant, Json

# ``frame`` is the compressed list that a sample was drawn from: keys, which for personal ids are
# keyed hashes, times and strata. It stays as it was, so that anybody can draw again.
sample = Table(
    "sample",
    metadata,
    Column("id", Text, primary_key=True),
    Column("model_id", ForeignKey("model.id"), nullable=False),
    Column("method", Text, nullable=False),
    Column("stratum", Text, nullable=False),
    Column("condition", Text, nullable=False),
    Column("first_day", Text, nullable=False),
    Column("last_day", Text, nullable=False),
    Column("jurisdictions", Json),
    Column("words", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("root", Text, nullable=False),
    Column("root_size", BigInteger, nullable=False),
    Column("seed", Text, nullable=False),
    Column("population", Integer, nullable=False),
    Column("drawn", Integer, nullable=False),
    Column("left_out", Integer, nullable=False),
    Column("strata", Json, nullable=False),
    Column("frame_sha256", Text, nullable=False),
    Column("frame", LargeBinary, nullable=False),
    Column("drawn_sha256", Text, nullable=False),
    Column("drawn_at", Instant, nullable=False),
    Column("drawn_by", Text, nullable=False),
    one_of("method", METHODS),
    CheckConstraint("drawn BETWEEN 1 AND population", name="drawn"),
    *not_negative("left_out"),
)
Index("ix_sample_model_id_drawn_at", sample.c.model_id, sample.c.drawn_at)

# ``prediction_id`` goes with the person, the key stays.
sample_item = Table(
    "sample_item",
    metadata,
    Column("sample_id", ForeignKey("sample.id"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("model_id", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("stratum", Text, nullable=False),
    Column("prediction_id", Text),
    CheckConstraint("place >= 1", name="place"),
)
Index(
    "ix_sample_item_model_id_prediction_id",
    sample_item.c.model_id,
    sample_item.c.prediction_id,
)
