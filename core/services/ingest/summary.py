"""What an ingest did, in numbers that add up."""

from dataclasses import dataclass, field

from core.errors import HarbourlightError
from core.ingest.batch import BatchResult


@dataclass(frozen=True, slots=True)
class RefusedFile:
    """A file of which nothing was stored, and why."""

    name: str
    error: HarbourlightError


@dataclass(frozen=True, slots=True)
class IngestSummary:
    """What became of the files of one ingest.

    Parameters
    ----------
    model, stream : str
        Where the rows went.
    files : int
        Files found.
    files_known : int
        Of these, files whose very content was ingested before; not read again.
    refused : tuple of RefusedFile
        Files of which nothing was stored.
    batches : tuple of str
        The batches made.
    read, stored, skipped, quarantined : int
        Rows; the first is the sum of the others. Skipped rows were stored before.
    undeclared : tuple of str
        Columns of the files that the contract does not declare; they were not stored.
    absent : tuple of str
        Columns that the contract names and no file has.
    resolved, waiting : int
        Outcomes joined to their predictions now; outcomes read now whose prediction is unknown.
    seconds : float
        How long it took.
    """

    model: str
    stream: str
    files: int
    files_known: int = 0
    refused: tuple[RefusedFile, ...] = ()
    batches: tuple[str, ...] = ()
    read: int = 0
    stored: int = 0
    skipped: int = 0
    quarantined: int = 0
    undeclared: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    resolved: int = 0
    waiting: int = 0
    seconds: float = field(default=0.0, compare=False)

    @property
    def rows_per_second(self) -> float:
        """Rows read a second."""
        return self.read / self.seconds if self.seconds > 0 else 0.0

    def to_dict(self) -> dict[str, object]:
        """Return the summary as JSON values."""
        values = {name: getattr(self, name) for name in self.__slots__}
        values["refused"] = [
            {"file": file.name, "reason": str(file.error)} for file in self.refused
        ]
        lists = {name: list(value) for name, value in values.items() if isinstance(value, tuple)}
        return values | lists | {"rows_per_second": self.rows_per_second}


def summarise(
    model: str,
    stream: str,
    *,
    files: int,
    known: int,
    refused: list[RefusedFile],
    results: list[BatchResult],
    seconds: float,
) -> IngestSummary:
    """Return the summary of an ingest's batches.

    Parameters
    ----------
    model : str
        The model.
    stream : str
        ``predictions``, ``outcomes`` or ``decisions``.
    files : int
        How many were given.
    known : int
        How many of them had been ingested before.
    refused : list of RefusedFile
        Those that could not be read.
    results : list of BatchResult
        What came of each batch.
    seconds : float
        How long it took.
    """
    counts = [result.counts for result in results]
    return IngestSummary(
        model,
        stream,
        files,
        known,
        tuple(refused),
        tuple(result.batch_id for result in results),
        sum(count.read for count in counts),
        sum(count.stored for count in counts),
        sum(count.skipped for count in counts),
        sum(count.quarantined for count in counts),
        tuple(dict.fromkeys(name for result in results for name in result.undeclared)),
        tuple(dict.fromkeys(name for result in results for name in result.absent)),
        sum(result.resolved for result in results),
        sum(result.waiting for result in results),
        seconds,
    )
