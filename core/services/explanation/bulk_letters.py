"""A folder of letters about many decisions: one file and one outcome each, never half of one.

A letter's file is there before the letter is on record, and its outcome after. What a killed
process left between the two is put right when the folder is opened again: a file that is on record
gets its outcome, one that is not is removed.
"""

import json
import shutil
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from pathlib import Path

from core.domain.explanation.check_code import grouped
from core.domain.identity import Actor, Permission
from core.errors import Forbidden, NotFound
from core.i18n import Translator
from core.lake.files import finished_file, storage_errors
from core.services import access
from core.services.explanation.bulk_order import BulkOrder
from core.services.explanation.letter_forms import file_name
from core.services.explanation.letter_words import CHECKS, REMEDIES
from core.services.explanation.letters import LetterRefused, WrittenLetter, write_letter
from core.services.safe_csv import csv_bytes
from core.services.workspace import Workspace
from core.store.explanations import letters as explanation_letters
from core.store.explanations.letters import LetterRecord

LETTERS, OUTCOMES, INDEX, REFUSED = "letters", "outcomes", "index.csv", "refused.csv"
_INDEX_HEAD = ("reference", "decision_id", "language", "file", "sha256", "check_code", "made_at")
_REFUSED_HEAD = ("decision_id", "check", "found", "what_failed", "what_to_do")
_ZIP_DATE = (1980, 1, 1, 0, 0, 0)
Step = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of the letter about a decision.

    Parameters
    ----------
    prediction_id : str
        Which decision.
    reference, code, file, sha256, made_at : str
        Of the letter; empty where it was refused.
    failed : mapping of str to str
        Check → what it found; empty where the letter was released.
    unread : str
        Why the decision could not be read any more, if so.
    """

    prediction_id: str
    reference: str = ""
    code: str = ""
    file: str = ""
    sha256: str = ""
    made_at: str = ""
    failed: Mapping[str, str] = field(default_factory=dict)
    unread: str = ""


class LetterFolder:
    """The folder; what is in it is taken up again.

    Parameters
    ----------
    workspace : Workspace
        Where the letters are on record.
    folder : Path
        Made if it is not there.
    order : BulkOrder
        Which letters.
    step : callable
        Told what is done, for tests that stop there.
    """

    def __init__(
        self,
        workspace: Workspace,
        folder: Path,
        order: BulkOrder,
        *,
        step: Step = lambda _: None,
    ) -> None:
        self.folder, self._workspace, self._order, self._step = folder, workspace, order, step
        with storage_errors():
            for name in (LETTERS, OUTCOMES):
                (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
            found = [_outcome(path) for path in sorted((folder / OUTCOMES).glob("*.json"))]
        self.outcomes = {each.prediction_id: each for each in found}
        self._put_right()

    def write(self, prediction_id: str, *, actor: Actor) -> Outcome:
        """Write the letter about a decision, unless it was written before.

        Raises
        ------
        Conflict
            If somebody was erased meanwhile, or no explanation was kept.
        """
        access.require(actor, Permission.letter_release, model=self._order.model_id)
        if prediction_id in self.outcomes:
            return self.outcomes[prediction_id]
        try:
            made = write_letter(
                self._workspace,
                self._order.model_id,
                prediction_id,
                language=self._order.language,
                actor=actor,
                before=self._store,
            )
            self._step("released")
            outcome = self._released(made.letter)
        except LetterRefused as refused:
            failed = {each.name: each.found for each in refused.checks if not each.passed}
            outcome = Outcome(prediction_id, failed=failed)
        except (Forbidden, NotFound) as gone:
            outcome = Outcome(prediction_id, unread=str(gone))
        self._note(outcome)
        return outcome

    def finish(self, ids: Sequence[str], t: Translator) -> None:
        """Write the index, and the list of what was refused, in the order of the decisions."""
        found = [self.outcomes[each] for each in ids if each in self.outcomes]
        index = [_index_row(each, self._order.language) for each in found if each.reference]
        refused = [row for each in found for row in _refused_rows(each, t)]
        for name, head, rows in ((INDEX, _INDEX_HEAD, index), (REFUSED, _REFUSED_HEAD, refused)):
            with finished_file(self.folder / name) as partial:
                partial.write_bytes(csv_bytes(head, rows))

    def pack(self, target: Path) -> None:
        """Put the letters and both lists into one archive."""
        lists = [self.folder / INDEX, self.folder / REFUSED]
        letters = sorted((self.folder / LETTERS).iterdir())
        with finished_file(target) as partial, zipfile.ZipFile(partial, "w") as archive:
            for path in (*lists, *letters):
                name = path.relative_to(self.folder).as_posix()
                about = zipfile.ZipInfo(name, _ZIP_DATE)
                archive.writestr(about, path.read_bytes(), zipfile.ZIP_DEFLATED)

    def remove_outcomes(self) -> None:
        """Remove what only this program reads."""
        shutil.rmtree(self.folder / OUTCOMES, ignore_errors=True)

    def _store(self, made: WrittenLetter) -> None:
        target = self.folder / LETTERS / file_name(made.letter.reference, self._order.form)
        with finished_file(target) as partial:
            partial.touch(mode=0o600)
            partial.write_bytes(made.files[self._order.form])
        self._step("stored")

    def _released(self, letter: LetterRecord) -> Outcome:
        return Outcome(
            prediction_id=letter.prediction_id,
            reference=letter.reference,
            code=letter.code,
            file=f"{LETTERS}/{file_name(letter.reference, self._order.form)}",
            sha256=letter.files[self._order.form],
            made_at=letter.made_at.isoformat(timespec="seconds"),
        )

    def _note(self, outcome: Outcome) -> None:
        name = sha256(outcome.prediction_id.encode("utf-8")).hexdigest()
        with finished_file(self.folder / OUTCOMES / f"{name}.json") as partial:
            partial.touch(mode=0o600)
            partial.write_text(json.dumps(asdict(outcome)), encoding="utf-8")
        self.outcomes[outcome.prediction_id] = outcome
        self._step("noted")

    def _put_right(self) -> None:
        """Give each file that is on record its outcome, and remove the others."""
        known = {each.file for each in self.outcomes.values()}
        files = {
            path.stem: path
            for path in (self.folder / LETTERS).iterdir()
            if f"{LETTERS}/{path.name}" not in known
        }
        with self._workspace.store.read() as conn:
            on_record = explanation_letters.by_references(conn, list(files))
        for reference, path in files.items():
            letter = on_record.get(reference)
            content = sha256(path.read_bytes()).hexdigest()
            if letter is not None and letter.files.get(self._order.form) == content:
                self._note(self._released(letter))
            else:
                path.unlink(missing_ok=True)


def _outcome(path: Path) -> Outcome:
    return Outcome(**json.loads(path.read_text(encoding="utf-8")))


def _index_row(outcome: Outcome, language: str) -> tuple[object, ...]:
    return (
        outcome.reference,
        outcome.prediction_id,
        language,
        outcome.file,
        outcome.sha256,
        grouped(outcome.code),
        outcome.made_at,
    )


def _refused_rows(outcome: Outcome, t: Translator) -> list[tuple[object, ...]]:
    if outcome.unread:
        return [(outcome.prediction_id, "", "", outcome.unread, "")]
    return [
        (outcome.prediction_id, name, found, t(CHECKS[name]), t(REMEDIES[name]))
        for name, found in outcome.failed.items()
    ]
