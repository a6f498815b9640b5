"""Everything that is fuzzed, by name."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

from tests.fuzz.expressions import expression_target
from tests.fuzz.logs import log_target
from tests.fuzz.target import Target
from tests.fuzz.texts import address_target, contract_target, csv_target
from tests.fuzz.verifier import export_target
from tests.fuzz.wire import api_target

TARGETS: Mapping[str, Callable[[Path], AbstractContextManager[Target]]] = {
    "log-csv": partial(log_target, ".csv"),
    "log-jsonl": partial(log_target, ".jsonl"),
    "log-parquet": partial(log_target, ".parquet"),
    "contract": contract_target,
    "expression": expression_target,
    "export-verifier": export_target,
    "csv-writer": csv_target,
    "page-address": address_target,
    "api": api_target,
}
