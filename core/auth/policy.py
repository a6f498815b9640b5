"""Which roles hold which permissions; everything not written here is refused.

The table in docs/roles.md is generated from this module, and a test compares the two.
"""

from collections.abc import Mapping

from core.domain.identity import Actor, Permission, Role

_READING = frozenset(
    {
        Permission.account_manage,
        Permission.model_view,
        Permission.overview_view,
        Permission.operations_view,
        Permission.performance_view,
        Permission.kpi_view,
        Permission.value_view,
        Permission.alert_view,
    }
)
_INSPECTING = _READING | {
    Permission.drift_view,
    Permission.quality_view,
    Permission.fairness_view,
    Permission.approval_view,
    Permission.explanation_view,
}
_COMPLIANCE = _INSPECTING | {
    Permission.alert_manage,
    Permission.audit_view,
    Permission.personal_reveal,
    Permission.erasure_request,
    Permission.retention_view,
    Permission.review_view,
    Permission.review_work,
    Permission.explanation_make,
    Permission.letter_release,
    Permission.template_propose,
    Permission.code_book_propose,
    Permission.rights_view,
    Permission.rights_handle,
}

# What shows or changes the record of people, or guards them less, is not for who runs the machine.
NOT_FOR_ADMINISTRATORS = frozenset(
    {
        Permission.personal_reveal,
        Permission.personal_export,
        Permission.erasure_approve,
        Permission.release_decide,
        Permission.contract_approve,
        Permission.review_view,
        Permission.review_work,
        Permission.review_check,
        Permission.review_manage,
        Permission.review_export,
        Permission.oversight_view,
        Permission.explanation_view,
        Permission.explanation_make,
        Permission.dossier_make,
        Permission.examiner_view,
        Permission.examiner_work,
        Permission.letter_release,
        Permission.template_approve,
        Permission.code_book_approve,
        Permission.rights_view,
        Permission.rights_handle,
        Permission.rights_refuse,
    }
)

POLICY: Mapping[Role, frozenset[Permission]] = {
    Role.business: _READING
    | {Permission.kpi_export, Permission.report_plan, Permission.scenario_propose},
    Role.compliance: _COMPLIANCE,
    Role.compliance_lead: _COMPLIANCE
    | {
        Permission.quarantine_download,
        Permission.report_create,
        Permission.model_reproduce,
        Permission.check_run,
        Permission.user_view,
        Permission.account_confirm,
        Permission.access_explain,
        Permission.model_suspend,
        Permission.model_resume,
        Permission.model_rollback,
        Permission.contract_approve,
        Permission.release_decide,
        Permission.personal_export,
        Permission.audit_export,
        Permission.audit_checkpoint,
        Permission.erasure_approve,
        Permission.hold_manage,
        Permission.retention_manage,
        Permission.kpi_export,
        Permission.report_plan,
        Permission.rate_manage,
        Permission.scenario_propose,
        Permission.review_check,
        Permission.review_manage,
        Permission.review_export,
        Permission.oversight_view,
        Permission.dossier_make,
        Permission.examiner_view,
        Permission.code_book_approve,
        Permission.template_approve,
        Permission.rights_refuse,
    },
    Role.auditor: _INSPECTING
    | {
        Permission.user_view,
        Permission.access_explain,
        Permission.personal_reveal,
        Permission.audit_view,
        Permission.audit_export,
        Permission.audit_checkpoint,
        Permission.retention_view,
        Permission.review_view,
        Permission.rights_view,
        Permission.dossier_make,
        Permission.examiner_view,
        Permission.examiner_work,
        Permission.kpi_export,
    },
    Role.data_scientist: _INSPECTING
    | {
        Permission.quarantine_download,
        Permission.report_create,
        Permission.model_reproduce,
        Permission.check_run,
        Permission.alert_manage,
        Permission.ingest_view,
        Permission.ingest_run,
        Permission.model_register,
        Permission.model_suspend,
        Permission.model_resume,
        Permission.model_rollback,
        Permission.reference_rebuild,
        Permission.review_export,
        Permission.code_book_propose,
        Permission.kpi_export,
        Permission.report_plan,
        Permission.scenario_propose,
    },
    Role.admin: frozenset(Permission) - NOT_FOR_ADMINISTRATORS,
}


def permissions_of(actor: Actor) -> frozenset[Permission]:
    """Return everything the actor's roles allow together, now.

    Who has to set a password or a second factor up first may do just that.
    """
    if actor.duty is not None:
        return frozenset({Permission.account_manage})
    return frozenset().union(*(POLICY.get(role, frozenset()) for role in actor.roles))


def allows(actor: Actor, permission: Permission) -> bool:
    """Whether one of the actor's roles holds the permission."""
    return permission in permissions_of(actor)


def role_table() -> str:
    """Return the permissions × roles table in Markdown, for docs and the admin page."""
    roles = list(Role)
    lines = ["| permission | " + " | ".join(roles) + " |", "|---" * (len(roles) + 1) + "|"]
    for permission in Permission:
        marks = ["✓" if permission in POLICY[role] else "" for role in roles]
        lines.append(f"| `{permission}` | " + " | ".join(marks) + " |")
    return "\n".join(lines)
