"""The measures of a set of verdicts: of a team, or of one person with enough of them."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from core.domain.review import CONTROL, SECOND
from core.lake.cases.outcomes import CaseOutcome
from core.metrics.oversight import (
    Reliance,
    cohen_kappa,
    difference,
    fast_tail,
    krippendorff_alpha,
    reliance,
    share,
)
from core.services.oversight.known import expected_verdict
from core.store.review.verdict_rows import VerdictRow

OVERTURN = "overturn"
LIVE = frozenset({"routed", "request"})
BLIND = frozenset({CONTROL, SECOND})
Parents = Mapping[int, tuple[str, str, str]]


@dataclass(frozen=True, slots=True)
class Material:
    """What measures are made of.

    Parameters
    ----------
    rows : sequence of VerdictRow
        All verdicts in the order of time.
    outcomes : mapping
        Prediction → its final outcome, where it is known.
    appealed, doubled : mapping
        Case → first maker, verdict and final decision of what appeals and second reviews are about.
    moments : mapping
        Person → when all verdicts were given, of every model.
    watchers : frozenset of str
        Who can see which cases are blind: their verdicts on such cases count for nothing.
    """

    rows: Sequence[VerdictRow]
    outcomes: Mapping[str, CaseOutcome] = field(default_factory=dict)
    appealed: Parents = field(default_factory=dict)
    doubled: Parents = field(default_factory=dict)
    moments: Mapping[str, Sequence[datetime]] = field(default_factory=dict)
    watchers: frozenset[str] = frozenset()

    def expected(self, row: VerdictRow) -> str | None:
        """Return the verdict that the outcome calls for, where it is known."""
        if row.kind == CONTROL:
            return row.expected
        found = self.outcomes.get(row.prediction_id)
        return None if found is None else expected_verdict(found)


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure of how people review.

    Parameters
    ----------
    id : str
        One of :data:`MEASURES`.
    n : int
        What it counts over; of a difference, the smaller of its two sides.
    value, low, high : float
        The figure and its 95 % limits; NaN where there is none.
    hits : int, optional
        Of a share: those that count.
    parts : tuple of (float, int)
        Of a difference: both shares with what they count over.
    reviewers : int
        People it is of.
    is_withheld : bool
        Whether it is not told, because it would be one person's with too few cases.
    """

    id: str
    n: int
    value: float
    low: float
    high: float
    hits: int | None = None
    parts: tuple[tuple[float, int], ...] = ()
    reviewers: int = 0
    is_withheld: bool = False


Hit = tuple[str, bool]
"""The people that a case counts for, and whether it is a hit."""


def overrides(material: Material) -> list[Hit]:
    """Return who overturned the model in which live cases."""
    return [(row.maker_id, row.verdict == OVERTURN) for row in _live(material)]


def controls_caught(material: Material) -> list[Hit]:
    """Return who overturned which controls whose outcome calls for it."""
    return [
        (row.maker_id, bool(row.caught)) for row in _controls(material) if row.expected == OVERTURN
    ]


def controls_upheld(material: Material) -> list[Hit]:
    """Return who upheld which controls whose outcome calls for it."""
    return [
        (row.maker_id, bool(row.caught)) for row in _controls(material) if row.expected != OVERTURN
    ]


def appeals_upheld(material: Material) -> list[Hit]:
    """Return whose final decisions were changed on appeal, by who had made them first."""
    found = []
    for row in material.rows:
        first = material.appealed.get(row.parent_id or 0)
        if row.kind == "appeal" and first is not None:
            found.append((first[0], first[2] != row.final_decision))
    return found


def borne_out(material: Material) -> list[Hit]:
    """Return whose verdicts on live cases the final outcome bears out."""
    return [
        (row.maker_id, material.expected(row) == row.verdict)
        for row in _live(material)
        if material.expected(row) is not None
    ]


def evidence_opened(material: Material) -> list[Hit]:
    """Return who opened at least one further part of the page, verdict by verdict given on it."""
    return [(row.maker_id, row.panes > 0) for row in material.rows if row.seconds > 0]


def outside_page(material: Material) -> list[Hit]:
    """Return who gave which verdicts elsewhere than on the page of the case, as by command."""
    return [(row.maker_id, row.seconds <= 0) for row in material.rows]


def watched(material: Material) -> int:
    """Return how many verdicts on blind cases are of people who can see which cases are blind."""
    return sum(row.kind in BLIND and row.maker_id in material.watchers for row in material.rows)


def relied(material: Material, choose: Callable[[Reliance], object]) -> list[Hit]:
    """Return one side of reliance, case by case, of those who judged first."""
    found = []
    for row in material.rows:
        expected = material.expected(row)
        if row.own_view is None or expected is None:
            continue
        case = (row.own_view == expected, expected == "uphold", row.verdict == expected)
        side = choose(reliance([case]))
        if getattr(side, "n", 0):
            found.append((row.maker_id, bool(getattr(side, "hits", 0))))
    return found


