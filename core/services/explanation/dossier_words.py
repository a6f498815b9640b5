"""What the printed part of a dossier calls the codes that its JSON keeps."""

from collections.abc import Mapping

from core.domain.explanation.record import LOGGED, MODEL, NONE
from core.domain.retention import RECORD_CLASSES
from core.domain.review import REASONS, Action, CaseState, Verdict
from core.domain.status import NOT_JUDGED, Status
from core.i18n import N_, Translator
from core.metrics.attribution.result import Method
from core.metrics.attribution.spaces import Space
from core.metrics.counterfactual import Nothing
from core.metrics.registry import METRICS
from core.services.alerts.kinds import KINDS as ALARMS
from core.services.explanation.other_results import NO_POLICY, NOT_ADVERSE
from core.services.rights import words as rights

SOURCES: Mapping[str, str] = {
    MODEL: N_("the registered model, asked again"),
    LOGGED: N_("what the log says that each field added"),
    NONE: N_("not available"),
}
METHODS: Mapping[str, str] = {
    Method.linear: N_("exact, for a linear model"),
    Method.tree: N_("exact, for trees"),
    Method.sampled: N_("sampled, with standard errors"),
    Method.enumerated: N_("exact, over all sets of fields"),
    LOGGED: N_("as the log has it"),
}
SCALES: Mapping[str, str] = {
    Space.log_odds: N_("Log odds"),
    Space.class_score: N_("Score of the class, before it is made a probability"),
    Space.probability: N_("Probability"),
    Space.log: N_("Logarithm of the prediction"),
    Space.identity: N_("Prediction"),
}
NOTHING: Mapping[str, str] = {
    Nothing.already_other_result: N_("The model itself gives the other result."),
    Nothing.no_actionable_field: N_(
        "The contract names no field of the model that a person could change."
    ),
    Nothing.not_reachable: N_(
        "None was found: no allowed change of what a person can change leads to it."
    ),
    Nothing.only_implausible: N_(
        "None is named: whatever leads to it is unlike every real case that was compared."
    ),
    NO_POLICY: N_("No rule on the score says where decisions part, so none was looked for."),
    NOT_ADVERSE: N_("The decision is not against the person, so none was looked for."),
}
OVERSIGHT: Mapping[str, str] = {
    "in_the_loop": N_("in the loop"),
    "in_command": N_("in command"),
    "out_of_the_loop": N_("out of the loop"),
}
FILES: Mapping[str, str] = {
    "artefact": N_("fitted model"),
    "training": N_("training data"),
    "holdout": N_("hold-out data"),
}
RELEASES: Mapping[str, str] = {
    "held": N_("held"),
    "released": N_("released"),
    "stopped": N_("stopped"),
}
RELEASE_REASONS: Mapping[str, str] = {
    "decided": N_("a person decided"),
    "reviewed": N_("the verdict of its case is final"),
    "in_review": N_("a case of it waits for people"),
    "case_withdrawn": N_("its case was withdrawn: a person releases it, or nobody"),
    "opted_out": N_("the customer opted out: only a final verdict releases it"),
    "not_routed": N_("it is not known yet whether people review it"),
    "oversight_level": N_("by the oversight level of its version"),
    "undeclared": N_("the contract states no oversight level for its version"),
    "unknown": N_("it has not been ingested"),
    "suspended": N_("the model is suspended"),
    "not_serving": N_("the model was rolled back to another version"),
}
CASE_KINDS: Mapping[str, str] = {
    "routed": N_("by a rule"),
    "request": N_("at the customer's request"),
    "appeal": N_("appeal"),
}
CASE_STATES: Mapping[str, str] = {
    CaseState.open: N_("open"),
    CaseState.claimed: N_("claimed"),
    CaseState.proposed: N_("to check"),
    CaseState.checking: N_("being checked"),
    CaseState.final: N_("decided"),
    CaseState.awaiting_customer: N_("awaiting the customer"),
    CaseState.escalated: N_("escalated"),
    CaseState.suspended_model: N_("model suspended"),
    CaseState.withdrawn: N_("taken out of the queue"),
}
CASE_STEPS: Mapping[str, str] = {
    Action.make: N_("came into the queue"),
    Action.claim: N_("claimed"),
    Action.record_own_view: N_("own view recorded"),
    Action.propose: N_("verdict proposed"),
    Action.finish: N_("final"),
    Action.take_check: N_("check begun"),
    Action.agree: N_("checked and agreed"),
    Action.send_back: N_("sent back"),
    Action.give_back: N_("given back"),
    Action.take_back: N_("verdict taken back by its maker"),
    Action.expire: N_("went back, time over"),
    Action.escalate: N_("escalated"),
    Action.ask_customer: N_("customer asked"),
    Action.answer: N_("customer answered"),
    Action.go_unanswered: N_("back in the queue: no answer from the customer"),
    Action.assign: N_("assigned"),
    Action.set_priority: N_("priority changed"),
    Action.link: N_("linked to a request"),
    Action.choose: N_("chosen by a rule as well"),
    Action.suspend: N_("model suspended"),
    Action.resume: N_("model resumed"),
    Action.withdraw: N_("taken out of the queue"),
}
VERDICTS: Mapping[str, str] = {
    Verdict.uphold: N_("upheld"),
    Verdict.overturn: N_("overturned"),
}
VERDICT_REASONS: Mapping[str, str] = {code: each.label for code, each in REASONS.items()}
FAMILIES: Mapping[str, str] = {"drift": N_("Drift"), "performance": N_("Performance")}
FIGURES: Mapping[str, str] = {name: each.label for name, each in METRICS.items()}
JUDGED: Mapping[str, str] = {
    Status.in_range: N_("In range"),
    Status.watch: N_("Watch"),
    Status.act: N_("Act"),
    Status.not_enough_data: N_("Not enough data"),
    NOT_JUDGED: N_("not judged"),
}
CLASSIFICATIONS: Mapping[str, str] = {
    "public": N_("public data"),
    "internal": N_("internal data"),
    "confidential": N_("confidential data"),
    "personal": N_("personal data"),
    "sensitive": N_("sensitive personal data"),
}
KEPT: Mapping[str, str] = {name: each.label for name, each in RECORD_CLASSES.items()}
COLUMNS: Mapping[str, str] = {
    "@score": N_("Score"),
    "@prediction": N_("Prediction"),
    "@decision": N_("Decision"),
    "": N_("all columns"),
}
PERIODS: Mapping[str, str] = {"all": N_("all of the log")}
COMPARED: Mapping[str, str] = {"score": N_("Score"), "amount": N_("Amount")}
RELATIONS: Mapping[str, str] = {">=": "≥", "<=": "≤", ">": ">", "<": "<"}
REQUESTS, REQUEST_STATES = rights.KINDS, rights.STATES
OUTCOMES, DECISIONS = rights.OUTCOMES, rights.DECISIONS
ALERTS = ALARMS


def said(t: Translator, words: Mapping[str, str], code: str | None) -> str:
    """Return the word for a code; the code itself, such as a decision in words of the log.

    Parameters
    ----------
    t : Translator
        Of the dossier.
    words : mapping
        One of this module's.
    code : str, optional
        As the JSON has it; a dash stands for none.
    """
    if code is None:
        return "–"
    return t(words[code]) if code in words else code
