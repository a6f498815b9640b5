"""The approvals screen: what waits, what would change, and deciding it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd
import streamlit as st

from app.components import Column, note, static_table
from app.components.step_up import attempt_and_rerun
from app.components.text import error_text
from app.context import PageContext
from app.screens.explanations.letter_template_editor import part_name
from app.screens.serving.page import LEVELS
from core.domain.identity import Actor
from core.errors import HarbourlightError
from core.i18n import N_, Translator
from core.services.approvals import four_eyes as approvals
from core.services.approvals.kinds import KINDS
from core.store.approvals import Approval

STATES = {
    "pending": N_("waiting"),
    "approved": N_("approved"),
    "rejected": N_("rejected"),
    "withdrawn": N_("withdrawn"),
    "expired": N_("ran out"),
}
# What kinds of steps call the things they change.
_FIELDS = {
    "state": N_("State"),
    "reason": N_("Reason"),
    "fallback_version": N_("Fall-back version"),
    "serving_version": N_("Version that should serve"),
    "log.subject": N_("Column of the subject"),
    "log.jurisdiction": N_("Column of the jurisdiction"),
    "cut_off": N_("Cut-off"),
    "sha256": N_("SHA-256 of the contract"),
    "user.password": N_("Password"),
    "user.second_factor": N_("Second factor"),
    "user.identity": N_("Identity at the provider"),
}
# What an erasure or a disposal takes away is named "model: stream".
_STREAMS = {
    "predictions": N_("Prediction log"),
    "decisions": N_("Decisions"),
    "outcomes": N_("Outcomes"),
    "resolved": N_("Outcomes joined"),
    "quarantine": N_("Quarantine"),
}
_VALUES = {
    "production": N_("in production"),
    "suspended": N_("suspended"),
    "true": N_("yes"),
    "false": N_("no"),
    "one-time": N_("one-time"),
    "none": N_("none"),
    "set up": N_("set up"),
    "the person's own": N_("the person's own"),
    **LEVELS,
}
# What of a contract guards people: fields by their path, with the name of the part in the middle.
_GUARDS = (
    (re.compile(r"(?:columns|features)\[(.+)\]\.personal"), N_("{part}: personal")),
    (re.compile(r"protected\[(.+)\]"), N_("{part}: protected")),
    (re.compile(r"versions\[(.+)\]\.oversight_level"), N_("Version {part}: oversight level")),
    (re.compile(r"versions\[(.+)\]\.policy"), N_("Version {part}: policy")),
    (re.compile(r"policy\[(.+)\]\.rule"), N_("Policy {part}: rule")),
)
_NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Board:
    """Approvals as the reader meets them.

    Parameters
    ----------
    for_me : tuple of Approval
        The reader may decide them.
    elsewhere : tuple of (Approval, HarbourlightError)
        Those that somebody else has to decide, with what keeps the reader from it.
    ended : tuple of Approval
        Decided, withdrawn or run out.
    names : mapping
        User id → name.
    """

    for_me: tuple[Approval, ...]
    elsewhere: tuple[tuple[Approval, HarbourlightError], ...]
    ended: tuple[Approval, ...]
    names: Mapping[str, str]


def board(ctx: PageContext) -> Board:
    """Sort what is in the reader's scope by who has to act."""
    found = approvals.list_approvals(ctx.workspace, actor=ctx.actor)
    for_me: list[Approval] = []
    elsewhere: list[tuple[Approval, HarbourlightError]] = []
    for each in (each for each in found if each.state == "pending"):
        hindrance = approvals.obstacle(ctx.workspace, each.id, actor=ctx.actor)
        if hindrance is None:
            for_me.append(each)
        else:
            elsewhere.append((each, hindrance))
    return Board(
        tuple(for_me),
        tuple(elsewhere),
        tuple(each for each in found if each.state != "pending"),
        approvals.names(ctx.workspace, actor=ctx.actor),
    )


def summary(t: Translator, shown: Board) -> str:
    """Return the sentence of the page."""
    mine = (
        t.n("One proposal waits for you.", "{n} proposals wait for you.", len(shown.for_me))
        if shown.for_me
        else t("Nothing waits for you.")
    )
    if not shown.elsewhere:
        return mine
    others = t.n(
        "One waits for somebody else.",
        "{n} wait for somebody else.",
        len(shown.elsewhere),
    )
    return t.sentences(mine, others)


