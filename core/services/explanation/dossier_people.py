"""What people did about a decision: reviews, release, customers' requests, how long it is kept.

Words that somebody wrote about a person are not in a dossier, but for the person's own note of
dispute where values are in. Blind controls and second reviews are left out: they are about those
who review, and tell who waits for one.
"""

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from core.domain.identity import Actor
from core.domain.review import FINISHED, Action
from core.errors import Conflict
from core.i18n import N_
from core.services.explanation.dossier_origins import disclosed
from core.services.explanation.dossier_source import Source
from core.services.retention.rules import rules_in_force
from core.services.review.blind import BLIND, is_kept_blind
from core.services.review.shown_case import case_reference
from core.services.rights.common import in_scope, request_reference
from core.services.serving.releases import ANSWERED, release_state
from core.store.audit import trail as audit
from core.store.retention import holds
from core.store.review import cases, steps
from core.store.review.records import CaseRecord
from core.store.rights import disclosures, disputes, opt_outs, requests
from core.store.rights.requests import RequestRecord

_CLASSES = ("personal_data", "decision_record", "review_record", "explanation_record")
_MOST = 1000
_NO_SCOPE = N_("Requests concern all rows of a person; the scope of who made this is limited.")


def refuse_while_reviewed(
    conn: Connection, model_id: str, prediction_id: str, reader: Actor
) -> None:
    """Let pass who may know what was decided: of a waiting case, nobody who works on cases.

    Raises
    ------
    Conflict
        If a case of the decision waits, and the reader is kept blind.
    """
    found = cases.of_prediction(conn, model_id, prediction_id)
    if is_kept_blind(reader) and any(each.state not in FINISHED for each in found):
        raise Conflict(
            N_("A case of this decision waits."),
            remedy=N_("Make the dossier once its verdict is final, or ask an auditor."),
        )


def review(conn: Connection, source: Source) -> Mapping[str, object]:
    """Return who looked at the decision, when, and with which view first and last."""
    found = cases.of_prediction(conn, source.model_id, source.kept.prediction_id)
    told = [_case(conn, each, source) for each in found if each.kind not in BLIND]
    source.or_why("/review/cases", told, N_("No person has reviewed this decision."))
    about = {"model": source.model_id, "prediction": source.kept.prediction_id}
    revealed = audit.list_newest(conn, kind="personal.revealed", objects=about, limit=_MOST)
    return {
        "cases": told,
        "files_opened": _opened(conn, about, source),
        "values_revealed": [
            {"at": each.at, "by": source.people(each.actor)} for each in reversed(revealed)
        ],
    }


def release(source: Source) -> Mapping[str, object]:
    """Return whether the decision may take effect now, and what systems were told of it."""
    found = release_state(
        source.workspace, source.model_id, source.kept.prediction_id, actor=source.actor
    )
    about = {"model": source.model_id, "prediction": source.kept.prediction_id}
    with source.workspace.store.read() as conn:
        answered = audit.list_newest(conn, kind=ANSWERED, objects=about, limit=_MOST)
    told = [{"at": each.at, "system": each.actor, **each.body} for each in reversed(answered)]
    source.or_why("/release/answered", told, N_("No answer to a serving system is on record."))
    return {
        "state": found.state,
        "reason": found.reason,
        "oversight_level": found.oversight_level,
        "decided_at": found.decided_at,
        "decision": found.decision,
        "answered": told,
    }


def rights(conn: Connection, source: Source) -> Mapping[str, object]:
    """Return what the person was told, asked for, and disputes."""
    told: list[Mapping[str, object]] = []
    if source.actor.jurisdictions is not None:
        source.unknown["/rights/requests"] = _NO_SCOPE
    else:
        told = [_request(conn, each, source) for each in _requests(conn, source)]
        source.or_why("/rights/requests", told, N_("No request about this decision is on record."))
    notes = disputes.notes_for(conn, source.model_id, source.kept.prediction_id)
    out = opt_outs.in_force(conn, source.kept.subject_id, source.model_id)
    return {
        "disclosure": disclosed(conn, source),
        "letters": _letters(conn, source),
        "given_to": _disclosures(conn, source),
        "requests": told,
        "disputes": [
            {
                "request": request_reference(each.request_id),
                "made_at": each.made_at,
                "text": each.text if source.values else None,
            }
            for each in notes
        ],
        "opted_out_since": out and out.since,
    }


