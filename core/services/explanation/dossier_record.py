"""The kept record as a dossier has it: what is personal is left out, and bound all the same."""

from collections.abc import Iterator, Mapping
from typing import Any

from core.contract import ModelContract
from core.services.explanation.openings import Opening, opened


def record_opening(
    contract: ModelContract, document: Mapping[str, Any], *, values: bool
) -> Opening:
    """Return a kept record with or without its personal values.

    Parameters
    ----------
    contract : ModelContract
        Says what is personal.
    document : mapping
        As kept.
    values : bool
        Whether the record is given whole.
    """
    return opened(document, () if values else frozenset(_hidden(contract, document)))


def _hidden(contract: ModelContract, document: Mapping[str, Any]) -> Iterator[str]:
    """Yield the places of personal values, and of what would give them away."""
    if contract.is_personal("@prediction_id"):
        yield "/subject/prediction_id"
    if contract.is_personal("@amount"):
        yield "/subject/amount"
    if contract.is_personal("@score"):
        yield from _scores(document)
    attributions, others = document["attributions"] or {}, document["others"] or {}
    for place, part in enumerate(attributions.get("parts", ())):
        if contract.is_personal(part["field"]):
            yield f"/attributions/parts/{place}/value"
            yield f"/attributions/parts/{place}/usual"
    for place, other in enumerate(others.get("found", ())):
        for kind in ("changes", "moved"):
            for number, change in enumerate(other[kind]):
                if contract.is_personal(change["field"]):
                    yield f"/others/found/{place}/{kind}/{number}/before"
                    yield f"/others/found/{place}/{kind}/{number}/after"


def _scores(document: Mapping[str, Any]) -> Iterator[str]:
    yield "/subject/score"
    if document["rescored"]:
        yield "/rescored/logged"
        yield "/rescored/again"
    if document["attributions"]:
        yield "/attributions/output"
    if document["standing"]:
        yield "/standing/below"
