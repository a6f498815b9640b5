"""The names that a rule of human review may use, its condition read, and what is wrong with it.

A rule is asked once, when a prediction was published: what becomes known later has no name here,
and neither have protected columns; a sample of their groups is taken by ``per``.
"""

from collections.abc import Iterator

from core.contract.kpi_definitions import kpi_schema
from core.contract.kpi_names import DECISION_NAMES, EVENT, LABEL, OUTCOME, kpi_names
from core.contract.model import ModelContract
from core.contract.review import ReviewRule
from core.domain.expression import (
    ExpressionError,
    Kind,
    RowExpression,
    Schema,
    UnknownName,
    row_expression,
)

CUT_OFF, DISTANCE, CONFIDENCE = "cut_off", "distance", "confidence"
UNSEEN, OUTSIDE, MISSING = "unseen", "outside", "missing_features"
QUALITY_FLAG, DRIFTED = "quality_flag", "drifted"
OVERSIGHT_LEVEL, OPTED_OUT = "oversight_level", "opted_out"
EXTRA_NAMES: dict[str, Kind] = {
    CUT_OFF: "number",
    DISTANCE: "number",
    CONFIDENCE: "number",
    UNSEEN: "number",
    OUTSIDE: "number",
    MISSING: "number",
    QUALITY_FLAG: "boolean",
    DRIFTED: "boolean",
    OVERSIGHT_LEVEL: "text",
    OPTED_OUT: "boolean",
}
"""What rules may name beside the columns of the log."""


def review_names(contract: ModelContract) -> dict[str, Kind]:
    """Return the names that conditions may use, with what they stand for.

    Parameters
    ----------
    contract : ModelContract
        Of the model.

    Returns
    -------
    dict of str to {"number", "text", "boolean", "instant"}
        Columns of the log win over segments of the same name, and the names of rules over both.
    """
    segments: dict[str, Kind] = {
        segment.name: "text"
        for segment in contract.segments
        if segment.source not in contract.protected
    }
    return {**segments, **logged_names(contract), **_extras(contract)}


def logged_names(contract: ModelContract) -> dict[str, Kind]:
    """Return the names of what is known once a prediction was logged, with what they stand for."""
    later = _known_later(contract)
    return {name: kind for name, kind in kpi_names(contract).items() if name not in later}


def review_schema(contract: ModelContract) -> Schema:
    """Return what the conditions of a contract's rules may name."""
    known = kpi_schema(contract)
    return Schema(review_names(contract), known.parameters, known.definitions)


def rule_condition(contract: ModelContract, rule: ReviewRule) -> RowExpression:
    """Return the condition of a rule, read.

    Raises
    ------
    ExpressionError
        At the first place that is wrong.
    """
    return row_expression(rule.when, review_schema(contract), kind="boolean")


def review_faults(contract: ModelContract) -> list[tuple[str, str]]:
    """Return each field of the part ``review`` that is wrong, and what is wrong with it."""
    return [] if contract.review is None else list(_faults(contract))


def never_reviewed(contract: ModelContract) -> tuple[str, ...]:
    """Return the versions in the loop of which no rule makes a case of each prediction.

    Without a case there is no verdict, and what is in the loop stays held. A rule makes a case of
    each if it takes all of what its condition chooses, and the condition is ``true`` or names
    ``oversight_level``.
    """
    rules = contract.review.rules if contract.review else ()
    if any(rule.share == 1 and rule.per is None and _takes_all(rule.when) for rule in rules):
        return ()
    return tuple(each.id for each in contract.versions if each.oversight_level == "in_the_loop")


def _takes_all(when: str) -> bool:
    return when.strip() == "true" or OVERSIGHT_LEVEL in when


def _faults(contract: ModelContract) -> Iterator[tuple[str, str]]:
    for place, rule in enumerate(contract.review.rules if contract.review else ()):
        field = f"review.rules[{place}]"
        try:
            rule_condition(contract, rule)
        except UnknownName as error:
            yield f"{field}.when", _unknown(contract, error)
        except ExpressionError as error:
            yield f"{field}.when", str(error)
        if rule.per is not None and rule.per.column not in contract.protected:
            yield (
                f"{field}.per.column",
                f"{rule.per.column!r} is not protected: a sample of groups is for columns under "
                "'protected'; write a condition in 'when' for any other",
            )


def _unknown(contract: ModelContract, error: UnknownName) -> str:
    name = str(error.params.get("name", ""))
    if name in contract.protected:
        return (
            f"{name!r} is protected: nobody becomes a case because of it; a sample of each group "
            f"is taken by 'per'\n{error.place}"
        )
    if name in kpi_names(contract):
        return f"{name!r} is not known yet when a prediction is routed\n{error.place}"
    return str(error)


def _known_later(contract: ModelContract) -> set[str]:
    outcome = {column.name for column in contract.outcome.columns} if contract.outcome else set()
    own = {feature.name for feature in contract.features} | {each.name for each in contract.columns}
    return {
        name
        for name in kpi_names(contract)
        if name == LABEL
        or name in DECISION_NAMES
        or name == "released_at"
        or name.startswith((OUTCOME, EVENT))
        or (name in outcome and name not in own)
    }


def _extras(contract: ModelContract) -> dict[str, Kind]:
    left_out: set[str] = set()
    if contract.task == "regression":
        left_out.add(CONFIDENCE)
    if contract.log.score is None:
        left_out |= {CUT_OFF, DISTANCE}
        if not contract.log.scores:
            left_out.add(CONFIDENCE)
    return {name: kind for name, kind in EXTRA_NAMES.items() if name not in left_out}
