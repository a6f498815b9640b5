"""What a new revision of a contract changes.

A change is named by the path of its field, such as ``columns[hkid].personal``: parts of a list
go by their name, not their place.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from core.contract import ModelContract

_NAMES = ("name", "id", "version")


@dataclass(frozen=True, slots=True)
class Change:
    """One field that two contracts state differently; ``None`` where one does not state it."""

    path: str
    before: str | None
    after: str | None


def changes(before: ModelContract, after: ModelContract) -> tuple[Change, ...]:
    """Return the fields that differ, by path."""
    old, new = (
        dict(_leaves("", each.model_dump(mode="json", by_alias=True))) for each in (before, after)
    )
    paths = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    return tuple(Change(path, old.get(path), new.get(path)) for path in paths)


def _leaves(path: str, value: object) -> Iterator[tuple[str, str]]:
    """Return path → text of every field that says something."""
    if isinstance(value, Mapping):
        for name, part in value.items():
            yield from _leaves(f"{path}.{name}" if path else str(name), part)
    elif isinstance(value, list | tuple):
        for place, part in enumerate(value):
            yield from _leaves(f"{path}[{_name_of(part, place)}]", part)
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    elif value is not None:
        yield path, str(value)


def _name_of(part: object, place: int) -> str:
    """Return what a part of a list goes by: its name; a word itself; else its place."""
    if isinstance(part, Mapping):
        named = next((part[key] for key in _NAMES if isinstance(part.get(key), str)), None)
        return str(named) if named else str(place)
    return part if isinstance(part, str) else str(place)
