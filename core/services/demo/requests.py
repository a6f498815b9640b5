"""Customers' requests of the demo, one of each kind and two that are closed: all simulated.

Nobody wrote them. They are about real rows of the demo's loans, are in the hands of somebody who
never was, and went through the same services as any other request.
"""

from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import Connection, and_, select

from core.domain.identity import Actor, Permission
from core.domain.review import HIGH, CaseState
from core.domain.working_days import local_day
from core.lake.streams import identity_column
from core.services import access
from core.services.approvals import four_eyes as approvals
from core.services.demo.people import AT_THE_DESK, CHECKER, DESK, LEADS, closed_accounts
from core.services.review.words import prediction_row
from core.services.rights import (
    answers,
    disclosures,
    disputes,
    intake,
    opt_outs,
    refusals,
    sender,
    snapshots,
)
from core.services.workspace import Workspace
from core.store.rights import requests
from core.store.tables import review_case

_HEAD = ("Harbour Bank (simulated)", "1 Harbour Road, Hong Kong (simulated)")
_LONG_AGO = timedelta(days=120)
_REASONS = "Simulated: three letters asked for a document, and none came."
_NOTE = "（模擬）僱員人數是申請當日的數字，其後已增至十二人。"


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a simulated customer asks for, so many days ago."""

    kind: str
    channel: str
    language: str
    days: int
    words: str
    method: str | None = "document"


# Access and correction come today: as at an earlier receipt the new workspace held no rows.
_REVIEW = _Asked("review", "letter", "zh-HK", 9, "（模擬）請由職員重新考慮我的申請。")
_EXPLANATION = _Asked(
    "explanation", "email", "en", 34, "Simulated: why was my application declined?", "questions"
)
_ACCESS = _Asked("access", "branch", "en", 0, "Simulated: a copy of all you hold about me.")
_CORRECTION = _Asked(
    "correction", "web", "zh-HK", 0, "（模擬）僱員人數不正確，請更正。", "secure_sign_in"
)
_OPT_OUT = _Asked("opt_out", "phone", "zh-CN", 26, "（模拟）请不要只由模型作出决定。", None)
_OPTED_OUT = _Asked("opt_out", "letter", "en", 16, "Simulated: let a person decide, please.")
_UNKNOWN = _Asked("access", "email", "en", 20, "Simulated: send me what you have.", None)
_OF_DECIDED = (_REVIEW, _EXPLANATION, _ACCESS, _OPT_OUT, _OPTED_OUT, _UNKNOWN)


def simulate_requests(workspace: Workspace, model_id: str, *, actor: Actor) -> int:
    """Take simulated requests in about a model's reviewed predictions; return how many.

    Done once: where there is a request already, or too few predictions were reviewed, nothing is
    added.

    Parameters
    ----------
    workspace : Workspace
        The demo's, with simulated verdicts.
    model_id : str
        Whose predictions.
    actor : Actor
        Needs ``user.manage``, as whoever builds the demo.

    Raises
    ------
    Forbidden
        If the actor may not.
    """
    access.require(actor, Permission.user_manage)
    with workspace.store.begin() as conn:
        if requests.list_requests(conn):
            return 0
        decided, waiting = _predictions(conn, model_id)
        if len(decided) < len(_OF_DECIDED) or waiting is None:
            return 0
        people = closed_accounts(workspace, conn, (AT_THE_DESK, *LEADS), workspace.clock())
    desk = _Desk(workspace, model_id, people[DESK].actor("cli"), people[CHECKER].actor("cli"))
    sender.set_sender(workspace, _HEAD, actor=desk.lead)
    made = {
        asked: desk.take(asked, prediction)
        for asked, prediction in zip(_OF_DECIDED, decided, strict=True)
    }
    desk.go_on(made[_REVIEW], made[_ACCESS], made[_OPTED_OUT], made[_UNKNOWN])
    desk.correct(waiting)
    return len(made) + 1


def _predictions(conn: Connection, model_id: str) -> tuple[list[str], str | None]:
    """Return the newest predictions that people declined, and one of which a case waits.

    None whose case was of the high tier: an appeal against it takes two leads, and the demo has one
    who can sign in.
    """
    routed = (
        select(review_case.c.prediction_id)
        .where(review_case.c.model_id == model_id, review_case.c.kind == "routed")
        .order_by(review_case.c.predicted_at.desc(), review_case.c.id)
    )
    declined = and_(review_case.c.final_decision == "decline", review_case.c.tier != HIGH)
    waits = review_case.c.state == str(CaseState.open)
    decided = conn.scalars(routed.where(declined).limit(len(_OF_DECIDED)))
    return list(decided), conn.scalars(routed.where(waits).limit(1)).first()


@dataclass(frozen=True, slots=True)
class _Desk:
    """Who handles the simulated requests, and who decides what takes two people."""

    workspace: Workspace
    model_id: str
    clerk: Actor
    lead: Actor

    def take(self, asked: _Asked, prediction: str) -> int:
        """Take a request in, and confirm who asks; return its number."""
        made = intake.intake(
            self.workspace,
            asked.kind,
            self._reference(prediction),
            words=asked.words,
            actor=self.clerk,
            channel=asked.channel,
            language=asked.language,
            received_at=self.workspace.clock() - timedelta(days=asked.days),
            model=self.model_id,
            prediction=prediction,
        )
        if asked.method is not None:
            intake.identify(self.workspace, made.id, asked.method, actor=self.clerk)
        return made.id

    def go_on(self, review: int, copy: int, opted_out: int, unknown: int) -> None:
        """Open the case that one asks for, freeze for another, close two."""
        answers.open_case(self.workspace, review, actor=self.clerk)
        snapshots.freeze(self.workspace, copy, actor=self.clerk)
        opt_outs.enter(self.workspace, opted_out, actor=self.clerk)
        answers.answer(self.workspace, opted_out, "opted_out", actor=self.clerk)
        proposed = refusals.propose_refusal(
            self.workspace,
            unknown,
            ground="identity_not_shown",
            reasons_text=_REASONS,
            actor=self.clerk,
        )
        approvals.approve(self.workspace, proposed.id, actor=self.lead)

    def correct(self, prediction: str) -> None:
        """Take a request for correction in whose customer's note stays with the score."""
        today = local_day(self.workspace.clock())
        for recipient, purpose, on in (
            ("Credit reference agency (simulated)", "Credit report", today - timedelta(days=70)),
            ("Loan guarantor (simulated)", "Guarantee", today - _LONG_AGO),
        ):
            disclosures.note_disclosure(
                self.workspace,
                self._reference(prediction),
                recipient,
                purpose=purpose,
                on=on,
                columns=("employees",),
                model=self.model_id,
                actor=self.clerk,
            )
        number = self.take(_CORRECTION, prediction)
        snapshots.freeze(self.workspace, number, actor=self.clerk)
        disputes.attach_note(self.workspace, number, _NOTE, actor=self.clerk)

    def _reference(self, prediction: str) -> str:
        """Return what the log calls the person of a prediction."""
        contract, row = prediction_row(self.workspace, self.model_id, prediction)
        return str((row or {}).get(identity_column(contract)) or prediction)
