"""The profiles of every model in memory: one store per process, one view per generation.

A view never changes, so threads share it. A newer generation that only adds files extends the
arrays of the one before; slices are read when they are first asked for.
"""

from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from threading import Lock

import duckdb

from core.contract import ModelContract
from core.lake.profiles.view import LakeFile, ProfileView
from core.metrics.binning import BinSet

_KEPT_VIEWS = 2


class ProfileStore:
    """Views of the models of one workspace; one per process.

    Parameters
    ----------
    connection : DuckDBPyConnection
        From :func:`core.lake.duck.open_duck`; each query takes its own cursor.
    lake_dir : Path
        Folder that the manifest's paths are relative to.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection, lake_dir: Path) -> None:
        self._connection = connection
        self._lake_dir = lake_dir
        self._views: dict[str, OrderedDict[tuple[int, str], ProfileView]] = {}
        self._lock = Lock()
        self._model_locks: dict[str, Lock] = {}

    def view(
        self,
        contract: ModelContract,
        generation: int,
        files: Sequence[LakeFile],
        bins: BinSet | None,
    ) -> ProfileView:
        """Return the view of a model's generation; only what is new is read.

        Parameters
        ----------
        contract : ModelContract
            Contract of the model.
        generation : int
            The lake generation that ``files`` belong to.
        files : sequence of LakeFile
            The manifest's data, profile and reference files of that generation.
        bins : BinSet, optional
            Bins of the live reference; ``None`` while there is none.

        Raises
        ------
        StaleGeneration
            If a file is gone.
        """
        key = generation, repr(contract) + (bins.bins_id if bins else "")
        with self._lock:
            lock = self._model_locks.setdefault(contract.id, Lock())
        with lock:
            views = self._views.setdefault(contract.id, OrderedDict())
            if key not in views:
                made = ProfileView(self._connection, self._lake_dir, contract, files, bins)
                older = next(reversed(views.values()), None)
                if older is not None and older.bins == bins:
                    made.extend_from(older)
                views[key] = made
            views.move_to_end(key)
            while len(views) > _KEPT_VIEWS:
                views.popitem(last=False)
            return views[key]
