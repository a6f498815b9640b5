"""The formats of a letter, and what its file is called."""

from collections.abc import Mapping

from core.domain.explanation import LANGUAGES
from core.errors import InvalidInput
from core.i18n import N_
from core.services.explanation.templates import unknown_language

FORMATS: Mapping[str, str] = {"pdf": "application/pdf", "html": "text/html", "text": "text/plain"}
"""Format of a letter → media type."""
_ENDINGS = {"pdf": "pdf", "html": "html", "text": "txt"}


def file_name(reference: str, form: str) -> str:
    """Return what the file of a letter is called."""
    return f"{reference}.{_ENDINGS[form]}"


def require_known(language: str, form: str) -> None:
    """Let a language and a format of letters pass.

    Raises
    ------
    InvalidInput
        If there is no such language or format.
    """
    if language not in LANGUAGES:
        raise unknown_language(language)
    if form not in FORMATS:
        raise InvalidInput(
            N_("{text!r} is not known here."),
            remedy=N_("Choose from: {known}."),
            text=form,
            known=", ".join(FORMATS),
        )
