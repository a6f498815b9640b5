"""A month held against chance: what moves is found, what does not is left alone."""

import json

import numpy as np
import pytest

from core.domain.identity import Role
from core.errors import Forbidden, InvalidInput, NotComputable, NothingYet
from core.metrics.alarms import AlarmEvidence, rederive, rederive_chance
from core.services.drift_alarms import JudgedMonth, judged_month
from core.services.drift_alarms.judged import reference_series
from core.services.questions import Question
from tests.core.services.raw import logged_loans
from tests.support.harbour import ZONE, Harbour


def judged(harbour: Harbour, at: str | None, by: str = "month", **more: str) -> JudgedMonth:
    question = Question("loans", by=by, **more)
    return judged_month(harbour.workspace, question, actor=harbour[Role.data_scientist], at=at)


def alarmed(month: JudgedMonth) -> set[str]:
    return {verdict.member.series for verdict in month.alarms}


def test_a_month_of_the_reference_itself_raises_nothing(harbour: Harbour) -> None:
    month = judged(harbour, "2024-02")
    assert alarmed(month) == set()
    assert month.expected < 0.1


def test_what_moved_is_found_from_the_month_on_in_which_it_did(harbour: Harbour) -> None:
    # Incomes are 1.8 times as high from September; before, nothing moved.
    assert "income" not in alarmed(judged(harbour, "2024-08"))
    september = judged(harbour, "2024-09")
    assert "income" in alarmed(september)
    # An eighth of the incomes is missing from October, one in 20 sectors is new from November.
    found = {verdict.member.key for verdict in judged(harbour, "2024-11").alarms}
    assert {"income/missing_share", "sector/unseen_share"} <= found
    assert "years" not in alarmed(september)  # which never moves


def test_effects_are_those_of_the_raw_rows(harbour: Harbour) -> None:
    month = judged(harbour, "2024-11")
    rows = logged_loans(harbour)
    local = rows["scored_at"].dt.tz_convert(ZONE)
    reference = month.view.contract.reference
    before = rows[(local.dt.date >= reference.start) & (local.dt.date <= reference.end)]
    after = rows[(local.dt.year == 2024) & (local.dt.month == 11)]
    by_key = {verdict.member.key: verdict for verdict in month.verdicts}
    missing = by_key["income/missing_share"]
    gain = after["income"].isna().mean() - before["income"].isna().mean()
    assert missing.effect == pytest.approx(gain, rel=1e-12)
    assert (missing.n_ref, missing.n_cur) == (len(before), len(after))
    unseen = by_key["sector/unseen_share"]
    assert unseen.effect == pytest.approx((~after["sector"].isin(before["sector"])).mean())
    assert missing.p_value <= month.family.stated_rate
    assert missing.statistic > missing.threshold


def test_weeks_are_looks_within_their_month(harbour: Harbour) -> None:
    month = judged(harbour, None, by="week")
    assert len(month.looks) > 1
    assert {verdict.check for verdict in month.verdicts} == {look.key for look in month.looks}
    zone = month.view.contract.zone
    assert len({look.start.astimezone(zone).month for look in month.looks}) == 1


def test_days_of_ones_own_are_judged_by_the_whole_month_that_they_cut(harbour: Harbour) -> None:
    whole = judged(harbour, "2024-09")
    cut = judged(harbour, "2024-09", start="2024-03-05", end="2024-09-11")
    other = judged(harbour, None, start="2024-08-30", end="2024-09-02")
    assert cut.verdicts == other.verdicts == whole.verdicts
    assert cut.family is other.family is whole.family  # drawn once for all of them


def test_looks_of_the_period_are_told_with_the_rate_of_all_looks(harbour: Harbour) -> None:
    whole = judged(harbour, "2024-W37", by="week")
    part = judged(harbour, None, by="week", start="2024-09-03", end="2024-09-12")
    assert [look.key for look in part.looks] == ["2024-W36", "2024-W37"]
    keys = {look.key for look in part.looks}
    assert part.verdicts == tuple(each for each in whole.verdicts if each.check in keys)
    assert part.family is whole.family
    assert len(whole.looks) == len(part.family.checks) > len(part.looks)


def test_the_only_chunk_of_a_period_is_the_period(harbour: Harbour) -> None:
    month = judged(harbour, None, by="all", start="2024-03-05", end="2024-03-11")
    rows = logged_loans(harbour)
    local = rows["scored_at"].dt.tz_convert(ZONE)
    inside = (local >= "2024-03-05") & (local < "2024-03-12")
    assert {verdict.n_cur for verdict in month.verdicts} == {float(inside.sum())}


def test_that_nothing_can_be_judged_is_found_out_once(
    harbour: Harbour, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls = list[int]()

    def refuse(*_: object, **__: object) -> None:
        calls.append(1)
        raise NotComputable("The reference is too short.")

    monkeypatch.setattr("core.services.drift_alarms.judged.draw_family", refuse)
    for end in ("2024-05-20", "2024-05-21"):
        with pytest.raises(NotComputable, match="too short"):
            judged(harbour, "2024-05", version="1", start="2024-05-02", end=end)
    assert calls == [1]


def test_evidence_derives_the_alarm_again(harbour: Harbour) -> None:
    month = judged(harbour, "2024-09")
    verdict = month.alarms[0]
    text = month.evidence(verdict).to_json()
    stored = AlarmEvidence.from_json(text)
    again = rederive(stored)
    assert (again.statistic, again.effect) == (verdict.statistic, verdict.effect)
    assert (again.n_ref, again.n_cur) == (verdict.n_ref, verdict.n_cur)
    _, series = reference_series(harbour.workspace, month.view)
    chance = rederive_chance(stored, series)
    assert (chance.p, chance.threshold) == (verdict.p_value, verdict.threshold)
    assert stored.bins_id == month.view.bins_id


def test_evidence_of_a_personal_column_names_no_value(harbour: Harbour) -> None:
    month = judged(harbour, "2024-11")
    personal = [
        verdict
        for verdict in month.verdicts
        if month.view.contract.is_personal(verdict.member.series)
        and month.reference[verdict.member.series].kind == "categorical"
    ]
    values = {
        str(value)
        for verdict in personal
        for value in logged_loans(harbour)[verdict.member.series].dropna().unique()
    }
    for verdict in personal:
        bins = json.loads(month.evidence(verdict).bins)
        assert not values & set(json.dumps(bins, ensure_ascii=False).split('"'))
        again = rederive(month.evidence(verdict))
        assert np.isclose(again.effect, verdict.effect, equal_nan=True)


def test_a_reader_of_one_region_is_judged_by_its_rows(harbour: Harbour) -> None:
    question = Question("loans", by="month")
    month = judged_month(harbour.workspace, question, actor=harbour.hong_kong, at="2024-09")
    rows = logged_loans(harbour)
    local = rows["scored_at"].dt.tz_convert(ZONE)
    own = rows[(rows["region"] == "HK") & (local.dt.month == 9)]
    assert {verdict.n_cur for verdict in month.verdicts} == {float(len(own))}


def test_what_cannot_be_judged_is_said(harbour: Harbour) -> None:
    actor = harbour[Role.data_scientist]
    with pytest.raises(NothingYet):
        judged_month(harbour.workspace, Question("young"), actor=actor)
    with pytest.raises(NotComputable, match="no rows"):
        judged(harbour, "1999-01")
    with pytest.raises(InvalidInput, match="N rows"):
        judged(harbour, None, by="rows:500")
    with pytest.raises(Forbidden):
        judged_month(harbour.workspace, Question("loans"), actor=harbour[Role.business])
