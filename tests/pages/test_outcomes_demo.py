"""The two stories of the demo, as somebody reads them who knows nothing of statistics."""

from pathlib import Path

import pytest

from core.domain.identity import Role
from tests.pages.conftest import Open
from tests.pages.reading import html_of, sentences
from tests.support.demo_models import demo_model
from tests.support.harbour import add_people


@pytest.mark.slow
def test_the_demand_that_fell_away_in_december_2010(open_page: Open, tmp_path: Path) -> None:
    workspace = demo_model(tmp_path / "home", "sku-demand")
    manager = add_people(workspace)[Role.business]
    test = open_page(workspace, manager, "outcomes", model="sku-demand", lang="en")
    html = html_of(test)
    # The page leads there by itself.
    assert "was furthest from its target in Dec 2010: 147.0%." in html
    test.button(key="outcomes_worst").click().run()
    said, html = sentences(test)[0], html_of(test)
    assert "Dec 2010: " in said
    assert "targets missed: Forecast error (WAPE), Forecast too high" in said
    assert "Forecast error (WAPE) rose " in said
    # Twice as much was forecast as was asked for.
    assert '<p class="hl-kpi-value">104.6%</p>' in html
    workspace.store.close()


@pytest.mark.slow
def test_the_credit_story_of_2007(open_page: Open, tmp_path: Path) -> None:
    workspace = demo_model(tmp_path / "home", "sba-loan-default")
    manager = add_people(workspace)[Role.business]
    test = open_page(
        workspace, manager, "outcomes", model="sba-loan-default", lang="en",
        period="2007-Q1", beside="last-year",
    )  # fmt: skip
    said, html = sentences(test)[0], html_of(test)
    assert "Q1 2007: " in said
    assert "Default rate within 36 months rose " in said
    assert "from how similar cases turned out" in said
    assert "was furthest from its target in Q4 2007: 25.3%." in html
    workspace.store.close()
