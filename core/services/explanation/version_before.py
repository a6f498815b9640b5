"""Which version of a model came before another one."""

from datetime import date

from core.contract import ModelContract
from core.contract.governance import ModelVersion


def version_before(contract: ModelContract, version: str) -> str | None:
    """Return the version that came before another one; ``None`` if there is none.

    Of two versions with a day of training the earlier one came first; else the one that the
    contract lists first. Two of the same day were made side by side: neither came before.
    """
    places = {each.id: place for place, each in enumerate(contract.versions)}
    if version not in places:
        return None
    this = contract.versions[places[version]]
    earlier = [each for each in contract.versions if _precedes(each, this, places)]
    if not earlier:
        return None
    newest = max(earlier, key=lambda each: (each.trained_at or date.min, places[each.id]))
    return newest.id


def _precedes(one: ModelVersion, other: ModelVersion, places: dict[str, int]) -> bool:
    if one.trained_at is not None and other.trained_at is not None:
        return one.trained_at < other.trained_at
    return places[one.id] < places[other.id]
