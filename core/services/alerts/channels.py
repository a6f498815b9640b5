"""Where alerts are sent: off until an administrator says where; addresses are sealed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.errors import Conflict, InvalidInput
from core.i18n import LOCALES, N_
from core.services import access
from core.services.alerts.addresses import checked_address
from core.services.alerts.rules import SEVERITIES
from core.services.workspace import Workspace
from core.store import models
from core.store.alerts import deliveries
from core.store.alerts.deliveries import Channel
from core.store.audit import trail as audit

PURPOSE = "alert-channel"
_MOST_LETTERS = 60


@dataclass(frozen=True, slots=True)
class ChannelState:
    """A channel without its address, and how its sending goes.

    Parameters
    ----------
    name, shown : str
        What people call it; kind and host.
    models : tuple of str, optional
        Only alerts of these; ``None`` means all.
    severity, language : str
        The least that is sent, and in which language.
    enabled : bool
        Whether anything is sent.
    sent, waiting, given_up : int
        Messages.
    last_error : str
        Why the newest message is not sent; empty if it is, or there is none.
    last_sent : datetime, optional
        When the newest message was sent.
    """

    name: str
    shown: str
    models: tuple[str, ...] | None
    severity: str
    language: str
    enabled: bool
    sent: int
    waiting: int
    given_up: int
    last_error: str
    last_sent: datetime | None


def add_channel(
    workspace: Workspace,
    name: str,
    address: str,
    *,
    actor: Actor,
    models_of: Sequence[str] | None = None,
    severity: str = "act",
    language: str = "en",
) -> None:
    """Let alerts be sent somewhere from the next one on.

    Parameters
    ----------
    workspace : Workspace
        Where.
    name : str
        What people call it.
    address : str
        An Apprise address of a kind that is allowed. It is kept sealed, and never shown again.
    actor : Actor
        Needs ``workspace.maintain``.
    models_of : sequence of str, optional
        Only alerts of these models; all by default.
    severity : {"watch", "act"}
        The least that is sent.
    language : str
        Of the messages.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    InvalidInput
        If the name, the address or another field will not do.
    Conflict
        If a channel of that name is there.
    """
    access.require(actor, Permission.workspace_maintain)
    access.require_recent(workspace, actor)
    found = checked_address(address)
    called = name.strip()
    if not 1 <= len(called) <= _MOST_LETTERS or not called.isprintable():
        raise InvalidInput(
            N_("A channel needs a name of 1 to {most} characters."),
            remedy=N_("Give it a short name."),
            most=_MOST_LETTERS,
        )
    if severity not in SEVERITIES or language not in LOCALES:
        raise InvalidInput(
            N_("A channel takes watch or act, in one of the app's languages."),
            remedy=N_("Choose watch or act; and en, zh-HK or zh-CN."),
        )
    with workspace.store.begin() as conn:
        for each in models_of or ():
            models.get(conn, each)
        channel = Channel(
            id=workspace.new_id(),
            name=called,
            shown=found.shown,
            sealed_address=workspace.keys.seal(PURPOSE, address.encode("utf-8")),
            models=None if models_of is None else tuple(models_of),
            severity=severity,
            language=language,
            enabled=True,
            changed_at=workspace.clock(),
            changed_by=actor.audit_name,
        )
        if not deliveries.put_channel(conn, channel):
            raise Conflict(
                N_("There is a channel {channel} already."),
                remedy=N_("Remove it first, or choose another name."),
                channel=called,
            )
        _record(workspace, conn, "alert.channel_added", channel, actor)


def remove_channel(workspace: Workspace, name: str, *, actor: Actor) -> None:
    """Send nothing more to a channel, and forget its address.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    NotFound
        If there is none of that name.
    """
    access.require(actor, Permission.workspace_maintain)
    access.require_recent(workspace, actor)
    with workspace.store.begin() as conn:
        channel = deliveries.find_channel(conn, name)
        deliveries.remove_channel(conn, channel.id)
        _record(workspace, conn, "alert.channel_removed", channel, actor)


def list_channels(workspace: Workspace, *, actor: Actor) -> tuple[ChannelState, ...]:
    """Return the channels, without their addresses, and how sending goes."""
    access.require(actor, Permission.workspace_maintain)
    with workspace.store.read() as conn:
        return tuple(_state(conn, channel) for channel in deliveries.channels(conn))


def _state(conn: Connection, channel: Channel) -> ChannelState:
    counts, newest = deliveries.counts_of(conn, channel.id), deliveries.newest_of(conn, channel.id)
    return ChannelState(
        name=channel.name,
        shown=channel.shown,
        models=channel.models,
        severity=channel.severity,
        language=channel.language,
        enabled=channel.enabled,
        sent=counts.get("sent", 0),
        waiting=counts.get("queued", 0),
        given_up=counts.get("given_up", 0),
        last_error=newest.error if newest else "",
        last_sent=newest.sent_at if newest else None,
    )


def _record(
    workspace: Workspace, conn: Connection, kind: str, channel: Channel, actor: Actor
) -> None:
    audit.append(
        conn,
        at=workspace.clock(),
        actor=actor.audit_name,
        role=actor.role_text,
        kind=kind,
        objects={"channel": channel.id},
        body={
            "shown": channel.shown,
            "models": None if channel.models is None else list(channel.models),
            "severity": channel.severity,
        },
    )
