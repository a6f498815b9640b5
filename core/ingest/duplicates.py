"""Rows that are there already: the same content is skipped, other content is refused.

Ids are compared first, by hash inside the batch and by a semi-join over the lake's key columns;
whole rows are compared only where keys collide.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from core.ingest import reasons
from core.ingest.lake_rows import lake_rows
from core.ingest.quarantine import Quarantine
from core.ingest.stage import STAGED, Stage
from core.ingest.streams import SQL_TYPES, Shape


@dataclass(frozen=True, slots=True)
class Repeats:
    """Rows taken out of the stage: ``skipped`` as repeats, ``refused`` as contradictions."""

    skipped: int = 0
    refused: int = 0

    def __add__(self, other: "Repeats") -> "Repeats":
        return Repeats(self.skipped + other.skipped, self.refused + other.refused)

    @property
    def any(self) -> bool:
        """Whether a row was taken out."""
        return bool(self.skipped or self.refused)


def remove_repeats_inside(stage: Stage, quarantine: Quarantine) -> Repeats:
    """Keep the first row of each key of the batch; skip its repeats, refuse contradictions."""
    shape, connection = stage.shape, stage.connection
    key = f"hash({', '.join(shape.key)})"
    rows, distinct = connection.execute(
        f"SELECT count(*), count(DISTINCT {key}) FROM {STAGED}"
    ).fetchall()[0]
    if rows == distinct:
        return Repeats()
    keys = ", ".join(shape.key)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE repeated AS
        SELECT _row, first_row FROM (
            SELECT _row, min(_row) OVER (PARTITION BY {keys}) AS first_row FROM {STAGED}
            WHERE {key} IN (SELECT {key} FROM {STAGED} GROUP BY 1 HAVING count(*) > 1))
        WHERE _row <> first_row
        """
    )
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE collisions AS
        SELECT again._row, {_same(shape)} AS same
        FROM repeated JOIN {STAGED} AS again ON again._row = repeated._row
        JOIN {STAGED} AS stored ON stored._row = repeated.first_row
        """
    )
    return _take_out(stage, quarantine)


def remove_stored(stage: Stage, quarantine: Quarantine, files: Sequence[str]) -> Repeats:
    """Take out of the stage what stands in lake files already.

    Parameters
    ----------
    stage : Stage
        The staged rows.
    quarantine : Quarantine
        Takes rows whose key is stored with other content.
    files : sequence of str
        Paths of the stream's data files to compare with.
    """
    if not files:
        return Repeats()
    shape, connection = stage.shape, stage.connection
    lake = lake_rows(connection, files, {f.name: SQL_TYPES[f.kind] for f in shape.fields})
    matching = " AND ".join(f"{STAGED}.{name} = lake.{name}" for name in shape.key)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE matched AS
        SELECT {", ".join(shape.key)} FROM {STAGED}
        WHERE EXISTS (FROM {lake} AS lake WHERE {matching})
        """
    )
    if not connection.execute("SELECT count(*) FROM matched").fetchall()[0][0]:
        return Repeats()
    keys = ", ".join(shape.key)
    connection.execute(
        f"""
        CREATE OR REPLACE TEMP TABLE collisions AS
        WITH stored AS (FROM {lake} AS lake SEMI JOIN matched USING ({keys}))
        SELECT again._row, bool_or({_same(shape)}) AS same
        FROM {STAGED} AS again JOIN stored USING ({keys}) GROUP BY again._row
        """
    )
    return _take_out(stage, quarantine)


def _same(shape: Shape) -> str:
    """Return SQL for "the two rows are equal"; NULL equals NULL, and NaN equals NaN."""
    others = [name for name in shape.names if name not in shape.key]
    tests = [f"again.{name} IS NOT DISTINCT FROM stored.{name}" for name in others]
    return " AND ".join(tests) or "true"


def _take_out(stage: Stage, quarantine: Quarantine) -> Repeats:
    connection, shape = stage.connection, stage.shape
    same, other = connection.execute(
        "SELECT count(*) FILTER (WHERE same), count(*) FILTER (WHERE NOT same) FROM collisions"
    ).fetchall()[0]
    if other:
        connection.execute(
            "CREATE OR REPLACE TEMP TABLE refused AS SELECT _row FROM collisions WHERE NOT same"
        )
        labels = {field.name: (field.sources or (field.name,))[0] for field in shape.fields}
        quarantine.add_conflicts(STAGED, "refused", reasons.OTHER_CONTENT, labels, shape.key[0])
    if same or other:
        stage.remove("collisions")
    return Repeats(same, other)
