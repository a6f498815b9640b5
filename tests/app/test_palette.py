"""Contrast by WCAG 2.2 AA: text 4.5:1, marks that carry meaning 3:1."""

import tomllib
from pathlib import Path

import pytest

from app.palette import DARK, LIGHT, Palette, contrast, palette

CONFIG = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"


def test_contrast_of_black_and_white_is_21() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#FFFFFF", "#777777") == pytest.approx(4.48, abs=0.01)  # WebAIM's checker


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
@pytest.mark.parametrize("ground", ["paper", "card", "raised"])
@pytest.mark.parametrize("text", ["ink", "muted", "accent"])
def test_text_can_be_read(colours: Palette, ground: str, text: str) -> None:
    assert contrast(getattr(colours, text), getattr(colours, ground)) >= 4.5


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_buttons_and_line_names_can_be_read(colours: Palette) -> None:
    assert contrast(colours.on_accent, colours.accent) >= 4.5
    assert all(contrast(colour, colours.paper) >= 4.5 for colour in colours.series)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_marks_can_be_seen(colours: Palette) -> None:
    marks = [colours.current, colours.reference, colours.above[0], colours.above[1]]
    assert all(contrast(mark, colours.paper) >= 3 for mark in marks)


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_the_heat_map_breaks_at_the_threshold(colours: Palette) -> None:
    assert contrast(colours.below[1], colours.above[0]) >= 1.8


def test_the_configuration_has_the_same_colours() -> None:
    theme = tomllib.loads(CONFIG.read_text())["theme"]
    for colours in (LIGHT, DARK):
        written = theme[colours.name]
        assert written["primaryColor"] == colours.accent
        assert written["backgroundColor"] == colours.paper
        assert written["secondaryBackgroundColor"] == colours.raised
        assert written["textColor"] == colours.ink
        assert written["borderColor"] == colours.line
        assert written["chartCategoricalColors"] == list(colours.series)


def test_the_configuration_is_safe() -> None:
    config = tomllib.loads(CONFIG.read_text())
    assert config["client"]["showErrorDetails"] == "none"
    assert config["client"]["disableDataExport"] is True
    assert config["runner"]["postScriptGC"] is False
    assert config["server"]["fileWatcherType"] == "none"
    assert config["server"]["address"] == "127.0.0.1"
    assert config["server"]["enableXsrfProtection"] is True
    assert config["server"]["maxUploadSize"] == 25
    assert config["browser"]["gatherUsageStats"] is False


def test_anything_but_dark_is_light() -> None:
    assert palette("dark") is DARK
    assert palette(None) is LIGHT
