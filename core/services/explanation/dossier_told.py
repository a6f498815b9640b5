"""Texts that a dossier's printed part and its README share."""

from collections.abc import Iterator
from datetime import UTC, datetime

from core.contract import ModelContract
from core.i18n import DEFAULT_LOCALE, N_, Translator
from core.services.explanation.dossier_words import COLUMNS
from core.services.rights.column_words import protected_label

_CHECKS = (
    N_(
        "Run: python verify.py dossier.zip --key KEY. It needs Python 3.9 or newer and the package "
        "cryptography, and nothing of Harbourlight."
    ),
    N_(
        "KEY is the public key of the audit trail, given to you by another way than this file. "
        "Take verify.py from another way, too, or read it first."
    ),
    N_(
        "It checks every file against the manifest, the manifest and the record against the audit "
        "trail, and the trail's signature. A dossier that was packed anew fails."
    ),
    N_("It does not prove that everything that happened reached the log and the trail."),
    N_("It does not prove that what the files say is true: they say what was on record."),
    N_(
        "Attributions say what the model did with its inputs; they say nothing about causes in the "
        "world."
    ),
)
_GROUP = 16


def unproved(t: Translator) -> Iterator[str]:
    """Yield how a dossier is checked, and what is not proved by that."""
    yield from (t(each) for each in _CHECKS)


def instant(at: datetime | None) -> str:
    """Return an instant in UTC as people read it; a dash where there is none."""
    return "–" if at is None else f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def in_groups(digest: str) -> str:
    """Return a hash in groups of digits, so that a line can end between them."""
    return " ".join(digest[start : start + _GROUP] for start in range(0, len(digest), _GROUP))


def or_unknown(t: Translator, found: str | None) -> str:
    """Return a text, or that there is none."""
    return found or t(N_("not known"))


def number_text(t: Translator, value: float | None) -> str:
    """Return a number to six digits; a dash where there is none."""
    return "–" if value is None else t.number(value, 6)


def noted(t: Translator, text: str, note: str) -> str:
    """Return a text with a note after it, in the brackets of the language."""
    return f"{text} ({note})" if t.locale == DEFAULT_LOCALE else f"{text}（{note}）"


def column_text(t: Translator, contract: ModelContract, column: str) -> str:
    """Return what people call a column of figures: a feature, a score, or all of them."""
    if column in COLUMNS:
        return t(COLUMNS[column])
    labels = {each.name: each.label_in(t.locale) for each in contract.features}
    return labels[column] if column in labels else protected_label(t, contract, column)
