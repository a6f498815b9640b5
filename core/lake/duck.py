"""The only factory of DuckDB connections.

One connection per process; each query and each thread takes its own ``connection.cursor()`` and
fetches to the end, because a shared connection hands one thread another thread's rows. Temporary
tables belong to the cursor that made them. No database file is opened, so no second process can
be locked out; nothing is downloaded, so every extension in use is one that is built in.
"""

import os
from pathlib import Path
from typing import Literal

import duckdb

from core.config import Settings
from core.lake.files import storage_errors

Duck = duckdb.DuckDBPyConnection
"""The type of a connection, for those who may not import the driver."""

_CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
_SMALLEST_BYTES = 256 * 1024**2


def open_duck(settings: Settings, purpose: Literal["app", "ingest"] = "app") -> Duck:
    """Open DuckDB in memory with the share of the machine that the purpose may use.

    Parameters
    ----------
    settings : Settings
        Memory shares, threads, and the workspace whose scratch folder takes what overflows.
    purpose : {"app", "ingest"}
        Whose memory share applies.

    Raises
    ------
    StorageError
        If the scratch folder cannot be made.
    """
    shares = {"app": settings.app_memory_share, "ingest": settings.ingest_memory_share}
    scratch = settings.scratch_dir / f"duckdb-{purpose}-{os.getpid()}"
    with storage_errors():
        settings.scratch_dir.mkdir(parents=True, exist_ok=True)
    connection = duckdb.connect(
        ":memory:",
        config={
            "threads": settings.threads,
            "memory_limit": f"{memory_limit_bytes(shares[purpose]) // 1024**2}MiB",
            "temp_directory": str(scratch),
            "autoinstall_known_extensions": False,
            "autoload_known_extensions": False,
            "allow_community_extensions": False,
        },
    )
    connection.execute("SET GLOBAL TimeZone = 'UTC'")
    return connection


def memory_limit_bytes(share: float) -> int:
    """Return a share of the machine's (or container's) memory in bytes, at least 256 MiB."""
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if _CGROUP_LIMIT.is_file():
        limit = _CGROUP_LIMIT.read_text(encoding="ascii").strip()
        total = min(total, int(limit)) if limit.isdigit() else total
    return max(int(total * share), _SMALLEST_BYTES)
