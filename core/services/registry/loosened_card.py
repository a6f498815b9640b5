"""What the model card must not say, or leave out, on one person's word."""

from collections.abc import Iterator

from core.contract import ModelContract
from core.contract.text import LocalisedText
from core.services.registry.contract_changes import Change, changes

_KEPT = ("prohibited_uses", "limits")


def loosened_card(before: ModelContract, after: ModelContract) -> Iterator[Change]:
    """Yield what of a card takes two people.

    These are: everything said of the validation, for who developed a model must not be the one to
    say that somebody else looked at it; and a prohibited use or a known limit that is taken out or
    put otherwise.
    """
    for change in changes(before, after):
        if change.path.startswith("card.validation."):
            yield change
    for field in _KEPT:
        now = _texts(after, field)
        for place, text in enumerate(_texts(before, field)):
            if text not in now:
                yield Change(f"card.{field}[{place}]", text.en, None)


def _texts(contract: ModelContract, field: str) -> tuple[LocalisedText, ...]:
    found: tuple[LocalisedText, ...] = getattr(contract.card, field, ())
    return found
