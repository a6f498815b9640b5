"""What the contract does not declare is stored nowhere, the quarantine included."""

from pathlib import Path
from typing import Any

import pytest

from core.services import ingest
from tests.core.ingest.lake import take
from tests.support.builders import ADMIN, a_log, a_workspace, write_csv, write_parquet


@pytest.mark.parametrize("write", [write_parquet, write_csv])
def test_an_undeclared_column_of_a_refused_row_is_not_kept(tmp_path: Path, write: Any) -> None:
    site = a_workspace(tmp_path / "home")
    rows = [{**row, "score": str(row["score"]), "hkid": "A123456(7)"} for row in a_log(5)]
    rows[2]["score"] = "much"
    take(site, write(tmp_path / f"log{write.__name__}", rows))
    refused = ingest.quarantine_rows(site, "loans", actor=ADMIN).frame
    assert len(refused) == 1
    assert "much" in refused["raw"][0]
    assert "hkid" not in refused["raw"][0]
    kept = b"".join(path.read_bytes() for path in (tmp_path / "home" / "lake").rglob("*.parquet"))
    assert b"A123456" not in kept
