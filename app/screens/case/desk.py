"""What a reviewer says of a case: the widget's data, its drafts, and what its presses do."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import streamlit as st

from app.components.desk import desk
from app.components.text import error_text
from app.context import PageContext
from app.screens.review.keys import CASE_KEYS, key_map, reason_options, verdict_options, words
from app.screens.review.words import clock
from core.auth.policy import allows
from core.domain.identity import Permission
from core.domain.review import Verdict
from core.domain.working_days import local_day
from core.errors import HarbourlightError, InvalidInput, SignedOut
from core.i18n import N_
from core.services.review import claims, drafts, verdicts
from core.services.review.case_view import CaseView, Stage
from core.services.review.cases import Case
from core.services.review.verdicts import Proposal
from core.services.review.words import MOST_CHARACTERS

DESK = "review_desk"
NONE_LEFT = "_hl_none_left"
_STATE, _MORE = "_hl_desk", "_hl_desk_again"
_FOLLOW_UP = timedelta(days=7)
_LONGEST_NAME = 60
# What of the form goes with which verdict, and which verdicts take words.
_PARTS: Mapping[Stage, Mapping[str, tuple[str, ...]]] = {
    "maker": {
        "uphold": ("text",),
        "overturn": ("final", "text", "evidence"),
        "escalate": ("text",),
        "ask": ("day", "text"),
    },
    "own_view": {"uphold": (), "overturn": ()},
    "checker": {"agree": ("text",), "send_back": ("text",), "escalate": ("text",)},
    "read": {},
}
_WORDED = ("overturn", "escalate", "ask", "send_back")


def show_desk(ctx: PageContext, view: CaseView) -> None:
    """Show the widget; what is written is saved without drawing the page again."""
    if _kept().get("case") != view.case.id:
        st.session_state[_STATE] = {"case": view.case.id, "answer": _kept().get("answer", 0)}
        if view.stage != "read":
            _restore(ctx, view.case)

    @st.fragment
    def again() -> None:
        if st.session_state.pop(_MORE, False):
            st.rerun()
        _draw(ctx, view)

    again()


def _kept() -> dict[str, Any]:
    found = st.session_state.get(_STATE)
    return found if isinstance(found, dict) else {}


def _restore(ctx: PageContext, case: Case) -> None:
    draft = drafts.read_draft(ctx.workspace, case.id, actor=ctx.actor)
    if draft is not None:
        _kept().update(body=dict(draft.body), number=draft.number, saved=draft.saved_at)


def _draw(ctx: PageContext, view: CaseView) -> None:
    t, stage = ctx.t, view.stage
    desk(
        {
            "words": words(t, stage),
            "keys": key_map(t, CASE_KEYS[stage]),
            "next": stage == "read" and allows(ctx.actor, Permission.review_work),
            "go": "",
            "case": _case_data(ctx, view),
        },
        key=DESK,
        on_draft=lambda: _written(ctx),
        on_act=lambda: _pressed(ctx, view),
    )


def _case_data(ctx: PageContext, view: CaseView) -> dict[str, Any]:
    t, kept, case, stage = ctx.t, _kept(), view.case, view.stage
    lease = kept.get("lease") or case.lease_until
    now = ctx.workspace.clock()
    saved = kept.get("saved")
    today = local_day(now)
    stamp = "" if lease is None else lease.isoformat()
    return {
        "id": case.id,
        "stage": stage,
        "revision": case.revision,
        "verdicts": [] if stage == "read" else verdict_options(t, stage),
        "reasons": reason_options(t) if stage == "maker" else {},
        "parts": {name: list(parts) for name, parts in _PARTS[stage].items()},
        "needs_text": list(_WORDED),
        "needs_evidence": True,
        "decisions": list(view.decisions),
        "first_day": (today + timedelta(days=1)).isoformat(),
        "follow_up": (today + _FOLLOW_UP).isoformat(),
        "longest": MOST_CHARACTERS,
        "draft": kept.get("body"),
        "number": kept.get("number", 0),
        "saved_number": kept.get("number", 0),
        "saved_at": "" if saved is None else _seconds(ctx, saved),
        "save_error": kept.get("save_error", ""),
        "error": kept.get("error", ""),
        "answer": kept.get("answer", 0),
        "lease_stamp": stamp,
        "lease_left": _left(kept, lease, now, stamp),
    }


def _left(kept: dict[str, Any], lease: Any, now: Any, stamp: str) -> int | None:
    """Return the seconds left of a lease as of when it was first told, so the data stay equal."""
    if lease is None:
        return None
    if kept.get("lease_told") != stamp:
        kept["lease_told"] = stamp
        kept["lease_left"] = max(0, int((lease - now).total_seconds()))
    return int(kept["lease_left"])


def _seconds(ctx: PageContext, at: Any) -> str:
    shown = clock(ctx.t, at, ctx.workspace.clock(), ctx.filters.timezone)
    return f"{shown}:{at:%S}" if len(shown) == len("17:03") else shown


def _written(ctx: PageContext) -> None:
    """Keep what was written; called while somebody writes."""
    given = st.session_state[DESK].get("draft")
    if not isinstance(given, dict):
        return
    case_id, number, body = given.get("case"), given.get("number"), given.get("body")
    if not (isinstance(case_id, int) and isinstance(number, int) and isinstance(body, dict)):
        return
    kept = _kept()
    if kept.get("case") != case_id:
        return
    try:
        found = drafts.save_draft(ctx.workspace, case_id, body_of(body), number, actor=ctx.actor)
    except SignedOut:
        raise
    except HarbourlightError as error:
        kept["save_error"] = error_text(ctx.t, error)
    else:
        kept.update(number=found.number, body=dict(found.body), saved=found.saved_at, save_error="")


def body_of(given: Mapping[str, object]) -> dict[str, str]:
    """Return the fields of a draft as texts of bounded length; what is not known is dropped."""
    lengths = {"text": MOST_CHARACTERS, "evidence": MOST_CHARACTERS}
    names = ("verdict", "reason_code", "final_decision", "follow_up_on", "text", "evidence")
    return {name: str(given.get(name) or "")[: lengths.get(name, _LONGEST_NAME)] for name in names}


def _pressed(ctx: PageContext, view: CaseView) -> None:
    """Do what was pressed; an error is told at the widget, and nothing that was written is lost."""
    given = st.session_state[DESK].get("act")
    if not isinstance(given, dict):
        return
    kept = _kept()
    kind = given.get("kind")
    kept["error"] = ""
    try:
        if kind == "beat":
            kept["lease"] = claims.renew(ctx.workspace, view.case.id, actor=ctx.actor)
            return
        kept["answer"] = kept.get("answer", 0) + 1
        _act(ctx, view, given)
    except SignedOut:
        raise
    except HarbourlightError as error:
        kept["error"] = error_text(ctx.t, error)
        kept["answer"] = kept.get("answer", 0) + (1 if kind == "beat" else 0)
        return
    st.session_state[_MORE] = True


def _act(ctx: PageContext, view: CaseView, given: Mapping[str, Any]) -> None:
    kind = given.get("kind")
    if kind == "next":
        _open_next(ctx, view.stage)
    elif kind == "give_back":
        claims.give_back(ctx.workspace, view.case.id, actor=ctx.actor)
        _forget()
    elif kind == "submit" and given.get("case") == view.case.id:
        submit(ctx, view, given)
        _forget()
        if given.get("next") is True and view.stage != "own_view":
            _open_next(ctx, view.stage)


def submit(ctx: PageContext, view: CaseView, given: Mapping[str, Any]) -> None:
    """Hand in what the widget says, to the service that its verdict calls for.

    Raises
    ------
    HarbourlightError
        Whatever the services raise; ``InvalidInput`` also for what is no verdict of the stage.
    """
    raw, revision = given.get("body"), given.get("revision")
    body = body_of(raw if isinstance(raw, dict) else {})
    revision = revision if isinstance(revision, int) else view.case.revision
    verdict, text, case = body["verdict"], body["text"], view.case
    workspace, actor = ctx.workspace, ctx.actor
    if verdict not in _PARTS[view.stage]:
        raise InvalidInput(N_("The verdict is missing."), remedy=N_("Choose a verdict first."))
    if view.stage == "own_view":
        verdicts.record_own_view(
            workspace, case.id, Verdict(verdict), actor=actor, revision=revision
        )
    elif verdict == "escalate":
        verdicts.escalate(workspace, case.id, actor=actor, revision=revision, text=text)
    elif verdict == "ask":
        day = _day(body["follow_up_on"])
        verdicts.ask_customer(
            workspace, case.id, follow_up_on=day, text=text, actor=actor, revision=revision
        )
    elif verdict == "agree":
        verdicts.agree(workspace, case.id, actor=actor, revision=revision, text=text)
    elif verdict == "send_back":
        verdicts.send_back(workspace, case.id, actor=actor, revision=revision, text=text)
    else:
        verdicts.propose(
            workspace, case.id, _proposal(view, body, given), actor=actor, revision=revision
        )


def _proposal(view: CaseView, body: Mapping[str, str], given: Mapping[str, Any]) -> Proposal:
    case, overturned = view.case, body["verdict"] == "overturn"
    seconds, panes = given.get("seconds"), given.get("panes")
    return Proposal(
        verdict=Verdict(body["verdict"]),
        final_decision=body["final_decision"] if overturned else case.decision,
        reason_code=body["reason_code"],
        text=body["text"],
        evidence=tuple(
            line for each in body["evidence"].splitlines() if overturned and (line := each.strip())
        )[: verdicts.MOST_EVIDENCE],
        seconds_on_case=min(max(seconds, 0), 86_400) if isinstance(seconds, int) else 0,
        score_seen=not case.score_hidden,
        panes_opened=tuple(str(each)[:_LONGEST_NAME] for each in panes[:20])
        if isinstance(panes, list)
        else (),
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise InvalidInput(
            N_("The day to ask again is missing."), remedy=N_("Choose it first.")
        ) from error


def _open_next(ctx: PageContext, stage: Stage) -> None:
    """Take the next case of the kind that was just done, and show it in the place of this one."""
    if stage == "checker":
        found = claims.next_check(ctx.workspace, actor=ctx.actor)
    else:
        found = claims.claim_next(ctx.workspace, actor=ctx.actor)
    if found is not None:
        st.query_params["case"] = str(found.id)
    else:
        st.session_state[NONE_LEFT] = True


def _forget() -> None:
    """Forget what was written about the case that is no longer at hand."""
    st.session_state[_STATE] = {"answer": _kept().get("answer", 0)}
