"""Columns of the streams; ingest and lake agree on them."""

import pytest

from core.ingest.streams import SQL_TYPES, Stream, shapes_of
from core.lake.streams import INSTANT, slice_columns, stream_columns
from tests.support.builders import a_contract
from tests.support.lake_builders import a_sliced_contract

PLACES = {"_batch", "_row", "_source", "_line"}


@pytest.mark.parametrize("stream", ["predictions", "decisions", "outcomes"])
def test_what_ingest_stores_is_what_the_lake_reads(stream: Stream) -> None:
    contract = a_contract()
    columns = stream_columns(contract, stream)
    stored = {
        field.name: SQL_TYPES[field.kind].replace("TIMESTAMPTZ", INSTANT)
        for shape in shapes_of(contract, stream)
        for field in shape.fields
    }
    assert {name: kind for name, kind in columns.items() if name not in PLACES} == stored


def test_resolved_rows_carry_the_slices() -> None:
    columns = stream_columns(a_sliced_contract(), "resolved")
    assert columns["c_industry"] == "VARCHAR"
    assert columns["c_term"] == "BIGINT"
    assert {"day", "label", "label_text", "revision", "observed_at"} <= set(columns)


def test_slices_read_their_sources() -> None:
    assert slice_columns(a_sliced_contract()) == {
        "c_industry": "VARCHAR",
        "c_loan_amount": "DOUBLE",
        "c_term": "BIGINT",
    }


def test_a_contract_without_outcome_or_with_a_number_as_outcome() -> None:
    assert "c_charged_off" not in stream_columns(a_contract(outcome=None), "outcomes")
    regression = a_contract(task="regression")
    label = next(name for name in stream_columns(regression, "outcomes") if "charged" in name)
    assert stream_columns(regression, "outcomes")[label] == "DOUBLE"
