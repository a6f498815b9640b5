"""From one figure to the next: where bars begin and end, and what is said of them."""

import math
from collections.abc import Sequence
from datetime import date
from functools import partial
from typing import Any

import pytest

from app.charts import Chart, Level, Look, Step, labels_for, waterfall
from app.charts.waterfall import Better
from app.palette import DARK, LIGHT, Palette
from core.domain.status import Status
from core.i18n import LOCALES, translator

# 81.2 % − 3.1 − 0.9 + 0.2 = 77.4 %
STEPS = (
    Step("Who applied", -0.031, -0.04, -0.02),
    Step("Version <2>", -0.009),
    Step("Reviewers", 0.002, -0.001, 0.004),
)


def drawn(
    steps: Sequence[Step] = STEPS,
    *,
    better: Better = "higher",
    palette: Palette = LIGHT,
    lang: str = "en",
    before: float = 0.812,
) -> Chart:
    look = Look(palette, translator(lang))
    day = date(2007, 1, 1)
    return waterfall(
        look,
        labels_for(look.t, title="Change", x="Rate", y="Cause", n=1200, first=day, last=day),
        before=Level("Q4", before, 1311),
        after=Level("Q1", before + sum(step.value for step in steps), 1200),
        steps=steps,
        better=better,
        write=look.t.percent,
        write_change=partial(look.t.delta, kind="points", digits=1, better=better),
        interval_word="95% interval",
    )


def bars(chart: Chart) -> Any:
    return chart.figure.data[0]


def test_each_bar_begins_where_the_one_above_ends() -> None:
    bar = bars(drawn())
    assert list(bar.base) == pytest.approx([0.812, 0.781, 0.772])
    assert list(bar.x) == pytest.approx([-0.031, -0.009, 0.002])
    assert bar.base[-1] + bar.x[-1] == pytest.approx(0.774)
    ends = drawn().figure.data[-2:]
    assert [end.x[0] for end in ends] == pytest.approx([0.812, 0.774])


def test_the_first_stands_on_top() -> None:
    assert list(bars(drawn()).y) == [3, 2, 1]


@pytest.mark.parametrize(
    ("better", "expected"),
    [
        ("higher", ["/", "/", ""]),
        ("lower", ["", "", "/"]),
        (None, ["", "", ""]),
    ],
)
def test_worse_is_told_by_hatching_as_well_as_by_colour(
    better: Better, expected: list[str]
) -> None:
    marker = bars(drawn(better=better)).marker
    assert list(marker.pattern.shape) == expected
    worse = LIGHT.statuses[Status.act]
    assert [colour == worse for colour in marker.color] == [bool(each) for each in expected]


def test_no_change_is_neither_better_nor_worse() -> None:
    assert bars(drawn([Step("Nothing", 0.0)])).marker.color == (LIGHT.reference,)


def test_what_rounds_to_nothing_is_neither_better_nor_worse() -> None:
    chart = drawn([Step("Who applied", -0.031), Step("Reviewers", -0.00004, -0.0001, 0.0)])
    marker = bars(chart).marker
    assert list(marker.pattern.shape) == ["/", ""]
    assert marker.color[1] == LIGHT.reference
    assert chart.figure.layout.annotations[2].text == "Reviewers · <b>→ 0.0 pts</b>"
    assert chart.table["Rate"][2] == "→ 0.0 pts"
    assert "Reviewers" not in chart.alt


def test_names_say_which_way_and_how_much() -> None:
    texts = [note.text for note in drawn().figure.layout.annotations]
    assert texts[0] == "Q4 · <b>81.2%</b> · n = 1,311"
    assert texts[1] == "Who applied · <b>↓ −3.1 pts worse</b>"
    assert texts[2].startswith("Version &lt;2&gt;")
    assert texts[-1] == "Q1 · <b>77.4%</b> · n = 1,200"


def test_whiskers_stand_only_where_there_is_an_interval() -> None:
    whiskers = drawn().figure.data[1]
    assert list(whiskers.x) == pytest.approx([0.781, 0.774])
    assert list(whiskers.error_x.array) == pytest.approx([0.011, 0.002])
    assert list(whiskers.error_x.arrayminus) == pytest.approx([0.009, 0.003])


def test_an_interval_that_says_nothing_does_not_squeeze_the_bars() -> None:
    low, high = drawn([Step("Who", -0.01, -9, 9)]).figure.layout.xaxis.range
    # Bars from 80.2 % to 81.2 %: half of that beside them, and some room.
    assert 0.79 < low < 0.802
    assert 0.812 < high < 0.825


def test_the_table_has_what_is_drawn() -> None:
    table = drawn().table
    assert list(table.columns) == ["Cause", "Rate", "95% interval", "n"]
    assert list(table["Cause"]) == ["Q4", "Who applied", "Version <2>", "Reviewers", "Q1"]
    assert table["95% interval"][2] == "–"


def test_the_name_for_screen_readers_tells_the_story() -> None:
    assert drawn().alt == (
        "Change: from 81.2% (Q4) to 77.4% (Q1). Who applied ↓ −3.1 pts worse, "
        "Version <2> ↓ −0.9 pts worse, Reviewers ↑ +0.2 pts better"
    )


@pytest.mark.parametrize("lang", LOCALES)
def test_it_follows_theme_and_language(lang: str) -> None:
    chart = drawn(palette=DARK, lang=lang)
    assert chart.figure.layout.font.color == DARK.ink
    assert "n = " in chart.figure.layout.title.text


def test_nothing_moved_and_nothing_known_can_be_drawn() -> None:
    assert drawn([], before=0.0).alt
    assert drawn([Step("Unknown", math.nan)]).figure.data[0].x == (None,)
