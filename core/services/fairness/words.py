"""What attributes of people and their groups are called."""

from core.i18n import Translator
from core.services.fairness.attributes import HONG_KONG, Attribute
from core.services.fairness.figures import OTHERS


def attribute_label(t: Translator, attribute: Attribute) -> str:
    """Return what an attribute is called: by the contract, else by Hong Kong's list, else so."""
    if attribute.label is not None:
        return attribute.label.get(t.locale)
    return t(HONG_KONG[attribute.kind][0]) if attribute.kind else attribute.column


def group_label(t: Translator, attribute: Attribute, key: str) -> str:
    """Return what a group is called: by the contract, or by the number of its value."""
    if key == OTHERS:
        return t("all others together")
    labels = {group.key: group.label for group in attribute.groups}
    label = labels.get(key)
    return label.get(t.locale) if label is not None else key
