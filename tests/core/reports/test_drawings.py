"""Drawings hold numbers and shapes of ours; they are well-formed whatever the figures are."""

import math
import re
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.domain.status import Status
from core.reports.drawings import cause_bar, course_line, status_mark

SVG = "{http://www.w3.org/2000/svg}"


def read(svg: str) -> ET.Element:
    return ET.fromstring(svg)  # noqa: S314 - drawn by ourselves


_VALUES = st.one_of(st.just(math.nan), st.floats(-1e12, 1e12))


@pytest.mark.parametrize("status", Status)
def test_every_status_has_a_shape_of_its_own(status: Status) -> None:
    (shape,) = read(status_mark(status))
    others = [read(status_mark(each))[0] for each in Status if each is not status]
    assert all((shape.tag, shape.attrib) != (each.tag, each.attrib) for each in others)


def test_a_line_has_a_gap_where_a_value_is_missing() -> None:
    svg = read(course_line([1.0, 2.0, math.nan, 3.0, 2.0], target=2.0))
    target, line = svg.findall(f"{SVG}path")
    assert re.findall("[ML]", line.attrib["d"]) == ["M", "L", "M", "L"]
    assert target.attrib["d"] == "M3.0 14.00 H117.0"  # in the middle between 1 and 3
    (dot,) = svg.findall(f"{SVG}circle")
    assert (dot.attrib["cx"], dot.attrib["cy"]) == ("117.00", "14.00")


@given(values=st.lists(_VALUES, min_size=1, max_size=14), target=st.one_of(st.none(), _VALUES))
def test_a_line_stays_inside_its_frame(values: list[float], target: float | None) -> None:
    svg = read(course_line(values, target))
    numbers = [float(each) for path in svg for each in re.findall(r"[\d.]+", path.get("d", ""))]
    assert all(0 <= each <= 120 for each in numbers)


@given(value=_VALUES, largest=st.floats(0, 1e12))
def test_a_bar_goes_from_the_middle_to_its_side(value: float, largest: float) -> None:
    bars = read(cause_bar(value, largest)).findall(f"{SVG}rect")
    for bar in bars:
        left, length = float(bar.attrib["x"]), float(bar.attrib["width"])
        assert left >= 3 - 1e-2
        assert left + length <= 117 + 1e-2
        assert (left == 60.0) if value >= 0 else (left + length == pytest.approx(60, abs=0.02))
    assert len(bars) == (1 if math.isfinite(value) and largest > 0 else 0)
