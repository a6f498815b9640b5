"""What a case is compared with is read once, before its first reader asks."""

from dataclasses import replace
from pathlib import Path

import pytest

from core.domain.identity import Role
from core.errors import Forbidden
from core.lake.cases.group import group_of
from core.lake.cases.resolved import resolved_rows
from core.services.review import case_similar, case_values
from core.services.review.case_view import case_view
from core.services.review.case_warm import read_ahead
from core.store.audit import trail as audit
from tests.support.harbour import Harbour
from tests.support.review_pages import a_review_room


def test_what_was_read_ahead_is_not_read_again(
    harbour: Harbour, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    room = a_review_room(harbour, tmp_path / "home", cases=6)
    now = room.workspace.clock()
    workspace = replace(room.workspace, clock=lambda: now)  # no hour begins meanwhile
    read: list[str] = []

    def a_group(*given: object, **named: object) -> object:
        read.append(f"group of {named['decision']}")
        return group_of(*given, **named)  # type: ignore[arg-type]

    def some_rows(*given: object, **named: object) -> object:
        read.append("resolved")
        return resolved_rows(*given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(case_values, "group_of", a_group)
    monkeypatch.setattr(case_similar, "resolved_rows", some_rows)
    with pytest.raises(Forbidden):
        read_ahead(workspace, actor=room[Role.admin])
    with workspace.store.read() as conn:
        before = audit.size(conn)
    assert read_ahead(workspace, actor=room[Role.auditor]) == 1
    assert sorted(read) == ["group of None", "group of 批核", "group of 拒絕", "resolved"]
    read.clear()
    for case_id in range(1, 7):
        view = case_view(workspace, case_id, actor=room[Role.compliance])
        assert view.values.found is not None
        assert view.values.found.group is not None
        assert view.similar.found is not None
    assert read == []
    with workspace.store.read() as conn:
        assert audit.size(conn) == before
    workspace.store.close()
