"""The desk of the letters' fixed words: versions, what waits, and examples of a draft."""

from collections.abc import Mapping

from core.domain.explanation import LANGUAGES
from core.domain.explanation.letter_template import TemplateFault, read_template
from core.domain.identity import Actor, Permission
from core.reports.decision_letter import DecisionLetter
from core.services import access
from core.services.explanation.letter_example import example_page
from core.services.explanation.templates import (
    TEMPLATE_KIND,
    preview_template,
    unknown_language,
)
from core.services.exports import MadeExport, publish
from core.services.rights.common import local_day
from core.services.workspace import Workspace
from core.store import approvals
from core.store.approvals import Approval
from core.store.explanations import letter_templates
from core.store.explanations.letter_templates import TemplateRecord
from core.store.identity import users


def template_history(workspace: Workspace, *, actor: Actor) -> tuple[TemplateRecord, ...]:
    """Return the approved versions of the fixed words, the newest first; the shipped one is none.

    Needs ``explanation.view``.
    """
    access.require(actor, Permission.explanation_view)
    with workspace.store.read() as conn:
        return letter_templates.list_all(conn)


def template_names(workspace: Workspace, *, actor: Actor) -> Mapping[str, str]:
    """Return pseudonym → name of who proposed and approved the fixed words."""
    access.require(actor, Permission.explanation_view)
    with workspace.store.read() as conn:
        found = letter_templates.list_all(conn)
        people = {name for each in found for name in (each.proposed_by, each.approved_by)}
        return users.names_by_pseudonym(conn, people)


def waiting_template(workspace: Workspace, *, actor: Actor) -> Approval | None:
    """Return the words that are proposed and not decided yet, if there are any."""
    access.require(actor, Permission.explanation_view)
    with workspace.store.read() as conn:
        pending = approvals.list_approvals(conn, now=workspace.clock(), state="pending")
    return next((each for each in pending if each.kind == TEMPLATE_KIND), None)


def faults_while_writing(document: object, *, actor: Actor) -> tuple[TemplateFault, ...]:
    """Return what is wrong with a draft as far as its words alone tell: quick, for each keystroke.

    How hard an example letter is to read, and how long, only
    :func:`core.services.explanation.templates.check_template` says.
    """
    access.require(actor, Permission.template_propose)
    return read_template(document)[1]


def example_letter(
    workspace: Workspace,
    document: object,
    language: str,
    *,
    withheld: bool = False,
    actor: Actor,
) -> DecisionLetter | None:
    """Return an example letter as a draft would write it; ``None`` while the draft has faults.

    Raises
    ------
    InvalidInput
        If there is no such language.
    """
    access.require(actor, Permission.template_propose)
    if language not in LANGUAGES:
        raise unknown_language(language)
    template, _ = read_template(document)
    if template is None:
        return None
    today = local_day(workspace.clock())
    return example_page(template, language, today=today, withheld=withheld)


def export_example(
    workspace: Workspace,
    document: object,
    language: str,
    *,
    withheld: bool = False,
    actor: Actor,
) -> MadeExport:
    """Return an example letter of a draft as a PDF to take away.

    Raises
    ------
    InvalidInput
        If something is wrong with the draft, or there is no such language.
    """
    access.require(actor, Permission.template_propose)
    content = preview_template(workspace, document, language, withheld=withheld, actor=actor)
    kind = "withheld" if withheld else "reasons"
    return publish(
        workspace,
        content,
        actor=actor,
        permission=Permission.template_propose,
        name=f"example-letter-{kind}-{language}.pdf",
        media_type="application/pdf",
    )
