"""Reading the .po files: every area keeps its own, a locale is all of them merged."""

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from core.i18n.locales import BABEL_NAMES, Locale

LOCALE_FOLDER = Path(__file__).parent / "locale"


def catalogue_files(locale: Locale) -> tuple[Path, ...]:
    """Return the catalogue files of a locale in a stable order."""
    return tuple(sorted((LOCALE_FOLDER / BABEL_NAMES[locale] / "LC_MESSAGES").glob("*.po")))


def read_entries(path: Path) -> Iterator[tuple[str, str, str]]:
    """Yield ``(message id, plural id or '', translation)`` of one catalogue file.

    Chinese has one plural form, so the translation of a plural message is its first form.
    """
    with path.open("rb") as file:
        catalogue = read_po(file, abort_invalid=True)
    for message in catalogue:
        if not message.id or message.fuzzy:
            continue
        identifiers = _forms(message.id)
        yield identifiers[0], "".join(identifiers[1:2]), "".join(_forms(message.string)[:1])


def _forms(text: object) -> tuple[str, ...]:
    return tuple(map(str, text)) if isinstance(text, tuple | list) else (str(text or ""),)


@cache
def load_catalogue(locale: Locale) -> Mapping[str, str]:
    """Return message id → translation of a locale; empty for English."""
    return {
        singular: text
        for path in catalogue_files(locale)
        for singular, _, text in read_entries(path)
        if text
    }
