"""Files for one person to take away, for a while: random id, owner, expiry.

Streamlit's own downloads have no owner, and two different files of equal length can share an
address. These are written to the workspace's exports folder and served by ``app.asgi``.
"""

import json
import re
import secrets
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

LIFETIME = timedelta(hours=24)
_ID = re.compile(r"^[A-Za-z0-9_-]{43}$")


@dataclass(frozen=True, slots=True)
class ExportFile:
    """What is known of a file to take away; times are ISO 8601 in UTC."""

    id: str
    owner: str
    name: str
    media_type: str
    sha256: str
    expires_at: str

    @property
    def url(self) -> str:
        """Address below the app's own."""
        return f"exports/{self.id}"


def publish(
    folder: Path,
    data: bytes,
    *,
    owner: str,
    name: str,
    media_type: str,
    clock: Callable[[], datetime] | None = None,
) -> ExportFile:
    """Write a file that only ``owner`` can fetch within a day, and return its address.

    Parameters
    ----------
    folder : Path
        The workspace's exports folder.
    data : bytes
        The file.
    owner : str
        User id.
    name : str
        File name that the browser suggests.
    media_type : str
        Such as ``text/csv``.
    clock : callable, optional
        Returns the instant now, in UTC.
    """
    now = clock() if clock else datetime.now(UTC)
    folder.mkdir(parents=True, exist_ok=True)
    remove_expired(folder, now)
    export = ExportFile(
        id=secrets.token_urlsafe(32),
        owner=owner,
        name=re.sub(r"[^\w.\- ]+", "_", name),
        media_type=media_type,
        sha256=sha256(data).hexdigest(),
        expires_at=(now + LIFETIME).isoformat(),
    )
    (folder / f"{export.id}.bin").write_bytes(data)
    (folder / f"{export.id}.json").write_text(json.dumps(asdict(export)), encoding="utf-8")
    return export


def find(
    folder: Path, export_id: str, *, user_id: str, now: datetime
) -> tuple[ExportFile, Path] | None:
    """Return a file that this user may fetch now; anything else is as if it did not exist."""
    if not _ID.match(export_id):
        return None
    export = _read(folder / f"{export_id}.json")
    content = folder / f"{export_id}.bin"
    if export is None or export.owner != user_id or not content.is_file():
        return None
    return (export, content) if datetime.fromisoformat(export.expires_at) > now else None


def remove_expired(folder: Path, now: datetime) -> None:
    """Delete the files whose day is over."""
    for description in folder.glob("*.json"):
        export = _read(description)
        if export is not None and datetime.fromisoformat(export.expires_at) <= now:
            description.with_suffix(".bin").unlink(missing_ok=True)
            description.unlink(missing_ok=True)


def _read(path: Path) -> ExportFile | None:
    try:
        return ExportFile(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None
