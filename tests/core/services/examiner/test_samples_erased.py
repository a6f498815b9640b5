"""An erasure takes the ids of a person's decisions out of samples; the draw stays provable."""

from dataclasses import replace
from pathlib import Path

from core.domain.identity import Role
from core.services.erasure.report import report_lines
from core.services.examiner.drawing import draw_sample, read_sample
from core.services.examiner.frames import Plan
from tests.core.services.erasure.test_asking import hits
from tests.core.services.review.person_cases import allow_erasure
from tests.support.erasing import PERSON_ROWS, a_peopled_workspace, erase, people


def test_an_erased_persons_decisions_lose_their_ids_and_keep_their_place(tmp_path: Path) -> None:
    workspace = a_peopled_workspace(tmp_path / "home", tmp_path / "in")
    allow_erasure(workspace)
    actors = people(workspace)
    auditor = replace(actors["lydia"], roles=frozenset({Role.auditor}))
    mine = [f"L{number:06d}" for number in PERSON_ROWS]
    listed = ", ".join(f'"{each}"' for each in mine)
    condition = f"prediction_id in ({listed})"
    number = len(mine) + 3
    plan = Plan("loans", "all_then_random", number, "Grey heron", "Test", condition=condition)
    record = draw_sample(workspace, plan, actor=auditor)
    before = read_sample(workspace, record.id, actor=auditor)[1]
    assert set(mine) <= {each.prediction_id for each in before}

    _, report = erase(workspace, actors)

    assert hits(workspace.settings.home) == []
    after = read_sample(workspace, record.id, actor=auditor)[1]
    assert [each.key for each in after] == [each.key for each in before]
    gone = {b.prediction_id for a, b in zip(after, before, strict=True) if not a.prediction_id}
    assert gone == set(mine)
    counts = {line.message: line.count for line in report_lines(report) if not line.model_id}
    assert counts["Samples of examiners: ids of decisions removed"] == len(mine)
    workspace.store.close()