def keeping(conn: Connection, source: Source) -> Mapping[str, object]:
    """Return how long records of the decision are kept, and what holds them."""
    rules = rules_in_force(conn)
    placed = holds.list_holds(conn, in_force=True)
    covering = [
        each
        for each in placed
        if each.is_seen_by(source.actor)
        and any(
            each.covers(
                subject_id=source.kept.subject_id, model_id=source.model_id, record_class=name
            )
            for name in _CLASSES
        )
    ]
    return {
        "classes": [
            {
                "class": name,
                "minimum_days": rules[name].minimum_days,
                "maximum_days": rules[name].maximum_days,
            }
            for name in _CLASSES
        ],
        "holds": [
            {
                "id": each.id,
                "class": each.record_class,
                "placed_at": each.placed_at,
                "placed_by": source.people(each.placed_by),
            }
            for each in covering
        ],
    }


def _opened(
    conn: Connection, about: Mapping[str, str], source: Source
) -> Sequence[Mapping[str, object]]:
    """Return which files of its cases people opened; of blind cases none."""
    found = audit.list_newest(conn, kind="review.file_read", objects=about, limit=_MOST)
    open_kinds = {
        str(each.id)
        for each in cases.of_prediction(conn, source.model_id, source.kept.prediction_id)
        if each.kind not in BLIND
    }
    told = [
        {
            "at": each.at,
            "by": source.people(each.actor),
            "case": case_reference(int(each.objects["case"])),
            **{name: each.body[name] for name in ("file", "media_type", "bytes")},
        }
        for each in reversed(found)
        if each.objects["case"] in open_kinds
    ]
    return source.or_why(
        "/review/files_opened", told, N_("No file of a case of this decision was opened.")
    )


def _letters(conn: Connection, source: Source) -> Sequence[Mapping[str, object]]:
    """Return the letters about the decision that were released, without what they say."""
    about = {"model": source.model_id, "prediction": source.kept.prediction_id}
    found = audit.list_newest(conn, kind="letter.released", objects=about, limit=_MOST)
    told = [
        {
            "at": each.at,
            "by": source.people(each.actor),
            "reference": each.objects["letter"],
            **{name: each.body[name] for name in ("language", "template", "withheld", "sha256")},
        }
        for each in reversed(found)
    ]
    return source.or_why("/rights/letters", told, N_("No letter about this decision was released."))


def _disclosures(conn: Connection, source: Source) -> Sequence[Mapping[str, object]]:
    """Return who else was given data of the person that this model's log holds."""
    if source.actor.jurisdictions is not None:
        source.unknown["/rights/given_to"] = _NO_SCOPE
        return []
    found = disclosures.list_of(conn, source.kept.subject_id)
    told = [
        {"to": each.recipient, "on": each.disclosed_on, "columns": list(each.what)}
        for each in reversed(found)
        if each.model_id in {None, source.model_id}
    ]
    return source.or_why("/rights/given_to", told, N_("No disclosure to others is on record."))


def _case(conn: Connection, case: CaseRecord, source: Source) -> Mapping[str, object]:
    found = steps.of_case(conn, case.id)
    views = [each.verdict for each in found if each.action == Action.record_own_view]
    proposed = [each.verdict for each in found if each.action == Action.propose]
    return {
        "reference": case_reference(case.id),
        "kind": case.kind,
        "state": str(case.state),
        "rule": case.rule,
        "score_shown": case.score_shown,
        "made_at": case.created_at,
        "due_at": case.due_at,
        "final_at": case.final_at,
        "own_view": next(iter(views), None),
        "first_verdict": next(iter(proposed), None),
        "final_verdict": str(case.verdict) if case.verdict and case.final_at else None,
        "final_decision": case.final_decision,
        "reason_code": case.reason_code,
        "maker": source.people(case.maker_id),
        "checker": source.people(case.checker_id),
        "steps": [
            {
                "at": each.at,
                "by": source.people(each.actor_id),
                "action": each.action,
                "to_state": each.to_state,
                "verdict": each.verdict,
                "reason_code": each.reason_code,
                "notes_of_evidence": len(each.body.get("evidence", ())),
            }
            for each in found
            if each.action != Action.unmask
        ],
    }


def _requests(conn: Connection, source: Source) -> Sequence[RequestRecord]:
    found = requests.list_requests(conn, subject_id=source.kept.subject_id, limit=_MOST)
    here = (source.model_id, source.kept.prediction_id)
    return sorted(
        (
            each
            for each in found
            if (each.model_id, each.prediction_id) == here and in_scope(each.model_id, source.actor)
        ),
        key=lambda each: each.id,
    )


def _request(conn: Connection, each: RequestRecord, source: Source) -> Mapping[str, object]:
    return {
        "reference": request_reference(each.id),
        "kind": each.kind,
        "channel": each.channel,
        "state": each.state,
        "received_at": each.received_at,
        "due_on": each.due_on,
        "outcome": each.outcome,
        "closed_at": each.closed_at,
        "steps": [
            {"at": step.at, "by": source.people(step.actor_id), "action": step.action}
            for step in requests.list_steps(conn, each.id)
        ],
    }
