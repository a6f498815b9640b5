"""The worklist as a file to take away: what the page lists, and more rows of it."""

from collections.abc import Mapping
from dataclasses import dataclass

from core.domain.identity import Actor, Permission
from core.i18n import Translator
from core.lake.decisions.unexpected_sql import WAYS, Way
from core.services import exports
from core.services.explanation.held_against import Otherwise
from core.services.explanation.worklist import MOST, Listed, worklist
from core.services.safe_csv import csv_bytes
from core.services.workspace import Workspace

_HEAD = (
    "decision_id",
    "time",
    "version",
    "decision",
    "score",
    "amount",
    "differs_from",
    "previous_version",
    "previous_score",
    "like_cases_otherwise",
    "like_cases",
    "explained",
)


@dataclass(frozen=True, slots=True)
class WorklistFile:
    """A file that was made: its address, and how many of how many decisions it has."""

    url: str
    shown: int
    total: int


def publish_worklist(
    workspace: Workspace,
    model_id: str,
    *,
    way: Way | None,
    words: Mapping[Way, str],
    t: Translator,
    actor: Actor,
) -> WorklistFile:
    """Write the worklist as CSV that its reader can fetch for a day; personal values are masked.

    Parameters
    ----------
    workspace, model_id, way, actor
        As :func:`core.services.explanation.worklist.worklist`.
    words : mapping of str to str
        What each way is called.
    t : Translator
        The reader's language.
    """
    found = worklist(workspace, model_id, actor=actor, limit=MOST, way=way)
    made = exports.publish(
        workspace,
        csv_bytes(_HEAD, [_cells(each, words, t) for each in found.rows]),
        actor=actor,
        permission=Permission.explanation_view,
        name=f"worklist-{model_id}.csv",
        media_type="text/csv; charset=utf-8",
        model=model_id,
    )
    total = found.differing if way is None else found.way(way).differing
    return WorklistFile(made.url, len(found.rows), total)


def told_otherwise(t: Translator, name: str, said: Otherwise | None) -> str:
    """Return a way with what it would have decided, such as *the version before (0: 0.0412)*."""
    if said is None:
        return name
    if said.of:
        return t("{way} ({cases} of {of})", way=name, cases=said.cases, of=said.of)
    if said.score is None:
        return t("{way} ({version})", way=name, version=said.version)
    return t(
        "{way} ({version}: {score})",
        way=name,
        version=said.version,
        score=t.number(said.score, 4),
    )


def _cells(listed: Listed, words: Mapping[Way, str], t: Translator) -> tuple[object, ...]:
    row, previous, reviewers = listed.row, listed.previous, listed.reviewers
    return (
        row.prediction_id,
        row.time.isoformat(),
        row.version,
        row.decision,
        row.score,
        row.amount,
        t.items(*(words[way] for way in WAYS if way in row.ways)),
        previous.version if previous else None,
        previous.score if previous else None,
        reviewers.cases if reviewers else None,
        reviewers.of if reviewers else None,
        t("yes") if row.explained else t("no"),
    )
