"""Putting a contract into force: what the trail keeps of it, and what takes two people.

A revision that guards people less than the one before is not one person's to make: the developer
proposes it, and who may approve it puts the very same text into force.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import Conflict, ContractError, InvalidInput
from core.i18n import N_
from core.lake.streams import own_columns, stream_columns
from core.services import access
from core.services.approvals import four_eyes as approvals
from core.services.approvals.four_eyes import ApprovalKind
from core.services.questions import parsed_contract
from core.services.registry.contract_changes import Change, changes
from core.services.registry.loosened import loosened
from core.services.workspace import Workspace
from core.store import models
from core.store.approvals import Approval
from core.store.audit import trail as audit
from core.store.identity import users

LOOSEN_KIND = "model.loosen"
# Fields whose values an entry may keep for ever: choices, numbers and names of columns. Others
# are free text, in which a person may be named: of them it keeps the path.
_STATED = re.compile(
    r"^(log\.|protected\[|thresholds\.|(timezone|currency|task)$)"
    r"|\.(personal|required|type|oversight_level|policy|rule|from|to|sha256)$"
)


@dataclass(frozen=True, slots=True)
class KeptFile:
    """A file of a model version, as it is kept; the path is relative to the workspace."""

    version: str
    role: str
    path: str
    sha256: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Registered:
    """What came of handing a contract in.

    Parameters
    ----------
    model_id, revision : str, int
        Which model, and the revision that is in force now.
    changed : bool
        Whether that one is new.
    approval : str, optional
        Id of the approval that this contract waits for; then nothing was changed.
    loosened : tuple of str
        Paths of what it guards less, which is why it waits.
    """

    model_id: str
    revision: int
    changed: bool
    approval: str | None = None
    loosened: tuple[str, ...] = ()


def enter(
    workspace: Workspace,
    conn: Connection,
    spec_text: str,
    files: Sequence[KeptFile],
    *,
    before: models.ModelRecord | None,
    by: Actor,
    author: str,
    approval: str | None = None,
) -> models.Registration:
    """Put a contract into force in a write transaction, and append what it changes to the trail.

    Parameters
    ----------
    workspace, conn : Workspace, Connection
        Where; the connection is of ``Store.begin()``.
    spec_text, files : str, sequence of KeptFile
        The contract as it was handed in, and its files.
    before : ModelRecord, optional
        The one in force, which this one was compared with.
    by, author : Actor, str
        Who does it, and the name of the user who wrote it.
    approval : str, optional
        Id of the approval that allows it.

    Raises
    ------
    ContractError
        If rows that are stored already would read differently.
    Conflict
        If another contract came into force meanwhile.
    """
    contract, now = parsed_contract(spec_text), workspace.clock()
    old = parsed_contract(before.spec_text) if before else None
    if before is not None and old is not None and before.lake_generation > 0:
        refuse_breaking_change(old, contract)
    done = models.register(
        conn,
        model_id=contract.id,
        spec_text=spec_text,
        actor=author,
        at=now,
        replaces=before.spec_sha256 if before else "",
    )
    added = [_attach(conn, contract.id, file, author, now) for file in files]
    if done.changed or any(added):
        audit.append(
            conn,
            at=now,
            actor=by.audit_name,
            role=by.role_text,
            kind="model.registered",
            objects={"model": contract.id} | ({"approval": approval} if approval else {}),
            body={
                "revision": done.revision,
                "sha256": models.spec_hash(spec_text),
                "previous_sha256": before.spec_sha256 if before else None,
                "changes": [_told(each) for each in changes(old, contract)] if old else [],
                "loosened": [each.path for each in loosened(old, contract)] if old else [],
                "files": [
                    {"version": each.version, "role": each.role, "sha256": each.sha256}
                    for each in files
                ],
            },
        )
    return done


def propose_loosening(
    workspace: Workspace,
    contract: ModelContract,
    spec_text: str,
    files: Sequence[KeptFile],
    *,
    before: models.ModelRecord,
    actor: Actor,
    reason: str,
) -> Registered:
    """Propose a contract that guards people less than the one in force.

    Parameters
    ----------
    workspace : Workspace
        Where.
    contract : ModelContract
        The one proposed.
    spec_text : str
        Its text.
    files : sequence of KeptFile
        Artefacts and data sets that were kept for it.
    before : ModelRecord
        The model as it is registered.
    actor : Actor
        Who asks.
    reason : str
        Why, for who decides.

    Raises
    ------
    InvalidInput
        If no reason is given.
    Conflict
        If one of the model waits already.
    """
    access.require(actor, Permission.model_register, model=contract.id)
    old = parsed_contract(before.spec_text)
    if before.lake_generation > 0:
        refuse_breaking_change(old, contract)
    less = loosened(old, contract)
    paths = tuple(each.path for each in less)
    if not reason.strip():
        raise InvalidInput(
            "This contract guards people less than the one in force: {fields}. "
            "That takes a second person, who needs to know why.",
            remedy="Give a reason, or keep these fields as they are.",
            fields=", ".join(paths),
        )
    every = [*less, *(each for each in changes(old, contract) if each.path not in paths)]
    sha256 = models.spec_hash(spec_text)
    asked = approvals.propose(
        workspace,
        LOOSEN_KIND,
        actor=actor,
        reason=reason,
        object_kind="model",
        object_id=contract.id,
        model=contract.id,
        before={each.path: each.before for each in every} | {"sha256": before.spec_sha256},
        after={each.path: each.after for each in every} | {"sha256": sha256},
        command={
            "spec_text": spec_text,
            "sha256": sha256,
            "replaces": before.spec_sha256,
            "files": [asdict(each) for each in files],
        },
    )
    return Registered(contract.id, before.spec_revision, False, asked.id, paths)


def _carry_out(
    workspace: Workspace, conn: Connection, approval: Approval, actor: Actor
) -> Mapping[str, object]:
    """Put the proposed text into force, if it is still that text and still that predecessor."""
    command = approval.command
    text, before = str(command["spec_text"]), models.get(conn, approval.object_id)
    if models.spec_hash(text) != command["sha256"] or before.spec_sha256 != command["replaces"]:
        raise Conflict(
            "The contract of {model} was changed meanwhile.",
            remedy="Look at the one in force, and register yours again.",
            model=approval.object_id,
        )
    given = command["files"]
    files = [KeptFile(**each) for each in given] if isinstance(given, list) else []
    done = enter(
        workspace,
        conn,
        text,
        files,
        before=before,
        by=actor,
        author=users.get(conn, approval.proposed_by).username,
        approval=approval.id,
    )
    return {"revision": done.revision, "sha256": command["sha256"]}


LOOSEN = ApprovalKind(
    name=LOOSEN_KIND,
    label=N_("Change a contract so that it guards people less"),
    propose=Permission.model_register,
    decide=Permission.contract_approve,
    execute=_carry_out,
)


def _told(change: Change) -> dict[str, object]:
    if _STATED.search(change.path) is None:
        return {"path": change.path}
    return {"path": change.path, "before": change.before, "after": change.after}


def _attach(conn: Connection, model_id: str, file: KeptFile, author: str, at: datetime) -> bool:
    return models.add_artefact(
        conn,
        model_id=model_id,
        version=file.version,
        role=file.role,
        path=file.path,
        sha256=file.sha256,
        size_bytes=file.bytes,
        actor=author,
        at=at,
    )


def refuse_breaking_change(before: ModelContract, after: ModelContract) -> None:
    """Refuse a contract under which rows that are stored already would read differently."""
    stored, wanted = _stored_as(before), _stored_as(after)
    changed = [name for name, place in stored.items() if wanted.get(name) != place]
    if before.timezone != after.timezone:
        changed.append("timezone")
    if changed:
        raise ContractError(
            "Rows are stored already, and this contract changes {fields}.",
            remedy="Keep them as they are, or register a new model id.",
            fields=", ".join(changed),
        )


def _stored_as(contract: ModelContract) -> dict[str, tuple[str, str]]:
    """Return every column of the log and of the outcomes with its lake column and type.

    A class of a multiclass model is stored by its place, so the order of classes counts too.
    """
    types = own_columns(contract)
    found = {name: (alias, types[alias]) for name, alias in contract.stored_columns.items()}
    if contract.outcome is not None:
        types = stream_columns(contract, "outcomes")
        found |= {
            name: (alias, types[alias]) for name, alias in contract.outcome.stored_columns.items()
        }
    return found | {
        name: (f"score_{place}", "DOUBLE") for place, name in enumerate(contract.log.scores)
    }
