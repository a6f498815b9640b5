"""Why somebody agrees with the model, or differs: codes that are counted, in place of free words.

Labels and meanings are message ids of the catalogues.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.review.states import Verdict
from core.i18n import N_


@dataclass(frozen=True, slots=True)
class ReasonCode:
    """A reason of a verdict.

    Parameters
    ----------
    code : str
        As it is stored and exported.
    verdict : Verdict
        Which verdict it gives a reason for.
    label, meaning : str
        In a few words, and in a sentence; English message ids.
    """

    code: str
    verdict: Verdict
    label: str
    meaning: str


_UPHOLD = (
    (
        "evidence_supports",
        N_("Evidence supports it"),
        N_("The documents bear out what the model used."),
    ),
    (
        "policy_applied",
        N_("Policy applied rightly"),
        N_("The rule in force calls for this decision."),
    ),
    (
        "data_confirmed",
        N_("Data confirmed"),
        N_("The values were checked at their source and are right."),
    ),
    (
        "risk_confirmed",
        N_("Risk confirmed"),
        N_("The reviewer comes to the same risk by own judgement."),
    ),
    (
        "customer_no_new_facts",
        N_("No new facts"),
        N_("The customer was heard and brought no new facts."),
    ),
)
_OVERTURN = (
    ("data_wrong", N_("Data wrong"), N_("A value that the model used is wrong or out of date.")),
    ("new_evidence", N_("New evidence"), N_("There are facts that the model did not know.")),
    (
        "policy_exception",
        N_("Policy exception"),
        N_("The policy allows an exception, and this is one."),
    ),
    (
        "model_error",
        N_("Model error"),
        N_("The values are right, and the model judges them wrongly."),
    ),
    (
        "vulnerable_customer",
        N_("Vulnerable customer"),
        N_("The customer's circumstances call for another treatment."),
    ),
    (
        "not_representative",
        N_("Not like the model's data"),
        N_("The model has learned from too few cases like this one."),
    ),
)

REASONS: Mapping[str, ReasonCode] = {
    code: ReasonCode(code, verdict, label, meaning)
    for verdict, listed in ((Verdict.uphold, _UPHOLD), (Verdict.overturn, _OVERTURN))
    for code, label, meaning in listed
}
"""Code → reason, those of upholding first."""


def reasons_for(verdict: Verdict) -> tuple[ReasonCode, ...]:
    """Return the reasons that a verdict may be given, in the order in which they are offered."""
    return tuple(each for each in REASONS.values() if each.verdict is verdict)
