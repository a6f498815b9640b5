"""What of a new revision of a contract says otherwise of the past, or of where data rest.

Letters and dossiers name what customers were told when a decision was made, and where its data
rest. One person alone must not rewrite the one, nor move or guard the other less.
"""

from collections.abc import Iterator

from core.contract import ModelContract
from core.contract.origins import CLASSES
from core.services.registry.contract_changes import Change, changes

_PLACE = (".held_in", ".region")


def loosened_origins(before: ModelContract, after: ModelContract) -> Iterator[Change]:
    """Yield what rewrites a text that customers were told, and what data lose in guard or place.

    Parameters
    ----------
    before, after : ModelContract
        The revision in force and the one that is proposed.
    """
    known = {each.id for each in before.disclosure}
    newest = max((each.start for each in before.disclosure), default=None)
    early = {
        each.id
        for each in after.disclosure
        if each.id not in known and newest is not None and each.start <= newest
    }
    told = tuple(f"disclosure[{each}]." for each in known | early)
    features = {each.name for each in after.features}
    read = {f"features[{name}].asset" for name in features}
    for change in changes(before, after):
        is_place = change.path.startswith("assets[") and change.path.endswith(_PLACE)
        is_source = change.path in read or is_place
        if change.path.startswith(told) or (is_source and change.before is not None):
            yield change
    yield from _guarded_less(before, after)


def _guarded_less(before: ModelContract, after: ModelContract) -> Iterator[Change]:
    now = {each.id: each for each in after.assets}
    for each in before.assets:
        left = now.get(each.id)
        level = None if left is None else left.classification
        if each.classification is not None and _rank(level) < _rank(each.classification):
            path = f"assets[{each.id}].classification"
            yield Change(path, each.classification, level)
        if each.simulated and left is not None and not left.simulated:
            yield Change(f"assets[{each.id}].simulated", "true", "false")


def _rank(level: str | None) -> int:
    return -1 if level is None else [str(each) for each in CLASSES].index(level)
