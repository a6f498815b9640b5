"""Classes of records, how long each is kept by default and on what basis, and contradictions.

A rule is a pair of a minimum and a maximum. One law may forbid to delete what another forbids to
keep: such a contradiction is shown, and nobody but a person decides it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from core.i18n import N_


class Grade(StrEnum):
    """How sure the basis of a shipped rule is."""

    verified = "verified"  # read in the law or the regulator's own text, of some edition
    secondary = "secondary"  # reported by others
    practice = "practice"  # common practice; no rule was found
    own = "own"  # set by this organisation


@dataclass(frozen=True, slots=True)
class RecordClass:
    """One class of records.

    Parameters
    ----------
    name : str
        Such as ``decision_record``.
    label : str
        Message id of what a reader calls it.
    covers : tuple of str
        What of this workspace belongs to it: streams of the lake, ``quarantine``, ``reviews``,
        ``releases``, ``requests``, ``disclosures``, ``refusals``, ``letters``, ``explanations``,
        ``exports``;
        nothing for records that are kept elsewhere and are listed so that none is forgotten.
    minimum_days, maximum_days : int, optional
        As shipped.
    basis : str
        Message id of the basis as shipped.
    grade : Grade
        How sure the basis is.
    needs_maximum : bool
        Whether a class without a maximum is a contradiction by itself.
    """

    name: str
    label: str
    covers: tuple[str, ...]
    minimum_days: int | None
    maximum_days: int | None
    basis: str
    grade: Grade
    needs_maximum: bool = False


_YEAR = 365

RECORD_CLASSES: Mapping[str, RecordClass] = {
    each.name: each
    for each in (
        RecordClass(
            "personal_data",
            N_("Personal data in prediction logs"),
            ("predictions", "quarantine"),
            None,
            None,
            N_(
                "PDPO section 26 and DPP2(2): erased when no longer needed. That a maximum must be "
                "set is our reading."
            ),
            Grade.verified,
            needs_maximum=True,
        ),
        RecordClass(
            "decision_record",
            N_("Decisions and what became of them"),
            ("decisions", "outcomes", "resolved", "releases"),
            7 * _YEAR,
            None,
            N_("Seven years are said to be practice of banks in Hong Kong; no rule was found."),
            Grade.practice,
            needs_maximum=True,
        ),
        RecordClass(
            "review_record",
            N_("Cases of human review: steps, words, files"),
            ("reviews",),
            7 * _YEAR,
            None,
            N_("As the decision that it is about; no rule was found."),
            Grade.practice,
            needs_maximum=True,
        ),
        RecordClass(
            "explanation_record",
            N_("Explanations of decisions, and letters about them"),
            ("letters", "explanations"),  # letters first: they are written from explanations
            None,
            7 * _YEAR,
            N_("As long as decisions; this product's own, no rule was found."),
            Grade.own,
        ),
        RecordClass(
            "rights_request",
            N_("Customers' requests: words, frozen data, steps"),
            ("requests", "disclosures"),
            None,
            None,
            N_(
                "PDPO section 26 and DPP2(2): erased when no longer needed. That a maximum must be "
                "set is our reading."
            ),
            Grade.verified,
            needs_maximum=True,
        ),
        RecordClass(
            "export",
            N_("Files made for download"),
            ("exports",),
            None,
            7,
            N_("This product removes reports after 7 days and other downloads after one."),
            Grade.own,
        ),
        RecordClass(
            "refusal_log",
            N_("Log of refused access and correction requests"),
            ("refusals",),
            4 * _YEAR,
            None,
            N_("PDPO section 27: at least four years."),
            Grade.verified,
        ),
        RecordClass(
            "impact_assessment",
            N_("Impact assessments and their processing records (Mainland)"),
            (),
            3 * _YEAR,
            None,
            N_("PIPL article 56: at least three years."),
            Grade.secondary,
        ),
        RecordClass(
            "high_risk_log",
            N_("Logs of high-risk AI systems (European Union)"),
            (),
            183,
            None,
            N_("EU AI Act articles 19 and 26(6): at least six months."),
            Grade.secondary,
        ),
        RecordClass(
            "credit_file",
            N_("Consumer credit files (United States)"),
            (),
            761,
            None,
            N_("Regulation B, 12 CFR 202.12, edition of 2006: 25 months."),
            Grade.verified,
        ),
    )
}

CLASS_OF: Mapping[str, str] = {
    store: each.name for each in RECORD_CLASSES.values() for store in each.covers
}
"""Which class the rows of a stream, the quarantine and exports belong to."""


@dataclass(frozen=True, slots=True)
class Rule:
    """How long a class is kept here: as shipped, or as somebody set it."""

    record_class: str
    minimum_days: int | None
    maximum_days: int | None
    basis: str
    grade: Grade


def shipped_rule(name: str) -> Rule:
    """Return the rule of a class as shipped; ``KeyError`` if there is no such class."""
    each = RECORD_CLASSES[name]
    return Rule(name, each.minimum_days, each.maximum_days, each.basis, each.grade)


class Contradiction(StrEnum):
    """What a rule can be wrong about."""

    maximum_below_minimum = "maximum_below_minimum"
    minimum_without_maximum = "minimum_without_maximum"
    no_maximum = "no_maximum"
    held_past_maximum = "held_past_maximum"


CONTRADICTIONS: Mapping[Contradiction, str] = {
    Contradiction.maximum_below_minimum: N_(
        "The maximum is below the minimum: keeping the one breaks the other."
    ),
    Contradiction.minimum_without_maximum: N_(
        "There is a minimum and no maximum: nothing says when the records go."
    ),
    Contradiction.no_maximum: N_("There is no maximum: nothing says when the records go."),
    Contradiction.held_past_maximum: N_("A legal hold keeps records that are past their maximum."),
}


def contradictions(rule: Rule, *, held_past_maximum: bool = False) -> tuple[Contradiction, ...]:
    """Return what is contradictory about a rule, given whether a hold keeps overdue records.

    Parameters
    ----------
    rule : Rule
        The rule.
    held_past_maximum : bool
        Whether a hold in force covers records older than the maximum.
    """
    low, high = rule.minimum_days, rule.maximum_days
    found: list[Contradiction] = []
    if low is not None and high is not None and high < low:
        found.append(Contradiction.maximum_below_minimum)
    if low is not None and high is None:
        found.append(Contradiction.minimum_without_maximum)
    if low is None and high is None and RECORD_CLASSES[rule.record_class].needs_maximum:
        found.append(Contradiction.no_maximum)
    if held_past_maximum:
        found.append(Contradiction.held_past_maximum)
    return tuple(found)
