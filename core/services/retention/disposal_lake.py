"""One model's lake without the rows of a class whose time is over, in the way of an erasure.

New files beside the old, profiles of the rows counted anew, one transaction that swaps them. The
reference keeps its counts: no row is left in them, and drift is measured against them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from core.lake.duck import Duck
from core.lake.paths import data_path
from core.lake.streams import identity_column
from core.lake.upkeep.dispose import (
    held_rows,
    hold_predictions,
    mark_past_predictions,
    neither_logged_nor_held,
    past_by_file,
    write_rest,
)
from core.lake.upkeep.erase import find_predictions, found_ids
from core.lake.upkeep.erase_quarantine import mark_refused_rows
from core.services.erasure.lake import ModelErasure, Seen, again, look
from core.store import manifest
from core.store.manifest import ManifestFile
from core.store.retention import erasures

STREAMS = ("predictions", "decisions", "outcomes", "resolved")
RELEASES = "releases"
"""What people released or stopped by hand: in the state database, of predictions in the lake."""


@dataclass(slots=True)
class ModelDisposal(ModelErasure):
    """Taking what is past its maximum out of one model.

    Parameters
    ----------
    stores : tuple of str
        What the class covers: streams and ``quarantine``.
    before : datetime
        The instant that the maximum reaches back to.
    held : tuple of str
        Pseudonyms of people under a hold.
    held_rows : int
        Rows past their maximum that stay for their sake.
    """

    stores: tuple[str, ...] = ()
    before: datetime = datetime.min
    held: tuple[str, ...] = ()
    held_rows: int = 0
    past: dict[int, ManifestFile] = field(default_factory=dict)

    def search(self, duck: Duck) -> Seen:
        """Find what is past its maximum, and write nothing; return what was looked at."""
        seen = look(self.workspace, self.model_id)
        self._search_held(duck, seen)
        logged = self._paths(seen.of("predictions")) if "predictions" in self.stores else []
        mark_past_predictions(duck, logged, self.before)
        self.held_rows = 0
        for stream in STREAMS:
            self.rows[stream] = 0
            if stream in self.stores:
                paths = self._paths(seen.of(stream))
                self.rows[stream] = sum(past_by_file(duck, paths, stream, self.before).values())
                self.held_rows += held_rows(duck, paths, stream, self.before)
        self.refused = sum(file.rows for file in self.past.values())
        self._search_releases(duck, seen)
        return seen

    def publish(self, conn: Connection) -> int | None:
        """Swap the files; return the new generation, if there is one.

        Raises
        ------
        Conflict
            If a file to be replaced is gone: prepare again.
        """
        erasures.forget_releases(conn, self.model_id, self.ids)
        if not self.found:
            return None
        generation = manifest.generation(conn, self.model_id)
        return manifest.swap(
            conn,
            self.model_id,
            generation,
            add=self.added,
            remove=list(self.removed),
            at=self.workspace.clock(),
        )

    def _search_held(self, duck: Duck, seen: Seen) -> None:
        """Find the predictions of people under a hold, and the refused rows that may go."""
        old = [
            file for file in seen.live if file.kind == "quarantine" and file.added_at < self.before
        ]
        self.past = {file.id: file for file in old} if "quarantine" in self.stores else {}
        ids: set[str] = set()
        column = identity_column(seen.contract)
        logged = [
            file
            for file in (*seen.live, *seen.gone)
            if file.kind == "data" and file.stream == "predictions"
        ]
        for subject in self.held:
            wanted = replace(self.wanted(column), mac=subject)
            find_predictions(duck, self._paths(logged), wanted)
            ids.update(found_ids(duck))
            for file in tuple(self.past.values()):
                source = self._lake(file.path)
                if mark_refused_rows(duck, source, wanted, seen.naming_columns):
                    del self.past[file.id]
        hold_predictions(duck, ids)

    def _search_releases(self, duck: Duck, seen: Seen) -> None:
        """Find old decisions about releases; with its prediction in the log, one still counts."""
        old: tuple[str, ...] = ()
        if RELEASES in self.stores:
            with self.workspace.store.read() as conn:
                old = erasures.released_before(conn, self.model_id, self.before)
        self.ids = neither_logged_nor_held(duck, self._paths(seen.of("predictions")), old)
        self.rows[RELEASES] = len(self.ids)

    def _rewrite_stream(self, duck: Duck, seen: Seen, stream: str) -> list[str]:
        files = seen.of(stream)
        gone = self.rows[stream] and past_by_file(duck, self._paths(files), stream, self.before)
        touched = gone or {}
        paths: list[str] = []
        for file in files:
            source = self._lake(file.path)
            count = touched.get(str(source), 0)
            if not count:
                paths.append(str(source))
                continue
            self.removed[file.id] = file.path
            if count == file.rows:
                continue
            path = data_path(self.model_id, stream, file.month or "", self._writer())
            self._write(
                replace(again(file), path=path),
                partial(write_rest, duck, source, stream, self.before),
            )
            paths.append(str(self._lake(path)))
        return paths

    def _rewrite_quarantine(self, duck: Duck, seen: Seen) -> None:
        del duck, seen
        self.removed |= {file.id: file.path for file in self.past.values()}

    def _recount_reference(self, duck: Duck, seen: Seen, paths: Sequence[str]) -> None:
        del duck, seen, paths
