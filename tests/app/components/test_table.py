"""Headings of a ranked table are wide enough to be read."""

import pandas as pd
import pytest

from app.components.table import Column, Judged, _cell, _config, _grid, static_table
from core.domain.status import Status
from core.i18n import translator


def width(label: str) -> int:
    return int(_config(Column("value", label, kind="number"))["width"])


def test_a_column_of_numbers_is_as_wide_as_its_heading() -> None:
    # Streamlit's smallest width is 75 pixels; a letter takes about 7, a Chinese character 13.
    assert width("n") == 75
    assert width("Newest value") >= 12 * 7 + 24
    assert width("最新數值") >= 4 * 13 + 24


def test_sentences_have_room() -> None:
    assert _config(Column("cause", "What changed", wide=True))["width"] == 500


def test_a_figure_that_is_written_already_stands_right_like_a_number(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    figure, word = Column("worth", "Worth", "figure"), Column("worth", "Worth")
    assert _config(figure, ["US$41,000"])["alignment"] == "right"
    assert _config(word, ["US$41,000"])["alignment"] is None
    written: list[str] = []
    monkeypatch.setattr("streamlit.html", written.append)
    frame = pd.DataFrame({"worth": ["US$41,000"]})
    static_table(translator("en"), frame, [figure], caption="Worth")
    static_table(translator("en"), frame, [word], caption="Worth")
    assert [text.count('class="hl-right"') for text in written] == [2, 0]


def test_a_word_of_a_status_is_not_cut() -> None:
    status = Column("status", "Status", kind="status")
    assert _config(status, ["Act", "Not enough data"])["width"] >= 15 * 7
    assert _config(status, ["Act"])["width"] == 75


def test_a_text_that_is_far_longer_than_most_is_not_cut() -> None:
    period = Column("period", "Period")
    assert _config(period, ["2010-12"] * 9)["width"] is None  # the grid measures it
    assert _config(period, ["2010-12"] * 9 + ["1 Oct 2010 - 31 Aug 2011"])["width"] >= 24 * 7
    assert _config(period, ["2010-12"] * 9 + ["long" * 99])["width"] == 500


def test_a_status_has_its_shape_and_the_usual_word_or_its_own() -> None:
    frame = pd.DataFrame({"level": [Status.act, Judged(Status.watch, "5 days left")]})
    shown, _ = _grid(translator("en"), frame, [Column("level", "Level", kind="status")])
    assert shown["0"].tolist() == ["Act", "5 days left"]
    assert shown["0s"].str.startswith("data:image/svg+xml,").all()
    assert shown["0s"].nunique() == 2


@pytest.mark.parametrize(
    "text",
    [
        *("2,555 天", "−2.91亿美元", "6,279万美元至 6,801万美元", "2010年12月1日至31日"),
        *("待核实身份", "2010-12", "RQ-000002", "(2.3%)"),
    ],
)
def test_figures_days_and_words_are_not_broken_in_a_plain_table(text: str) -> None:
    cell = _cell(translator("zh-CN"), text, Column("what", "What"))
    assert cell == f'<span class="hl-whole">{text}</span>'


@pytest.mark.parametrize(
    "text", ["22 Nov 2026, 06:57 HKT", "2026年11月22日 06:57 北京时间", "22 Nov 2026 at 06:57"]
)
def test_a_moment_may_part_its_time_from_its_day_on_the_phone(text: str) -> None:
    cell = _cell(translator("zh-CN"), text, Column("when", "When"))
    assert cell == f'<span class="hl-whole hl-moment">{text}</span>'


@pytest.mark.parametrize(
    "text", ["没有上限：没有规定记录何时移除。", "Credit reference agency", "12 of them " * 9]
)
def test_sentences_are_broken(text: str) -> None:
    assert _cell(translator("zh-CN"), text, Column("what", "What")) == text


def test_an_empty_plain_table_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr("streamlit.html", written.append)
    columns = [Column("at", "When"), Column("who", "Who")]
    static_table(translator("en"), pd.DataFrame(columns=["at", "who"]), columns, caption="Log")
    assert '<td class="hl-none" colspan="2">None yet.</td>' in written[0]
