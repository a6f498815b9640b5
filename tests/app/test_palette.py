"""Contrast by WCAG 2.2 AA: text 4.5:1, marks that carry meaning 3:1."""

import tomllib
from pathlib import Path

import pytest

from app.palette import DARK, LIGHT, Palette, palette

CONFIG = Path(__file__).resolve().parents[2] / ".streamlit" / "config.toml"


def contrast(first: str, second: str) -> float:
    """Return the WCAG 2 contrast ratio of two hex colours, between 1 and 21."""
    lighter, darker = sorted((_luminance(first), _luminance(second)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(colour: str) -> float:
    channels = (int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5))
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in channels
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


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
