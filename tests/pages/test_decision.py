"""The page of one decision: found, explained, tried otherwise and kept, or why not."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.identity import Role
from core.i18n import LOCALES, translator
from core.services.explanation import what_if as service
from core.services.explanation.finding import find_explanation
from core.services.personal.names import MASK
from tests.pages.conftest import Open
from tests.pages.reading import figures, html_of, sentences, states, texts
from tests.pages.test_language import english
from tests.support.demo_slices import SBA, sba_log
from tests.support.explained import FIELDS, Explained, an_explained_workspace, put_code_book

SCORE = "  - {name: default_score, type: numeric, personal: true, purpose: What the model says}\n"
ID = "  - {name: loan_id, type: text, personal: true, purpose: Whose loan it is}\n"
# What the log and the contract write so in every language.
OWN_WORDS = (
    *FIELDS,
    "US$",
    "OK",
    "compliance",
    "decline",
    "SBA",
    "NAICS",
    "EST",
    "EDT",
    "default_score",
    "loan_amount",
)
FIRST_COLUMN = "  - {name: decision_source"


number = translator("en").number


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path_factory.mktemp("page") / "home", log=sba_log(every=600))
    put_code_book(made)
    yield made
    made.workspace.store.close()


@pytest.fixture
def open_decision(open_page: Open) -> Any:
    def visit(
        world: Explained, prediction: str, role: Role = Role.compliance, lang: str = "en"
    ) -> AppTest:
        given = {"prediction": prediction} if prediction else {}
        return open_page(
            world.workspace, world.people[role], "decision", model=SBA, lang=lang, **given
        )

    return visit


def press(test: AppTest, label: str) -> AppTest:
    return next(each for each in test.button if each.label == label).click().run()


def values_of(test: AppTest) -> list[str]:
    """Return the figures of what was tried."""
    return [each.split("</span>")[0] for each in html_of(test).split('"hl-kpi-value">')[1:]]


def test_without_an_id_it_says_what_to_do(open_decision: Any, world: Explained) -> None:
    test = open_decision(world, "")
    assert sentences(test) == [
        "Give the id of a decision, and this page says why it was made. Cases and lists of "
        "decisions lead here, too."
    ]
    assert states(test) == []
    assert figures(test) == []


def test_a_decision_is_found_by_its_id_and_stands_in_the_address(
    open_decision: Any, world: Explained
) -> None:
    test = open_decision(world, "")
    test.text_input(key="decision_id").input(f" {world.worst()} ")
    press(test, "Explain this decision")

    assert test.query_params["prediction"] == world.worst()
    (link,) = test.code
    assert link.value.endswith(f"?model={SBA}&lang=en&prediction={world.worst()}")
    (said,) = sentences(test)
    assert said.startswith("“decline” was decided on ")
    assert "by version 1 of Small-business loan default (SBA)." in said
    assert "Policy p1: score >= 0.035 -> decline." in said
    assert said.endswith("The model made it; a person looks at it where a rule asks for that.")


def test_reasons_ways_and_sums_are_those_of_the_record(
    open_decision: Any, world: Explained
) -> None:
    prediction, actor = world.worst(), world.people[Role.compliance]
    found = find_explanation(world.workspace, SBA, prediction, actor=actor)
    test = open_decision(world, prediction)
    html = html_of(test)

    assert "the registered model, asked again" in html
    assert found.rescored is not None
    assert f"{number(found.rescored.again, 4)}, the same" in html
    for each in found.reasons:
        assert each.code
        assert f"<td>{each.code}</td><td>{each.field}: " in html
        assert f"<td>{each.share:.0%}</td>" in html
    assert found.others is not None
    for other in found.others.found:
        assert f"the score would be {number(other.score, 4)}." in html
    assert found.attributions is not None
    (figure,) = figures(test)
    (bars,) = [each for each in figure["data"] if each["type"] == "bar"]
    ranked = sorted(found.attributions.parts, key=lambda each: -abs(each.added))
    assert bars["x"][:8] == pytest.approx([each.added for each in ranked[:8]], abs=1e-8)
    assert bars["x"][8:] == pytest.approx([sum(each.added for each in ranked[8:])], abs=1e-8)
    assert sum(bars["x"]) + bars["base"][0] == pytest.approx(found.attributions.output, abs=1e-6)
    assert figure["layout"]["xaxis"]["title"]["text"] == "Log odds"


def test_an_approval_has_reasons_and_needs_no_other_result(
    open_decision: Any, world: Explained
) -> None:
    html = html_of(open_decision(world, world.best()))
    assert "Why it was decided so" in html
    assert "The decision is not against the person, so none was looked for." in html


def test_the_reasons_are_told_in_the_customers_language(
    open_decision: Any, world: Explained
) -> None:
    test = open_decision(world, world.worst())
    next(
        each for each in test.get("button_group") if each.label == "Language of the reasons"
    ).set_value("zh-HK")
    test.run()
    html = html_of(test)
    assert '<div lang="zh-HK">' in html
    assert "，一般為 " in html
    assert "Why it was decided so" in html  # the page keeps its own


def test_other_values_are_scored_live_and_put_back(open_decision: Any, world: Explained) -> None:
    prediction = world.worst()
    test = open_decision(world, prediction, Role.data_scientist)
    before = values_of(test)
    slider = next(each for each in test.select_slider if each.label == "Loan amount")
    slider.set_value(5000.0).run()

    actor = world.people[Role.data_scientist]
    found = service.what_if(world.workspace, SBA, prediction, {"loan_amount": 5000.0}, actor=actor)
    assert values_of(test)[0] == number(found.after, 4) != before[0]
    assert f"logged: {number(found.before, 4)}" in html_of(test)
    press(test, "Back to the logged values")
    assert values_of(test) == before


def test_it_is_kept_by_who_may(open_decision: Any, world: Explained) -> None:
    prediction = world.worst(1)
    reader = open_decision(world, prediction, Role.auditor)
    assert "Keep this explanation" not in {each.label for each in reader.button}
    assert "None yet." in html_of(reader)
    test = press(open_decision(world, prediction), "Keep this explanation")

    (kept,) = world.kept(prediction)
    assert kept.sha256 in html_of(test)
    assert kept.sha256 in html_of(open_decision(world, prediction, Role.auditor))


@pytest.mark.parametrize("lang", LOCALES)
def test_what_is_not_there_is_said(open_decision: Any, world: Explained, lang: str) -> None:
    t = translator(lang)
    test = open_decision(world, "nobody", lang=lang)
    expected = t("There is no decision {prediction} of {model}.", model=SBA, prediction="nobody")
    assert states(test) == [expected]
    assert sentences(test) == []


def test_a_score_that_the_model_does_not_give_is_not_explained(
    open_decision: Any, tmp_path: Path
) -> None:
    log: Any = sba_log(every=600).copy()
    log.loc[3, "default_score"] += 0.001
    world = an_explained_workspace(tmp_path / "home", log=log)
    test = open_decision(world, str(log.loc[3, "loan_id"]))
    html = html_of(test)

    assert "No explanation is available" in html
    assert "The registered model gives another score than the log has." in html
    assert ", another one" in html
    assert figures(test) == []
    assert "Why it was decided so" not in html
    assert not test.select_slider
    world.workspace.store.close()


def test_what_the_log_says_is_called_that(open_decision: Any, tmp_path: Path) -> None:
    log: Any = sba_log(every=600).copy()
    log["attribution_state"] = 0.5
    declared = "  - {name: attribution_state, type: numeric, purpose: What it added}\n"
    changes = {FIRST_COLUMN: declared + FIRST_COLUMN, "    training: training.parquet\n": ""}
    world = an_explained_workspace(tmp_path / "home", log=log, changes=changes)
    test = open_decision(world, world.worst())
    html = html_of(test)

    assert "what the log says that each field added" in html
    assert "What the log says that each field added; nobody recomputed it" in html
    assert "Only the registered model can be asked for that." in html
    assert figures(test) == []
    world.workspace.store.close()


def test_a_masked_score_and_id_are_shown_nowhere(open_decision: Any, tmp_path: Path) -> None:
    changes = {FIRST_COLUMN: SCORE + ID + FIRST_COLUMN}
    world = an_explained_workspace(tmp_path / "home", log=sba_log(every=600), changes=changes)
    prediction = world.worst()
    test = open_decision(world, prediction)
    html = html_of(test)

    assert "prediction" not in test.query_params
    assert not any(prediction in each.value for each in test.code)
    assert sentences(test)[0].startswith("“decline” was decided on ")
    assert MASK in html
    assert f"{world.row(prediction)['default_score']:.4f}" not in html
    assert "The contract masks the score, and what would tell it." in html
    assert figures(test) == []
    assert not test.select_slider
    world.workspace.store.close()


@pytest.mark.parametrize("lang", ["zh-HK", "zh-CN"])
def test_a_chinese_page_is_chinese(open_decision: Any, world: Explained, lang: str) -> None:
    test = open_decision(world, world.worst(), lang=lang)
    found = english(texts(test))
    assert [each for each in found if not any(word in each for word in OWN_WORDS)] == []