SHARES: Mapping[str, Callable[[Material], list[Hit]]] = {
    "override": overrides,
    "controls_caught": controls_caught,
    "controls_upheld": controls_upheld,
    "appeals_changed": appeals_upheld,
    "borne_out": borne_out,
    "relied_on_model": lambda material: relied(material, lambda found: found.on_model),
    "relied_on_self": lambda material: relied(material, lambda found: found.on_self),
    "evidence_opened": evidence_opened,
    "outside_page": outside_page,
}
MEASURES = (*SHARES, "anchoring", "kappa", "alpha", "fast")
"""Ids of all measures; pages have their own order."""


def share_measure(name: str, hits: Sequence[Hit]) -> Measure:
    """Return a share over cases."""
    found = share(sum(hit for _, hit in hits), len(hits))
    people = len({person for person, _ in hits})
    return Measure(name, found.n, found.value, found.low, found.high, found.hits, (), people)


def anchoring(material: Material, person: str | None = None) -> Measure:
    """Return how much more often people agree with the model where they see its score.

    It is a lower bound: the model's decision is seen in both arms.
    """
    seen, hidden = arms(material, person)
    sides = [
        share(sum(row.verdict != OVERTURN for row in part), len(part)) for part in (seen, hidden)
    ]
    found = difference(*sides)
    people = len({row.maker_id for row in hidden} | {row.maker_id for row in seen})
    parts = tuple((side.value, side.n) for side in sides)
    n = min(side.n for side in sides)
    return Measure("anchoring", n, found.value, found.low, found.high, None, parts, people)


def arms(
    material: Material, person: str | None = None
) -> tuple[list[VerdictRow], list[VerdictRow]]:
    """Return the routed cases with the score shown at once, and those with it hidden.

    Of those chance decides which is which. Where an own view came before the score, the score came
    too late to anchor it: such cases are in neither.
    """
    rows = [
        row
        for row in material.rows
        if row.kind == "routed" and (person is None or row.maker_id == person)
    ]
    return (
        [row for row in rows if row.score_shown == "at_once"],
        [row for row in rows if row.score_shown == "never"],
    )


def kappa(material: Material, person: str | None = None) -> Measure:
    """Return how far first and second reviews agree beyond chance."""
    pairs = doubled_pairs(material, person)
    found = cohen_kappa((first, second) for _, first, _, second in pairs)
    people = len({name for first, _, second, _ in pairs for name in (first, second)})
    return Measure("kappa", found.n, found.value, found.low, found.high, found.same, (), people)


def alpha(material: Material, person: str | None = None) -> Measure:
    """Return Krippendorff's alpha of all reviews of each doubled case, however many they are."""
    units: dict[int, list[str]] = {}
    people: set[str] = set()
    for first, row in _doubled(material, person):
        units.setdefault(row.parent_id or 0, [first[1]]).append(row.verdict)
        people |= {first[0], row.maker_id}
    found = krippendorff_alpha(units.values())
    return Measure("alpha", found.units, found.value, found.low, found.high, reviewers=len(people))


def doubled_pairs(material: Material, person: str | None = None) -> list[tuple[str, str, str, str]]:
    """Return maker and verdict of both reviews of each doubled case."""
    return [
        (first[0], first[1], row.maker_id, row.verdict) for first, row in _doubled(material, person)
    ]


def fast_hits(material: Material) -> list[Hit]:
    """Return who took far less than the usual own time, case by case."""
    found: list[Hit] = []
    for person, rows in by_person(material.rows).items():
        tail = fast_tail([row.seconds for row in rows])
        found += [(person, True)] * tail.fast.hits
        found += [(person, False)] * (tail.fast.n - tail.fast.hits)
    return found


def by_person(rows: Iterable[VerdictRow]) -> dict[str, list[VerdictRow]]:
    """Return each person's verdicts, in their order."""
    found: dict[str, list[VerdictRow]] = defaultdict(list)
    for row in rows:
        found[row.maker_id].append(row)
    return dict(found)


def _doubled(
    material: Material, person: str | None
) -> list[tuple[tuple[str, str, str], VerdictRow]]:
    """Return first and second review of each doubled case that counts, or of one person's."""
    found = []
    for row in material.rows:
        first = material.doubled.get(row.parent_id or 0)
        if row.kind != SECOND or first is None or row.maker_id in material.watchers:
            continue
        if person in {None, first[0], row.maker_id}:
            found.append((first, row))
    return found


def _live(material: Material) -> list[VerdictRow]:
    return [row for row in material.rows if row.kind in LIVE]


def _controls(material: Material) -> list[VerdictRow]:
    return [
        row
        for row in material.rows
        if row.kind == CONTROL and row.caught is not None and row.maker_id not in material.watchers
    ]
