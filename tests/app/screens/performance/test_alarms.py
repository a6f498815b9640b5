"""What the performance screen says of results that are held against chance."""

from dataclasses import replace

from app.screens.performance.alarms import alarm_frame, results_rate_text
from core.domain.identity import Role
from core.i18n import translator
from core.services.performance import judged_results
from core.services.questions import Question
from tests.support.harbour import Harbour

T = translator("en")


def test_the_rate_and_each_result_are_told(harbour: Harbour) -> None:
    month = judged_results(
        harbour.workspace, Question("loans", by="month"), actor=harbour[Role.data_scientist]
    )
    text = results_rate_text(T, month)
    rate = round(1 / month.family.stated_rate)
    assert f"one false alarm in {rate} model-months" in text
    assert f"{month.family.size} figures together, against 91 days" in text
    assert ("too short" in text) is (month.family.attainable > month.family.rate)
    rates = (each for each in month.verdicts if each.member.measure == "positive_rate")
    (row,) = alarm_frame(T, [replace(next(rates), effect=-0.0421, threshold=0.02)]).to_dict(
        "records"
    )
    assert row["figure"] == "Observed outcome rate"
    assert (row["difference"], row["chance"]) == (-0.0421, 0.02)
    assert 0 < row["p"] <= 1
