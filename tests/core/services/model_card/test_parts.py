"""Parts of a card, each on data that make it speak."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from core.domain.identity import Role
from core.domain.status import Status
from core.i18n import translator
from core.reports.model_card import CardSection
from core.services.audit import checkpoints as audit_checkpoints
from core.services.fairness.measure import fairness
from core.services.model_card.built import data
from core.services.model_card.card import sentence
from core.services.model_card.measured import limit_text, performance_section
from core.services.model_card.people import oversight_section, overturned, status_of
from core.services.model_card.record import reproduced, trail
from core.services.model_card.results import fairness_section, group_row, outcomes
from core.services.oversight.measures import Measure
from core.services.reproduce.history import PastReproduction
from core.services.routing.breaches import ModelOversight, VersionOversight
from core.services.thresholds import Thresholds
from tests.core.services.model_card.making import (
    LEAD,
    a_sheet,
    fact,
    source_of,
    texts,
    without_log,
)
from tests.support.builders import ADMIN, a_workspace, contract_text
from tests.support.harbour import Harbour
from tests.support.lender import Lender
from tests.support.valued import Valued

AT = datetime(2026, 1, 5, 1, tzinfo=UTC)


def test_estimates_stand_beside_what_outcomes_said(lender: Lender) -> None:
    source = source_of(lender.workspace)
    assert source.story is not None
    assert source.story.estimates is not None
    found = source.story.estimates.figures["roc_auc"].band
    place = int(np.flatnonzero(np.isfinite(found.value))[-1])
    told = {row[0]: row[1:] for row in texts(performance_section(source), "estimated")}
    period, value, band = told["Area under the ROC curve"]
    assert period == source.story.view.chunks[place].key
    assert value == f"{found.value[place]:.3f}"
    assert band == f"{found.low[place]:.3f}–{found.high[place]:.3f}"


def test_a_month_is_called_by_its_name_and_hashed_by_its_key(lender: Lender) -> None:
    source = source_of(lender.workspace)
    assert source.story is not None
    found = source.story.performance
    assert found is not None
    newest = found.newest_matured()
    assert newest is not None
    chunks = [*found.view.chunks]
    chunks[newest] = replace(chunks[newest], key="2025-12")
    monthly = replace(found, view=replace(found.view, chunks=tuple(chunks)))
    story = replace(source.story, performance=monthly)
    period = fact(performance_section(replace(source, story=story)), "period")
    assert (period.value.text, period.value.raw) == ("Dec 2025", "2025-12")


def test_simulated_decisions_of_people_are_named_beside_their_number(tmp_path: Path) -> None:
    said = "What people decided is simulated in this log."
    with without_log(tmp_path / "real") as source:
        assert said not in oversight_section(source).notes
    with without_log(tmp_path / "made-up", simulated=["human_decision"]) as source:
        assert said in oversight_section(source).notes


def test_the_side_is_that_of_the_page_of_the_model(lender: Lender) -> None:
    """As the page Model says it: act if the newest final period departed, else watch."""
    source = source_of(lender.workspace)
    story = source.story
    assert story is not None
    assert story.performance is not None
    newest, departed = story.performance.newest_matured(), story.departed
    expected = Status.in_range
    if departed:
        expected = Status.act if departed[-1] == newest else Status.watch
    assert performance_section(source).status is expected


def test_without_a_final_period_nothing_is_called_measured(lender: Lender) -> None:
    source = source_of(lender.workspace)
    assert source.story is not None
    found = source.story.performance
    assert found is not None
    early = replace(
        found, maturity=tuple(replace(each, state="partial") for each in found.maturity)
    )
    section = performance_section(replace(source, story=replace(source.story, performance=early)))
    assert section.notes == ("No period has final outcomes yet.",)
    assert [each.key for each in section.tables] == ["estimated"]
    assert section.status is None


def test_a_model_without_outcome_says_so(harbour: Harbour) -> None:
    source = source_of(harbour.workspace, "tenants")
    (note,) = performance_section(source).notes
    assert note.startswith("The contract names no outcome")
    value = fact(outcomes(source), "value")
    assert value.state == "missing"
    assert "outcome" in value.value.text


@pytest.mark.parametrize(
    ("watch", "act", "direction", "text"),
    [
        (0.8, 0.7, "higher_is_better", "below 0.700"),
        (0.1, 0.25, "lower_is_better", "from 0.250"),
        (0.1, None, "lower_is_better", "from 0.100"),
        (None, None, "lower_is_better", "–"),
    ],
)
def test_a_limit_says_which_side_is_bad(
    watch: float | None, act: float | None, direction: str, text: str
) -> None:
    limits = Thresholds(watch, act, 1, direction)  # type: ignore[arg-type]
    assert limit_text(a_sheet().teller, "roc_auc", limits).text == text


def test_fields_carry_their_marks_and_where_they_are_read_from(tmp_path: Path) -> None:
    features = [
        {"name": "loan amount", "type": "numeric", "asset": "core", "actionable": True},
        {"name": "industry", "type": "categorical", "personal": True},
    ]
    assets = [{"id": "core", "label": "Core system", "held_in": "HK"}]
    proxies = {"proxies": ["industry"]}
    with without_log(tmp_path, features=features, assets=assets, explanation=proxies) as source:
        section = data(source)
        assert texts(section, "features") == [
            ("loan amount", "number", "can be changed by the person", "Core system", "–", "–"),
            ("industry", "category", "personal, stands in for a protected column", "–", "–", "–"),
        ]
        assert fact(section, "assets").value.text == "Core system (HK)"
        assert fact(section, "protected").value.text == "Sex"
        assert fact(section, "protected").value.raw == ["sex"]
        assert fact(section, "predictions").state == "missing"


@pytest.mark.parametrize("by_chance", [False, True])
def test_a_difference_that_chance_explains_is_said_to_be(carded: Valued, by_chance: bool) -> None:
    source = source_of(carded.workspace)
    (group,) = fairness(source.workspace, source.question(), actor=LEAD).attributes
    ratio = replace(group.ratio, by_chance=by_chance)
    summaries = {**group.summaries, "selection_rate_ratio": ratio}
    told = group_row(a_sheet().teller, replace(group, summaries=summaries))
    assert told[-1].text.endswith("; chance explains it") is by_chance


def test_without_an_attribute_nobody_is_compared(harbour: Harbour) -> None:
    section = fairness_section(source_of(harbour.workspace, "tenants"))
    assert section.notes == ("The contract names no attribute by which people are compared.",)


def test_how_often_people_overturn_comes_with_its_interval() -> None:
    share = Measure("override", 200, 0.25, 0.195, 0.314, 50)
    told = overturned(a_sheet(), share)
    assert told.value.text == "25.0%, 95% interval 19.5% to 31.4%, of 200 cases"
    assert told.value.raw == [0.25, 0.195, 0.314, 200]


@pytest.mark.parametrize("n", [0, 12])
def test_one_persons_figure_is_kept_back(n: int) -> None:
    nan = float("nan")
    share = Measure("override", n, nan, nan, nan, is_withheld=n > 0)
    assert overturned(a_sheet(), share).state == "missing"


@pytest.mark.parametrize(
    ("released", "breaches", "status"),
    [(0, 0, Status.not_enough_data), (9, 0, Status.in_range), (9, 1, Status.act)],
)
def test_one_release_without_review_is_one_too_many(
    released: int, breaches: int, status: Status
) -> None:
    version = VersionOversight("1", "in_the_loop", released, breaches)
    assert status_of(ModelOversight("loans", AT, AT, (version,), ())) is status


def test_the_last_reproduction_has_its_day_and_verdict() -> None:
    past = PastReproduction(AT, "failed", 1, 10, 100, 10, 2, 10, 0, 0, 0, 0)
    told = reproduced(a_sheet(), past)
    assert told.value.text == "5 Jan 2026: Not everything reproduces"
    assert reproduced(a_sheet(), None).state == "missing"


def test_a_signed_trail_has_its_root(tmp_path: Path) -> None:
    workspace = a_workspace(tmp_path, contract=contract_text())
    signed = audit_checkpoints.make_checkpoint(workspace, actor=ADMIN, reason="command")
    section = trail(source_of(workspace))
    assert fact(section, "root").value.raw == signed.root.hex()
    assert fact(section, "checkpoint").value.raw == signed.size
    workspace.store.close()


@pytest.mark.parametrize(
    ("statuses", "said"),
    [
        ((Status.act, Status.watch), "Beyond its limits: targets."),
        ((Status.in_range, Status.watch), "To be watched: fairness."),
        ((Status.in_range, Status.in_range), "All of it that is judged here lies within"),
        ((Status.not_enough_data, Status.not_enough_data), "Nothing of it can be judged yet."),
    ],
)
def test_the_sentence_follows_the_worst_side(
    carded: Valued, statuses: tuple[Status, Status], said: str
) -> None:
    sections = [
        CardSection(key, key, status=status)
        for key, status in zip(("outcomes", "fairness"), statuses, strict=True)
    ]
    assert said in sentence(source_of(carded.workspace), sections)


def test_the_sentence_says_that_a_model_is_suspended(carded: Valued) -> None:
    source = source_of(carded.workspace)
    assert source.story is not None
    state = replace(source.story.state, state="suspended", since=AT)
    other = replace(source, story=replace(source.story, state=state))
    assert "Suspended since 5 Jan 2026." in sentence(other, [])


def test_a_reader_without_a_role_for_quality_is_told_so(carded: Valued) -> None:
    manager = replace(LEAD, roles=frozenset({Role.business}))
    source = replace(source_of(carded.workspace), actor=manager)
    assert fact(data(source), "quality").state == "left_out"
    assert source.t is translator("en")
