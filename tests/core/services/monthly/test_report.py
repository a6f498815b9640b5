"""The monthly report holds what pandas computes of the same loans, and says so on the trail."""

import io
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from core.domain.identity import Actor, Role
from core.domain.status import Status
from core.errors import Forbidden, InvalidInput, NotFound, NothingYet
from core.i18n import translator
from core.i18n.locales import LOCALES, Locale
from core.services.monthly import month_found, monthly_report, written
from core.store.audit import trail as audit
from tests.support.builders import ADMIN
from tests.support.valued import Valued

COMPLIANCE = Actor("u-c", "cora", frozenset({Role.compliance}), origin="cli")
IN_CHINA = Actor("u-n", "nora", frozenset({Role.admin}), jurisdictions=frozenset({"CN"}))


def of_month(loans: Valued, month: str) -> pd.DataFrame:
    local = loans.loans["approved_at"].dt.tz_convert("Asia/Hong_Kong").dt.strftime("%Y-%m")
    found: pd.DataFrame = loans.loans[local == month]
    return found


def test_figures_are_those_of_the_month(loans: Valued) -> None:
    report = written(
        translator("en"), month_found(loans.workspace, "loans", "2025-06", actor=ADMIN)
    )
    june, may = of_month(loans, "2025-06"), of_month(loans, "2025-05")
    approval, lost, typical = report.kpis
    assert approval.value.value == pytest.approx((june["decision"] == "approve").mean())
    assert approval.previous.value == pytest.approx((may["decision"] == "approve").mean())
    assert approval.n.value == len(june)
    assert (approval.status, approval.word) == (Status.in_range, "On track")
    assert approval.target_note == "at least; set on 1 Dec 2024 by Credit committee"
    assert approval.maturity == ""
    assert lost.value.value == pytest.approx(june["loss"].sum())
    assert (lost.status, lost.word, lost.maturity) == (Status.act, "Missed", "Results complete")
    assert "The target was set after go-live." in lost.remarks
    assert typical.value.value == pytest.approx(june["amount"].median())
    assert typical.word == "No target"
    assert report.months[-1] == report.month == "Jun 2025"
    assert len(report.months) == len(approval.course) == 12
    assert [each.known for each in approval.course] == [False] * 6 + [True] * 6
    assert report.sentence.startswith(
        "Of 2 figures with a target or a limit, 1 are on track, 0 at risk and 1 missed."
    )
    *kpis, named = report.definitions
    assert {each.maturity for each in kpis} == {
        "All rows at once",
        "Rows whose outcome is final",
        "Rows at least 30 days old",
    }
    assert (named.name, named.formula) == ("gone", "coalesce(loss, 0)")
    facts = dict(report.facts)
    assert facts["Model"] == "loans"
    assert len(facts["SHA-256"]) == 64


def test_a_change_beyond_chance_is_explained(loans: Valued) -> None:
    """The cut-off falls from 0.5 to 0.4 in September: the approval rate falls by the policy."""
    report = written(
        translator("en"), month_found(loans.workspace, "loans", "2025-09", actor=ADMIN)
    )
    change = next(each for each in report.changes if each.name == "Approval rate")
    assert "the policy" in change.sentence
    assert sum(each.value.value for each in change.causes) == pytest.approx(
        change.after.value - change.before.value, abs=1e-9
    )
    assert any(each.value.text.endswith("points") for each in change.causes)


@pytest.mark.parametrize(
    ("kind", "language"), [*zip(["pdf", "xlsx", "html"], LOCALES, strict=True)]
)
def test_each_file_is_on_the_trail_by_its_hash(loans: Valued, kind: str, language: Locale) -> None:
    made = monthly_report(
        loans.workspace, "loans", "2025-06", actor=ADMIN, format=kind, language=language
    )
    assert made.name == f"loans-2025-06-{language}.{kind}"
    with loans.workspace.store.read() as conn:
        entry = audit.list_newest(conn, kind="monthly_report.made")[0]
    assert (entry.body["sha256"], entry.body["bytes"]) == (made.sha256, len(made.content))
    assert (entry.body["month"], entry.body["format"]) == ("2025-06", kind)
    if kind == "xlsx":
        sheet = openpyxl.load_workbook(io.BytesIO(made.content)).worksheets[0]
        june = of_month(loans, "2025-06")
        rows = {row[0].value: row[1].value for row in sheet.iter_rows()}
        name = {"en": "Approval rate", "zh-HK": "批核率", "zh-CN": "批准率"}[language]
        assert rows[name] == pytest.approx((june["decision"] == "approve").mean())