def frame(
    ctx: PageContext, found: Sequence[Approval], names: Mapping[str, str], *, ended: bool = False
) -> tuple[pd.DataFrame, list[Column]]:
    """Return a table of approvals and its columns."""
    t, zone = ctx.t, ctx.filters.timezone
    rows = [
        {
            "kind": _label(t, each.kind),
            "object": _object(ctx, each, names),
            "state": t(STATES[each.state]),
            "proposed": t.instant(each.proposed_at, zone),
            "by": names.get(each.proposed_by, each.proposed_by),
            "until": t.instant(each.expires_at, zone),
            "ended": t.instant(each.decided_at or each.expires_at, zone),
            "decider": names.get(each.decided_by or "", _NOTHING),
            "why": each.decision_reason or _NOTHING,
        }
        for each in found
    ]
    columns = [
        Column("kind", t("Step")),
        Column("object", t("Concerns")),
        Column("by", t("Proposed by")),
        Column("proposed", t("Proposed")),
    ]
    columns += (
        [
            Column("state", t("State")),
            Column("ended", t("Ended")),
            Column("decider", t("Decided by")),
            Column("why", t("Reason"), wide=True),
        ]
        if ended
        else [Column("until", t("Runs out"))]
    )
    return pd.DataFrame(rows), columns


def show_change(ctx: PageContext, asked: Approval) -> None:
    """Show why it is proposed, and what would be different afterwards."""
    t = ctx.t
    note(t("Reason given: {reason}", reason=asked.reason))
    fields = list(dict.fromkeys([*asked.before, *asked.after]))
    if not fields:
        note(t("The proposal names no figures that change."))
        return
    rows = [
        {
            "field": _field(ctx, name),
            "before": _value(t, asked.before.get(name)),
            "after": _value(t, asked.after.get(name)),
        }
        for name in fields
    ]
    columns = [
        Column("field", t("What changes")),
        Column("before", t("Before")),
        Column("after", t("After")),
    ]
    caption = t("What the approval would change, before and after")
    static_table(t, pd.DataFrame(rows), columns, caption=caption)


def decide_form(ctx: PageContext, asked: Approval) -> None:
    """Let the reader approve or reject, with a reason."""
    t = ctx.t
    with st.form(f"approval_{asked.id}", border=False, clear_on_submit=False):
        reason = st.text_input(
            t("Your reason, which names no person; a rejection needs one"),
            key=f"approval_reason_{asked.id}",
            max_chars=1000,
        )
        with st.container(horizontal=True, gap="small"):
            yes = st.form_submit_button(t("Approve and carry out"), type="primary")
            no = st.form_submit_button(t("Reject"))
    if yes:

        def approve(actor: Actor) -> None:
            approvals.approve(ctx.workspace, asked.id, actor=actor, reason=reason)

        attempt_and_rerun(ctx, approve, done=t("Approved, and carried out."))
    if no:

        def reject(actor: Actor) -> None:
            approvals.reject(ctx.workspace, asked.id, actor=actor, reason=reason)

        attempt_and_rerun(ctx, reject, done=t("Rejected. Nothing was changed."))


def waits_elsewhere(ctx: PageContext, asked: Approval, hindrance: HarbourlightError) -> None:
    """Say why the reader does not decide it, and let who proposed it withdraw it."""
    t = ctx.t
    note(error_text(t, hindrance))
    if asked.proposed_by != ctx.actor.user_id:
        return
    if st.button(t("Withdraw the proposal"), key=f"approval_withdraw_{asked.id}"):

        def withdraw(actor: Actor) -> None:
            approvals.withdraw(ctx.workspace, asked.id, actor=actor)

        attempt_and_rerun(ctx, withdraw, done=t("Withdrawn. Nothing was changed."))


def _label(t: Translator, kind: str) -> str:
    return t(KINDS[kind].label) if kind in KINDS else kind


def _object(ctx: PageContext, asked: Approval, names: Mapping[str, str]) -> str:
    if asked.object_kind == "letter_template":
        return ctx.t("Letters about decisions")
    if asked.model_id is None:
        person = asked.object_kind == "user"
        return names.get(asked.object_id, asked.object_id) if person else asked.object_id
    models = {model.id: model.name for model in ctx.models}
    return models.get(asked.model_id, asked.model_id)


def _field(ctx: PageContext, name: str) -> str:
    if name in _FIELDS:
        return ctx.t(_FIELDS[name])
    for pattern, words in _GUARDS:
        if found := pattern.fullmatch(name):
            return ctx.t(words, part=found[1])
    if words_of_letters := part_name(ctx.t, name):
        return words_of_letters
    model_id, _, stream = name.partition(": ")
    if stream not in _STREAMS:
        return name
    model = next((each.name for each in ctx.models if each.id == model_id), model_id)
    return ctx.t("{model}: {records}", model=model, records=ctx.t(_STREAMS[stream]))


def _value(t: Translator, value: object) -> str:
    if value is None or value == "":
        return _NOTHING
    if isinstance(value, str) and value in _VALUES:
        return t(_VALUES[value])
    if isinstance(value, bool):
        return t("yes") if value else t("no")
    if isinstance(value, int | float):
        return t.number(value, digits=0) if isinstance(value, int) else t.number(value)
    return str(value)
