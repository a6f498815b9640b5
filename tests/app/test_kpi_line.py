"""The small line of a card: where it goes, where it has gaps, what is hollow."""

import re
from xml.etree import ElementTree

import pytest

from app.kpi_line import kpi_line
from app.palette import DARK, LIGHT

NAN = float("nan")


def parts(svg: str, kind: str) -> list[dict[str, str]]:
    root = ElementTree.fromstring(svg)  # noqa: S314 - written here
    return [dict(each.attrib) for each in root if each.tag.endswith(kind)]


def test_it_goes_from_edge_to_edge() -> None:
    (path,) = parts(kpi_line([1, 3], LIGHT, width=100, height=40), "path")
    assert path["d"] == "M4.0 36.0L96.0 4.0"


def test_what_hardly_moves_does_not_look_like_a_jump() -> None:
    # 100 and 101 on a scale of at least a tenth of 101: a tenth of the height apart, about.
    (path,) = parts(kpi_line([100, 101], LIGHT, width=100, height=108), "path")
    first, second = (float(each) for each in re.findall(r" ([\d.]+)", path["d"]))
    assert first - second == pytest.approx(100 / 10.1, abs=0.2)


def test_gaps_and_single_periods() -> None:
    (path,) = parts(kpi_line([1, NAN, 2, NAN, 3, 2], LIGHT), "path")
    assert path["d"].count("M") == 3
    assert path["d"].count("h0.1") == 2


def test_what_is_not_final_is_hollow_and_not_joined() -> None:
    svg = kpi_line([1, 2, 3], DARK, partial=[False, False, True], chosen=1)
    (path,) = parts(svg, "path")
    assert path["d"].count("L") == 1
    hollow, chosen = parts(svg, "circle")
    assert hollow["fill"] == DARK.card
    assert chosen["fill"] == DARK.current
    assert float(chosen["r"]) > float(hollow["r"])


def test_the_target_is_on_the_same_scale() -> None:
    target, line = parts(kpi_line([1, 1], LIGHT, targets=[2, 2], width=100, height=40), "path")
    assert target["stroke-dasharray"]
    assert target["d"] == "M4.0 4.0L96.0 4.0"
    assert line["d"] == "M4.0 36.0L96.0 36.0"


def test_nothing_known_is_an_empty_picture() -> None:
    svg = kpi_line([NAN, NAN], LIGHT, chosen=1)
    assert parts(svg, "path") == parts(svg, "circle") == []
