"""What stands on the pages of governance: open proposals, a legal hold, a token, a checkpoint.

Texts are Chinese, as those of the harbour.
"""

from core.domain.identity import Actor, Role
from core.services.audit import checkpoints as audit_checkpoints
from core.services.erasure import asking as erasure
from core.services.identity import users
from core.services.retention import holds
from core.services.serving import state as model_state
from core.services.serving import tokens
from tests.support.harbour import Harbour


def furnish(harbour: Harbour) -> None:
    """Leave in a workspace what people do there in an ordinary week."""
    workspace = harbour.workspace
    ask, lead, admin = (
        _at_the_console(harbour, role)
        for role in (Role.compliance, Role.compliance_lead, Role.admin)
    )
    erasure.propose_erasure(workspace, "H600", basis="《私隱條例》第26條，申請三", actor=ask)
    holds.place_hold(workspace, subject="H601", reason="高院民事案件十二號", actor=lead)
    model_state.suspend(workspace, "unused", reason="沒有人記錄", actor=lead)
    model_state.propose_resume(workspace, "unused", reason="恢復記錄", actor=lead)
    tokens.make_token(workspace, "分行系統", actor=admin)
    audit_checkpoints.make_checkpoint(workspace, actor=lead, reason="每週")


def _at_the_console(harbour: Harbour, role: Role) -> Actor:
    """Return a role's person as the command line knows them: it asks for no step-up."""
    return users.actor_of_os_login(harbour.workspace, f"login-{role}")
