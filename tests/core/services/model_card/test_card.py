"""A model's card: the same figures as the pages, what is missing, and what is left out."""

import json
from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest

from app.filters import Filters
from app.screens.figures import figure_text
from core.auth.policy import POLICY
from core.domain.identity import Actor, Role
from core.domain.status import Status
from core.errors import Forbidden, InvalidInput, NotFound
from core.i18n import translator
from core.i18n.locales import LOCALES, Locale
from core.metrics.registry import METRICS
from core.reports.model_card import CardSection, ModelCard
from core.services.audit import trail as audit_trail
from core.services.drift.measure import drift
from core.services.explanation.global_view import global_view
from core.services.fairness.measure import fairness
from core.services.kpis import kpi_figures
from core.services.model_card import card_file, facts_of, model_card
from core.services.model_card.built import influence, versions
from core.services.model_card.card import NOT_HASHED, SECTIONS
from core.services.model_card.people import explanations
from core.services.model_card.record import agreed
from core.services.model_card.results import outcomes
from core.services.model_card.source import gather, whole_log
from core.services.model_card.telling import Teller
from core.services.performance import performance
from core.services.portfolio import newest_year, portfolio
from core.services.questions import Question
from core.services.registry.models import model_files
from core.services.serving.state import suspend
from core.services.value.newest import newest_value
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from tests.support.builders import ADMIN, a_workspace, contract_text
from tests.support.demo_slices import SBA
from tests.support.explained import Explained, an_explained_workspace, put_code_book
from tests.support.valued import Valued

LEAD = Actor("u-l", "lou", frozenset({Role.compliance_lead}), origin="cli")
MANAGER = Actor("u-b", "ben", frozenset({Role.business}), origin="cli")
LOANS = "loans"


def card_of(found: Valued, actor: Actor = LEAD, language: Locale = "en") -> ModelCard:
    return model_card(found.workspace, LOANS, actor=actor, t=translator(language))


def fact(section: CardSection, key: str) -> str:
    return next(each.value.text for each in section.facts if each.key == key)


def rows(section: CardSection, key: str) -> dict[object, tuple[object, ...]]:
    """Return raw first value → the others."""
    table = next(each for each in section.tables if each.key == key)
    return {str(row[0].raw): tuple(value.raw for value in row[1:]) for row in table.rows}


def test_what_the_contract_says_is_on_the_card(carded: Valued) -> None:
    card = card_of(carded)
    assert fact(card.section("purpose"), "prohibited") == "No prices No jobs"
    assert fact(card.section("limits"), "limits") == "Few loans"
    assert fact(card.section("data"), "training") == "Loans of 2024"
    assert rows(card.section("validation"), "components") == {
        "scikit-learn": ("The project", "1.9")
    }


def test_what_nobody_has_recorded_says_where_to_write_it(carded: Valued) -> None:
    card = card_of(carded)
    (validation,) = [each for each in card.section("validation").facts if each.state == "missing"]
    assert validation.value.text == "Not recorded. Write it as 'card.validation' of the contract."
    assert "'card.fall_back'" in fact(card.section("limits"), "fall_back")
    assert card.section("validation").raw()["facts"] == {"validation": {"state": "missing"}}


def test_figures_of_performance_are_those_of_its_page(carded: Valued) -> None:
    question = whole_log(carded.workspace, LOANS, actor=LEAD)
    found = performance(carded.workspace, question, actor=LEAD)
    newest = found.newest_matured()
    assert newest is not None
    told = rows(card_of(carded).section("performance"), "realised")
    shown = [name for name, each in found.figures.items() if np.isfinite(each.value[newest])]
    assert list(told) == shown
    for name in shown:
        value, _, n, *_ = told[name]
        assert value == pytest.approx(float(found.figures[name].value[newest]), rel=1e-8)
        assert n == found.rows_behind(name, newest)


def test_kpis_are_those_of_the_portfolio(carded: Valued) -> None:
    view = newest_year(carded.workspace, LOANS, actor=LEAD, as_of=None)
    answer = kpi_figures(carded.workspace, view.question, actor=LEAD)
    section = card_of(carded).section("outcomes")
    told = rows(section, "kpis")
    for series in answer.kpis:
        value, _, n, *_, level = told[series.definition.id]
        assert value == pytest.approx(series.whole.value, rel=1e-8)
        assert (n, level) == (series.whole.n, str(series.whole.level))
    (row,) = portfolio(carded.workspace, actor=LEAD).rows
    assert row.targets is not None
    levels = [each[-1] for each in told.values()]
    assert levels.count("missed") == row.targets.missed
    assert levels.count("on_track") == row.targets.on_track


