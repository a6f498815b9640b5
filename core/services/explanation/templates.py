"""The fixed words of letters: version 0 is shipped, each later one takes two people."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from importlib.resources import files

from sqlalchemy import Connection

from core.contract.load import yaml_document
from core.domain.explanation import LANGUAGES
from core.domain.explanation.letter_template import LetterTemplate, TemplateFault, read_template
from core.domain.identity import Actor, Permission
from core.errors import Conflict, InvalidInput, NotFound
from core.i18n import N_
from core.reports.decision_letter import pages_of, printed
from core.services import access
from core.services.approvals import four_eyes as approvals
from core.services.approvals.four_eyes import ApprovalKind
from core.services.explanation.checks import too_hard
from core.services.explanation.letter_example import example_page
from core.services.explanation.letter_words import TEMPLATE_FAULTS
from core.services.rights.common import local_day
from core.services.workspace import Workspace
from core.store.approvals import Approval
from core.store.audit import trail as audit
from core.store.audit.canonical import canonical_bytes
from core.store.explanations import letter_templates
from core.store.explanations.letter_templates import TemplateRecord

TEMPLATE_KIND = "letter_template.change"
SHIPPED = 0
"""Number of the version that comes with the program."""


@dataclass(frozen=True, slots=True)
class TemplateVersion:
    """A version of the fixed words, and where it is from.

    Parameters
    ----------
    number : int
        0 for the shipped one.
    template : LetterTemplate
        The words.
    record : TemplateRecord, optional
        Who proposed and approved it; ``None`` for the shipped one.
    """

    number: int
    template: LetterTemplate
    record: TemplateRecord | None = None


def template_in_force(conn: Connection) -> TemplateVersion:
    """Return the newest approved version, or the shipped one."""
    return _version(letter_templates.in_force(conn))


def show_template(
    workspace: Workspace, number: int | None = None, *, actor: Actor
) -> TemplateVersion:
    """Return a version of the fixed words, by default the one in force.

    Raises
    ------
    NotFound
        If there is no such version.
    """
    access.require(actor, Permission.explanation_view)
    with workspace.store.read() as conn:
        if number is None:
            return template_in_force(conn)
        known = {each.number: each for each in letter_templates.list_all(conn)}
    if number != SHIPPED and number not in known:
        raise NotFound(
            N_("There is no version {number} of the letter template."),
            remedy=N_("Look it up in the list."),
            number=number,
        )
    return _version(known.get(number))


def check_template(
    workspace: Workspace, document: object, *, actor: Actor
) -> tuple[TemplateFault, ...]:
    """Return all that is wrong with a template: what lacks, what is too hard, what is too long.

    Parameters
    ----------
    workspace : Workspace
        Where.
    document : object
        As :func:`core.domain.explanation.letter_template.read_template` reads it.
    actor : Actor
        Needs ``template.propose``.
    """
    access.require(actor, Permission.template_propose)
    return _checked(workspace, document)[1]


def preview_template(
    workspace: Workspace,
    document: object,
    language: str,
    *,
    withheld: bool = False,
    actor: Actor,
) -> bytes:
    """Return an example letter as a template would write it, as a PDF.

    Raises
    ------
    InvalidInput
        If something is wrong with the template, or there is no such language.
    """
    access.require(actor, Permission.template_propose)
    if language not in LANGUAGES:
        raise unknown_language(language)
    template, now = _require(workspace, document), workspace.clock()
    page = example_page(template, language, today=local_day(now), withheld=withheld)
    return printed(page, at=now)


def propose_template(
    workspace: Workspace, document: object, *, reason: str, actor: Actor
) -> Approval:
    """Propose other fixed words for somebody else to approve.

    Parameters
    ----------
    workspace : Workspace
        Where.
    document : object
        As :func:`core.domain.explanation.letter_template.read_template` reads it.
    reason : str
        Why, for whoever decides.
    actor : Actor
        Needs ``template.propose``.

    Raises
    ------
    InvalidInput
        If something is wrong with it; the first fault is named, with how many there are.
    Conflict
        If these words are in force, or others are proposed.
    """
    access.require(actor, Permission.template_propose)
    after = _require(workspace, document).document()
    with workspace.store.read() as conn:
        before = template_in_force(conn).template.document()
    if after == before:
        raise Conflict(N_("These words are in force already."), remedy=N_("Nothing is left to do."))
    old, new = _flat(before), _flat(after)
    return approvals.propose(
        workspace,
        TEMPLATE_KIND,
        actor=actor,
        reason=reason,
        object_kind="letter_template",
        object_id="letters",
        before={name: text for name, text in old.items() if new[name] != text},
        after={name: text for name, text in new.items() if old[name] != text},
        command={"document": after, "proposed_by": actor.audit_name},
    )


def unknown_language(language: str) -> InvalidInput:
    """Return the error that a language is none of those of letters."""
    return InvalidInput(
        N_("{text!r} is not known here."),
        remedy=N_("Choose from: {known}."),
        text=language,
        known=", ".join(LANGUAGES),
    )


def _version(record: TemplateRecord | None) -> TemplateVersion:
    if record is None:
        return TemplateVersion(SHIPPED, _shipped())
    template, _ = read_template(record.document)
    if template is None:
        raise ValueError(f"letter template {record.number} cannot be read")
    return TemplateVersion(record.number, template, record)


@cache
def _shipped() -> LetterTemplate:
    path = files("core.reports.decision_letter").joinpath("template.yaml")
    template, _ = read_template(yaml_document(path.read_text(encoding="utf-8")))
    if template is None:
        raise ValueError("the shipped letter template cannot be read")
    return template


def _checked(
    workspace: Workspace, document: object
) -> tuple[LetterTemplate | None, tuple[TemplateFault, ...]]:
    template, faults = read_template(document)
    if template is None:
        return None, faults
    return template, tuple(_wrong_looks(workspace, template))


def _wrong_looks(workspace: Workspace, template: LetterTemplate) -> Iterator[TemplateFault]:
    """Yield what is wrong with an example letter in each language, with and without reasons."""
    today = local_day(workspace.clock())
    for language in LANGUAGES:
        for withheld in (False, True):
            page = example_page(template, language, today=today, withheld=withheld)
            hard = too_hard(language, page.sentences())
            if hard:
                yield TemplateFault(language, "too_hard", hard)
            length = pages_of(page)
            if length != 1:
                yield TemplateFault(language, "too_many_pages", str(length))


def _require(workspace: Workspace, document: object) -> LetterTemplate:
    template, faults = _checked(workspace, document)
    if template is None or faults:
        fault = faults[0]
        raise InvalidInput(
            TEMPLATE_FAULTS[fault.kind],
            remedy=N_("Faults in all: {faults}. Mend the file, and propose it again."),
            place=fault.place,
            found=fault.found,
            faults=len(faults),
        )
    return template


def _flat(document: Mapping[str, object]) -> dict[str, object]:
    """Return a template as a reader compares it: a line for each language and part."""
    return {
        f"{language} {part}": text
        for language, parts in document.items()
        for part, text in (parts.items() if isinstance(parts, Mapping) else ())
    }


def _put_in_force(
    workspace: Workspace, conn: Connection, approval: Approval, actor: Actor
) -> Mapping[str, object]:
    """Put the proposed words in force."""
    document = _require(workspace, approval.command.get("document")).document()
    record = TemplateRecord(
        number=template_in_force(conn).number + 1,
        document=document,
        sha256=sha256(canonical_bytes(document)).hexdigest(),
        approval_id=approval.id,
        proposed_by=str(approval.command["proposed_by"]),
        approved_by=actor.audit_name,
        approved_at=workspace.clock(),
    )
    letter_templates.put(conn, record)
    audit.append(
        conn,
        at=record.approved_at,
        actor=actor.audit_name,
        role=actor.role_text,
        kind="letter_template.approved",
        objects={"approval": approval.id},
        body={"number": record.number, "sha256": record.sha256},
    )
    return {"number": record.number, "sha256": record.sha256}


LETTER_TEMPLATE = ApprovalKind(
    name=TEMPLATE_KIND,
    label=N_("Change the fixed words of letters about decisions"),
    propose=Permission.template_propose,
    decide=Permission.template_approve,
    execute=_put_in_force,
)
