"""Every kind of step that takes two people: put together here, made where it belongs."""

from collections.abc import Mapping

from core.services.approvals.four_eyes import ApprovalKind
from core.services.erasure.asking import ERASURE_KIND
from core.services.explanation.code_books import CODE_BOOK
from core.services.explanation.templates import LETTER_TEMPLATE
from core.services.identity.account_changes import ACCOUNT_KINDS
from core.services.registry.registrations import LOOSEN
from core.services.retention.disposal import DISPOSAL_KIND
from core.services.rights.refusals import REFUSAL
from core.services.serving.rollback import FORWARD
from core.services.serving.state import RESUME
from core.services.value.scenarios import CUT_OFF

_ALL = (
    RESUME,
    FORWARD,
    LOOSEN,
    ERASURE_KIND,
    DISPOSAL_KIND,
    CUT_OFF,
    REFUSAL,
    CODE_BOOK,
    LETTER_TEMPLATE,
    *ACCOUNT_KINDS,
)

KINDS: Mapping[str, ApprovalKind] = {kind.name: kind for kind in _ALL}
