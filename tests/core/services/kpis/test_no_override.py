"""Nobody overruled the policy in the log: how sure that is, is said."""

import pytest

from core.services import ingest
from core.services.kpis import kpi_figures
from core.services.questions import Question
from tests.support.builders import ADMIN, a_log, a_workspace, contract_text, write_parquet

ROWS = 200


def test_no_override_among_some_is_not_none_for_sure(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    home = tmp_path_factory.mktemp("overrides")
    workspace = a_workspace(home, contract=contract_text(kpi_set="bank_credit"))
    log = write_parquet(home / "log.parquet", a_log(ROWS))
    ingest.ingest_files(workspace, "loans", [log], actor=ADMIN)
    (found,) = kpi_figures(workspace, Question("loans"), actor=ADMIN, ids=["override_rate"]).kpis
    assert found.whole.n == ROWS
    assert found.whole.value == 0
    assert found.whole.low == pytest.approx(0)
    # Wilson's interval of none among n: z² / (n + z²).
    assert found.whole.high == pytest.approx(1.959964**2 / (ROWS + 1.959964**2), rel=1e-6)
    workspace.store.close()
