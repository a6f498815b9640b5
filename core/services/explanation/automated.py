"""Automated decisions drawn from a log, to be held against what takes a model or a person to say.

A log of at most :data:`MOST_DRAWN` such decisions is taken whole; of a longer one those whose
hashes come first, which is a random sample that anybody can draw again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from core.contract import ModelContract
from core.domain.identity import Actor
from core.lake.row_filter import RowFilter
from core.lake.sample_rows import sample_rows
from core.lake.streams import stream_columns
from core.metrics.arrays import Booleans
from core.services.reproduce.models import score_columns
from core.services.workspace import Workspace
from core.store.manifest import ManifestFile
from core.store.models import Artefact

MOST_DRAWN = 5_000
SEED = 1
_ALWAYS = ("prediction_id", "time", "version", "jurisdiction", "decision")


@dataclass(frozen=True, slots=True, eq=False)
class LookedAtLog:
    """A model's log as one reader may see it.

    Parameters
    ----------
    workspace, actor : Workspace, Actor
        Where, and who looks; only rows in the actor's scope are read.
    contract, spec_sha256 : ModelContract, str
        In force now, and its hash.
    generation : int
        Of the lake.
    bins_id : str, optional
        Of the reference.
    files : tuple of ManifestFile
        Data files of all streams.
    artefacts : tuple of Artefact
        Registered files of the model, the newest first.
    as_of : datetime
        The full hour: what is known later is invisible.
    """

    workspace: Workspace
    actor: Actor
    contract: ModelContract
    spec_sha256: str
    generation: int
    bins_id: str | None
    files: tuple[ManifestFile, ...]
    artefacts: tuple[Artefact, ...]
    as_of: datetime

    @property
    def scope(self) -> tuple[str, ...] | None:
        """Jurisdictions that the reader sees; ``None`` for all."""
        seen = self.actor.jurisdictions
        return None if seen is None else tuple(sorted(seen))

    @property
    def key(self) -> tuple[object, ...]:
        """What answers depend on."""
        return (self.contract.id, self.spec_sha256, self.generation, self.scope)

    def paths(self, stream: str) -> tuple[str, ...]:
        """Return the data files of a stream."""
        return self.workspace.lake_paths(each for each in self.files if each.stream == stream)


@dataclass(frozen=True, slots=True, eq=False)
class Automated:
    """Automated decisions that were drawn.

    Parameters
    ----------
    rows : sequence of dict
        Their lake columns: what stands in the log, features and scores.
    population : int
        How many there are.
    absent : mapping of str to ndarray of bool, shape (rows,)
        Lake columns that the files of some rows do not have.
    """

    rows: Sequence[Mapping[str, Any]]
    population: int
    absent: Mapping[str, Booleans] = field(default_factory=dict)


def draw_automated(log: LookedAtLog) -> Automated:
    """Return automated decisions of a log: all of them, or a random sample.

    Raises
    ------
    StaleGeneration
        If a file is gone.
    """
    return log.workspace.memo.get(("automated", *log.key), lambda: _draw(log))


def _draw(log: LookedAtLog) -> Automated:
    contract, predictions = log.contract, log.paths("predictions")
    types = stream_columns(contract, "predictions")
    if not predictions or "decision" not in types:
        return Automated((), 0)
    features = [contract.alias(each.name) for each in contract.features]
    wanted = dict.fromkeys([*_ALWAYS, *score_columns(contract), *features])
    drawn = sample_rows(
        log.workspace.duck,
        predictions,
        contract,
        [name for name in wanted if name in types],
        size=MOST_DRAWN,
        seed=SEED,
        row_filter=RowFilter(jurisdictions=log.scope),
        undecided_in=log.paths("decisions"),
    )
    return Automated(drawn.rows.to_pylist(), drawn.population, drawn.absent)
