"""Taking files and looking at what was stored, for the tests of this folder."""

from pathlib import Path
from typing import Any

import duckdb

from core.contract import contract_from_text
from core.ingest.batch import BatchResult, InputFile, Request, ingest_batch
from core.lake.files import sha256_of
from core.services.workspace import Workspace
from core.store import manifest, models
from tests.support.builders import ADMIN


def take(site: Workspace, *paths: Path, stream: Any = "predictions") -> BatchResult:
    """Ingest files as one batch under the registered contract."""
    with site.store.read() as conn:
        contract = contract_from_text(models.get(conn, "loans").spec_text)
    files = tuple(InputFile(path, sha256_of(path), path.stat().st_size) for path in paths)
    return ingest_batch(site, Request(contract, stream, files, ADMIN))


def stored(site: Workspace, sql: str, stream: str = "predictions") -> list[tuple[Any, ...]]:
    """Run SQL on the rows of a stream in force; ``{rows}`` stands for them."""
    with site.store.read() as conn:
        generation = manifest.generation(conn, "loans")
        files = manifest.files_at(conn, "loans", generation, kinds=["data"], streams=[stream])
    paths = [str(site.settings.lake_dir / file.path) for file in files]
    if not paths:
        return []
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        relation = f"read_parquet({paths}, union_by_name = true)"
        return connection.execute(sql.format(rows=relation)).fetchall()
