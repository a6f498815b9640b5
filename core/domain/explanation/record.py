"""The explanation record: all that was found about why one decision was made.

A letter and a dossier are both written from it, and nothing else. It holds a person's values; a
random part makes its hash say nothing about them once it is deleted.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime

FORMAT = "harbourlight-explanation-1"
MODEL, LOGGED, NONE = "model", "logged", "none"
"""Where an explanation is from: the model itself, the log, or nowhere. Never from a stand-in."""
MOST_REASONS = 4
"""More are "not likely to be helpful", as the commentary on US Regulation B, 1002.9, has it."""
Cell = float | str | None


@dataclass(frozen=True, slots=True)
class Subject:
    """Which decision it is about.

    Parameters
    ----------
    model_id, prediction_id, subject_id, jurisdiction : str
        The subject by its pseudonym.
    version : str
        Of the model.
    predicted_at : datetime
        When it was made.
    decision : str
        As logged; empty where the log has none.
    score, amount : float, optional
        As logged.
    """

    model_id: str
    prediction_id: str
    subject_id: str
    jurisdiction: str
    version: str
    predicted_at: datetime
    decision: str
    score: float | None
    amount: float | None


@dataclass(frozen=True, slots=True)
class Rule:
    """The policy that made a decision of the score.

    Parameters
    ----------
    policy, rule : str
        Its version, and its text; both empty where the contract has none.
    cut_off : float, optional
        The score at which decisions part.
    adverse : bool, optional
        Whether the decision is against the person; ``None`` where nobody can say.
    """

    policy: str = ""
    rule: str = ""
    cut_off: float | None = None
    adverse: bool | None = None


@dataclass(frozen=True, slots=True)
class Rescored:
    """The logged score beside the one that the registered model gives today.

    Parameters
    ----------
    logged, again : float
        Both scores.
    tolerance : float
        Largest difference that passes.
    agrees : bool
        Whether it passes: only then is the explanation one of this decision.
    """

    logged: float
    again: float
    tolerance: float
    agrees: bool


@dataclass(frozen=True, slots=True)
class Artefact:
    """What the model is.

    Parameters
    ----------
    sha256, training_sha256, contract_sha256 : str
        Hashes of the fitted model, of its training data, and of the contract in force.
    environment : Mapping of str to str
        Library → version that ran it.
    """

    sha256: str
    training_sha256: str
    contract_sha256: str
    environment: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Background:
    """The rows that a decision is compared with.

    Parameters
    ----------
    id : str
        SHA-256 of which rows of which data they are.
    rows, pool, total : int
        How many they are, of how many drawn, of how many in the training data.
    seed : int
        What drew them.
    """

    id: str
    rows: int
    pool: int
    total: int
    seed: int


@dataclass(frozen=True, slots=True)
class Part:
    """What one field added to the score.

    Parameters
    ----------
    field : str
        As the contract names it.
    value, usual : float, str or None
        The person's own, and the background's median or most frequent one.
    added : float
        On the scale of the attributions.
    error : float, optional
        Standard error, where it was sampled.
    """

    field: str
    value: Cell
    usual: Cell
    added: float
    error: float | None = None


@dataclass(frozen=True, slots=True)
class Attributions:
    """How the fields add up to the score.

    Parameters
    ----------
    method : str
        ``linear``, ``tree`` or ``sampled``; ``logged`` where the log has them.
    scale : str
        What is added up: ``log_odds``, ``probability`` and so on.
    base, output : float, optional
        The background's mean, and what base and parts add up to; the log says neither.
    parts : tuple of Part
        One for each field, in the order of the contract.
    walks : int, optional
        Orders of fields that were walked through, where they were sampled.
    """

    method: str
    scale: str
    base: float | None
    output: float | None
    parts: tuple[Part, ...]
    walks: int | None = None


@dataclass(frozen=True, slots=True)
class Steadiness:
    """Whether other backgrounds give the same reasons.

    Parameters
    ----------
    redraws : int
        How many others were drawn.
    same_reasons, same_first : float
        Share with the same four reasons, and with the same first one.
    """

    redraws: int
    same_reasons: float
    same_first: float


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason, the most important first.

    Parameters
    ----------
    code : str
        Of the code book; empty where the book has none for it.
    field, direction : str
        Which field, and whether it ``raises`` or ``lowers`` the score.
    added : float
        What it added.
    share : float
        Of all that moved the score in the same direction.
    """

    code: str
    field: str
    direction: str
    added: float
    share: float


@dataclass(frozen=True, slots=True)
class Change:
    """One field of another case than the person's."""

    field: str
    before: Cell
    after: Cell


@dataclass(frozen=True, slots=True)
class OtherResult:
    """What change would have led to another result.

    Parameters
    ----------
    changes, moved : tuple of Change
        What the person would change, and what changes with it in the same ratio.
    score : float
        What the same version of the model gives then.
    distance, nearest : float
        How large the change is, and how far the changed case lies from the nearest real one.
    """

    changes: tuple[Change, ...]
    moved: tuple[Change, ...]
    score: float
    distance: float
    nearest: float


@dataclass(frozen=True, slots=True)
class OtherResults:
    """Changes that would have led to another result, fewest fields first; or why there is none.

    Parameters
    ----------
    found : tuple of OtherResult
        At most three.
    why : str
        A value of :class:`core.metrics.counterfactual.Nothing`, ``no_policy`` or ``not_adverse``;
        empty where some were found.
    relation, limit : str, float, optional
        How the score has to stand to which cut-off.
    farthest : float, optional
        Distance from the nearest real case up to which a changed case is plausible.
    stuck : Mapping of str to str
        Field → why it was not changed though a person can change it.
    scored : int
        Variants that the model was asked about.
    """

    found: tuple[OtherResult, ...]
    why: str = ""
    relation: str = ""
    limit: float | None = None
    farthest: float | None = None
    stuck: Mapping[str, str] = field(default_factory=dict)
    scored: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the score stands among those of others.

    Parameters
    ----------
    group : str
        Whom it is compared with: ``training``, rows of the training data.
    n : int
        How many they are.
    below : float
        Share of them with a lower score, half of its equals counted.
    """

    group: str
    n: int
    below: float


@dataclass(frozen=True, slots=True)
class ExplanationRecord:
    """All that was found about one decision.

    Parameters
    ----------
    subject, rule : Subject, Rule
        What was decided, and by which rule.
    source : {"model", "logged", "none"}
        Where the explanation is from.
    why : str
        Why there is none; empty otherwise.
    code_book : int, optional
        Number of the code book in force.
    made_at, made_by : datetime, str
        When, and by whom (pseudonym).
    salt : str
        Random; so that the record's hash tells nothing of what is in it.
    """

    subject: Subject
    rule: Rule
    source: str
    why: str
    code_book: int | None
    made_at: datetime
    made_by: str
    salt: str
    rescored: Rescored | None = None
    artefact: Artefact | None = None
    background: Background | None = None
    attributions: Attributions | None = None
    steadiness: Steadiness | None = None
    reasons: tuple[Reason, ...] = ()
    standing: Standing | None = None
    others: OtherResults | None = None

    def document(self) -> dict[str, object]:
        """Return the record as JSON has it; what is unknown stands there as ``null``."""
        return {"format": FORMAT, **asdict(self)}
