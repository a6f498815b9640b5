"""Where alerts are sent, and what came of each sending."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from core.errors import NotFound
from core.store.rows import due_rows, insert_if_absent, take_row
from core.store.tables import alert_channel, delivery
from core.store.types import clean_text


@dataclass(frozen=True, slots=True)
class Channel:
    """Where alerts are sent.

    Parameters
    ----------
    id, name : str
        Its key, and what people call it.
    shown : str
        Kind and host: all that is shown of its address.
    sealed_address : bytes
        The address under the workspace's key.
    models : tuple of str, optional
        Only alerts of these; ``None`` means all.
    severity : {"watch", "act"}
        The least that is sent.
    language : str
        What messages are written in.
    enabled : bool
        Whether anything is sent.
    changed_at, changed_by : datetime, str
        When and by whom it was set.
    """

    id: str
    name: str
    shown: str
    sealed_address: bytes
    models: tuple[str, ...] | None
    severity: str
    language: str
    enabled: bool
    changed_at: datetime
    changed_by: str

    def takes(self, model_id: str, severity: str) -> bool:
        """Whether an alert is sent here."""
        serious = severity == "act" or self.severity == "watch"
        return self.enabled and serious and (self.models is None or model_id in self.models)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event of an alert on its way to one channel."""

    id: int
    alert_event_id: int
    channel_id: str
    state: str
    attempts: int
    next_at: datetime
    sent_at: datetime | None
    error: str


def put_channel(conn: Connection, channel: Channel) -> bool:
    """Add a channel; return whether its name was free."""
    values = asdict(channel) | {"models": None if channel.models is None else list(channel.models)}
    return insert_if_absent(conn, alert_channel, values)


def channels(conn: Connection) -> tuple[Channel, ...]:
    """Return the channels by name."""
    rows = conn.execute(select(alert_channel).order_by(alert_channel.c.name))
    return tuple(
        Channel(
            **{
                **row._mapping,
                "sealed_address": bytes(row.sealed_address),
                "models": None if row.models is None else tuple(row.models),
            }
        )
        for row in rows
    )


def find_channel(conn: Connection, name: str) -> Channel:
    """Return a channel by its name or id.

    Raises
    ------
    NotFound
        If there is none.
    """
    for channel in channels(conn):
        if name in {channel.name, channel.id}:
            return channel
    raise NotFound("There is no channel {channel}.", remedy="Look it up in the list.", channel=name)


def remove_channel(conn: Connection, channel_id: str) -> None:
    """Take a channel away with what waits for it, and what was sent through it."""
    conn.execute(delete(delivery).where(delivery.c.channel_id == channel_id))
    conn.execute(delete(alert_channel).where(alert_channel.c.id == channel_id))


def queue(conn: Connection, event_id: int, channel_ids: Iterable[str], *, at: datetime) -> int:
    """Let an event be sent to channels, once each; return how many are new."""
    return sum(
        insert_if_absent(
            conn,
            delivery,
            {
                "alert_event_id": event_id,
                "channel_id": channel_id,
                "state": "queued",
                "attempts": 0,
                "next_at": at,
                "error": "",
            },
        )
        for channel_id in channel_ids
    )


def due(conn: Connection, *, at: datetime, limit: int = 50) -> tuple[Delivery, ...]:
    """Return what is to be sent now, the longest waiting first."""
    rows = due_rows(conn, delivery, at=at, limit=limit)
    return tuple(Delivery(**row._mapping) for row in rows)


def take(conn: Connection, found: Delivery, *, next_at: datetime) -> bool:
    """Take a delivery for an attempt; return whether nobody else took it meanwhile.

    Should the attempt end without a word, the next one begins at ``next_at``.
    """
    return take_row(conn, delivery, found, next_at=next_at)


def settle(
    conn: Connection, delivery_id: int, *, state: str, error: str, sent_at: datetime | None
) -> None:
    """Note what came of an attempt."""
    conn.execute(
        update(delivery)
        .where(delivery.c.id == delivery_id)
        .values(state=state, error=clean_text(error), sent_at=sent_at)
    )


def newest_of(conn: Connection, channel_id: str) -> Delivery | None:
    """Return the newest delivery to a channel."""
    query = select(delivery).where(delivery.c.channel_id == channel_id)
    row = conn.execute(query.order_by(delivery.c.id.desc()).limit(1)).one_or_none()
    return None if row is None else Delivery(**row._mapping)


def counts_of(conn: Connection, channel_id: str) -> dict[str, int]:
    """Return the number of deliveries to a channel in each state."""
    query = (
        select(delivery.c.state, func.count())
        .where(delivery.c.channel_id == channel_id)
        .group_by(delivery.c.state)
    )
    return {row.state: int(row[1]) for row in conn.execute(query)}
