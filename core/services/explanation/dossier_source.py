"""What a dossier is made from: the kept record, the decision in the log, and who may see what."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from sqlalchemy import Connection

from core.domain.identity import Actor
from core.services.explanation.decision import Decision
from core.services.explanation.openings import Opening
from core.services.workspace import Workspace
from core.store.explanations.records import KeptExplanation
from core.store.identity import users

_PSEUDONYM = "p-"
_SYSTEM = "harbourlight"
Found = TypeVar("Found")


class People:
    """People under the names by which the trail knows them."""

    def __init__(self, workspace: Workspace, conn: Connection) -> None:
        found = users.list_users(conn)
        self._keys = workspace.keys
        self._names = {each.id: each.pseudonym for each in found}
        self._names |= {each.username: each.pseudonym for each in found}

    def __call__(self, name: str | None) -> str | None:
        """Return the pseudonym of a user's id or name; one made of it, where nobody has it."""
        if name is None or name == _SYSTEM or name.startswith(_PSEUDONYM):
            return name
        made = self._keys.mac("dossier person", name)[:12]
        return self._names.get(name) or f"x-{made}"


@dataclass(frozen=True, slots=True)
class Source:
    """What a dossier is made from.

    Parameters
    ----------
    workspace, actor : Workspace, Actor
        Where, and who makes it.
    decision : Decision
        As the log has it.
    kept : KeptExplanation
        Its record.
    document : mapping
        The record without what is left out.
    opening : Opening
        The same with what proves it.
    values : bool
        Whether personal values are in.
    people : People
        Names people by pseudonyms.
    unknown : dict of str to str
        Place in the dossier → message id of why nothing is known of it.
    """

    workspace: Workspace
    actor: Actor
    decision: Decision
    kept: KeptExplanation
    document: Mapping[str, Any]
    opening: Opening
    values: bool
    people: People
    unknown: dict[str, str] = field(default_factory=dict)

    @property
    def model_id(self) -> str:
        """Which model decided."""
        return self.decision.contract.id

    def is_shown(self, name: str) -> bool:
        """Whether the values of a feature, or of a name of ours, are in."""
        return self.values or not self.decision.contract.is_personal(name)

    def or_why(self, place: str, found: Found, why: str) -> Found:
        """Return what was found; note why there is nothing, where there is nothing."""
        if not found:
            self.unknown[place] = why
        return found
