"""The names that an expression about a model may use, and what kind of value each is.

Three streams meet in a row: the prediction as it was logged, what was decided about it, and what
became of it. Protected columns are left out: a figure of the business is not cut by them, fairness
compares them.
"""

from collections.abc import Iterable

from core.contract.columns import ColumnType
from core.contract.label_words import label_values
from core.contract.model import ModelContract
from core.contract.outcomes import OutcomeColumn
from core.domain.expression import Kind

OUTCOME, EVENT = "outcome.", "event."
OBSERVED_AT = OUTCOME + "observed_at"
LABEL, FLAGGED = "label", "flagged"
DECISION_NAMES: dict[str, Kind] = {
    "final_decision": "text",
    "decided_by": "text",
    "decided_at": "instant",
    "human_decision": "text",
    "human_decided_at": "instant",
    "reviewed": "boolean",
    "overridden": "boolean",
    "policy_version": "text",
    "reason": "text",
}
"""What the decisions stream says of a prediction, beside what the log itself does."""

_LOGGED: dict[str, Kind] = {
    "prediction_id": "text",
    "time": "instant",
    "version": "text",
    "jurisdiction": "text",
    "score": "number",
    "prediction": "text",
    "decision": "text",
    "released_at": "instant",
    "subject": "text",
    "latency_ms": "number",
    "status": "text",
    "cpu_ms": "number",
    "memory_mb": "number",
    "amount": "number",
}
_OF_TYPE: dict[ColumnType, Kind] = {
    "numeric": "number",
    "integer": "number",
    "categorical": "text",
    "text": "text",
    "boolean": "boolean",
    "date": "instant",
    "timestamp": "instant",
}


def kpi_names(contract: ModelContract) -> dict[str, Kind]:
    """Return the names that expressions may use, with what they stand for.

    Parameters
    ----------
    contract : ModelContract
        Of the model.

    Returns
    -------
    dict of str to {"number", "text", "boolean", "instant"}
        Where two would share a name, that of the product wins over the log's own.
    """
    names: dict[str, Kind] = {}
    for found in (_own(contract), _of_outcome(contract), _of_log(contract), DECISION_NAMES):
        names.update(found)
    return names


def outcome_column(contract: ModelContract, name: str) -> OutcomeColumn | None:
    """Return the column of the outcome that a name stands for; ``None`` for any other name."""
    if contract.outcome is None:
        return None
    if not name.startswith(OUTCOME) and name in (_of_log(contract) | DECISION_NAMES):
        return None
    wanted = name.removeprefix(OUTCOME)
    if wanted == name and wanted in own_names(contract):
        return None
    return next((each for each in contract.outcome.columns if each.name == wanted), None)


def is_number_label(contract: ModelContract, column: OutcomeColumn) -> bool:
    """Whether a column of the outcome is a label that reads as 1 and 0."""
    return (
        column.type == "label"
        and contract.task == "binary_classification"
        and bool(label_values(contract))
    )


def own_names(contract: ModelContract) -> dict[str, Kind]:
    """Return features and declared columns that are not protected, with their kinds."""
    return _own(contract)


def money_names(contract: ModelContract) -> dict[str, str]:
    """Return the names that stand for money, with the currency that each is logged in."""
    found = {"amount": contract.currency} if contract.log.amount else {}
    for column in contract.outcome.columns if contract.outcome else ():
        if column.type == "amount" and column.currency is not None:
            for name in (column.name, OUTCOME + column.name):
                if outcome_column(contract, name) is column:
                    found[name] = column.currency
    for event in contract.events:
        if event.amount is not None:
            found[f"{EVENT}{event.name}.amount"] = event.currency or contract.currency
    return found


def needs_outcome(names: Iterable[str], contract: ModelContract) -> bool:
    """Whether any of the names is only known once the outcome is."""
    return any(
        name in {LABEL, OBSERVED_AT} or outcome_column(contract, name) is not None for name in names
    )


def _of_log(contract: ModelContract) -> dict[str, Kind]:
    mapped = contract.log.mapping()
    found: dict[str, Kind] = {
        name: kind for name, kind in _LOGGED.items() if name in mapped or name == "version"
    }
    found |= {name: "number" for name in mapped if name.startswith("score_")}
    if "prediction" in mapped and contract.task == "regression":
        found["prediction"] = "number"
    if contract.task == "binary_classification":
        found[FLAGGED] = "boolean"
    if contract.outcome is not None and contract.outcome.label is not None:
        of_classes = contract.task == "multiclass_classification"
        found[LABEL] = "text" if of_classes else "number"
    for event in contract.events:
        found[EVENT + event.name] = "boolean"
        found[f"{EVENT}{event.name}.at"] = "instant"
        if event.amount is not None:
            found[f"{EVENT}{event.name}.amount"] = "number"
    return found


def _own(contract: ModelContract) -> dict[str, Kind]:
    protected = set(contract.protected)
    kinds = {column.name: _OF_TYPE[column.type] for column in contract.columns}
    kinds |= {
        feature.name: "number" if feature.type == "numeric" else "text"
        for feature in contract.features
    }
    return {name: kind for name, kind in kinds.items() if name not in protected}


def _of_outcome(contract: ModelContract) -> dict[str, Kind]:
    if contract.outcome is None:
        return {}
    found: dict[str, Kind] = {OBSERVED_AT: "instant"}
    own = _own(contract)
    for column in contract.outcome.columns:
        is_text = (
            column.type == "label"
            and contract.task != "regression"
            and not is_number_label(contract, column)
        )
        found[OUTCOME + column.name] = "text" if is_text else "number"
        if column.name not in own:
            found[column.name] = found[OUTCOME + column.name]
    return found
