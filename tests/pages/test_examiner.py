"""The examiner room: a sample is planned, counted, drawn and taken; the register and the views."""

from collections.abc import Iterator
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.identity import Role
from core.errors import StorageError
from core.i18n import LOCALES, translator
from core.services.examiner.drawing import draw_sample, list_samples
from core.services.examiner.packs import PACK_JOB
from core.services.jobs import tasks
from core.services.jobs.worker import run_one
from core.store.audit import trail as audit
from tests.pages.conftest import Open
from tests.pages.reading import html_of, said, sentences, states
from tests.support.demo_slices import SBA, sba_log
from tests.support.explained import Explained, an_explained_workspace
from tests.support.packs import PLAN


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    home = tmp_path_factory.mktemp("room") / "home"
    made = an_explained_workspace(home, log=sba_log(every=600))
    yield made
    made.workspace.store.close()


def opened(
    open_page: Open, world: Explained, role: Role = Role.auditor, language: str = "en"
) -> AppTest:
    return open_page(world.workspace, world.people[role], "examiner", model=SBA, lang=language)


def press(test: AppTest, key: str) -> AppTest:
    return next(each for each in test.button if str(each.key).startswith(key)).click().run()


def work(world: Explained) -> None:
    """Let the worker make what was ordered, and nothing else."""
    handlers = {PACK_JOB: tasks.HANDLERS[PACK_JOB]}
    assert run_one(world.workspace, handlers, owner="worker")


def written(test: AppTest, key: str, text: str) -> None:
    next(each for each in test.text_input if str(each.key).startswith(key)).input(text)


def test_a_sample_is_counted_drawn_taken_and_tried(open_page: Open, world: Explained) -> None:
    test = opened(open_page, world)
    assert states(test) == ["No sample yet"]
    test.number_input(key="examiner_n").set_value(2)
    test = press(test, "examiner_count")
    size = len(world.log)
    assert f"There are {size} decisions." in html_of(test)
    assert "with 95% confidence at most" in html_of(test)

    written(test, "examiner_words", "short")
    written(test, "examiner_why", "Examination 12")
    test = press(test, "examiner_draw")
    assert "8 to 200 characters" in said(test)
    assert not list_samples(world.workspace, SBA, actor=world.people[Role.auditor])

    written(test, "examiner_words", "Grey heron at the pier")
    test = press(test, "examiner_draw")
    (drawn,) = list_samples(world.workspace, SBA, actor=world.people[Role.auditor])
    assert (drawn.drawn, drawn.population) == (2, size)
    assert sentences(test)[0].startswith("One sample of this model's decisions was drawn")
    assert "Grey heron at the pier" in html_of(test)

    written(test, f"examiner_known_{drawn.id}", world.best())
    assert "It stood in the frame." in html_of(test.run())
    written(test, f"examiner_known_{drawn.id}", "elsewhere")
    assert "It did not stand in the frame." in html_of(test.run())

    test = press(test, "examiner_pack")
    assert "Say who gets the pack" in said(test)
    written(test, "examiner_to", "An examiner's office")
    written(test, "examiner_reason", "Examination 12")
    test = press(test, "examiner_pack")
    assert [each for each in test.button if str(each.key).startswith("examiner_stop")]
    work(world)
    test = opened(open_page, world)
    assert "Ready to fetch" in test.dataframe[0].value.to_string()
    with world.workspace.store.read() as conn:
        assert not audit.list_newest(conn, kind="export.made")  # by looking nothing is handed out
    test = press(test, "examiner_fetch")
    assert "Download the pack of 2 dossiers (ZIP)" in html_of(test)

    test.segmented_control(key="examiner_part").set_value("register").run()
    assert "An examiner&#x27;s office" in html_of(test)
    assert "Pack of dossiers" in html_of(test)
    written(test, "examiner_recipient", "nobody")
    assert "Nothing was given" in states(test.run())
    written(test, "examiner_recipient", "")
    test.run()
    assert "Download the register (CSV)" in html_of(press(test, "examiner_register_file"))


def test_a_pack_can_be_stopped_and_says_so(open_page: Open, world: Explained) -> None:
    draw_sample(world.workspace, replace(PLAN, n=1), actor=world.people[Role.auditor])
    test = opened(open_page, world)
    written(test, "examiner_to", "An examiner's office")
    written(test, "examiner_reason", "Examination 12")
    test = press(test, "examiner_pack")
    press(test, "examiner_stop")
    work(world)
    assert "The making of the pack was stopped." in html_of(opened(open_page, world))


def test_strata_show_what_was_drawn_of_each(open_page: Open, world: Explained) -> None:
    plan = replace(PLAN, method="equal", stratum="decision", n=6)
    draw_sample(world.workspace, plan, actor=world.people[Role.auditor])
    test = opened(open_page, world)
    found = html_of(test)
    assert "Strata of the sample" in found
    assert "approve: If none of the 3 drawn is wrong" in found
    test.selectbox(key="examiner_method").set_value("proportional").run()
    test.selectbox(key="examiner_stratum").set_value("month").run()
    assert "2006-08" in html_of(press(test, "examiner_count"))


def test_a_page_is_on_record_once_a_view(open_page: Open, world: Explained) -> None:
    def views() -> int:
        with world.workspace.store.read() as conn:
            return len(audit.list_newest(conn, kind="page.viewed", limit=1000))

    before = views()
    test = opened(open_page, world)
    assert views() == before + 1
    test.segmented_control(key="examiner_part").set_value("views").run()
    assert views() == before + 1
    assert "Examiner room" in html_of(test)
    opened(open_page, world, Role.compliance_lead)
    assert views() == before + 1


def test_what_cannot_be_put_on_record_is_not_shown(
    open_page: Open, world: Explained, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> bool:
        raise StorageError("The disk is full.", remedy="Make room.")

    monkeypatch.setattr("app.views.views.note_view", broken)
    test = opened(open_page, world)
    assert states(test) == ["The disk is full."]
    assert not sentences(test)
    assert sentences(opened(open_page, world, Role.compliance_lead))


def test_a_decision_is_on_record_when_it_is_asked_for(open_page: Open, world: Explained) -> None:
    auditor = world.people[Role.auditor]
    asked = {"model": SBA, "prediction": world.best(), "lang": "en"}
    open_page(world.workspace, auditor, "decision", **asked)
    with world.workspace.store.read() as conn:
        decision, page = audit.list_newest(conn, kind="page.viewed", limit=2)
    assert decision.objects["prediction"] == world.best()
    assert (page.body["page"], "prediction" in page.objects) == ("decision", False)


@pytest.mark.parametrize("language", LOCALES)
def test_a_lead_reads_and_draws_nothing(open_page: Open, world: Explained, language: str) -> None:
    draw_sample(world.workspace, replace(PLAN, n=1), actor=world.people[Role.auditor])
    test = opened(open_page, world, Role.compliance_lead, language)
    assert not [each for each in test.button if str(each.key).startswith("examiner_")]
    t = translator(language)
    assert t("Drawn samples") in html_of(test)
    test.segmented_control(key="examiner_part").set_value("views").run()
    assert t(
        "Your role is none whose views are on record; those of examiners are in the trail."
    ) in html_of(test)
