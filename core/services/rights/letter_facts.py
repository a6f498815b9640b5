"""What a letter is written from: all of it from the record."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class LetterFacts:
    """What letters are written from.

    Parameters
    ----------
    request, kind : str
        The request, as people call it, and its kind.
    received_on, due_on, today : date
        Its days, and that of the letter.
    sender : tuple of str
        Name and address of who writes.
    outcome : str, optional
        How it was answered.
    model_name : Mapping of str to str
        The model in each language; empty if none is named.
    purpose : Mapping of str to str
        What the model is for.
    decision, final_decision : str, optional
        In the log, and after review.
    people_decided_on : date, optional
        When a person's verdict about it became final, if one did.
    oversight_level : str, optional
        That the contract of then named for the version.
    rule : str
        The rule of the policy in force.
    inputs : Mapping of str to tuple of str
        What the model read, in each language.
    not_used : Mapping of str to tuple of str
        What it was never given.
    columns : tuple of str
        Columns that were corrected.
    corrected_on : date, optional
        When.
    recipients, recipients_told : int
        Who was given them in the twelve months before, and how many of these were told.
    rows : int
        Rows of the copy.
    looked_on : date, optional
        When the logs were looked through.
    is_copy_made : bool
        Whether a copy was made.
    is_weighed : bool
        Whether the log has how much pieces of data weighed.
    is_last : bool
        Whether an appeal was decided, after which nobody decides here.
    ground, reasons, other_data_user : str
        Of a refusal.
    text : str
        What the desk or the customer adds: reasons of a delay, or a note.
    partly : bool
        Whether what can be given is given already.
    is_statutory : bool
        Whether the limit is the Ordinance's.
    """

    request: str
    kind: str
    received_on: date
    due_on: date
    today: date
    sender: tuple[str, ...] = ()
    outcome: str | None = None
    model_name: Mapping[str, str] = field(default_factory=dict)
    purpose: Mapping[str, str] = field(default_factory=dict)
    decision: str | None = None
    final_decision: str | None = None
    people_decided_on: date | None = None
    oversight_level: str | None = None
    rule: str = ""
    inputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    not_used: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    columns: tuple[str, ...] = ()
    corrected_on: date | None = None
    recipients: int = 0
    recipients_told: int = 0
    rows: int = 0
    looked_on: date | None = None
    is_copy_made: bool = False
    is_weighed: bool = False
    is_last: bool = False
    ground: str = ""
    reasons: str = ""
    other_data_user: str = ""
    text: str = ""
    partly: bool = False
    is_statutory: bool = False