def test_value_is_that_of_the_newest_year(carded: Valued) -> None:
    found = newest_value(carded.workspace, Question(LOANS, by="month"), actor=LEAD)
    assert found is not None
    section = card_of(carded).section("outcomes")
    (gain,) = [each.value for each in section.facts if each.key == "value"]
    assert gain.raw == pytest.approx(found.found.gain, rel=1e-8)
    assert gain.text == translator("en").compact_money(found.found.gain, found.currency)


def test_how_many_people_decided_about_is_told_by_version(carded: Valued) -> None:
    told = rows(card_of(carded).section("oversight"), "reviewed")
    loans = carded.loans
    share = pytest.approx(loans["reviewed"].mean())
    assert told == {"1": (len(loans), int(loans["reviewed"].sum()), share)}
    abroad = card_of(carded, replace(LEAD, jurisdictions=frozenset({"CN"})))
    assert abroad.section("oversight").tables == ()  # none of them is theirs


def test_groups_and_inputs_are_those_of_their_pages(carded: Valued) -> None:
    question = whole_log(carded.workspace, LOANS, actor=LEAD)
    card = card_of(carded)
    (group,) = fairness(carded.workspace, question, actor=LEAD).attributes
    value, _, worst, best, n, _ = rows(card.section("fairness"), "groups")["sex"]
    assert value == pytest.approx(group.ratio.value, rel=1e-8)
    assert (worst, best, n) == (group.ratio.worst, group.ratio.best, group.ratio.n)
    table = drift(carded.workspace, question, actor=LEAD)
    told = rows(card.section("drift"), "drift")
    assert set(told) == {column.column for column in table.columns}
    assert card.section("drift").status is not None


@pytest.mark.parametrize("name", sorted(METRICS))
def test_figures_are_written_as_screens_write_them(name: str) -> None:
    """As ``app.screens.performance.words.figure_text`` does for figures without a unit."""
    t = translator("zh-HK")
    said = Teller(t, "Asia/Hong_Kong", "HKD").figure(name, 0.123456)
    unit = METRICS[name].unit
    expected = (
        t.number(0.123456, 3)
        if unit == "none"
        else figure_text(t, METRICS[name], 0.123456, currency="HKD")
    )
    if unit != "milliseconds":
        assert said.text == expected
    assert said.raw == pytest.approx(0.123456)


def test_the_whole_log_is_what_pages_ask_for(carded: Valued) -> None:
    loans = carded.loans["approved_at"].dt.tz_convert("Asia/Hong_Kong").dt.date
    filters = Filters(model=LOANS, first=loans.min(), last=loans.max())
    assert whole_log(carded.workspace, LOANS, actor=LEAD) == filters.question()


def test_the_facts_are_the_same_in_every_language(carded: Valued) -> None:
    cards = [card_of(carded, language=each) for each in LOCALES]
    assert len({card.sha256 for card in cards}) == 1
    assert len({card.sentence for card in cards}) == len(LOCALES)
    assert cards[1].section("limits").facts[0].value.text == "Few loans（港）"


def test_the_hash_is_that_of_the_facts(carded: Valued) -> None:
    card = card_of(carded)
    content = facts_of(card)
    assert sha256(content).hexdigest() == card.sha256
    document = json.loads(content)
    assert set(document["sections"]) == {key for key, *_ in SECTIONS} - NOT_HASHED
    assert document["sections"]["limits"]["facts"]["limits"][0]["en"] == "Few loans"


def test_who_may_see_less_is_told_what_is_left_out(carded: Valued) -> None:
    card = card_of(carded, MANAGER)
    out = {each.key for each in card.sections if each.is_left_out}
    assert out == {
        "fairness", "drift", "oversight", "explanations", "requests", "agreed", "retention",
        "trail",
    }  # fmt: skip
    for key in out:
        section = card.section(key)
        assert section.notes == ("Left out: the role of the reader may not see it.",)
        assert (section.facts, section.tables, section.status) == ((), (), None)
    lines = next(each for each in card.section("purpose").facts if each.key == "lines")
    quality = next(each for each in card.section("data").facts if each.key == "quality")
    assert (lines.state, quality.state) == ("left_out", "left_out")
    assert card.sha256 != card_of(carded).sha256


@pytest.mark.parametrize("role", list(Role))
def test_a_section_is_there_for_whoever_may_see_its_page(carded: Valued, role: Role) -> None:
    actor = Actor("u-1", "one", frozenset({role}), origin="cli")
    shown = {each.key for each in card_of(carded, actor).sections if not each.is_left_out}
    expected = {key for key, _, permission, _ in SECTIONS if permission in POLICY[role]}
    assert shown == expected


def test_of_some_jurisdictions_what_counts_all_is_left_out(carded: Valued) -> None:
    some = replace(LEAD, jurisdictions=frozenset({"HK"}))
    card = card_of(carded, some)
    assert {"requests", "incidents"} <= {each.key for each in card.sections if each.is_left_out}
    assert "jurisdictions" in card.section("incidents").notes[0]


