"""Letters of a request: written from the record, in the customer's language and the other.

A letter that tells anything about a person is made only once it is known who asks. Each is on
record with its hash; the file itself is for whoever made it, for a day.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy import Connection

from core.contract import ModelContract
from core.domain.identity import Actor, Permission
from core.errors import Conflict, InvalidInput
from core.i18n import LOCALES, N_, translator
from core.lake.decisions.one_prediction import PredictionFiles, read_prediction
from core.reports.letters import Letter, printed
from core.services import access
from core.services.exports import MadeExport, publish
from core.services.personal import reasons
from core.services.questions import parsed_contract
from core.services.review.reason_columns import ATTRIBUTION
from core.services.rights.answers import answering_case
from core.services.rights.column_words import protected_label
from core.services.rights.common import (
    checked_words,
    keep_step,
    local_day,
    request_reference,
    require_identified,
    visible,
)
from core.services.rights.desk import read_request
from core.services.rights.disclosures import correction_of, recipients
from core.services.rights.letter_facts import LetterFacts
from core.services.rights.letter_texts import TITLES, letter_page
from core.services.rights.sender import sender
from core.services.rights.snapshots import read_snapshot
from core.services.routing.declared import level_at
from core.services.stale import retry_when_stale
from core.services.workspace import Workspace
from core.store import manifest, models
from core.store.review import cases as review_cases
from core.store.review.feeding import FED_KINDS
from core.store.rights import cases, disputes, opt_outs, refusals, requests
from core.store.rights.cases import RequestCase
from core.store.rights.opt_outs import EVERY_MODEL
from core.store.rights.requests import RequestRecord

TELL_NOTHING = frozenset({"acknowledgement", "identity_needed", "refusal"})
"""Letters that say nothing about a person but that there is a request."""
OF_KINDS: Mapping[str, frozenset[str]] = {
    "review_answer": frozenset({"review"}),
    "explanation": frozenset({"explanation"}),
    "access_cover": frozenset({"access"}),
    "correction_done": frozenset({"correction"}),
    "dispute_note": frozenset({"correction", "review"}),
    "opt_out": frozenset({"opt_out"}),
}
_CHINA = "CN"


def make_letter(
    workspace: Workspace,
    request_id: int,
    template: str,
    *,
    actor: Actor,
    text: str = "",
    partly: bool = False,
) -> MadeExport:
    """Make a letter of a request as a PDF for the actor to send.

    Parameters
    ----------
    workspace : Workspace
        Where.
    request_id : int
        Which request.
    template : str
        One of :data:`core.services.rights.letter_texts.TITLES`.
    actor : Actor
        Who makes it.
    text : str, optional
        The reasons of a delay, in the customer's language.
    partly : bool
        Whether a notice of delay goes with what can be given already.

    Raises
    ------
    Conflict
        If who asks is not confirmed and the letter would tell of a person, or what it says has
        not happened.
    InvalidInput
        If there is no such letter, or a delay has no reasons.
    """
    access.require(actor, Permission.rights_handle)
    if template not in TITLES:
        raise InvalidInput(
            N_("{text!r} is not known here."),
            remedy=N_("Choose from: {known}."),
            text=template,
            known=", ".join(TITLES),
        )
    with workspace.store.read() as conn:
        found = visible(conn, request_id, actor)
        if template not in TELL_NOTHING:
            require_identified(found)
        if not letter_fits(conn, found, template):
            raise Conflict(
                N_("What this letter says has not happened."),
                remedy=N_("Take the step first; the letter follows from it."),
            )
        if template == "late_notice":
            reasons.refuse_known_people(workspace, conn, checked_words(text))
    facts = _facts(workspace, found, template, text.strip(), partly, actor=actor)
    languages = languages_of(workspace, found)
    letter = Letter(tuple(letter_page(translator(each), template, facts) for each in languages))
    made = publish(
        workspace,
        printed(letter, at=workspace.clock()),
        actor=actor,
        permission=Permission.rights_handle,
        name=f"{facts.request}-{template.replace('_', '-')}.pdf",
        media_type="application/pdf",
        model=found.model_id,
    )
    with workspace.store.begin() as conn:
        body = {"template": template, "sha256": made.record.sha256, "languages": list(languages)}
        keep_step(workspace, conn, visible(conn, request_id, actor), "letter", by=actor, body=body)
    return made


def possible_letters(workspace: Workspace, request_id: int, *, actor: Actor) -> tuple[str, ...]:
    """Return the letters that can be made of a request now."""
    access.require(actor, Permission.rights_view)
    with workspace.store.read() as conn:
        found = visible(conn, request_id, actor)
        return tuple(
            each
            for each in TITLES
            if (each in TELL_NOTHING or found.identified_at is not None)
            and letter_fits(conn, found, each)
        )


def letter_fits(conn: Connection, found: RequestRecord, template: str) -> bool:
    """Whether what a letter says has happened."""
    if found.kind not in OF_KINDS.get(template, {found.kind}):
        return False
    actions = {each.action for each in requests.list_steps(conn, found.id)}
    match template:
        case "identity_needed":
            return found.is_open and found.identified_at is None
        case "late_notice":
            return found.late_notice_at is not None and found.is_open
        case "refusal":
            return refusals.of_request(conn, found.id) is not None
        case "review_answer":
            return found.outcome in {"upheld", "overturned"}
        case "explanation":
            return found.prediction_id is not None
        case "access_cover":
            return "copy_made" in actions or found.outcome == "nothing_held"
        case "correction_done":
            return "corrected" in actions
        case "dispute_note":
            return any(e.withdrawn_at is None for e in disputes.of_request(conn, found.id))
        case "opt_out":
            model_id = found.model_id or EVERY_MODEL
            return opt_outs.in_force(conn, found.subject_id, model_id) is not None
    return True


def languages_of(workspace: Workspace, found: RequestRecord) -> tuple[str, ...]:
    """Return the languages of a request's papers: the customer's own, then the other.

    Simplified Chinese joins where a row of the customer is of the Mainland.
    """
    first = [found.language]
    rest = ["en", "zh-CN"] if found.language == "zh-CN" else ["en", "zh-HK"]
    if found.snapshot_path is not None and found.identified_at is not None:
        try:
            document = read_snapshot(workspace, found)
        except Conflict:  # the person was erased
            document = {"models": []}
        if _is_of_the_mainland(document):
            rest.append("zh-CN")
    return tuple(dict.fromkeys(first + rest))


def _is_of_the_mainland(document: Mapping[str, object]) -> bool:
    held = document["models"]
    return any(
        row.get("jurisdiction") == _CHINA
        for each in (held if isinstance(held, list) else [])
        for row in each["streams"]["predictions"]
    )


def _facts(
    workspace: Workspace,
    found: RequestRecord,
    template: str,
    text: str,
    partly: bool,
    *,
    actor: Actor,
) -> LetterFacts:
    request = read_request(workspace, found.id, actor=actor)
    with workspace.store.read() as conn:
        refused = refusals.of_request(conn, found.id)
        case = answering_case(conn, found)
        before = _decision_before(conn, found)
        steps = requests.list_steps(conn, found.id)
        is_last = _is_last(conn, found, case)
        notes = [e for e in disputes.of_request(conn, found.id) if e.withdrawn_at is None]
    correction = correction_of(workspace, found.id, actor=actor)
    concerned = [e for e in recipients(workspace, found.id, actor=actor) if e.is_concerned]
    facts = LetterFacts(
        request=request_reference(request.id),
        kind=request.kind,
        received_on=request.received_on,
        due_on=request.due_on,
        today=local_day(workspace.clock()),
        is_statutory=request.is_statutory,
        sender=sender(workspace, actor=actor),
        outcome=found.outcome,
        final_decision=case.final_decision if case else None,
        columns=correction.columns if correction else (),
        corrected_on=correction.corrected_on if correction else None,
        recipients=len(concerned),
        recipients_told=sum(each.sent_on is not None for each in concerned),
        rows=_rows(workspace, found),
        looked_on=local_day(found.snapshot_at) if found.snapshot_at else None,
        is_copy_made=any(each.action == "copy_made" for each in steps),
        is_last=is_last,
        ground=refused.ground if refused else "",
        reasons=refused.reasons if refused else "",
        other_data_user=refused.other_data_user if refused else "",
        text=notes[-1].text if template == "dispute_note" else text,
        partly=partly,
    )
    if template not in _OF_THE_MODEL:
        return facts
    prediction = (found.model_id, found.prediction_id)
    if template == "review_answer" and case is not None:
        prediction = (case.model_id, case.prediction_id)
    told = _with_model(workspace, prediction, facts)
    if template == "review_answer" and case is not None:
        decided_on = local_day(case.final_at) if case.final_at else None
        return replace(told, decision=before, people_decided_on=decided_on)
    return told


_OF_THE_MODEL = frozenset({"review_answer", "explanation", "opt_out"})


def _rows(workspace: Workspace, found: RequestRecord) -> int:
    if found.snapshot_path is None or found.identified_at is None or found.sealed is None:
        return 0
    held = read_snapshot(workspace, found)["models"]
    return sum(len(rows) for each in held for rows in each["streams"].values())


def _decision_before(conn: Connection, found: RequestRecord) -> str | None:
    """Return the decision that a request's case was about: people's, if it is an appeal."""
    case = next(iter(cases.of_request(conn, found.id)), None)
    if case is None:
        return None
    people = cases.final_decision_of(conn, case.parent_id) if case.parent_id is not None else None
    return people or case.decision or None


def _is_last(conn: Connection, found: RequestRecord, case: RequestCase | None) -> bool:
    """Whether an appeal about what a request names was decided."""
    if case is not None:
        return case.kind == "appeal" and case.state == "final"
    if found.model_id is None or found.prediction_id is None:
        return False
    asks = found.kind in {"review", "explanation"}
    return asks and cases.appeal_decided(conn, found.model_id, found.prediction_id)


def _with_model(
    workspace: Workspace, prediction: tuple[str | None, str | None], facts: LetterFacts
) -> LetterFacts:
    """Return the facts with what the model is, and what it did in a prediction."""
    model_id, prediction_id = prediction
    if model_id is None:
        return facts
    contract, row = _row(workspace, model_id, prediction_id)
    version, predicted_at = str(row.get("version") or ""), row.get("time")
    with workspace.store.read() as conn:
        revisions = models.spec_revisions(conn, model_id)
        verdict = None
        if prediction_id is not None:
            verdict = review_cases.newest_final(conn, model_id, prediction_id, FED_KINDS)
    if verdict is not None and verdict.final_at is not None:
        decided_on = local_day(verdict.final_at)
        facts = replace(facts, people_decided_on=decided_on, final_decision=verdict.final_decision)
    return replace(
        facts,
        model_name={each: contract.name.get(each) for each in LOCALES},
        purpose={each: contract.purpose.get(each) for each in LOCALES},
        decision=None if row.get("decision") is None else str(row["decision"]),
        oversight_level=level_at(revisions, version, predicted_at)
        if isinstance(predicted_at, datetime)
        else None,
        rule=_rule(contract, version),
        is_weighed=_is_weighed(contract, row),
        inputs={e: tuple(f.label_in(e) for f in contract.features) for e in LOCALES},
        not_used={each: _never_given(contract, each) for each in LOCALES},
    )


def _never_given(contract: ModelContract, language: str) -> tuple[str, ...]:
    t = translator(language)
    return tuple(protected_label(t, contract, each) for each in contract.protected)


def _is_weighed(contract: ModelContract, row: Mapping[str, object]) -> bool:
    """Whether declared columns of a prediction hold how much a piece of data weighed."""
    of_weights = (e.name for e in contract.columns if ATTRIBUTION.fullmatch(e.name))
    return any(isinstance(row.get(each), int | float) for each in of_weights)


def _rule(contract: ModelContract, version: str) -> str:
    named = next((each.policy for each in contract.versions if each.id == version), None)
    return next((each.rule for each in contract.policy if each.version == named), "")


@retry_when_stale
def _row(
    workspace: Workspace, model_id: str, prediction_id: str | None
) -> tuple[ModelContract, Mapping[str, object]]:
    with workspace.store.read() as conn:
        record = models.get(conn, model_id)
        files = manifest.files_at(
            conn, model_id, record.lake_generation, kinds=["data"], streams=["predictions"]
        )
    contract = parsed_contract(record.spec_text)
    if prediction_id is None:
        return contract, {}
    place = PredictionFiles(model_id, [workspace.lake_paths(files)])
    row = read_prediction(workspace.duck, workspace.id_filters, place, prediction_id)
    return contract, row or {}
