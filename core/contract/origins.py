"""Where the data of a model are from and rest, and what customers were told of its use."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Literal, Self

from pydantic import Field, model_validator

from core.contract.base import Part, fault
from core.contract.features import Feature
from core.contract.text import Text

Classification = Literal["public", "internal", "confidential", "personal", "sensitive"]
CLASSES: Sequence[Classification] = ("public", "internal", "confidential", "personal", "sensitive")
"""How closely data are guarded, the least guarded first."""
_LANGUAGES = ("en", "zh_hant", "zh_hans")


class Asset(Part):
    """A store that features of the model are read from."""

    id: str = Field(pattern="^[a-z0-9][a-z0-9_-]{0,62}$")
    label: Text | None = None
    held_in: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    region: str | None = Field(default=None, min_length=1, max_length=60)
    owner: str | None = Field(default=None, min_length=1, max_length=120)
    classification: Classification | None = None
    simulated: bool = False

    def label_in(self, locale: str) -> str:
        """Return what people call it in a language, or its id."""
        return self.label.get(locale) if self.label else self.id


class Disclosure(Part):
    """What customers were told, before a decision, of the use of the model, from a day on."""

    id: str = Field(pattern="^[A-Za-z0-9][A-Za-z0-9._-]{0,30}$")
    start: date = Field(alias="from")
    channel: Text
    text: Text
    simulated: bool = False

    @model_validator(mode="after")
    def _said_in_every_language(self) -> Self:
        said = [getattr(self.text, name) for name in _LANGUAGES]
        if not all(said):
            raise ValueError("write 'text' as {en: …, zh-HK: …, zh-CN: …}: letters quote it")
        if max(map(len, said)) > 300:
            raise ValueError("a 'text' has at most 300 characters in each language: shorten it")
        return self


def in_force(disclosures: Iterable[Disclosure], day: date) -> Disclosure | None:
    """Return what customers were told on a day; ``None`` before the first."""
    begun = [each for each in disclosures if each.start <= day]
    return max(begun, key=lambda each: each.start, default=None)


def check_assets(features: Iterable[Feature], known: Collection[str]) -> None:
    """Refuse a feature that is read from an asset which nobody describes."""
    for place, feature in enumerate(features):
        if feature.asset is not None and feature.asset not in known:
            raise fault(
                f"features[{place}].asset",
                f"{feature.asset!r} is not in 'assets': describe it there",
            )
