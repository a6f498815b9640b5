from bench.figures import Figure, Scope
from bench.targets import TARGETS, verdicts
from tests.bench.figures import figure

MILLION = 1_000_000


def run(**changes: Figure) -> list[Figure]:
    figures = {
        "plain_inside": figure("plain_inside", 0.1, scope=Scope.inside),
        "profile": figure("profile", 0.5, scope=Scope.inside),
        "profile_sliced": figure("profile_sliced", 1.6, scope=Scope.inside),
        "report": figure("report", 3.0, peak_mb=1999),
        "question_later": figure("question_later", 0.3, scope=Scope.inside),
        "evidently": figure("evidently", 24.0),
        "nannyml": figure("nannyml", 11.0),
    }
    return [*({**figures, **changes}).values()]


def test_each_target_is_compared_with_its_own_figures() -> None:
    judged = {item.target.key: item for item in verdicts(run(), 10 * MILLION)}
    assert {key: item.mark for key, item in judged.items()} == {
        "profile": "✓",  # 0.5 / 0.1 = 5 of 6
        "profile_sliced": "✗",  # 1.6 / 0.5 = 3.2 of 3
        "evidently": "✓",  # 24 / 3 = 8 of 8
        "nannyml": "✗",  # 11 / 3 = 3.67 of 4
        "question": "✓",  # 300 ms of 300
        "memory": "✓",  # 1,999 MB of 2,000
    }
    assert judged["profile"].measured == "5.00 ×"
    assert judged["nannyml"].measured == "3.67 × at 10,000,000 rows"
    # The processor time of every run is half of its time on the wall: see tests/bench/figures.py.
    assert judged["nannyml"].by_cpu == "3.67 ×"
    assert judged["question"].by_cpu == "150 ms"
    assert judged["memory"].by_cpu == "–"
    assert len(judged) == len(TARGETS)


def test_a_missing_figure_is_no_verdict() -> None:
    judged = verdicts(run(evidently=figure("evidently")), MILLION)
    evidently = next(item for item in judged if item.target.key == "evidently")
    assert (evidently.met, evidently.mark, evidently.measured) == (None, "–", "not measured")


def test_nothing_was_timed() -> None:
    assert {item.met for item in verdicts([], MILLION)} == {None}
