"""The folder of a batch of explanations: written beside its place, and put there when complete."""

import json
import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from types import TracebackType
from typing import Self

from core.domain.explanation.record import ExplanationRecord
from core.errors import Conflict
from core.i18n import N_
from core.lake.files import storage_errors
from core.services.safe_csv import csv_bytes
from core.store.audit.canonical import canonical_bytes

RECORDS, SUMMARY, MANIFEST = "explanations.jsonl", "summary.csv", "manifest.json"
COLUMNS = ("id", "decision", "source", "codes", "stability", "why")
_PART = ".part"


class BatchFiles:
    """Records and what they come to, in a folder that appears when all are written.

    Parameters
    ----------
    target : Path
        The folder; it must not be there, or be empty.
    """

    def __init__(self, target: Path) -> None:
        self._target = target
        self._part = target.with_name(target.name + _PART)
        self._rows: list[tuple[object, ...]] = []
        self._hash = sha256()

    def __enter__(self) -> Self:
        with storage_errors():
            if self._target.exists() and not _is_empty(self._target):
                raise Conflict(
                    N_("{folder} is not empty."),
                    remedy=N_("Name a folder that is not there yet."),
                    folder=str(self._target),
                )
            if self._part.exists():
                raise Conflict(
                    N_("{folder} exists already: another run writes it, or one broke off."),
                    remedy=N_("Remove it once no other run writes it."),
                    folder=str(self._part),
                )
            self._part.mkdir(parents=True, mode=0o700)
            self._file = (self._part / RECORDS).open("wb")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()
        shutil.rmtree(self._part, ignore_errors=True)

    def add(self, record: ExplanationRecord) -> None:
        """Write one record, as it may be shown."""
        line = canonical_bytes(record.document()) + b"\n"
        self._hash.update(line)
        with storage_errors():
            self._file.write(line)
        steady = record.steadiness
        self._rows.append(
            (
                record.subject.prediction_id,
                record.subject.decision,
                record.source,
                " ".join(each.code or "–" for each in record.reasons),
                None if steady is None else steady.same_reasons,
                record.why,
            )
        )

    def finish(self, facts: Mapping[str, object]) -> dict[str, object]:
        """Write summary and manifest, put the folder in its place, and return the manifest."""
        summary = csv_bytes(COLUMNS, self._rows)
        with storage_errors():
            self._file.close()
            (self._part / SUMMARY).write_bytes(summary)
            files = {RECORDS: self._hash.hexdigest(), SUMMARY: sha256(summary).hexdigest()}
            manifest = {**facts, "files": files}
            text = json.dumps(manifest, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
            (self._part / MANIFEST).write_text(text, encoding="utf-8")
            self._part.rename(self._target)
        return manifest


def _is_empty(folder: Path) -> bool:
    return folder.is_dir() and next(folder.iterdir(), None) is None
