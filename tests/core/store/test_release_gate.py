"""What the trail says of suspensions and disposals, in order."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from core.services.workspace import Workspace
from core.store import release_gate
from core.store.audit import trail as audit
from tests.support.builders import a_workspace
from tests.support.fakes import START

MODEL = "loans"


@pytest.fixture
def site(tmp_path: Path) -> Workspace:
    return a_workspace(tmp_path / "home")


def noted(
    site: Workspace, kind: str, hours: int, body: Mapping[str, Any], model: str | None = MODEL
) -> datetime:
    at = START + timedelta(hours=hours)
    objects = {"disposal": f"d{hours}"} if model is None else {"model": model}
    with site.store.begin() as conn:
        audit.append(conn, at=at, actor="ada", role="", kind=kind, objects=objects, body=body)
    return at


def test_a_suspension_lasts_until_it_is_resumed_or_suspended_anew(site: Workspace) -> None:
    with site.store.read() as conn:
        assert release_gate.suspensions(conn, MODEL) == ()
    suspended = "model.suspended"
    first = noted(site, suspended, 1, {"fallback_version": None, "before": "production"})
    anew = noted(site, suspended, 2, {"fallback_version": "3", "before": "suspended"})
    noted(site, suspended, 3, {"fallback_version": None}, model="others")
    ended = noted(site, "model.resumed", 4, {})
    again = noted(site, suspended, 6, {"fallback_version": None})
    with site.store.read() as conn:
        found = release_gate.suspensions(conn, MODEL)
    assert found == ((first, anew, ""), (anew, ended, "3"), (again, None, ""))


def test_only_a_disposal_of_this_models_predictions_counts(site: Workspace) -> None:
    def disposed(hours: int, model: str, **rows: int) -> datetime:
        body = {"models": {model: {"rows": rows}}}
        return noted(site, "retention.disposed", hours, body, model=None)

    disposed(1, "others", predictions=4)
    disposed(2, MODEL, decisions=4)
    noted(site, "retention.disposed", 3, {"models": {}}, model=None)
    with site.store.read() as conn:
        assert release_gate.disposed_at(conn, MODEL) is None
    disposed(4, MODEL, predictions=1)
    last = disposed(5, MODEL, predictions=2, decisions=1)
    disposed(6, MODEL, decisions=1)
    with site.store.read() as conn:
        assert release_gate.disposed_at(conn, MODEL) == last
