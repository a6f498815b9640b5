"""Values of slices as readers see them."""

import pytest

from app.chosen import value_word
from core.i18n import LOCALES, translator
from core.lake.profiles.segments import MISSING, REST, range_labels


@pytest.mark.parametrize("locale", LOCALES)
def test_edges_of_ranges_are_written_as_numbers(locale: str) -> None:
    t = translator(locale)
    words = [value_word(t, label) for label in range_labels((-1500.0, 0.05, 50_000.0, 150_000.0))]
    assert words == [
        "<−1,500", "−1,500–0.05", "0.05–50,000", "50,000–150,000", "≥150,000",
    ]  # fmt: skip


@pytest.mark.parametrize("value", ["2006", "94110", "44-45", "10001–A", "S1234", "a < 5000"])
def test_what_is_no_range_stays_as_it_is(value: str) -> None:
    assert value_word(translator("en"), value) == value


def test_pooled_values_are_named() -> None:
    t = translator("zh-HK")
    assert [value_word(t, REST), value_word(t, MISSING)] == [t("all others"), t("missing")]
