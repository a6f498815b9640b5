"""The page Oversight quality: what it says of many verdicts, of few, and of single people."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import insert

from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.tables import review_control
from tests.core.services.oversight.blind_cases import (
    MODEL,
    NOW,
    a_site,
    actor,
    decided,
    let_two_be_a_team,
)
from tests.pages.conftest import Open
from tests.pages.reading import html_of, sentences, states
from tests.support.builders import contract_document


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Workspace]:
    made = a_site(tmp_path / "home")
    yield made
    made.store.close()


def fill(site: Workspace) -> None:
    """Put 240 verdicts of two people, some on controls."""
    for number in range(120):
        hidden = "never" if number % 2 else "at_once"
        decided(site, 1000 + number, "overturn" if number < 30 else "uphold", by="bo",
                score_shown=hidden)  # fmt: skip
        decided(site, 2000 + number, by="chun", score_shown=hidden)
    for number, verdict in enumerate(("overturn", "uphold", "overturn", "overturn")):
        made = decided(site, number, verdict, by=("bo", "chun")[number % 2], kind="control",
                       occasion="control:1")  # fmt: skip
        with site.store.begin() as conn:
            conn.execute(
                insert(review_control).values(
                    case_id=made, expected="overturn", basis={}, caught=verdict == "overturn",
                    unmasked_at=NOW,
                )
            )  # fmt: skip


def test_a_team_of_two_is_not_told_apart(open_page: Open, site: Workspace) -> None:
    fill(site)
    test = open_page(site, actor(site, "lee"), "oversight-quality", model=MODEL, lang="en")
    assert "kept back: would tell of one person" in html_of(test)
    assert "12.5%" not in html_of(test)
    (sentence,) = sentences(test)
    assert sentence == "2 people decided 240 cases."


def test_columns_of_money_are_called_as_the_contract_does(open_page: Open, tmp_path: Path) -> None:
    outcome = contract_document()["outcome"]
    outcome["columns"][1]["label"] = {"en": "Loss", "zh-HK": "損失"}
    made = a_site(tmp_path / "labelled", contract={"outcome": outcome})
    decided(made, 1, by="bo")
    test = open_page(made, actor(made, "lee"), "oversight-quality", model=MODEL, lang="zh-HK")
    html = html_of(test)
    assert "損失" in html
    assert "loss" not in html
    made.store.close()


def test_the_sentence_says_what_was_found(
    open_page: Open, site: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_two_be_a_team(monkeypatch)
    fill(site)
    test = open_page(site, actor(site, "lee"), "oversight-quality", model=MODEL, lang="en")
    (sentence,) = sentences(test)
    assert "2 people decided 240 cases." in sentence
    assert "They overturned the model in 12.5% of them (8.9% to 17.3%)." in sentence
    assert "Of 4 blind controls that turned out against the model they caught 3." in sentence
    assert "makes no difference beyond chance" in sentence
    assert states(test) == []
    html = html_of(test)
    assert "What it cannot show" in html
    assert "Chun" not in html  # nobody is named before they are asked for


def test_single_people_are_opened_once_and_on_record(
    open_page: Open, site: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_two_be_a_team(monkeypatch)
    fill(site)
    test = open_page(site, actor(site, "lee"), "oversight-quality", model=MODEL, lang="en")
    test.button(key="oversight_open").click()
    test.run()
    chosen = test.selectbox(key="oversight_person")
    assert chosen.options == ["Bo", "Chun"]
    html = html_of(test)
    assert "Own figures of Bo beside the team" in html
    assert "25.0%" in html  # 30 of 120, on one's own
    assert "team only: 2 of 100" in html  # controls
    chosen.set_value(1)
    test.run()
    assert "Own figures of Chun beside the team" in html_of(test)
    with site.store.read() as conn:
        assert len(audit.list_newest(conn, kind="oversight.individuals_opened", limit=5)) == 1


@pytest.mark.parametrize(
    ("lang", "words"), [("zh-HK", "未有量度"), ("zh-CN", "尚无度量"), ("en", "nothing is measured")]
)
def test_before_anything_is_decided_it_says_what_comes_first(
    open_page: Open, site: Workspace, lang: str, words: str
) -> None:
    test = open_page(site, actor(site, "lee"), "oversight-quality", model=MODEL, lang=lang)
    (sentence,) = sentences(test)
    assert words in sentence
    assert len(states(test)) == 2  # controls, and cases with and without the score


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", "1 verdict on a blind case does not count: who gave it can see"),
        ("zh-HK", "1 個盲測個案的裁決不計算"),
        ("zh-CN", "1 个盲测案件的裁决不计算"),
    ],
)
def test_what_does_not_count_is_said(
    open_page: Open, site: Workspace, lang: str, words: str
) -> None:
    first = decided(site, 1)
    decided(site, 1, by="lee", kind="second", occasion=f"second:{first}", parent_id=first)
    test = open_page(site, actor(site, "lee"), "oversight-quality", model=MODEL, lang=lang)
    assert words in html_of(test)


def test_a_score_after_the_own_view_cannot_anchor_it(open_page: Open, tmp_path: Path) -> None:
    first = a_site(tmp_path / "first", score={"hidden_share": 0.5, "judge_first": True})
    decided(first, 1, score_shown="after_own_view")
    test = open_page(first, actor(first, "lee"), "oversight-quality", model=MODEL, lang="en")
    assert "Own views come before the score" in states(test)
    first.store.close()


def test_who_decides_cases_may_not_look(open_page: Open, site: Workspace) -> None:
    test = open_page(site, actor(site, "bo"), "oversight-quality", model=MODEL, lang="en")
    assert states(test) == ["You cannot open this page"]
