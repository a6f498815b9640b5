"""What the manifest says of a file, before and after it is published."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class NewFile:
    """A finished file, about to be published.

    Parameters
    ----------
    kind : {"data", "profile", "quarantine", "reference"}
        What it holds.
    path : str
        Where it lies, relative to the lake; unique for ever.
    sha256 : str
        Hash of its bytes.
    bytes, rows : int
        Its size and number of rows.
    stream : {"predictions", "decisions", "outcomes", "resolved"}, optional
        Stream of its rows; required for data.
    profile_kind, bins_id : str, optional
        Of a profile: its kind, and the reference it is cut by (``None``: independent of it).
    month : str, optional
        ``YYYY-MM`` of its rows.
    first_time, last_time : datetime, optional
        Oldest and newest event in it.
    batch_id : str, optional
        The batch that wrote it; ``None`` for the product of a compaction.
    """

    kind: str
    path: str
    sha256: str
    bytes: int
    rows: int
    stream: str | None = None
    profile_kind: str | None = None
    bins_id: str | None = None
    month: str | None = None
    first_time: datetime | None = None
    last_time: datetime | None = None
    batch_id: str | None = None


@dataclass(frozen=True, slots=True)
class ManifestFile:
    """A file in the manifest: the fields of :class:`NewFile`, and since and until when it counts.

    ``added_generation`` and ``removed_generation`` bound the generations that see it;
    ``purged_at`` says that the file itself was deleted afterwards.
    """

    id: int
    model_id: str
    kind: str
    stream: str | None
    profile_kind: str | None
    bins_id: str | None
    path: str
    sha256: str
    bytes: int
    rows: int
    month: str | None
    first_time: datetime | None
    last_time: datetime | None
    batch_id: str | None
    added_generation: int
    added_at: datetime
    removed_generation: int | None
    removed_at: datetime | None
    purged_at: datetime | None


@dataclass(frozen=True, slots=True)
class StreamTotal:
    """Files, rows and bytes of one kind and stream in a generation."""

    kind: str
    stream: str | None
    files: int
    rows: int
    bytes: int
