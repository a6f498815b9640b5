"""Code books: proposed by one person, put in force by another, and never changed afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from sqlalchemy import Connection

from core.contract import ModelContract
from core.contract.load import yaml_document
from core.domain.explanation import LANGUAGES, CodeBook, CodeFault, read_code_book
from core.domain.identity import Actor, Permission
from core.errors import Conflict, InvalidInput, UnreadableFile
from core.i18n import N_
from core.services import access
from core.services.approvals import four_eyes as approvals
from core.services.approvals.four_eyes import ApprovalKind
from core.services.explanation.words import CODE_FAULTS
from core.services.questions import parsed_contract
from core.services.workspace import Workspace
from core.store import models
from core.store.approvals import Approval
from core.store.audit import trail as audit
from core.store.audit.canonical import canonical_bytes
from core.store.explanations import code_books
from core.store.explanations.code_books import CodeBookRecord
from core.store.identity import users

CODE_BOOK_KIND = "code_book.change"


@dataclass(frozen=True, slots=True)
class CheckedBook:
    """A code book held against a model's contract.

    Parameters
    ----------
    book : CodeBook, optional
        ``None`` if something is wrong with it.
    faults : tuple of CodeFault
        All that is wrong.
    missing : tuple of (str, str)
        Fields and directions of which it says nothing: decisions moved by them have no reason in
        words.
    """

    book: CodeBook | None
    faults: tuple[CodeFault, ...]
    missing: tuple[tuple[str, str], ...] = ()


def code_book_document(path: Path) -> object:
    """Return what a YAML file says, to be checked or proposed.

    Raises
    ------
    UnreadableFile
        If it cannot be read as UTF-8.
    ContractError
        If it is not YAML.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            "{path} cannot be read: {reason}.",
            remedy="Give a UTF-8 YAML file.",
            path=path.name,
            reason=str(error),
        ) from error
    return yaml_document(text)


def check_code_book(
    workspace: Workspace, model_id: str, document: object, *, actor: Actor
) -> CheckedBook:
    """Return what is wrong with a code book, and what it leaves out; nothing is kept.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        For which model.
    document : object
        As :func:`core.domain.explanation.read_code_book` reads it.
    actor : Actor
        Needs ``code_book.propose``.
    """
    access.require(actor, Permission.code_book_propose, model=model_id)
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
    return _checked(contract, document)


def propose_code_book(
    workspace: Workspace, model_id: str, document: object, *, reason: str, actor: Actor
) -> Approval:
    """Propose a code book for somebody else to approve.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id : str
        For which model.
    document : object
        As :func:`core.domain.explanation.read_code_book` reads it.
    reason : str
        Why, for whoever decides.
    actor : Actor
        Needs ``code_book.propose``.

    Raises
    ------
    InvalidInput
        If something is wrong with the book; the first fault is named, with how many there are.
    Conflict
        If it is the book in force, or another one is proposed.
    """
    access.require(actor, Permission.code_book_propose, model=model_id)
    with workspace.store.read() as conn:
        contract = parsed_contract(models.get(conn, model_id).spec_text)
        before = code_books.in_force(conn, model_id)
    book = _require(contract, document)
    after = book.document()
    if before is not None and before.sha256 == _hash(after):
        raise Conflict(
            N_("This code book is in force already."), remedy=N_("Nothing is left to do.")
        )
    return approvals.propose(
        workspace,
        CODE_BOOK_KIND,
        actor=actor,
        reason=reason,
        object_kind="code_book",
        object_id=model_id,
        model=model_id,
        before={} if before is None else _by_reason(book_of(before)),
        after=_by_reason(book),
        command={
            "document": after,
            "proposed_by": actor.audit_name,
        },
    )


def list_code_books(
    workspace: Workspace, model_id: str, *, actor: Actor
) -> tuple[CodeBookRecord, ...]:
    """Return the code books that were ever in force, the newest first."""
    access.require(actor, Permission.explanation_view, model=model_id)
    with workspace.store.read() as conn:
        return code_books.list_of(conn, models.get(conn, model_id).id)


