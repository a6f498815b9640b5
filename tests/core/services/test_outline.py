"""What a reader can choose from, and the versions that the log shows."""

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, NotFound
from core.services.outline import log_outlines, newest_generation
from core.services.registry.models import get_model
from tests.core.services.raw import logged_loans
from tests.support.harbour import Harbour

TENANT_ONLY = Actor("u", "u", frozenset({Role.business}), models=frozenset({"tenants"}))


def test_every_model_with_its_extent(harbour: Harbour) -> None:
    rows = logged_loans(harbour)
    outlines = log_outlines(harbour.workspace, actor=harbour[Role.business])
    found = {outline.contract.id: outline for outline in outlines}
    assert list(found) == ["loans", "tenants", "unused", "young"]
    loans = found["loans"]
    assert loans.versions == ("1", "2")
    assert loans.first_prediction == rows["scored_at"].min()
    assert loans.last_prediction == rows["scored_at"].max()
    assert set(loans.slices) == {"sector", "結餘級別"}
    unused = found["unused"]
    assert (unused.first_prediction, unused.last_prediction, unused.versions) == (None, None, ())
    assert (dict(unused.slices), unused.generation) == ({}, 0)
    assert found["young"].versions == ("1",)


def test_the_newest_generation(harbour: Harbour) -> None:
    model = get_model(harbour.workspace, "loans", actor=harbour[Role.business])
    found = newest_generation(harbour.workspace, "loans", actor=harbour[Role.business])
    assert found == model.lake_generation > 0


def test_scope_and_permission(harbour: Harbour) -> None:
    outlines = log_outlines(harbour.workspace, actor=TENANT_ONLY)
    assert [outline.contract.id for outline in outlines] == ["tenants"]
    with pytest.raises(NotFound):
        newest_generation(harbour.workspace, "loans", actor=TENANT_ONLY)
    with pytest.raises(Forbidden):
        log_outlines(harbour.workspace, actor=Actor("u", "u", frozenset()))
