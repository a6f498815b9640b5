"""A dossier made in the app is a file of whoever made it; personal values ask for more."""

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256

import pytest

from core.domain.identity import Actor, Role
from core.errors import Forbidden, NotFound, StepUpNeeded
from core.i18n import translator
from core.services import exports
from core.services.explanation.dossier import Order
from core.services.explanation.dossier_export import MadeDossier, export_dossier
from core.services.explanation.keeping import keep_explanation
from core.store.audit import trail as audit
from tests.support.demo_slices import SBA, sba_log
from tests.support.dossiers import PERSONAL
from tests.support.explained import Explained, an_explained_workspace


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Explained]:
    """Return a world where the amount and the id of a loan are personal."""
    home = tmp_path_factory.mktemp("given") / "home"
    made = an_explained_workspace(home, log=sba_log(every=600), changes=PERSONAL)
    keep_explanation(made.workspace, SBA, made.worst(), actor=made.people[Role.compliance])
    yield made
    made.workspace.store.close()


def export(world: Explained, actor: Actor, *, values: bool = False) -> MadeDossier:
    order = Order("An examiner's office", "Examination 12", values=values, despite=True)
    return export_dossier(
        world.workspace, SBA, world.worst(), order, t=translator("en"), actor=actor
    )


def test_the_file_is_the_dossier_that_the_trail_tells_of(world: Explained) -> None:
    auditor = world.people[Role.auditor]
    made = export(world, auditor)
    record, content = exports.fetch(world.workspace, made.export.id, actor=auditor)

    assert content == made.dossier.content
    assert (record.media_type, record.personal) == ("application/zip", False)
    assert world.worst() not in record.name
    with world.workspace.store.read() as conn:
        given = audit.list_newest(conn, kind="dossier.given", limit=1)[0]
    assert given.body["sha256"] == sha256(content).hexdigest() == record.sha256


def test_nobody_else_fetches_it(world: Explained) -> None:
    made = export(world, world.people[Role.auditor])
    with pytest.raises(NotFound):
        exports.fetch(world.workspace, made.export.id, actor=world.people[Role.compliance_lead])


def test_personal_values_take_a_permission_and_a_step_up(world: Explained) -> None:
    lead = world.people[Role.compliance_lead]
    with pytest.raises(StepUpNeeded):
        export(world, lead, values=True)
    recently = replace(lead, authenticated_at=world.workspace.clock())
    assert export(world, recently, values=True).export.record.personal
    with pytest.raises(Forbidden):
        export(world, world.people[Role.auditor], values=True)


@pytest.mark.parametrize("role", [Role.compliance, Role.data_scientist, Role.business])
def test_who_may_not_make_dossiers_makes_none(world: Explained, role: Role) -> None:
    with pytest.raises(Forbidden):
        export(world, world.people[role])
