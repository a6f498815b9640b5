"""The copy that a customer asks for: what was frozen at receipt, explained, without other people.

It holds personal data in clear, so it is made by whoever may take these away, after a step-up.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection

from core.domain.identity import Actor, Permission
from core.domain.working_days import HONG_KONG
from core.errors import InvalidInput
from core.i18n import LOCALES, N_, translator
from core.lake.upkeep.erase import tokens
from core.reports.subject_copy import printed
from core.services import access
from core.services.exports import MadeExport, publish
from core.services.questions import parsed_contract
from core.services.rights.common import (
    keep_step,
    request_reference,
    require_identified,
    require_kind,
    visible,
)
from core.services.rights.copy_document import CopyMaker
from core.services.rights.letters import languages_of
from core.services.rights.snapshots import read_snapshot
from core.services.workspace import Workspace
from core.store import models
from core.store.audit import subjects
from core.store.identity import users
from core.store.rights.requests import RequestRecord

_MOST_MEANINGS = 200
_SHORTEST_NAME = 2
_GONE = "…"


@dataclass(frozen=True, slots=True)
class MadeCopy:
    """A copy to take away, and the codes in it that nobody has explained."""

    export: MadeExport
    unexplained: tuple[str, ...]


def make_copy(
    workspace: Workspace,
    request_id: int,
    *,
    actor: Actor,
    withheld: Sequence[str] = (),
    meanings: Mapping[str, str] | None = None,
) -> MadeCopy:
    """Make the copy of the data that were frozen when an access request came in, as a PDF.

    Each column and code is explained in English and Chinese; people of ours and other customers
    are left out, and the copy says where.

    Parameters
    ----------
    workspace : Workspace
        Where.
    request_id : int
        An access or correction request.
    actor : Actor
        Needs ``personal.export`` besides ``rights.handle``, and says again who they are.
    withheld : sequence of str
        Columns that would tell of other people, by the names of the log.
    meanings : mapping of str to str, optional
        ``column=code`` → what it means, in both languages, where no contract says it.

    Raises
    ------
    Forbidden, StepUpNeeded
        If the actor may not, or has to say again who they are.
    Conflict
        If who asks is not confirmed, nothing is frozen, or the person was erased.
    """
    access.require(actor, Permission.rights_handle)
    if meanings and len(meanings) > _MOST_MEANINGS:
        raise InvalidInput(
            N_("At most {most} codes are explained by hand."),
            remedy=N_("Let the model's contract explain them."),
            most=_MOST_MEANINGS,
        )
    access.require(actor, Permission.personal_export)
    access.require_recent(workspace, actor)
    with workspace.store.read() as conn:
        found = visible(conn, request_id, actor)
        require_kind(found, "access", "correction")
        require_identified(found)
    document = read_snapshot(workspace, found)
    languages = languages_of(workspace, found)
    with workspace.store.read() as conn:
        specs = {each.id: each.spec_text for each in models.list_models(conn, None)}
        maker = CopyMaker(
            [translator(each) for each in _english_first(languages)],
            {e["model"]: parsed_contract(specs[e["model"]]) for e in document["models"]},
            _OtherPeople(workspace, conn, found),
            frozenset(withheld),
            dict(meanings or {}),
        )
        copy = maker.make(document, _facts(maker, found, withheld))
    made = publish(
        workspace,
        printed(copy, at=workspace.clock()),
        actor=actor,
        permission=Permission.rights_handle,
        name=f"{request_reference(found.id)}-copy.pdf",
        media_type="application/pdf",
        model=found.model_id,
        personal=True,
    )
    with workspace.store.begin() as conn:
        body = {
            "sha256": made.record.sha256,
            "snapshot_sha256": found.snapshot_sha256,
            "languages": list(languages),
            "withheld": sorted(withheld),
            "unexplained": len(maker.unexplained),
        }
        keep_step(
            workspace, conn, visible(conn, request_id, actor), "copy_made", by=actor, body=body
        )
    return MadeCopy(made, tuple(sorted(maker.unexplained)))


def _english_first(languages: Sequence[str]) -> tuple[str, ...]:
    return tuple(sorted(languages, key=[str(each) for each in LOCALES].index))


def _facts(
    maker: CopyMaker, found: RequestRecord, withheld: Sequence[str]
) -> tuple[tuple[str, str], ...]:
    at = found.received_at.astimezone(HONG_KONG).isoformat(timespec="minutes")
    facts = [
        (maker.words(N_("Our reference")), request_reference(found.id)),
        (maker.words(N_("As our logs were at")), at),
        (maker.words(N_("SHA-256 of the frozen data")), _in_groups(found.snapshot_sha256 or "")),
        (maker.words(N_("Times are")), "UTC"),
    ]
    if withheld:
        facts.append((maker.words(N_("Columns left out")), ", ".join(sorted(withheld))))
    return tuple(facts)


def _in_groups(digest: str) -> str:
    """Return a hash in groups of sixteen digits, so that a line can end between them."""
    return " ".join(digest[start : start + 16] for start in range(0, len(digest), 16))


class _OtherPeople:
    """Takes names of people of ours, and references of other customers, out of a free text."""

    def __init__(self, workspace: Workspace, conn: Connection, found: RequestRecord) -> None:
        self._keys, self._conn, self._own = workspace.keys, conn, found.subject_id
        people = users.list_users(conn)
        named = [name for each in people for name in (each.username, each.display_name)]
        written = "|".join(re.escape(each) for each in named if len(each) > _SHORTEST_NAME)
        self._staff = re.compile(rf"(?<![\w-])(?:{written or '(?!)'})(?![\w-])", re.IGNORECASE)

    def __call__(self, text: str) -> tuple[str, bool]:
        clean = self._staff.sub(_GONE, text)
        for token in sorted({each for each in tokens(clean) if each}, key=len, reverse=True):
            pseudonym = self._keys.subject_id(token)
            if pseudonym != self._own and subjects.are_known(self._conn, [pseudonym]):
                clean = clean.replace(token, _GONE)
        return clean, clean != text
