"""The screens of reproduction, skew and confidence, on parts of the demo."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.filters import Filters
from app.screens.drift import skew as skewed
from app.screens.model import reproduce as screen
from app.screens.performance import confidence as sureness
from core.domain.identity import Actor, Role
from core.domain.status import Status
from core.i18n import translator
from core.services.confidence import Unsaid, confidence
from core.services.drift.skew import skew
from core.services.questions import Question
from core.services.reproduce.history import last_reproduction
from core.services.reproduce.result import NO_DECISIONS
from core.services.reproduce.run import reproduce
from core.services.workspace import Workspace
from tests.app.screens.reproduce_page import WORLD, World, page
from tests.pages.reading import html_of
from tests.support.builders import a_workspace
from tests.support.demo_slices import LOANAPP, SBA, loanapp_log, put, sba_log
from tests.support.harbour import Harbour

T = translator("en")
ZONE = "America/New_York"
OWNER = Actor("u-1", "ada", frozenset({Role.admin}), origin="cli")
LOG: Any = sba_log(every=100)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The SBA model with one wrong score, and the mortgages."""
    folder = tmp_path_factory.mktemp("screens")
    workspace = a_workspace(folder / "home")
    log = LOG.copy()
    log.loc[0, "default_score"] += 0.001
    put(workspace, folder, SBA, log, actor=OWNER)
    put(workspace, folder, LOANAPP, loanapp_log(), actor=OWNER)
    yield workspace
    workspace.store.close()


def visit(demo: Workspace, role: Role, model: str | None, language: str = "en") -> AppTest:
    first, last = date(2006, 1, 1), date(2006, 8, 31)
    filters = Filters(model=model, first=first, last=last, timezone=ZONE)
    actor = Actor("u-2", "bo", frozenset({role}))
    WORLD[:] = [World(demo, actor, filters, language)]
    return AppTest.from_function(page, default_timeout=60).run()


def test_what_is_shown_before_and_after_a_sample(demo: Workspace) -> None:
    test = visit(demo, Role.data_scientist, SBA)
    assert not test.exception
    before = html_of(test)
    assert "No sample of this model has been reproduced yet." in before
    assert "Revolving line of credit" in before  # it is skewed
    test.button(key="reproduce_now").click().run()
    assert not test.exception
    after = html_of(test)
    assert f"{len(LOG)} of {len(LOG)} predictions were drawn. Scores that differ: 1; " in after
    assert str(LOG["loan_id"][0]) in after
    past = last_reproduction(demo, SBA, actor=OWNER)
    assert past is not None
    assert (past.verdict, past.score_mismatches, past.drawn) == ("failed", 1, len(LOG))


def test_who_may_not_reproduce_reads_the_verdict(demo: Workspace) -> None:
    reproduce(demo, LOANAPP, actor=OWNER, sample=10)
    for language in ("en", "zh-HK", "zh-CN"):
        test = visit(demo, Role.auditor, LOANAPP, language)
        assert not test.exception
        assert "reproduce_now" not in {button.key for button in test.button}
        t = translator(language)
        said = t("All scores reproduce: {scores}.", scores="10")
        assert t.sentences(said, t(NO_DECISIONS)) in html_of(test)


def test_nothing_is_shown_without_a_model(demo: Workspace) -> None:
    test = visit(demo, Role.auditor, None)
    assert not test.exception
    assert html_of(test) == ""


def test_a_model_without_training_set_or_policy_says_so(harbour: Harbour) -> None:
    filters = Filters(model="loans", first=date(2024, 1, 1), last=date(2024, 12, 31))
    WORLD[:] = [World(harbour.workspace, harbour[Role.auditor], filters)]
    test = AppTest.from_function(page, default_timeout=60).run()
    assert not test.exception
    assert "No training set is registered with loans." in html_of(test)
    assert "No policy sets a cut-off on the score." in html_of(test)


def test_a_verdict_on_other_jurisdictions_is_not_told(demo: Workspace) -> None:
    reproduce(demo, SBA, actor=OWNER, sample=5)
    reader = Actor("u", "x", frozenset({Role.auditor}), jurisdictions=frozenset({"HK"}))
    assert last_reproduction(demo, SBA, actor=reader) is None
    assert last_reproduction(demo, SBA, actor=OWNER) is not None


def test_the_tables_name_versions_and_reasons(demo: Workspace) -> None:
    found = reproduce(demo, SBA, actor=OWNER, sample=1000, tolerance=0.0)
    frame, columns = screen.version_table(T, found)
    assert frame["score_mismatches"].tolist() == [len(LOG)]
    assert {column.name for column in columns} == set(frame.columns)
    frame, columns = screen.mismatch_table(T, found, ZONE)
    assert len(frame) == len(found.examples)
    assert set(frame["kind"]) == {"Score"}
    past = last_reproduction(demo, SBA, actor=OWNER)
    assert past is not None
    text, status = screen.verdict(T, past, ZONE)
    assert status is Status.act
    assert f"Scores that differ: {len(LOG)}; decisions that differ: 0; rows" in text


def test_the_farthest_inputs_come_first(demo: Workspace) -> None:
    found = skew(demo, Question(SBA, by="month"), actor=OWNER)
    frame, _ = skewed.ranking(T, found)
    order = [Status.act, Status.watch, Status.in_range, Status.not_enough_data]
    places = [order.index(status) for status in frame["status"]]
    assert places == sorted(places)
    assert set(frame["trained"]) == {96525}
    assert len(frame) == 11


def test_figures_of_the_scores(demo: Workspace) -> None:
    found = confidence(demo, Question(SBA, by="month"), actor=OWNER)
    assert sureness.shown(found) == list(sureness.FIGURES)
    assert sureness.missing(found) == []
    assert sureness.band_text(T, found) == (
        "Near is a score from 0.0280 to 0.0420; the cut-off is 0.0350."
    )
    mortgages = confidence(demo, Question(LOANAPP, by="month"), actor=OWNER)
    assert "near_cut_off" not in sureness.shown(mortgages)
    assert sureness.missing(mortgages) == [Unsaid.no_cut_off]
    assert sureness.band_text(T, mortgages) == ""
