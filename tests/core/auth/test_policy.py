import pytest

from core.auth.policy import POLICY, allows, permissions_of, role_table
from core.domain import Actor, Permission, Role

# Written out by hand, so that a changed policy is a changed test.
EVERYBODY = {
    "account.manage",
    "model.view",
    "overview.view",
    "operations.view",
    "performance.view",
    "kpi.view",
    "value.view",
    "alert.view",
}
INSPECTORS = EVERYBODY | {"drift.view", "quality.view", "fairness.view", "approval.view"}
COMPLIANCE = INSPECTORS | {
    "alert.manage",
    "audit.view",
    "personal.reveal",
    "erasure.request",
    "retention.view",
}
REVIEWERS = {
    "review.view",
    "review.work",
    "explanation.view",
    "explanation.make",
    "letter.release",
    "rights.view",
    "rights.handle",
}
LEADS = REVIEWERS | {
    "review.check",
    "review.manage",
    "review.export",
    "oversight.view",
    "code_book.approve",
    "dossier.make",
    "examiner.view",
    "template.approve",
    "rights.refuse",
}
EXPECTED: dict[Role, set[str]] = {
    Role.business: EVERYBODY | {"kpi.export", "report.plan", "scenario.propose"},
    Role.compliance: COMPLIANCE | REVIEWERS | {"code_book.propose", "template.propose"},
    Role.compliance_lead: COMPLIANCE
    | LEADS
    | {
        "quarantine.download",
        "report.create",
        "model.reproduce",
        "check.run",
        "user.view",
        "account.confirm",
        "access.explain",
        "model.suspend",
        "model.resume",
        "model.rollback",
        "contract.approve",
        "release.decide",
        "personal.export",
        "audit.export",
        "audit.checkpoint",
        "erasure.approve",
        "hold.manage",
        "retention.manage",
        "report.plan",
        "kpi.export",
        "rate.manage",
        "scenario.propose",
        "template.propose",
        "code_book.propose",
    },
    Role.auditor: INSPECTORS
    | {
        "explanation.view",
        "user.view",
        "access.explain",
        "personal.reveal",
        "audit.view",
        "audit.export",
        "audit.checkpoint",
        "retention.view",
        "kpi.export",
        "review.view",
        "rights.view",
        "dossier.make",
        "examiner.view",
        "examiner.work",
    },
    Role.data_scientist: INSPECTORS
    | {
        "quarantine.download",
        "report.create",
        "model.reproduce",
        "check.run",
        "alert.manage",
        "ingest.view",
        "ingest.run",
        "model.register",
        "model.suspend",
        "model.resume",
        "model.rollback",
        "reference.rebuild",
        "report.plan",
        "kpi.export",
        "scenario.propose",
        "review.export",
        "explanation.view",
        "code_book.propose",
    },
    Role.admin: {str(permission) for permission in Permission}
    - LEADS
    - {
        "personal.reveal",
        "personal.export",
        "erasure.approve",
        "release.decide",
        "contract.approve",
        "examiner.work",
    },
}


def _actor(*roles: Role) -> Actor:
    return Actor("u1", "ada", frozenset(roles))


@pytest.mark.parametrize("role", list(Role))
@pytest.mark.parametrize("permission", list(Permission))
def test_each_role_holds_what_is_written_here(role: Role, permission: Permission) -> None:
    assert allows(_actor(role), permission) is (permission in EXPECTED[role])


def test_nobody_without_a_role_may_do_anything() -> None:
    assert permissions_of(_actor()) == frozenset()
    assert not any(allows(_actor(), permission) for permission in Permission)


def test_a_role_that_the_policy_does_not_know_holds_nothing() -> None:
    assert permissions_of(_actor("owner")) == frozenset()  # type: ignore[arg-type]


def test_roles_add_up() -> None:
    both = permissions_of(_actor(Role.business, Role.auditor))
    assert both == POLICY[Role.business] | POLICY[Role.auditor]


def test_an_auditor_changes_nothing() -> None:
    # An examiner sees, explains, takes away and has the state of the record signed; and sees to
    # the own account.
    looks = {"access.explain", "personal.reveal", "audit.export", "audit.checkpoint", "kpi.export"}
    looks |= {"dossier.make", "examiner.work"}
    changes = {permission for permission in POLICY[Role.auditor] if permission[-5:] != ".view"}
    assert changes == looks | {"account.manage"}


def test_the_table_has_a_row_for_each_permission_and_a_column_for_each_role() -> None:
    head, rule, *rows = role_table().splitlines()
    assert head == "| permission | " + " | ".join(Role) + " |"
    assert rule.count("---") == len(Role) + 1
    assert len(rows) == len(Permission)
    for row, permission in zip(rows, Permission, strict=True):
        name, *marks = [cell.strip() for cell in row.strip("|").split("|")]
        assert name == f"`{permission}`"
        assert [mark == "✓" for mark in marks] == [permission in EXPECTED[r] for r in Role]
