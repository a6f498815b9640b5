"""Model cards: what there is to say of a model, from the live record and the contract."""

from core.services.model_card.card import facts_of, model_card
from core.services.model_card.files import CARD_FORMATS, CardFormat, card_file

__all__ = ["CARD_FORMATS", "CardFormat", "card_file", "facts_of", "model_card"]
