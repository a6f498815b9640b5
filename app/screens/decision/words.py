"""What the page of a decision says in words of ours."""

from app.screens.words import nearly
from core.domain.explanation.record import LOGGED, MODEL, NONE
from core.i18n import N_, Translator
from core.metrics.attribution.spaces import Space
from core.metrics.counterfactual import Nothing, Stuck
from core.services.explanation.looking import DecisionView
from core.services.explanation.other_results import NO_POLICY, NOT_ADVERSE
from core.services.personal.names import MASK

SOURCES = {
    MODEL: N_("the registered model, asked again"),
    LOGGED: N_("what the log says that each field added"),
    NONE: N_("not available"),
}
NOTHING: dict[str, str] = {
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
UNKNOWN_SIDE = N_(
    "The contract does not say which decisions are against a person, so none was looked for."
)
STUCK: dict[str, str] = {
    Stuck.missing: N_("it is not given, so nobody knows what it would be changed from"),
    Stuck.other_value: N_("its value is none of those that a person chooses between"),
    Stuck.no_proportion: N_("it is zero, so what moves with it has no proportion"),
    Stuck.no_room: N_("the contract allows no other value"),
}
SCALES: dict[str, str] = {
    Space.log_odds: N_("Log odds"),
    Space.class_score: N_("Score of the class, before it is made a probability"),
    Space.probability: N_("Probability"),
    Space.log: N_("Logarithm of the prediction"),
    Space.identity: N_("Prediction"),
}
METHODS = {
    "linear": N_("exact, for a linear model"),
    "tree": N_("exact, for trees"),
    "sampled": N_("sampled, with standard errors"),
    "enumerated": N_("exact, over all sets of fields"),
    LOGGED: N_("as the log has it"),
}
_ROLES = {
    "in_the_loop": N_("The model proposed it; a person decides before it takes effect."),
    "in_command": N_("The model made it; a person looks at it where a rule asks for that."),
    "out_of_the_loop": N_("The model made it; no person takes part in it."),
}
_DIGITS = 4


def role_text(t: Translator, level: str | None) -> str:
    """Return what part the model had, by the oversight level of its version."""
    if level is None:
        return t("No oversight level is declared for that version.")
    return t(_ROLES[level])


def score_text(t: Translator, view: DecisionView, score: float | None) -> str:
    """Return a score; masked where scores are personal."""
    if view.is_score_masked:
        return MASK
    if score is None:
        return "–"
    return t.number(score) if view.contract.task == "regression" else t.number(score, _DIGITS)


def standing_text(t: Translator, view: DecisionView) -> str:
    """Return where the score stands among those of the training data."""
    found = view.record.standing
    if found is None or not found.n:
        return "–"
    return t(
        "score above {share} of {n} rows of the training data",
        share=nearly(t, found.below),
        n=found.n,
    )
