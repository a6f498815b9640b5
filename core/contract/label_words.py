"""Which words of a log stand for which class of a label."""

from core.contract.model import ModelContract


def label_values(contract: ModelContract) -> tuple[str, ...]:
    """Return the labels a contract knows, as text; empty when any text may stand there.

    A binary label with a numeric ``positive`` is 0/1 or true/false; with a word as ``positive``
    every other word is the other class; a multiclass label is one of the scored classes.
    """
    label = contract.outcome.label if contract.outcome else None
    if label is None or contract.task == "regression":
        return ()
    if contract.task == "multiclass_classification":
        return tuple(contract.log.scores)
    if label.positive is None or str(label.positive).lower() in {"0", "1", "true", "false"}:
        return ("0", "1", "true", "false")
    return ()


def positive_values(contract: ModelContract) -> tuple[str, ...]:
    """Return the texts that mean the positive class of a binary label."""
    label = contract.outcome.label if contract.outcome else None
    positive = "1" if label is None or label.positive is None else str(label.positive)
    for pair in (("1", "true"), ("0", "false")):
        if positive.lower() in pair:
            return pair
    return (positive,)