def test_another_model_and_no_role_are_refused(carded: Valued) -> None:
    with pytest.raises(NotFound):
        card_of(carded, replace(LEAD, models=frozenset({"other"})))
    with pytest.raises(Forbidden):
        card_of(carded, Actor("u-0", "nobody", frozenset()))


def test_the_sentence_names_the_sides_that_are_beyond_their_limits(carded: Valued) -> None:
    card = card_of(carded)
    beyond = {each.key for each in card.sections if each.status is Status.act}
    assert "outcomes" in beyond
    assert "Beyond its limits: " in card.sentence
    assert "targets" in card.sentence
    assert card.sentence.startswith(
        "Owner: Credit risk. Version 1 has been in the log since 1 Jan 2025."
    )
    assert card.status is Status.act


def test_a_file_is_on_the_trail_by_facts_and_bytes(carded: Valued) -> None:
    before = card_of(carded).sha256
    made = card_file(carded.workspace, LOANS, "json", actor=LEAD)
    assert made.sha256 == sha256(made.content).hexdigest() == before
    page = card_file(carded.workspace, LOANS, "html", actor=MANAGER, language="zh-HK")
    with carded.workspace.store.read() as conn:
        newest = audit.list_newest(conn, kind="card.made")[0]
    assert newest.objects == {"model": LOANS}
    body = newest.body
    assert (body["sha256"], body["bytes"]) == (page.sha256, len(page.content))
    assert (body["format"], body["language"]) == ("html", "zh-HK")
    assert body["facts_sha256"] == card_of(carded, MANAGER).sha256
    assert "trail" in str(body["left_out"])
    assert card_of(carded).sha256 == before  # making one changes no fact


def test_the_card_says_how_the_trail_stands(carded: Valued) -> None:
    found = audit_trail.status(carded.workspace, actor=LEAD)
    section = card_of(carded).section("trail")
    assert [each.value.raw for each in section.facts if each.key == "size"] == [found.size]


@pytest.mark.parametrize(
    ("form", "language", "said"), [("docx", "en", "docx"), ("pdf", "fr", "'fr' is not known here")]
)
def test_there_is_no_other_format_or_language(
    carded: Valued, form: str, language: str, said: str
) -> None:
    with pytest.raises(InvalidInput, match=said):
        card_file(carded.workspace, LOANS, form, actor=LEAD, language=language)


def test_a_model_without_a_log_has_a_card(tmp_path: Path) -> None:
    workspace: Workspace = a_workspace(tmp_path, contract=contract_text())
    card = model_card(workspace, LOANS, actor=LEAD, t=translator("en"))
    assert card.as_of == "The log is empty."
    assert "No declared version is in the log." in card.sentence
    assert card.section("performance").notes == ("No predictions are logged yet.",)
    assert card.section("outcomes").notes[0].startswith("No predictions of")
    suspend(workspace, LOANS, reason="A trial", actor=ADMIN)
    again = model_card(workspace, LOANS, actor=LEAD, t=translator("en"))
    assert fact(again.section("purpose"), "state") == "suspended"
    assert fact(again.section("incidents"), "suspended") == "1"
    workspace.store.close()


@pytest.fixture(scope="module")
def explained(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    made = an_explained_workspace(tmp_path_factory.mktemp("card") / "home")
    put_code_book(made)
    yield made
    made.workspace.store.close()


def test_a_registered_model_says_its_files_fields_and_who_agreed(explained: Explained) -> None:
    lead = explained.people[Role.compliance_lead]
    source = gather(explained.workspace, SBA, translator("en"), actor=lead)
    table = next(each for each in versions(source).tables if each.key == "files")
    files = model_files(explained.workspace, SBA, actor=lead)
    assert {row[2].raw for row in table.rows} == {each.sha256 for each in files}
    found = global_view(explained.workspace, SBA, actor=lead).importance[:8]
    told = rows(influence(source), "importance")
    assert list(told) == [each.field for each in found]
    assert [each[0] for each in told.values()] == pytest.approx([each.share for each in found])
    (step,) = next(each for each in agreed(source).tables if each.key == "approvals").rows
    assert step[0].raw == "code_book.change"
    assert step[1].text != step[3].text
    assert "version 1" in fact(explanations(source), "code_book")


def test_kpis_of_a_log_whose_outcomes_nobody_handed_in_are_not_known(explained: Explained) -> None:
    lead = explained.people[Role.compliance_lead]
    source = gather(explained.workspace, SBA, translator("en"), actor=lead)
    told = rows(outcomes(source), "kpis")
    assert told["default_rate"][0] is None
    assert told["default_rate"][-1] == "not_enough_data"
    assert told["approval_rate"][2] == len(explained.log)
