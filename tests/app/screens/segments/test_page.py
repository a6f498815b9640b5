"""What the segments screen says and draws of slices whose answers are known."""

import math
from dataclasses import replace

import pytest

from app.charts import Look
from app.palette import LIGHT
from app.screens.segments import page as screen
from app.screens.segments import words
from core.domain.identity import Role
from core.domain.status import Status
from core.i18n import Locale, translator
from core.services.questions import Question
from core.services.segments import SegmentTable, SliceRow, segments
from tests.support.harbour import Harbour

T = translator("en")
LOOK = Look(LIGHT, T)
WORSE = SliceRow(
    "calibration_gap", (("sector", "零售"),), 1200, 1200, 0.164, 0.09, 0.074, 0.07, 0.0777,
    1e-9, 1e-7, 88.8, True, "ok",
)  # fmt: skip
CHANCE = replace(
    WORSE, slice=(("sector", "…rest"), ("結餘級別", "…missing")), difference=0.01, low=-0.02,
    high=0.04, adjusted=0.5, damage=12.0, significant=False,
)  # fmt: skip
BETTER = replace(WORSE, slice=(("sector", "物流"),), difference=-0.05, damage=-60.0)
UNSAID = replace(CHANCE, adjusted=math.nan, low=math.nan, high=math.nan, status="too_few_events")


@pytest.fixture
def plain(harbour: Harbour) -> SegmentTable:
    return segments(harbour.workspace, Question("loans"), actor=harbour[Role.business])


def of(plain: SegmentTable, *rows: SliceRow, name: str = "calibration_gap") -> SegmentTable:
    found = tuple(replace(row, metric=name) for row in rows)
    return replace(plain, figures={name: found})


def test_the_sentence_names_the_worst_slice_its_rows_and_its_damage(plain: SegmentTable) -> None:
    text, status = words.summary(T, of(plain, WORSE, CHANCE, BETTER), "calibration_gap")
    assert status is Status.watch
    assert text == (
        "The worst slice is Sector: 零售 (n\xa0=\xa01,200): Calibration gap 16.4%, against 9.0% in "
        "the rest. That is 89 more positive outcomes than if scores kept their word there as "
        "elsewhere. One slice is worse than the rest beyond chance, of 3 judged."
    )


@pytest.mark.parametrize(
    ("locale", "said"),
    [("zh-HK", "最差的分組是行業：零售（n\xa0=\xa01,200）"), ("zh-CN", "最差的分组是行业：零售")],
)
def test_the_sentence_in_chinese(plain: SegmentTable, locale: Locale, said: str) -> None:
    assert words.summary(translator(locale), of(plain, WORSE), "calibration_gap")[0].startswith(
        said
    )


def test_a_figure_that_counts_no_rows_has_no_number_of_them(plain: SegmentTable) -> None:
    text, _ = words.summary(T, of(plain, WORSE, name="roc_auc"), "roc_auc")
    assert text == (
        "The worst slice is Sector: 零售 (n\xa0=\xa01,200): Area under the ROC curve 0.164, "
        "against 0.090 in the rest. One slice is worse than the rest beyond chance, of 1 judged."
    )
    _, columns = screen.ranking(T, of(plain, WORSE, name="roc_auc"), "roc_auc")
    assert "damage" not in [column.name for column in columns]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ((CHANCE, BETTER), "Of 2 slices judged, none is worse than the rest beyond chance."),
        ((BETTER,), "One slice was judged, and is not worse than the rest beyond chance."),
        ((UNSAID,), "No slice has enough final outcomes to be judged by this figure."),
    ],
)
def test_without_a_finding_it_says_so(
    plain: SegmentTable, rows: tuple[SliceRow, ...], said: str
) -> None:
    assert words.summary(T, of(plain, *rows), "calibration_gap") == (said, None)


def test_the_table_says_what_may_be_said(plain: SegmentTable) -> None:
    table = of(plain, WORSE, CHANCE, BETTER, UNSAID)
    frame, columns = screen.ranking(T, table, "calibration_gap")
    assert [column.label for column in columns][-3:] == ["More positives", "Adjusted p", "Finding"]
    assert frame["finding"].to_list() == ["worse", "may be chance", "better", "not judged"]
    assert frame["p"].to_list() == ["<0.001", "0.500", "<0.001", "–"]
    assert frame["slice"].to_list()[1] == "Sector: all others, 結餘級別: missing"
    assert frame["interval"].to_list() == ["7.0% to 7.8%", "−2.0% to 4.0%", "7.0% to 7.8%", ""]
    assert frame["damage"].to_list()[0] == "89"


def test_the_chart_marks_what_is_worse_beyond_chance(plain: SegmentTable) -> None:
    table = of(plain, WORSE, CHANCE, BETTER, UNSAID)
    chart = screen.worst_chart(LOOK, table, "calibration_gap")
    points = chart.figure.data[0]
    assert list(points.x) == [0.074, 0.01, -0.05]
    assert list(points.marker.symbol) == ["square", "circle", "circle"]
    low, high = chart.figure.layout.xaxis.range
    assert low < -0.05
    assert high > 0.0777
    many = of(plain, *[WORSE] * 40)
    assert len(screen.worst_chart(LOOK, many, "calibration_gap").figure.data[0].x) == 12


def test_it_says_how_many_comparisons_and_who_is_left_out(plain: SegmentTable) -> None:
    text = words.family_text(T, replace(plain, comparisons=416, small=3, slices=54))
    assert "all 416 comparisons" in text
    assert "at most 5%" in text
    assert "3 of 54 slices have fewer than 100 rows with final outcomes" in text
    assert "slices have" not in words.family_text(T, replace(plain, small=0))


def test_numbers_in_place_of_personal_values_are_explained(plain: SegmentTable) -> None:
    assert words.masked_text(T, plain) == ""
    numbered = replace(WORSE, slice=(("sector", "••• 2"),))
    assert words.masked_text(T, of(plain, BETTER, numbered)).startswith(
        "Values of personal columns are numbered"
    )
