"""Text in the three languages of the product."""

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from core.contract.base import Part


class LocalisedText(Part):
    """A label in English and, where given, Traditional and Simplified Chinese.

    A plain text stands for all three languages.
    """

    en: str = Field(min_length=1)
    zh_hant: str = Field(default="", alias="zh-HK")
    zh_hans: str = Field(default="", alias="zh-CN")

    def get(self, locale: str) -> str:
        """Return the text in ``en``, ``zh-HK`` or ``zh-CN``; English where it is missing."""
        return {"zh-HK": self.zh_hant, "zh-CN": self.zh_hans}.get(locale, "") or self.en


def _from_plain(value: Any) -> Any:
    return {"en": value} if isinstance(value, str) else value


Text = Annotated[LocalisedText, BeforeValidator(_from_plain)]
