"""Warning the desk of requests whose time runs out: once a level, on record, and to the channels.

The worker looks whenever it is idle. That a level is reached is a step of the request and an entry
of the trail; channels for alerts that take it are told by jobs of their own, one a channel, tried
again until the request is closed or the warning is old.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import Connection

from core.domain.rights import Clock, clock
from core.errors import StorageError
from core.i18n import N_, Translator, translator
from core.services.alerts import carrier
from core.services.alerts.channels import PURPOSE
from core.services.alerts.delivery import Send
from core.services.jobs.worker import WORKER, Progress
from core.services.rights.common import keep_step, local_day, request_reference
from core.services.rights.words import KINDS, LEVELS
from core.services.workspace import Workspace
from core.store import jobs
from core.store.alerts import deliveries
from core.store.alerts.deliveries import Channel
from core.store.rights import requests
from core.store.rights.requests import RequestRecord

WARN_JOB = "rights.warn"
WARNED = "warned"
ORDER = ("first", "second", "third", "overdue")
_SEVERITY: Mapping[str, str] = {
    "first": "watch", "second": "watch", "third": "act", "overdue": "act",
}  # fmt: skip
_PAUSE = timedelta(minutes=10)
_OLD = timedelta(days=3)  # a warning that could not be sent for so long says nothing any more


def warn_due(workspace: Workspace) -> int:
    """Put on record which open requests have reached another warning; return how many.

    A level is warned of once, the highest reached first; one that was passed while nobody looked
    is left out. The channels that take a warning are told by jobs.
    """
    now, warned = workspace.clock(), 0
    with workspace.store.read() as conn:
        waiting = [
            each.id
            for each in requests.list_requests(conn, states=requests.OPEN, limit=100_000)
            if _clock(each, now).level in ORDER
        ]
    for request_id in waiting:
        with workspace.store.begin() as conn:
            found = requests.get(conn, request_id)
            level = _clock(found, now).level
            steps = [e for e in requests.list_steps(conn, found.id) if e.action == WARNED]
            if not found.is_open or level not in ORDER:
                continue
            if level in {str(each.body["level"]) for each in steps}:
                if steps[-1].at > now - _OLD:
                    _order(workspace, conn, found, level)
                continue
            where = _clock(found, now)
            body = {
                "level": level,
                "day": where.day,
                "days_left": where.days_left,
                "due_on": found.due_on.isoformat(),
            }
            _order(workspace, conn, found, level)
            keep_step(workspace, conn, found, WARNED, by=WORKER, body=body)
            warned += 1
    return warned


def warn_job(
    workspace: Workspace, job: jobs.Job, progress: Progress, send: Send = carrier.send
) -> Mapping[str, object]:
    """Tell one channel of one warning.

    Raises
    ------
    StorageError
        If it could not be sent; it is ordered again.
    """
    progress(0.0, "")
    with workspace.store.read() as conn:
        found = requests.get(conn, int(str(job.payload["request"])))
        channel = deliveries.find_channel(conn, str(job.payload["channel"]))
    if not found.is_open or not channel.enabled:
        return {"sent": 0}
    title, body = message(translator(channel.language), found, _clock(found, workspace.clock()))
    address = workspace.keys.unseal(PURPOSE, channel.sealed_address).decode("utf-8")
    error = send(address, title, body)
    if error:
        raise StorageError(
            N_("The warning about {request} was not sent to {channel}: {reason}."),
            remedy=N_("It is tried again; look at the channel on the page Alerts."),
            request=request_reference(found.id),
            channel=channel.name,
            reason=error,
        )
    return {"sent": 1}


def message(t: Translator, found: RequestRecord, where: Clock) -> tuple[str, str]:
    """Return title and text of a warning; neither says whom the request is about."""
    days = (
        t.n("one day left", "{n} days left", where.days_left)
        if where.days_left >= 0
        else t.n("one day over", "{n} days over", -where.days_left)
    )
    reference = request_reference(found.id)
    title = t("{request}: {level}", request=reference, level=t(LEVELS[where.level]))
    text = t(
        "{kind}, {days}, due on {date}. Open the page Customers' requests.",
        kind=t(KINDS[found.kind]),
        days=days,
        date=t.date(found.due_on),
    )
    return title, text


def _order(workspace: Workspace, conn: Connection, found: RequestRecord, level: str) -> None:
    """Order what the channels that take a level were not told yet."""
    for channel in deliveries.channels(conn):
        if not _takes(channel, found.model_id, _SEVERITY[level]):
            continue
        key = f"{WARN_JOB}:{found.id}:{level}:{channel.id}"
        last = jobs.list_jobs(conn, dedupe_key=key, limit=1)
        if last and not (last[0].state == "failed" and _is_over(last[0], workspace.clock())):
            continue
        jobs.enqueue(
            conn,
            job_id=workspace.new_id(),
            kind=WARN_JOB,
            payload={"request": found.id, "level": level, "channel": channel.id},
            actor=WORKER.audit_name,
            at=workspace.clock(),
            dedupe_key=key,
        )


def _takes(channel: Channel, model_id: str | None, severity: str) -> bool:
    """Whether a channel is told; of a request about all models, one for some is not."""
    if model_id is None and channel.models is not None:
        return False
    return channel.takes(model_id or "", severity)


def _is_over(job: jobs.Job, now: datetime) -> bool:
    return job.finished_at is not None and now - job.finished_at >= _PAUSE


def _clock(found: RequestRecord, now: datetime) -> Clock:
    return clock(local_day(found.received_at), found.due_on, local_day(now))
