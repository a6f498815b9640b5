"""Human oversight: what went past it, the rules in words, and rules that are tried out."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from streamlit.testing.v1 import AppTest

from core.services import ingest
from core.services.routing.run import route_model
from core.services.serving import state as model_state
from core.store import models
from tests.pages.conftest import Open
from tests.pages.reading import html_of, sentences
from tests.support.builders import write_csv
from tests.support.serving import MODEL, Serving, a_serving_workspace, prediction

REVIEW: Mapping[str, Any] = {
    "rules": [
        {
            "id": "closely",
            "name": {"en": "In the loop", "zh-HK": "人在環中"},
            "when": 'oversight_level = "in_the_loop"',
            "tier": "high",
        },
        {
            "id": "sample",
            "name": "Sample <b>",
            "share": 0.25,
            "per": {"column": "sex", "at_least": 1},
        },
    ]
}


@pytest.fixture
def world(tmp_path: Path) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path / "home", rows=16, review=REVIEW)
    yield made
    made.workspace.store.close()


def visit(open_page: Open, world: Serving, name: str = "compliance_lead", **given: str) -> AppTest:
    return open_page(world.workspace, world[name], "oversight", model=MODEL, **given)


def release(world: Serving, folder: Path, *numbers: int) -> None:
    world.clock.advance(hours=1)
    rows = [
        {
            "loan_id": prediction(number),
            "time": world.clock.now.isoformat(),
            "kind": "released",
            "decision": "approve",
        }
        for number in numbers
    ]
    path = write_csv(folder / "released.csv", rows)
    ingest.ingest_files(world.workspace, MODEL, [path], stream="decisions", actor=world["admin"])
    world.clock.advance(hours=1)


def test_what_is_not_logged_is_not_called_well(open_page: Open, world: Serving) -> None:
    test = visit(open_page, world)
    assert "No log says when a decision took effect, so nothing is proved." in sentences(test)[0]
    assert "not logged" in html_of(test)


def test_what_was_released_too_early_is_counted_and_named(
    open_page: Open, world: Serving, tmp_path: Path
) -> None:
    route_model(world.workspace, MODEL)
    release(world, tmp_path, 0, 2, 4)  # two in the loop, one out of it
    test = visit(open_page, world)
    assert "2 decisions were released without required review since" in sentences(test)[0]
    html = html_of(test)
    assert prediction(0) in html
    assert prediction(4) in html
    assert prediction(2) not in html
    assert "no verdict was final" in html
    limited = visit(open_page, world, "hong_kong")  # rows 0 and 3, 6 … are of CN
    assert "1 decision was released" in sentences(limited)[0]
    assert prediction(0) not in html_of(limited)


def test_a_breach_leads_to_its_case(open_page: Open, world: Serving, tmp_path: Path) -> None:
    route_model(world.workspace, MODEL)
    release(world, tmp_path, 0)
    html = html_of(visit(open_page, world))
    assert '<a class="hl-export" href="case?case=1" target="_self">R-000001</a>' in html
    assert f'href="decision?model={MODEL}&amp;prediction={prediction(0)}"' in html
    assert "No verdict: open." in html
    assert "Oversight level then" in html
    assert "未有裁決" in html_of(visit(open_page, world, lang="zh-HK"))


def test_what_has_no_level_is_counted_beside(
    open_page: Open, world: Serving, tmp_path: Path
) -> None:
    release(world, tmp_path, 2, 3, 7)  # out of the loop, and two of which nothing is declared
    test = visit(open_page, world)
    said = sentences(test)[0]
    assert "0 decisions were released without required review" in said
    assert "2 more took effect while no oversight level was declared" in said
    assert "no level declared" in html_of(test)
    assert prediction(3) not in html_of(test)
    test = visit(open_page, world, lang="zh-CN")
    assert "另有 2 个在其版本未声明监督级别时生效" in sentences(test)[0]


def test_what_the_log_does_not_hold_is_told_to_who_sees_everything(
    open_page: Open, world: Serving, tmp_path: Path
) -> None:
    release(world, tmp_path, 2, 900_000, 900_001)  # out of the loop, and two that nobody handed in
    test = visit(open_page, world)
    assert "2 more took effect and are not among the predictions of the log" in sentences(test)[0]
    assert "not in the log" in html_of(test)
    assert "另有 2 個已生效但不在預測日誌內" in sentences(visit(open_page, world, lang="zh-HK"))[0]
    assert "not among the predictions" not in sentences(visit(open_page, world, "hong_kong"))[0]


def test_each_other_way_is_told(open_page: Open, world: Serving, tmp_path: Path) -> None:
    lead = world["compliance_lead"]
    model_state.suspend(world.workspace, MODEL, reason="Errors", actor=lead)
    release(world, tmp_path, 2)
    assert "its model was suspended" in html_of(visit(open_page, world))
    assert "其模型已暫停" in html_of(visit(open_page, world, lang="zh-HK"))


def cells(html: str, version: str) -> list[str]:
    """Return what the table of versions says of one, after its name and level."""
    row = next(
        each
        for each in re.findall(r"<tr>(.*?)</tr>", html)
        if re.search(rf"<td[^>]*>{version}</td>", each)
    )
    told = [re.sub("<[^>]+>", "", each) for each in re.findall(r"<td[^>]*>(.*?)</td>", row)]
    return told[3:7]


def test_nothing_logged_of_a_version_is_no_zero(
    open_page: Open, world: Serving, tmp_path: Path
) -> None:
    release(world, tmp_path, 2)
    html = html_of(visit(open_page, world))
    assert cells(html, "3") == ["1", "0", "0", "0"]  # out of the loop, and it took effect
    assert cells(html, "2") == ["–", "–", "–", "0"]


def test_what_stays_held_without_a_case_is_told(open_page: Open, world: Serving) -> None:
    with world.workspace.store.begin() as conn:
        document = yaml.safe_load(models.get(conn, MODEL).spec_text)
        document["review"]["rules"] = [{"id": "large", "name": "Large", "when": "amount >= 9000"}]
        text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
        models.register(conn, model_id=MODEL, spec_text=text, actor="ada", at=world.clock.now)
    assert "stay held: they were routed" not in html_of(visit(open_page, world))
    route_model(world.workspace, MODEL)
    html = html_of(visit(open_page, world))
    # In the loop are 0, 4, 8 and 12; of them the rule chose 8, of 9,000.
    assert cells(html, "1") == ["–", "–", "–", "3"]
    assert "3 predictions in the loop stay held: they were routed" in html
    assert "有 3 項人在環中的預測一直暫停生效" in html_of(visit(open_page, world, lang="zh-HK"))


def test_zero_is_said_where_releases_are_logged(
    open_page: Open, world: Serving, tmp_path: Path
) -> None:
    release(world, tmp_path, 2)
    test = visit(open_page, world, lang="zh-HK")
    assert "0 個決定未經所需覆核即放行" in sentences(test)[0]


def test_the_rules_in_words_with_their_cases(open_page: Open, world: Serving) -> None:
    route_model(world.workspace, MODEL)
    html = html_of(visit(open_page, world))
    assert "Sample &lt;b&gt;" in html
    assert "Sample <b>" not in html
    assert "25.0% by chance, 1 a month of each group by sex" in html
    assert "every prediction" in html
    assert "人在環中" in html_of(visit(open_page, world, lang="zh-HK"))


def test_rules_are_tried_and_nothing_is_saved(open_page: Open, world: Serving) -> None:
    key = f"oversight_trial_{MODEL}"
    test = visit(open_page, world, "auditor")
    test.text_area(key=f"{key}_text").input(
        "rules: [{id: all_of_them, name: All of them, tier: normal}]"
    )
    test.number_input(key=f"{key}_days").set_value(30)
    test = _press(test)
    html = html_of(test)
    assert "All of them" in html
    assert "of 16 predictions" in html
    assert "no verdict has been timed yet" in html
    test.text_area(key=f"{key}_text").input("rules: [{id: x, name: X, when: amont > 3}]")
    html = html_of(_press(test))
    assert "Did you mean amount" in html
    with world.workspace.store.read() as conn:
        assert "all_of_them" not in models.get(conn, MODEL).spec_text


def _press(test: AppTest) -> AppTest:
    found = next(each for each in test.button if each.label == "Try these rules")
    return found.click().run()
