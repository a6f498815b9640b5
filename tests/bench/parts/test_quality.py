import pytest

from bench.measure import ChildFailed
from bench.parts.quality import scores_of


def verdicts(*outcomes: str) -> list[dict[str, object]]:
    return [
        {"file": "core/a.py", "line": 3, "before": "a | b", "after": "", "outcome": outcome}
        for outcome in outcomes
    ]


def test_the_score_is_of_mutants_that_could_be_judged() -> None:
    told = {
        "auth": {
            "files": 1,
            "places": 1200,
            "verdicts": verdicts("mirror", "around", "endless", "survived", "unfit"),
        }
    }
    found = scores_of(told)
    assert found.values == {"auth": 0.75}
    scores, survivors = found.tables
    assert scores.rows[0][:6] == ("auth", "1", "1,200", "4", "3", "75.0%")
    assert survivors.rows == (("`core/a.py`", "3", "`a \\| b`", "(gone)"),)


def test_without_a_mutant_that_can_be_judged_there_is_no_score() -> None:
    told = {"auth": {"files": 1, "places": 1, "verdicts": verdicts("unfit")}}
    with pytest.raises(ChildFailed, match="auth"):
        scores_of(told)


def test_nothing_survived_and_nothing_is_listed() -> None:
    told = {"auth": {"files": 1, "places": 1, "verdicts": verdicts("mirror")}}
    assert len(scores_of(told).tables) == 1
