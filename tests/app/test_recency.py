"""What the page says when its figures are old, or older than the lake."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app import recency
from app.context import PageContext
from app.filters import Filters, ModelChoice
from app.palette import LIGHT
from core.domain.identity import Actor, Role
from core.i18n import translator

NOW = datetime(2026, 1, 10, tzinfo=UTC)


def context(newest: datetime | None, generation: int = 3) -> PageContext:
    model = ModelChoice("m", "Model", newest=newest, generation=generation)
    everything: Any = None
    return PageContext(
        workspace=everything,
        actor=Actor("u", "u", frozenset({Role.business})),
        t=translator("en"),
        filters=Filters(model="m"),
        models=(model,),
        palette=LIGHT,
        pages={},
        header=everything,
    )


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    heard: list[str] = []
    monkeypatch.setattr(recency, "stale", lambda _t, age: heard.append(age))
    monkeypatch.setattr("core.services.demo.build.is_demo", lambda _workspace: False)
    return heard


@pytest.mark.parametrize(
    ("age", "expected"),
    [(timedelta(hours=71), []), (timedelta(days=9), ["9 days"])],
)
def test_only_an_old_record_is_called_old(
    said: list[str], age: timedelta, expected: list[str]
) -> None:
    recency.show_recency(context(NOW - age), NOW)
    assert said == expected


def test_an_empty_log_and_a_demo_are_not_called_old(
    said: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    recency.show_recency(context(None), NOW)
    monkeypatch.setattr("core.services.demo.build.is_demo", lambda _workspace: True)
    recency.show_recency(context(NOW - timedelta(days=900)), NOW)
    assert said == []


@pytest.mark.parametrize(("newest", "expected"), [(3, 0), (4, 1)])
def test_new_data_is_offered_only_when_there_is_some(
    monkeypatch: pytest.MonkeyPatch, newest: int, expected: int
) -> None:
    shown: list[object] = []
    pressed: Callable[..., bool] = lambda *_args, **_kwargs: False  # noqa: E731
    monkeypatch.setattr(recency, "new_data", shown.append)
    monkeypatch.setattr("streamlit.button", pressed)
    monkeypatch.setattr("core.services.outline.newest_generation", lambda *_a, **_k: newest)
    recency.watch_for_new_data.__wrapped__(context(NOW))  # type: ignore[attr-defined]
    assert len(shown) == expected
