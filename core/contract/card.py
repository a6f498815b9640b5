"""What only people can say of a model, for its card: in the three languages of the product."""

from datetime import date
from typing import Annotated, Self

from pydantic import AfterValidator, Field, model_validator

from core.contract.base import Part
from core.contract.text import LocalisedText, Text


def _in_every_language(text: LocalisedText) -> LocalisedText:
    if not (text.zh_hant and text.zh_hans):
        raise ValueError("a card is made in three languages: write {en: …, zh-HK: …, zh-CN: …}")
    return text


FullText = Annotated[Text, AfterValidator(_in_every_language)]


class Validation(Part):
    """Who looked at the model besides those who developed it, when, at what, and when again."""

    validated_on: date
    validator: str = Field(min_length=1)
    scope: FullText
    next_due: date | None = None
    why_then: FullText | None = None

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.next_due is not None and self.next_due <= self.validated_on:
            raise ValueError(
                "'next_due' is no later than 'validated_on': write the day it is due again"
            )
        if (self.next_due is None) != (self.why_then is None):
            raise ValueError("'next_due' and 'why_then' go together: write both, or neither")
        return self


class Component(Part):
    """Something that the model is made with or bought as: what, from whom, which version."""

    name: str = Field(min_length=1)
    supplier: str = Field(min_length=1)
    version: str = ""


class Card(Part):
    """What the model card says that no log can tell."""

    intended_users: tuple[FullText, ...] = ()
    effect: FullText | None = None
    prohibited_uses: tuple[FullText, ...] = ()
    oversight_basis: FullText | None = None
    training_data: FullText | None = None
    limits: tuple[FullText, ...] = ()
    fall_back: FullText | None = None
    components: tuple[Component, ...] = ()
    validation: Validation | None = None
