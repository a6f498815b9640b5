"""What stands against an erasure: legal holds, and minimums that have not passed."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import Connection

from core.domain.retention import CLASS_OF, Rule
from core.errors import Conflict
from core.i18n import N_
from core.services.erasure.lake import ModelErasure
from core.services.retention.rules import rules_in_force
from core.services.workspace import Workspace
from core.store.explanations import records as explanations
from core.store.retention import holds
from core.store.retention.holds import Hold
from core.store.review import erasing

HELD = N_("The hold {hold} forbids it.")
TOO_YOUNG = N_("Records of {record_class} of {model} are kept until {until} at least.")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """One reason why a subject may not be erased now.

    Parameters
    ----------
    kind : {"hold", "minimum"}
        Which.
    message : str
        Message id.
    params : Mapping
        Its values.
    """

    kind: Literal["hold", "minimum"]
    message: str
    params: Mapping[str, str]

    @property
    def text(self) -> str:
        """The message in English."""
        return self.message.format(**self.params)


def obstacles(
    workspace: Workspace, subject_id: str, searched: Collection[ModelErasure]
) -> tuple[Obstacle, ...]:
    """Return what stands against erasing a subject from models that were searched."""
    with workspace.store.read() as conn:
        in_force = holds.list_holds(conn, in_force=True)
        rules = rules_in_force(conn)
        newest = {each.model_id: _newest(conn, subject_id, each) for each in searched}
    stores = {
        each.model_id: (*newest[each.model_id], *(["quarantine"] if each.refused else []))
        for each in searched
    }
    found = [
        Obstacle("hold", HELD, {"hold": hold.id})
        for hold in in_force
        if _is_in_the_way(hold, subject_id, stores)
    ]
    return (*found, *_minimums(workspace.clock(), rules, newest))


def refuse(found: Collection[Obstacle]) -> None:
    """Refuse an erasure against which something stands, and say what.

    Raises
    ------
    Conflict
        Naming the first obstacle.
    """
    for obstacle in found:
        if obstacle.kind == "hold":
            raise Conflict(
                HELD,
                remedy=N_("Lift the hold first, or wait until somebody does."),
                **obstacle.params,
            )
        raise Conflict(
            TOO_YOUNG,
            remedy=N_("Wait, or change the retention rule and say on what basis."),
            **obstacle.params,
        )


def _is_in_the_way(hold: Hold, subject_id: str, stores: Mapping[str, Collection[str]]) -> bool:
    if hold.subject_id == subject_id and hold.record_class is None:
        return hold.model_id is None or hold.model_id in stores
    return any(
        hold.covers(subject_id=subject_id, model_id=model_id, record_class=CLASS_OF[store])
        for model_id, of_model in stores.items()
        for store in of_model
    )


def _minimums(
    now: datetime, rules: Mapping[str, Rule], found: Mapping[str, Mapping[str, datetime]]
) -> Iterator[Obstacle]:
    for model_id, of_model in found.items():
        until: dict[str, datetime] = {}
        for stream, newest in of_model.items():
            rule = rules[CLASS_OF[stream]]
            if rule.minimum_days is not None:
                end = newest + timedelta(days=rule.minimum_days)
                until[rule.record_class] = max(end, until.get(rule.record_class, end))
        for record_class, end in until.items():
            if end > now:
                values = {
                    "record_class": record_class,
                    "model": model_id,
                    "until": end.date().isoformat(),
                }
                yield Obstacle("minimum", TOO_YOUNG, values)


def _newest(conn: Connection, subject_id: str, searched: ModelErasure) -> dict[str, datetime]:
    """Return when the newest record of each store was made: of the lake, and of those beside it."""
    found: dict[str, datetime | None] = {
        **searched.newest,
        "reviews": erasing.newest_case(conn, subject_id, searched.model_id),
        "requests": erasing.newest_request(conn, subject_id, searched.model_id),
        "explanations": explanations.newest_of(conn, subject_id, searched.model_id),
    }
    return {store: at for store, at in found.items() if at is not None}
