"""The line that has a timestamp authority (RFC 3161) stamp each checkpoint; off unless set.

The request tells a hash and a number; the answer is signed, so plain http is enough for both. The
token is verified before it is kept: one that does not verify is a failure of the anchor.
"""

from dataclasses import dataclass

from core.domain.identity import Actor, Permission
from core.errors import InvalidInput
from core.i18n import N_
from core.proof.checkpoint import Checkpoint
from core.services import access
from core.services.outbound import host_of, is_address, send
from core.services.workspace import Workspace
from core.store import settings
from core.store.audit import trail as audit

_SETTING = "audit_anchor_timestamp"
_QUERY = "application/timestamp-query"


@dataclass(frozen=True, slots=True)
class Authority:
    """A timestamp authority.

    Parameters
    ----------
    url : str
        Where it answers.
    certificates : str
        Root certificates that its tokens must lead to, in PEM.
    """

    url: str
    certificates: str

    @property
    def host(self) -> str:
        """The host alone, which is all that is shown."""
        return host_of(self.url)


def authority_of(workspace: Workspace) -> Authority | None:
    """Return the authority that stamps checkpoints; ``None`` if none does."""
    with workspace.store.read() as conn:
        chosen = settings.get(conn, _SETTING)
    if not isinstance(chosen, dict):
        return None
    return Authority(str(chosen["url"]), str(chosen["certificates"]))


def set_authority(workspace: Workspace, url: str, certificates: str, *, actor: Actor) -> None:
    """Choose who stamps checkpoints; an empty address ends it.

    Parameters
    ----------
    workspace : Workspace
        Where.
    url : str
        The authority's address, http or https.
    certificates : str
        PEM. When an authority changes its root, give the old one too: it vouches for old tokens.
    actor : Actor
        Who chooses.

    Raises
    ------
    StepUpNeeded
        If the actor has to say again who they are.
    InvalidInput
        If the address is none, or there is no root certificate.
    """
    access.require(actor, Permission.workspace_maintain)
    access.require_recent(workspace, actor)
    if url:
        if not is_address(url, in_the_open=True):
            raise InvalidInput(
                N_("{host} cannot stamp checkpoints."),
                remedy=N_("Give an address that begins with https:// or http://."),
                host=host_of(url) or "?",
            )
        from core.proof.timestamps import read_certificates  # noqa: PLC0415  # only if it is used

        read_certificates(certificates)
    with workspace.store.begin() as conn:
        before = settings.get(conn, _SETTING)
        if url:
            settings.put(conn, _SETTING, {"url": url, "certificates": certificates})
        else:
            settings.remove(conn, _SETTING)
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="audit.anchor_changed",
            objects={},
            body={
                "authority_before": host_of(str(before["url"])) if isinstance(before, dict) else "",
                "authority_after": host_of(url),
            },
        )


def stamp(authority: Authority, checkpoint: Checkpoint) -> tuple[str, bytes]:
    """Have a checkpoint stamped; return why it failed, or an empty text and the verified token."""
    from core.proof import timestamps  # noqa: PLC0415  # only if it is used

    asked = timestamps.request_for(checkpoint.note)
    answer = send(authority.url, asked.as_bytes(), _QUERY)
    if answer.failure:
        return answer.failure, b""
    try:
        timestamps.stamped_at(answer.body, checkpoint.note, authority.certificates, request=asked)
    except InvalidInput as error:
        return str(error), b""
    return "", answer.body
