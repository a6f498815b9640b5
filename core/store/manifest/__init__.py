"""The manifest: which files of the lake belong to which generation of a model.

A generation is a number that each publication raises by one. A reader holds one and sees the
files added up to it and not yet removed in it; nothing it sees changes while it reads. A writer
says which generation it worked on: if another was faster, :class:`Conflict` tells it to look at
the files added since and to try again.
"""

from core.store.manifest.files import (
    added_since,
    files_at,
    generation,
    kept_files,
    of_batch,
    removable,
    totals,
)
from core.store.manifest.publication import mark_purged, publish, swap
from core.store.manifest.records import ManifestFile, NewFile, StreamTotal

__all__ = [
    "ManifestFile",
    "NewFile",
    "StreamTotal",
    "added_since",
    "files_at",
    "generation",
    "kept_files",
    "mark_purged",
    "of_batch",
    "publish",
    "removable",
    "swap",
    "totals",
]
