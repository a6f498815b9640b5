"""Headings of a ranked table are wide enough to be read."""

from app.components.table import Column, _config


def width(label: str) -> int:
    return int(_config(Column("value", label, kind="number"))["width"])


def test_a_column_of_numbers_is_as_wide_as_its_heading() -> None:
    # Streamlit's smallest width is 75 pixels; a letter takes about 7, a Chinese character 13.
    assert width("n") == 75
    assert width("Newest value") >= 12 * 7 + 24
    assert width("最新數值") >= 4 * 13 + 24


def test_sentences_have_room() -> None:
    assert _config(Column("cause", "What changed", wide=True))["width"] == 500


def test_a_word_of_a_status_is_not_cut() -> None:
    status = Column("status", "Status", kind="status")
    assert _config(status, ["Act", "Not enough data"])["width"] >= 15 * 7
    assert _config(status, ["Act"])["width"] == 75