def code_book_names(workspace: Workspace, model_id: str, *, actor: Actor) -> Mapping[str, str]:
    """Return pseudonym → name of who proposed and approved a model's code books."""
    access.require(actor, Permission.explanation_view, model=model_id)
    with workspace.store.read() as conn:
        found = code_books.list_of(conn, models.get(conn, model_id).id)
        people = {name for each in found for name in (each.proposed_by, each.approved_by)}
        return users.names_by_pseudonym(conn, people)


def book_of(record: CodeBookRecord) -> CodeBook:
    """Return a book that was in force; the contract may have changed since."""
    fields = {str(each["field"]) for each in _entries(record.document)}
    book, _ = read_code_book(record.document, fields=fields)
    if book is None:
        raise ValueError(f"code book {record.number} of {record.model_id} cannot be read")
    return book


def _checked(contract: ModelContract, document: object) -> CheckedBook:
    fields = [feature.name for feature in contract.features]
    book, faults = read_code_book(document, fields=fields, protected=_protected(contract))
    return CheckedBook(book, faults, book.missing(fields) if book else ())


def _require(contract: ModelContract, document: object) -> CodeBook:
    found = _checked(contract, document)
    if found.book is None:
        fault = found.faults[0]
        raise InvalidInput(
            CODE_FAULTS[fault.kind],
            remedy=N_("Faults in all: {faults}. Mend the file, and propose it again."),
            place=fault.place,
            found=fault.found,
            faults=len(found.faults),
        )
    return found.book


def _protected(contract: ModelContract) -> tuple[str, ...]:
    """Return what protected columns are called."""
    names = list(contract.protected)
    for each in contract.fairness.attributes if contract.fairness else ():
        if each.column in contract.protected and each.label is not None:
            names += [each.label.get(language) for language in LANGUAGES]
    return tuple(dict.fromkeys(names))


def _entries(document: Mapping[str, object]) -> list[Mapping[str, object]]:
    listed = document.get("codes")
    return [dict(each) for each in listed] if isinstance(listed, list) else []


def _by_reason(book: CodeBook) -> dict[str, object]:
    """Return the book as a reader compares it: a line for each reason and language."""
    return {
        f"{each.field} {each.direction} {language}": f"{each.code}: {each.sentence[language]}"
        for each in book.entries
        for language in LANGUAGES
    }


def _hash(document: Mapping[str, object]) -> str:
    return sha256(canonical_bytes(document)).hexdigest()


def _put_in_force(
    workspace: Workspace, conn: Connection, approval: Approval, actor: Actor
) -> Mapping[str, object]:
    """Put the proposed book in force, if it still fits the contract."""
    model_id = approval.object_id
    contract = parsed_contract(models.get(conn, model_id).spec_text)
    document = _require(contract, approval.command.get("document")).document()
    number = code_books.next_number(conn, model_id)
    record = CodeBookRecord(
        model_id=model_id,
        number=number,
        document=document,
        sha256=_hash(document),
        approval_id=approval.id,
        proposed_by=str(approval.command["proposed_by"]),
        approved_by=actor.audit_name,
        approved_at=workspace.clock(),
    )
    code_books.put(conn, record)
    audit.append(
        conn,
        at=record.approved_at,
        actor=actor.audit_name,
        role=actor.role_text,
        kind="code_book.approved",
        objects={"model": model_id, "approval": approval.id},
        body={"number": number, "sha256": record.sha256, "codes": len(_entries(document))},
    )
    return {"number": number, "sha256": record.sha256}


CODE_BOOK = ApprovalKind(
    name=CODE_BOOK_KIND,
    label=N_("Change the code book of reasons"),
    propose=Permission.code_book_propose,
    decide=Permission.code_book_approve,
    execute=_put_in_force,
)
