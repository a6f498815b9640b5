"""The writer of the I/O faults: ``python -m tests.faults.io_work FOLDER POINT ERRNO PROBABILITY``.

Run under libfiu. Its faults begin once the workspace is open, and end before the last file: that
one must go through in the same process. Prints how often it was told of an error, and in whose
words.
"""

import ctypes
import json
import sys
from collections import Counter
from collections.abc import Callable
from functools import partial
from pathlib import Path

from core.errors import HarbourlightError
from core.services.workspace import Workspace
from tests.faults import history
from tests.faults.work import ingest_paths, open_site

LIBRARY = "libfiu.so.0"


def main() -> int:
    """Work under faults, then once without."""
    folder, point = Path(sys.argv[1]), sys.argv[2].encode()
    library = ctypes.CDLL(LIBRARY)
    library.fiu_enable_random.argtypes = [
        *(ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_float)
    ]
    site = open_site(folder / "home", f"sqlite:///{folder / 'home' / 'state.db'}")
    *under, last = sorted((folder / "inbox").iterdir())
    told: Counter[str] = Counter()
    library.fiu_enable_random(point, 1, int(sys.argv[3]), 0, float(sys.argv[4]))
    for path in under:
        _try(told, partial(_take, folder, site, path))
        _try(told, partial(_count, folder, site))
    library.fiu_disable(point)
    _take(folder, site, last)
    site.store.close()
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def _count(folder: Path, site: Workspace) -> None:
    history.acknowledge(folder, f"count {history.count_once(site)}")


def _take(folder: Path, site: Workspace, path: Path) -> None:
    ingest_paths(site, [path], "predictions", lambda _: None)
    history.acknowledge(folder, f"file {path.stem}")


def _try(told: "Counter[str]", step: Callable[[], None]) -> None:
    try:
        step()
    except HarbourlightError as error:
        told[f"ours: {type(error).__name__}"] += 1
    except Exception as error:
        told[f"other: {type(error).__name__}: {str(error)[:100]}"] += 1


if __name__ == "__main__":
    sys.exit(main())