def test_what_cannot_be_asked_is_refused(loans: Valued) -> None:
    site = loans.workspace
    for month in ("2025-13", "june", "2025-6", "0000-01", "٢٠٢٥-٠١"):
        with pytest.raises(InvalidInput, match="is not a month"):
            monthly_report(site, "loans", month, actor=ADMIN)
    for month in ("2024-12", "2026-02"):
        with pytest.raises(NothingYet, match="from 2025-01 to 2026-01"):
            monthly_report(site, "loans", month, actor=ADMIN)
    with pytest.raises(InvalidInput, match="'doc' is not known here"):
        monthly_report(site, "loans", "2025-06", actor=ADMIN, format="doc")
    with pytest.raises(Forbidden):
        monthly_report(site, "loans", "2025-06", actor=COMPLIANCE)
    with pytest.raises(NotFound):
        monthly_report(site, "nothing", "2025-06", actor=ADMIN)


def test_who_sees_a_part_of_the_rows_is_told_that_alerts_are_of_all(loans: Valued) -> None:
    with pytest.raises(NothingYet):
        month_found(loans.workspace, "loans", "2025-06", actor=IN_CHINA)
    found = month_found(loans.workspace, "loans", "2025-06", actor=ADMIN)
    assert found.alerts == ()
    assert written(translator("en"), found).notes["alerts"].startswith("No alert")


def test_old_rates_are_said_beside_the_figure(loans: Valued) -> None:
    found = month_found(loans.workspace, "loans", "2025-06", actor=ADMIN)
    first, lost, *rest = found.answer.kpis
    *before, month = lost.periods
    stale = replace(lost, periods=(*before, replace(month, stale_days=3)))
    told = replace(found, answer=replace(found.answer, kpis=(first, stale, *rest)))
    texts: dict[Locale, str] = {
        "en": "On 3 days the rate was more than ten days old.",
        "zh-HK": "有 3 日採用的匯率已過十日以上。",
        "zh-CN": "有 3 天采用的汇率已过十天以上。",
    }
    for locale, text in texts.items():
        report = written(translator(locale), told)
        assert [text in each.remarks for each in report.kpis] == [False, True, False]


def test_beside_what_is_not_known_yet_stands_what_was_known_last(
    loans: Valued, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Outcomes are final after three months: on 20 December all those of August are."""
    found = month_found(loans.workspace, "loans", "2025-12", actor=ADMIN, as_of="2025-12-20")
    report = written(translator("en"), found)
    approval, lost, _ = report.kpis
    assert not any("Newest month" in each for each in approval.remarks)
    assert (lost.status, lost.maturity) == (Status.not_enough_data, "")
    august = of_month(loans, "2025-08")["loss"].sum()
    assert found.finals["lost"].value == pytest.approx(august)
    text = "Newest month with complete results: Aug 2025, HK$"
    assert any(each.startswith(text) and each.endswith("Missed then.") for each in lost.remarks)
    # It is looked for before the months of the report if none of them is final.
    monkeypatch.setattr("core.services.monthly.report.MONTHS", 2)
    short = month_found(loans.workspace, "loans", "2025-12", actor=ADMIN, as_of="2025-12-20")
    assert len(short.answer.view.chunks) == 2
    assert short.finals["lost"].value == pytest.approx(august)
    assert written(translator("en"), short).kpis[1].remarks == lost.remarks


def test_a_change_within_chance_is_neither_better_nor_worse(loans: Valued) -> None:
    july, september = (
        written(translator("en"), month_found(loans.workspace, "loans", month, actor=ADMIN))
        for month in ("2025-07", "2025-09")
    )
    for report, told in ((july, False), (september, True)):
        change = report.kpis[0].change
        assert change[0] in "↑↓"
        assert change.endswith(("better", "worse")) is told
