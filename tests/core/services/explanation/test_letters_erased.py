"""An erasure takes a person's letters, and the records that they were written from."""

from pathlib import Path

from sqlalchemy import func, select

from core.services.erasure.report import report_lines
from core.services.explanation.keeping import keep_explanation
from core.services.explanation.letters import make_letter
from core.store.tables import explanation, explanation_letter
from tests.core.services.erasure.test_asking import hits
from tests.core.services.review.person_cases import allow_erasure
from tests.support.erasing import PERSON_ROWS, a_peopled_workspace, erase, people

WHY = "An enquiry is under way"


def test_an_erased_persons_letters_are_gone_and_anothers_stay(
    tmp_path: Path, store_url: str
) -> None:
    workspace = a_peopled_workspace(tmp_path / "home", tmp_path / "in", store_url)
    allow_erasure(workspace)
    actors = people(workspace)
    mine = min(PERSON_ROWS)
    for number in (mine, mine + 1):
        loan = f"L{number:06d}"
        keep_explanation(workspace, "loans", loan, actor=actors["connie"])
        make_letter(workspace, "loans", loan, language="en", withhold=WHY, actor=actors["connie"])

    _, report = erase(workspace, actors)

    assert hits(workspace.settings.home) == []
    with workspace.store.read() as conn:
        left = select(explanation_letter.c.prediction_id)
        assert list(conn.execute(left).scalars()) == [f"L{mine + 1:06d}"]
        assert conn.execute(select(func.count()).select_from(explanation)).scalar_one() == 1
    counts = {line.message: line.count for line in report_lines(report) if not line.model_id}
    assert counts["Letters about decisions: removed"] == 1
    workspace.store.close()
