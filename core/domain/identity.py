"""Who acts, in which roles, and the names of the things an actor may do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Literal


class Role(StrEnum):
    """What a person is here; permissions, not roles, are what services check."""

    data_scientist = "data_scientist"
    business = "business"
    compliance = "compliance"
    compliance_lead = "compliance_lead"
    auditor = "auditor"
    admin = "admin"


class Permission(StrEnum):
    """What a service command asks for on its first line."""

    model_view = "model.view"
    model_register = "model.register"
    contract_approve = "contract.approve"
    reference_rebuild = "reference.rebuild"
    overview_view = "overview.view"
    operations_view = "operations.view"
    drift_view = "drift.view"
    quality_view = "quality.view"
    performance_view = "performance.view"
    fairness_view = "fairness.view"
    kpi_view = "kpi.view"
    kpi_export = "kpi.export"
    value_view = "value.view"
    rate_manage = "rate.manage"
    scenario_propose = "scenario.propose"
    model_reproduce = "model.reproduce"
    alert_view = "alert.view"
    alert_manage = "alert.manage"
    check_run = "check.run"
    quarantine_download = "quarantine.download"
    ingest_view = "ingest.view"
    ingest_run = "ingest.run"
    report_create = "report.create"
    report_plan = "report.plan"
    account_manage = "account.manage"
    user_view = "user.view"
    user_manage = "user.manage"
    account_confirm = "account.confirm"
    session_manage = "session.manage"
    assignment_manage = "assignment.manage"
    token_manage = "token.manage"  # noqa: S105 - the name of a permission
    access_explain = "access.explain"
    approval_view = "approval.view"
    model_suspend = "model.suspend"
    model_resume = "model.resume"
    model_rollback = "model.rollback"
    hook_manage = "hook.manage"
    release_decide = "release.decide"
    review_view = "review.view"
    review_work = "review.work"
    review_check = "review.check"
    review_manage = "review.manage"
    review_export = "review.export"
    oversight_view = "oversight.view"
    explanation_view = "explanation.view"
    explanation_make = "explanation.make"
    letter_release = "letter.release"
    template_propose = "template.propose"
    template_approve = "template.approve"
    dossier_make = "dossier.make"
    examiner_view = "examiner.view"
    examiner_work = "examiner.work"
    code_book_propose = "code_book.propose"
    code_book_approve = "code_book.approve"
    rights_view = "rights.view"
    rights_handle = "rights.handle"
    rights_refuse = "rights.refuse"
    personal_reveal = "personal.reveal"
    personal_export = "personal.export"
    audit_view = "audit.view"
    audit_export = "audit.export"
    audit_checkpoint = "audit.checkpoint"
    key_rotate = "key.rotate"
    erasure_request = "erasure.request"
    erasure_approve = "erasure.approve"
    hold_manage = "hold.manage"
    retention_view = "retention.view"
    retention_manage = "retention.manage"
    backup_make = "backup.make"
    workspace_maintain = "workspace.maintain"


Origin = Literal["web", "cli", "worker"]
Duty = Literal["password", "second_factor"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person or process on whose behalf a service runs.

    Parameters
    ----------
    user_id, username : str
        Key in the state store, and the name that people read.
    roles : frozenset of Role
        Roles held now.
    models, jurisdictions : frozenset of str, optional
        What the actor's scope is limited to; ``None`` means no limit.
    origin : {"web", "cli", "worker"}
        Through which door the actor came.
    display_name : str
        Full name as shown in the app.
    pseudonym : str
        The name that the audit trail knows the actor by; the directory of users tells whose it is.
    session_id : str, optional
        The session through which a browser acts.
    authenticated_at : datetime, optional
        When the actor last gave a password or a second factor; ``None`` on the command line and
        in the worker, where the operating system answers for who acts.
    duty : {"password", "second_factor"}, optional
        What the actor has to set up before anything else; until then only the own account opens.
    check_session : callable, optional
        Raises ``SignedOut`` once the session has ended. An actor is made once per run of a page,
        but a button of that page may be pressed later: whoever acts asks again.
    """

    user_id: str
    username: str
    roles: frozenset[Role]
    models: frozenset[str] | None = None
    jurisdictions: frozenset[str] | None = None
    origin: Origin = "web"
    display_name: str = ""
    pseudonym: str = ""
    session_id: str | None = None
    authenticated_at: datetime | None = None
    duty: Duty | None = None
    check_session: Callable[[], None] | None = field(default=None, compare=False, repr=False)

    @property
    def audit_name(self) -> str:
        """The name under which the audit trail keeps what the actor does."""
        return self.pseudonym or self.username

    def sees_jurisdiction(self, jurisdiction: str) -> bool:
        """Whether rows of the jurisdiction lie in the actor's scope."""
        return self.jurisdictions is None or jurisdiction in self.jurisdictions

    def sees_model(self, model_id: str) -> bool:
        """Whether the model lies in the actor's scope."""
        return self.models is None or model_id in self.models

    @property
    def role_text(self) -> str:
        """Roles in one text, for the audit trail."""
        return ",".join(sorted(self.roles))
