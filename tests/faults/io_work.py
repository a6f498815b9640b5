"""The writer of the I/O faults: ``python -m tests.faults.io_work FOLDER POINT ERRNO PROBABILITY``.

Run under libfiu. Its faults begin once the workspace is open, and end before the last file: that
one must go through in the same process. Prints how often it was told of an error, and in whose
words.
"""

import ctypes
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from core.contract import ModelContract, contract_from_text
from core.errors import HarbourlightError
from core.ingest.batch import InputFile, Request, ingest_batch
from core.lake.files import sha256_of
from core.services.workspace import Workspace
from core.store import models
from tests.faults import history
from tests.faults.work import WRITER, open_site

LIBRARY = "libfiu.so.0"
READY = "ready"


def main() -> int:
    """Work under faults, then once without."""
    folder, point = Path(sys.argv[1]), sys.argv[2].encode()
    library = ctypes.CDLL(LIBRARY)
    library.fiu_enable_random.argtypes = [
        *(ctypes.c_char_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_float)
    ]
    site = open_site(folder / "home", f"sqlite:///{folder / 'home' / 'state.db'}")
    with site.store.read() as conn:
        contract = contract_from_text(models.get(conn, "loans").spec_text)
    first, *under, last = [_request(contract, path) for path in sorted(_inbox(folder))]
    told: Counter[str] = Counter()
    _take(folder, site, first)  # imports everything: a fault in an import is none of the product's
    history.acknowledge(folder, READY)
    library.fiu_enable_random(point, 1, int(sys.argv[3]), 0, float(sys.argv[4]))
    for request in under:
        _try(told, partial(_take, folder, site, request))
        _try(told, partial(_count, folder, site))
    library.fiu_disable(point)
    _take(folder, site, last)
    site.store.close()
    sys.stdout.write(json.dumps(told) + "\n")
    return 0


def _inbox(folder: Path) -> Iterator[Path]:
    return (folder / "inbox").iterdir()


def _request(contract: ModelContract, path: Path) -> Request:
    file = InputFile(path, sha256_of(path), path.stat().st_size)
    return Request(contract, "predictions", (file,), WRITER)


def _count(folder: Path, site: Workspace) -> None:
    history.acknowledge(folder, f"count {history.count_once(site)}")


def _take(folder: Path, site: Workspace, request: Request) -> None:
    ingest_batch(site, request)
    history.acknowledge(folder, f"file {request.files[0].path.stem}")


def _try(told: "Counter[str]", step: Callable[[], None]) -> None:
    try:
        step()
    except HarbourlightError as error:
        told[f"ours: {type(error).__name__}"] += 1
    except Exception as error:
        told[f"other: {type(error).__name__}: {str(error)[:100]}"] += 1


if __name__ == "__main__":
    sys.exit(main())
