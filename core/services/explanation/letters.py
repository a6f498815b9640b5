"""Letters about decisions: written from a kept record, checked, and only then given out."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from hashlib import sha256

from core.domain.explanation import LANGUAGES
from core.domain.explanation.check_code import LENGTH, grouped, written
from core.domain.identity import Actor, Permission
from core.errors import Conflict
from core.i18n import N_, translator
from core.reports.decision_letter import DecisionLetter, as_page, as_text, pages_of, printed
from core.services import access
from core.services.explanation.checks import (
    Check,
    letter_checks,
    record_checks,
    withheld_checks,
)
from core.services.explanation.letter_forms import FORMATS, file_name, require_known
from core.services.explanation.letter_material import Material, material_of
from core.services.explanation.letter_page import letter_page, source_text
from core.services.explanation.letter_words import REMEDIES
from core.services.explanation.telling import ToldReason, told_reasons
from core.services.exports import MadeExport, publish
from core.services.personal import reasons
from core.services.personal.masking import checked_reason
from core.services.rights import attention
from core.services.workspace import Workspace
from core.store.audit import trail as audit
from core.store.audit.canonical import canonical_bytes
from core.store.explanations import letters as explanation_letters
from core.store.explanations import records
from core.store.explanations.letters import LetterRecord
from core.store.retention import tombstones

PURPOSE = "explanation letter"
WHY_WITHHELD = N_("Write why, for whoever reads it later.")
_CHECK = N_("Check code: {code}. Tell us the code, and we can say if this letter is ours.")


class LetterRefused(Conflict):
    """A letter did not pass its acceptance checks, so it may not leave.

    Parameters
    ----------
    template, remedy, **params : str, str, object
        As of every error.
    checks : tuple of Check
        All that were made; some of them failed.
    """

    def __init__(
        self, template: str, *, checks: tuple[Check, ...], remedy: str = "", **params: object
    ) -> None:
        self.checks = checks
        super().__init__(template, remedy=remedy, **params)


@dataclass(frozen=True, slots=True)
class MadeLetter:
    """A letter that passed its checks.

    Parameters
    ----------
    letter : LetterRecord
        What is kept of it.
    checks : tuple of Check
        What was checked.
    export : MadeExport
        The file to take away, for a day.
    """

    letter: LetterRecord
    checks: tuple[Check, ...]
    export: MadeExport


@dataclass(frozen=True, slots=True)
class WrittenLetter:
    """A letter that passed its checks, and its files.

    Parameters
    ----------
    letter : LetterRecord
        What is kept of it.
    checks : tuple of Check
        What was checked.
    files : mapping of str to bytes
        Format → content.
    """

    letter: LetterRecord
    checks: tuple[Check, ...]
    files: Mapping[str, bytes] = field(repr=False)


def make_letter(
    workspace: Workspace,
    model_id: str,
    prediction_id: str,
    *,
    language: str,
    actor: Actor,
    number: int | None = None,
    form: str = "pdf",
    withhold: str = "",
) -> MadeLetter:
    """Write a letter about a decision, check it in every language, and give out one of them.

    The letter has the person's own values: it is for the person.

    Parameters
    ----------
    workspace : Workspace
        Where.
    model_id, prediction_id : str
        Which decision.
    language : str
        Of the letter.
    actor : Actor
        Needs ``letter.release``, and says again who they are.
    number : int, optional
        Which kept record; the newest by default.
    form : str
        One of :data:`core.services.explanation.letter_forms.FORMATS`.
    withhold : str
        Why the reasons stay out, for the trail, naming nobody; empty to tell them.

    Raises
    ------
    Forbidden, StepUpNeeded, NotFound
        If the actor may not, has to say again who they are, or there is no such decision.
    InvalidInput
        If there is no such language or format, or the reason to withhold is too short.
    Conflict
        If no such record was kept, or the person was erased meanwhile.
    LetterRefused
        If an acceptance check failed.
    """
    access.require(actor, Permission.letter_release, model=model_id)
    access.require_recent(workspace, actor)
    require_known(language, form)
    made = write_letter(
        workspace,
        model_id,
        prediction_id,
        language=language,
        actor=actor,
        number=number,
        withhold=withhold,
    )
    export = publish(
        workspace,
        made.files[form],
        actor=actor,
        permission=Permission.letter_release,
        name=file_name(made.letter.reference, form),
        media_type=FORMATS[form],
        model=model_id,
    )
    return MadeLetter(made.letter, made.checks, export)


def write_letter(
    workspace: Workspace,
    model_id: str,
    prediction_id: str,
    *,
    language: str,
    actor: Actor,
    number: int | None = None,
    withhold: str = "",
    before: Callable[[WrittenLetter], None] = lambda _: None,
) -> WrittenLetter:
    """Write and check a letter, and put it on record as released; its files are the caller's.

    Parameters
    ----------
    workspace, model_id, prediction_id, language, number, withhold
        As of :func:`make_letter`.
    actor : Actor
        Needs ``letter.release``; the caller asks again who they are.
    before : callable
        Given the letter before it is on record: to store its files, so that none lacks that is
        called released.

    Raises
    ------
    Forbidden, NotFound, InvalidInput, Conflict, LetterRefused
        As :func:`make_letter`.
    """
    access.require(actor, Permission.letter_release, model=model_id)
    why = checked_reason(withhold, remedy=WHY_WITHHELD) if withhold else ""
    reference = f"LT-{grouped(written(secrets.randbits(5 * LENGTH)))}"
    material = material_of(
        workspace, model_id, prediction_id, number, reference=reference, actor=actor
    )
    _refuse_names(workspace, material, why)
    pages, checks = _checked(material, withheld=bool(why))
    if not all(each.passed for each in checks):
        _note_refused(workspace, material, checks, actor=actor)
        failed = [each.name for each in checks if not each.passed]
        raise LetterRefused(
            N_("The letter is not released; checks that failed: {failed}."),
            remedy=REMEDIES[failed[0]],
            checks=checks,
            failed=", ".join(failed),
        )
    letter, files = _sealed(workspace, material, pages[language], checks, bool(why), actor)
    made = WrittenLetter(letter, checks, files)
    before(made)
    _keep(workspace, material, letter, why, actor=actor)
    attention.note_shown(workspace, model_id, [prediction_id], "explanation", by=actor)
    return made


def _refuse_names(workspace: Workspace, material: Material, why: str) -> None:
    """Refuse a reason that names the person or another one."""
    if not why:
        return
    values = reasons.values_of_prediction(material.contract, material.decision.row)
    reasons.refuse_values(why, values)
    with workspace.store.read() as conn:
        reasons.refuse_known_people(workspace, conn, why)


def _checked(
    material: Material, *, withheld: bool
) -> tuple[Mapping[str, DecisionLetter], tuple[Check, ...]]:
    """Return the letter in every language, none of a bad record, and what came of its checks."""
    record, contract, book = material.record, material.contract, material.book
    first = record_checks(contract, book, record, material.again, material.scores)
    if not withheld and not all(each.passed for each in first):
        return {}, first
    told = _told(material) if _names_inputs(first) else dict.fromkeys(LANGUAGES, ())
    pages = {each: _page(material, each, told[each], withheld=withheld) for each in LANGUAGES}
    lengths = {each: pages_of(page) for each, page in pages.items()}
    if withheld:
        return pages, withheld_checks(told, pages, lengths)
    sources = {each: source_text(translator(each), record) for each in LANGUAGES}
    return pages, (*first, *letter_checks(told, sources, pages, lengths))


def _names_inputs(checks: tuple[Check, ...]) -> bool:
    """Whether the contract still knows what the reasons are about, so that they can be told."""
    return all(each.passed for each in checks if each.name == "inputs")


def _told(material: Material) -> Mapping[str, tuple[ToldReason, ...]]:
    return {
        each: told_reasons(
            translator(each), material.contract, material.book, material.record, masked=False
        )
        for each in LANGUAGES
    }


def _page(
    material: Material, language: str, told: tuple[ToldReason, ...], *, withheld: bool
) -> DecisionLetter:
    page = letter_page(
        translator(language),
        material.contract,
        material.template.template,
        material.record,
        told,
        material.around,
        withheld=withheld,
    )
    return _with_code(page, "0" * LENGTH)  # as long as the real one, for the length check


def _with_code(page: DecisionLetter, code: str) -> DecisionLetter:
    return replace(page, check=translator(page.language)(_CHECK, code=grouped(code)))


def _sealed(
    workspace: Workspace,
    material: Material,
    page: DecisionLetter,
    checks: tuple[Check, ...],
    withheld: bool,
    actor: Actor,
) -> tuple[LetterRecord, Mapping[str, bytes]]:
    """Return what is kept of a letter, and its files, with the code in them."""
    kept, now = material.kept, workspace.clock()
    content = canonical_bytes(
        {
            "explanation_sha256": kept.sha256,
            "template": material.template.number,
            "letter": asdict(replace(page, check="")),
            "salt": secrets.token_hex(16),
        }
    )
    digest = sha256(content).hexdigest()
    code = code_of(workspace, digest)
    final = _with_code(page, code)
    files = {"pdf": printed(final, at=now), "html": as_page(final), "text": as_text(final)}
    letter = LetterRecord(
        reference=material.around.reference,
        code=code,
        explanation_id=kept.id,
        model_id=kept.model_id,
        prediction_id=kept.prediction_id,
        subject_id=kept.subject_id,
        jurisdiction=kept.jurisdiction,
        language=page.language,
        withheld=withheld,
        template=material.template.number,
        files={form: sha256(each).hexdigest() for form, each in files.items()},
        checks=[each.document() for each in checks],
        sha256=digest,
        sealed=workspace.keys.seal(PURPOSE, content),
        made_at=now,
        made_by=actor.audit_name,
    )
    return letter, files


def code_of(workspace: Workspace, digest: str) -> str:
    """Return the check code of a letter's hash: the workspace's key is needed to make one."""
    return written(int(workspace.keys.mac(PURPOSE, digest), 16))


def _keep(
    workspace: Workspace, material: Material, letter: LetterRecord, why: str, *, actor: Actor
) -> None:
    with workspace.store.begin() as conn:
        if tombstones.marker(conn, letter.model_id) != material.buried:
            raise Conflict(
                N_("Somebody was erased while the letter was written."),
                remedy=N_("Make it again."),
            )
        if not records.is_kept(conn, letter.explanation_id):
            raise Conflict(
                N_("The record was disposed of while the letter was written."),
                remedy=N_("Make it again."),
            )
        explanation_letters.put(conn, letter)
        shown = [each.field for each in material.record.reasons]
        audit.append(
            conn,
            at=letter.made_at,
            actor=actor.audit_name,
            role=actor.role_text,
            kind="letter.released",
            objects=_objects(material) | {"letter": letter.reference},
            body={
                "language": letter.language,
                "template": letter.template,
                "withheld": letter.withheld,
                "personal": [] if why else [e for e in shown if material.contract.is_personal(e)],
                "sha256": letter.sha256,
                "files": dict(letter.files),
                "checks": [str(each["name"]) for each in letter.checks],
            },
            personal=reasons.about_unless_erased(conn, letter.subject_id, why) if why else None,
        )


def _note_refused(
    workspace: Workspace, material: Material, checks: tuple[Check, ...], *, actor: Actor
) -> None:
    with workspace.store.begin() as conn:
        audit.append(
            conn,
            at=workspace.clock(),
            actor=actor.audit_name,
            role=actor.role_text,
            kind="letter.refused",
            objects=_objects(material),
            body={"failed": {each.name: each.found for each in checks if not each.passed}},
        )


def _objects(material: Material) -> dict[str, str]:
    return {
        "model": material.kept.model_id,
        "prediction": material.kept.prediction_id,
        "jurisdiction": material.kept.jurisdiction,
        "explanation": material.kept.id,
    }
