"""A sign of life for a batch while it is being written, so that nobody takes it for dead."""

import threading
from types import TracebackType

from core.errors import LostLease, StorageError
from core.ingest.site import Site
from core.store import batches

BEAT_S = 20.0


class Heartbeat:
    """Renews a batch's heartbeat in the background while the block runs.

    Parameters
    ----------
    site : Site
        The workspace.
    batch_id : str
        Whose heartbeat.
    every_s : float
        Seconds between two signs.
    """

    def __init__(self, site: Site, batch_id: str, every_s: float = BEAT_S) -> None:
        self._site = site
        self._batch_id = batch_id
        self._every_s = every_s
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._beat, name=f"batch-{batch_id}", daemon=True)

    def __enter__(self) -> "Heartbeat":
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._done.set()
        self._thread.join()

    def _beat(self) -> None:
        while not self._done.wait(self._every_s):
            try:
                with self._site.store.begin() as conn:
                    batches.heartbeat(conn, self._batch_id, at=self._site.clock())
            except LostLease:
                return  # the publication finds it out too, and refuses
            except StorageError:
                continue  # busy or briefly gone: the next beat may pass
