"""What each column of the streams and each code in it means, for a copy that a customer reads."""

from collections.abc import Mapping

from core.contract import ModelContract
from core.i18n import N_, Translator

STREAMS: Mapping[str, str] = {
    "predictions": N_("Result of the model"),
    "decisions": N_("Decision"),
    "outcomes": N_("What became known later"),
}
MEANINGS: Mapping[str, str] = {
    "prediction_id": N_("Number of the result"),
    "time": N_("When"),
    "version": N_("Version of the model"),
    "jurisdiction": N_("Place whose rules apply"),
    "score": N_("Score: the probability that the model estimates, from 0 to 1, or its estimate"),
    "prediction": N_("Class that the model predicts"),
    "decision": N_("What was decided"),
    "released_at": N_("When the decision took effect"),
    "subject": N_("What our logs call you"),
    "latency_ms": N_("How long the model took, in milliseconds"),
    "status": N_("Whether the model answered without an error"),
    "cpu_ms": N_("Computing time, in milliseconds"),
    "memory_mb": N_("Memory used, in megabytes"),
    "amount": N_("Amount at stake"),
    "kind": N_("Who decided: the model, the policy or a person"),
    "decided_by": N_("Person of ours who decided"),
    "policy_version": N_("Version of the rule that turns scores into decisions"),
    "reason": N_("Reason noted"),
    "observed_at": N_("When it became known"),
    "event": N_("Event"),
    "event_amount": N_("Amount of the event"),
    "currency": N_("Currency"),
}
CODES: Mapping[str, Mapping[str, str]] = {
    "decision": {
        "approve": N_("approved"),
        "decline": N_("declined"),
        "refer": N_("referred to a person"),
    },
    "kind": {
        "model": N_("the model"),
        "policy": N_("the rule"),
        "human": N_("a person"),
        "appeal": N_("a person, after an appeal"),
        "released": N_("nobody: it took effect"),
    },
    "status": {"ok": N_("answered"), "error": N_("failed")},
}
GUARDED: Mapping[str, str] = {
    "age": N_("Age"),
    "birth_date": N_("Date of birth"),
    "citizenship": N_("Citizenship"),
    "color": N_("Colour of skin"),
    "colour": N_("Colour of skin"),
    "date_of_birth": N_("Date of birth"),
    "disability": N_("Disability"),
    "ethnic_origin": N_("Ethnic origin"),
    "ethnicity": N_("Ethnic origin"),
    "family_status": N_("Family status"),
    "gender": N_("Gender"),
    "marital_status": N_("Marital status"),
    "national_origin": N_("National origin"),
    "nationality": N_("Nationality"),
    "political_opinion": N_("Political opinion"),
    "pregnancy": N_("Pregnancy"),
    "race": N_("Race"),
    "religion": N_("Religion"),
    "sex": N_("Sex"),
    "sexual_orientation": N_("Sexual orientation"),
}
"""What people call usual protected columns of which the contract does not say it."""
PROTECTED = N_("Kept to test for unequal treatment; never given to the model")
AS_RECORDED = N_("as recorded; the model's description gives no further meaning")


def column_meaning(t: Translator, contract: ModelContract, stream: str, alias: str) -> str:
    """Return what a lake column means, in a reader's language."""
    if stream == "predictions" and (name := _own_name(contract, alias)) is not None:
        return _own_meaning(t, contract, name)
    if stream == "outcomes" and contract.outcome is not None:
        labels = contract.outcome.labels_in(t.locale)
        for name, stored in contract.outcome.stored_columns.items():
            if stored == alias:
                return labels[name]
    if alias.startswith("score_") and stream == "predictions":
        place = int(alias.removeprefix("score_"))
        return t("Probability of {class_name}", class_name=list(contract.log.scores)[place])
    return t(MEANINGS[alias]) if alias in MEANINGS else alias


def protected_label(t: Translator, contract: ModelContract, column: str) -> str:
    """Return what people call a protected column: by the contract, or by a usual name of such."""
    said = contract.fairness.attribute(column) if contract.fairness else None
    label = said.label if said is not None else None
    slices = (each.label for each in contract.segments if each.source == column and not each.edges)
    label = label or next(filter(None, slices), None)
    if label is not None:
        return label.get(t.locale)
    usual = GUARDED.get(column.strip().lower().replace(" ", "_").replace("-", "_"))
    return t(usual) if usual else column


def column_name(contract: ModelContract, stream: str, alias: str) -> str:
    """Return what the log calls a lake column."""
    if stream == "predictions":
        return contract.log.mapping().get(alias) or _own_name(contract, alias) or alias
    if stream == "outcomes" and contract.outcome is not None:
        named = {stored: name for name, stored in contract.outcome.stored_columns.items()}
        return named.get(alias, alias)
    return alias


def is_coded(contract: ModelContract, stream: str, alias: str) -> bool:
    """Whether the values of a column are codes: words of a list, and no number or free text."""
    if alias in CODES or alias in {"version", "jurisdiction", "policy_version", "event"}:
        return True
    if stream == "outcomes":
        return _is_label(contract, alias)
    name = _own_name(contract, alias) if stream == "predictions" else None
    if name is None:
        return False
    kinds = {each.name: each.type for each in contract.columns}
    return (
        name in contract.protected
        or kinds.get(name) in {"categorical", "boolean"}
        or any(each.name == name and each.type == "categorical" for each in contract.features)
    )


def code_meaning(t: Translator, contract: ModelContract, alias: str, code: str) -> str | None:
    """Return what a code means, or ``None`` if the contract does not say."""
    known = CODES.get(alias, {}).get(code)
    if known is not None:
        return t(known)
    if alias in {"version", "policy_version", "jurisdiction"}:
        return code
    if not _is_label(contract, alias) or contract.outcome is None or contract.outcome.label is None:
        return None
    positive = contract.outcome.label.positive
    is_positive = code == ("1" if positive is None else str(positive))
    name = contract.outcome.label.label_in(t.locale)
    return t("{name}: yes", name=name) if is_positive else t("{name}: no", name=name)


def _is_label(contract: ModelContract, alias: str) -> bool:
    outcome = contract.outcome
    if outcome is None or outcome.label is None or contract.task != "binary_classification":
        return False
    return outcome.stored_columns[outcome.label.name] == alias


def _own_name(contract: ModelContract, alias: str) -> str | None:
    return next((name for name, stored in contract.stored_columns.items() if stored == alias), None)


def _own_meaning(t: Translator, contract: ModelContract, name: str) -> str:
    for feature in contract.features:
        if feature.name == name:
            unit = feature.unit_in(t.locale)
            label = feature.label_in(t.locale)
            return t("{label}, in {unit}", label=label, unit=unit) if unit else label
    if name in contract.protected:
        return t(PROTECTED)
    purpose = next((each.purpose for each in contract.columns if each.name == name), "")
    return purpose or name
