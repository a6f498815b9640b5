"""The model's story on the screen: its sides, its events, its facts."""

import pytest

from app.charts import Look
from app.palette import LIGHT
from app.screens.model import page as screen
from app.screens.model.words import event_text, state_text
from core.domain.identity import Role
from core.domain.status import Status
from core.i18n import translator
from core.services.model_story import Story, StoryEvent, model_story
from core.services.questions import Question
from tests.support.harbour import Harbour

T = translator("en")


@pytest.fixture
def story(harbour: Harbour) -> Story:
    question = Question("loans", by="month")
    return model_story(harbour.workspace, question, actor=harbour[Role.data_scientist])


def test_each_side_has_a_status_a_reason_and_a_page(story: Story) -> None:
    sides = {page: layer for layer, page in screen.layers(T, story)}
    assert list(sides) == ["operations", "drift", "performance"]
    assert sides["drift"].status is Status.act
    assert "act level" in sides["drift"].reason
    assert screen.overall(story, T) is Status.act


def test_business_is_told_of_two_sides(harbour: Harbour) -> None:
    question = Question("loans", by="month")
    story = model_story(harbour.workspace, question, actor=harbour[Role.business])
    assert [page for _, page in screen.layers(T, story)] == ["operations", "performance"]


def test_a_model_without_outcomes_has_no_third_side(harbour: Harbour) -> None:
    question = Question("tenants", by="month")
    story = model_story(harbour.workspace, question, actor=harbour[Role.data_scientist])
    assert [page for _, page in screen.layers(T, story)] == ["operations", "drift"]
    assert screen.story_chart(Look(LIGHT, T), story) is None
    assert (
        "moved beyond" in {page: layer.reason for layer, page in screen.layers(T, story)}["drift"]
    )


def test_the_timeline_begins_with_the_newest(story: Story) -> None:
    frame, columns = screen.timeline(T, story)
    assert len(frame) == len(story.events)
    assert frame.iloc[-1]["what"] == event_text(T, story, story.events[0])
    assert [column.name for column in columns] == ["date", "what", "known"]
    assert any("Version 2 takes over" in text for text in frame["what"])


def test_an_event_calls_its_month_by_its_name(story: Story) -> None:
    event = StoryEvent(story.events[0].at, "concept", "2025-03")
    assert "from Mar 2025 on" in event_text(T, story, event)
    assert event_text(translator("zh-HK"), story, event).startswith("自 2025年3月起")


def test_facts_say_what_it_decides_and_whether_it_does(story: Story) -> None:
    found = screen.model_facts(T, story)
    assert found["State"] == state_text(T, story) == "in production"
    assert found["Versions in the log"] == "1, 2"
    assert found["Predictions"] == T.number(int(story.operations.rows.sum()))
    for locale in ("zh-HK", "zh-CN"):
        chinese = screen.model_facts(translator(locale), story)
        assert len(chinese) == len(found)
        assert not set(chinese) & set(found)
