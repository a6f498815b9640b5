"""A sheet of facts: anchors that meet, and texts that stay texts."""

import re

from streamlit.testing.v1 import AppTest

from tests.pages.reading import html_of


def page() -> None:
    """Run as a page of its own."""
    from app.components.sheet import Anchor, anchor, contents, named_texts, part, rows_table
    from core.domain.status import Status
    from core.i18n import translator

    t = translator("en")
    places = [Anchor("data", "<b>Data</b>", Status.watch), Anchor("own", "Own")]
    contents(t, "Contents", places)
    part(t, places[0], ["<i>note</i>"])
    named_texts([("Name <", "Text <", True), ("Due", "Not recorded", False)], "Source <")
    named_texts([("Kept", "With no source", True)])
    rows_table(t, "Cap <", ["A", "B"], [["<x>", "Act <"], ["y", "none"]],
               [Status.act, Status.not_enough_data])  # fmt: skip
    anchor("own")


def test_links_lead_to_their_parts_and_nothing_is_markup() -> None:
    found = html_of(AppTest.from_function(page).run())
    links = re.findall(r'href="#([^"]+)"', found)
    assert links == ["sheet-data", "sheet-own"]
    assert [found.count(f'id="{each}"') for each in links] == [1, 1]
    for text in ("<b>", "<i>note", "<x>", "Text <", "Source <", "Cap <", "Act <"):
        assert text not in found
    assert "Text &lt;" in found
    assert found.count('<p class="hl-note">') == 1  # an empty source leaves no line behind


def test_only_what_is_judged_has_a_shape() -> None:
    found = html_of(AppTest.from_function(page).run())
    assert found.count("hl-shape-act") == 1
    assert found.count("hl-shape-watch") == 2
    assert "hl-shape-not_enough_data" not in found
    assert "<dd class=hl-unknown>Not recorded</dd>" in found
