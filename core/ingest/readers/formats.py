"""The formats of logs that are read; everything that lists formats is made from this table."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class LogFormat:
    """One format.

    Parameters
    ----------
    name : str
        What ``--format`` is given, and what a batch notes.
    label : str
        What people call it.
    suffixes : tuple of str
        Ends of names by which files of a folder are taken.
    other_names : tuple of str
        What ``--format`` may be given, too.
    magic : bytes
        With what every such file begins; nothing for a text.
    """

    name: str
    label: str
    suffixes: tuple[str, ...]
    other_names: tuple[str, ...] = ()
    magic: bytes = b""


LOG_FORMATS = (
    LogFormat("parquet", "Parquet", (".parquet",), magic=b"PAR1"),
    LogFormat("csv", "CSV", (".csv", ".tsv", ".txt"), ("tsv",)),
    LogFormat("jsonl", "JSON lines", (".json", ".jsonl", ".ndjson"), ("json", "ndjson")),
)
FORMATS = tuple(each.name for each in LOG_FORMATS)
LABELS = ", ".join(each.label for each in LOG_FORMATS)
SUFFIXES = frozenset(suffix for each in LOG_FORMATS for suffix in each.suffixes)


def format_named(name: str) -> str | None:
    """Return the format that somebody names, by whatever name; ``None`` if there is none."""
    named = (each.name for each in LOG_FORMATS if name in (each.name, *each.other_names))
    return next(named, None)


def format_beginning(head: bytes) -> str | None:
    """Return the format whose files begin so; ``None`` for a text."""
    return next(
        (each.name for each in LOG_FORMATS if each.magic and head.startswith(each.magic)), None
    )
