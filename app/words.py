"""Names of things that several parts of the shell show."""

from collections.abc import Mapping

from core.domain.identity import Role
from core.i18n import N_

ROLE_NAMES: Mapping[Role, str] = {
    Role.data_scientist: N_("Data scientist"),
    Role.business: N_("Business manager"),
    Role.compliance: N_("Compliance officer"),
    Role.compliance_lead: N_("Compliance lead"),
    Role.auditor: N_("Examiner"),
    Role.admin: N_("Administrator"),
}
