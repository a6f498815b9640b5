"""Checking what somebody gives as proof: a password, a one-time code, a recovery code."""

from datetime import datetime

from sqlalchemy import Connection

from core.auth import totp
from core.services.workspace import Workspace
from core.store.identity import second_factors

_PURPOSE = "second-factor"
_CODES = "recovery-code"


def seal_secret(workspace: Workspace, secret: str) -> bytes:
    """Return an authenticator's secret as the database keeps it."""
    return workspace.keys.seal(_PURPOSE, secret.encode("ascii"))


def unseal_secret(workspace: Workspace, sealed: bytes) -> str:
    """Return an authenticator's secret in base32."""
    return workspace.keys.unseal(_PURPOSE, sealed).decode("ascii")


def code_hash(workspace: Workspace, user_id: str, code: str) -> str:
    """Return the keyed hash of a recovery code: without the workspace's key nobody can try."""
    return workspace.keys.mac(_CODES, f"{user_id}:{totp.tidy(code)}")


def has_second_factor(conn: Connection, user_id: str) -> bool:
    """Whether a user is asked for a second factor."""
    factor = second_factors.find(conn, user_id)
    return factor is not None and factor.confirmed_at is not None


def use_second_factor(
    workspace: Workspace, conn: Connection, user_id: str, code: str, *, at: datetime
) -> str | None:
    """Use a code up and return what it was; ``None`` if it does not count.

    Parameters
    ----------
    workspace : Workspace
        Whose key the secret is sealed with.
    conn : Connection
        Of ``Store.begin()``: a code is used in the transaction that acts on it.
    user_id : str
        Whose code it should be.
    code : str
        As typed.
    at : datetime
        Now.

    Returns
    -------
    str or None
        ``"totp"`` or ``"recovery"``.
    """
    factor = second_factors.find(conn, user_id)
    if factor is None or factor.confirmed_at is None:
        return None
    secret = unseal_secret(workspace, factor.secret)
    step = totp.matching_step(secret, code, at=at, last_step=factor.last_step)
    if step is not None and second_factors.use_step(conn, user_id, step):
        return "totp"
    if second_factors.use_code(conn, user_id, code_hash(workspace, user_id, code), at=at):
        return "recovery"
    return None
