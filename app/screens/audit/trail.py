"""The audit-trail screen: how it stands, what to look for, one entry with its proof, exports."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pandas as pd
import streamlit as st

from app.components import Column, Kpi, kpi_row, note, static_table
from app.components.sheet import named_texts
from app.components.text import plain
from app.context import PageContext
from app.screens.audit.words import OBJECTS, entry_sentence, kind_label, person_name
from core.domain.status import Status
from core.i18n import N_, Translator
from core.services.audit import trail as audit_trail
from core.services.audit.trail import EntryDetail, Search, TrailEntry, TrailStatus
from core.store.jobs import Job

_BEFORE = "_hl_audit_before"
_PAYLOADS = {
    "none": N_("none"),
    "kept": N_("kept apart; the entry holds a commitment to it"),
    "erased": N_("erased; the commitment stays and tells nothing"),
}


def summary(ctx: PageContext, state: TrailStatus) -> str:
    """Return the sentence of the page: how long the trail is, and how far it is signed."""
    t, last = ctx.t, state.checkpoint
    text = t.n("The trail has one entry.", "The trail has {n} entries.", state.size)
    if last is None:
        signed = t("No checkpoint has been made yet.")
    elif state.uncovered == 0:
        signed = t("All of them are covered by a signed checkpoint.")
    else:
        signed = t.n(
            "One of them came after the last checkpoint.",
            "{n} of them came after the last checkpoint.",
            state.uncovered,
        )
    return t.sentences(text, signed, _anchored(ctx, state))


def show_status(ctx: PageContext, state: TrailStatus, verification: Job | None) -> None:
    """Show size, newest checkpoint, last copy outside, and the last verification."""
    t, last = ctx.t, state.checkpoint
    outside = state.anchor.last_external_at
    passed = _verdict(verification)
    kpi_row(
        t,
        [
            Kpi(t("Entries"), t.number(state.size), _moment(ctx, state.newest_at)),
            Kpi(
                t("Last checkpoint"),
                _ago(ctx, last.at if last else None),
                t.n("covers one entry", "covers {n} entries", last.size) if last else "",
            ),
            Kpi(
                t("Last external anchor"),
                _ago(ctx, outside),
                t("only on the same disk") if outside is None and state.anchor.last_at else "",
                status=Status.watch if outside is None else None,
            ),
            Kpi(
                t("Last verification"),
                _verdict_word(t, verification),
                _moment(ctx, verification.finished_at) if verification else "",
                status=Status.act if passed is False else None,
            ),
        ],
    )
    if state.anchor.same_disk and not (state.anchor.webhook or state.anchor.mail):
        note(
            t(
                "Checkpoints are appended to {path}, which lies on the workspace's own disk: who"
                " can rewrite the one can rewrite the other. Choose a place elsewhere with"
                " 'harbourlight audit anchor PATH'.",
                path=state.anchor.path,
            )
        )
    if state.anchor.authority:
        note(
            t(
                "Each checkpoint is stamped by the timestamp authority {host}.",
                host=state.anchor.authority,
            )
        )
    if state.anchor.failure:
        note(t("The newest copy could not be written: {reason}", reason=state.anchor.failure))


def ask(ctx: PageContext) -> Search:
    """Show the filters and return what the reader looks for."""
    t = ctx.t
    kinds = audit_trail.kinds(ctx.workspace, actor=ctx.actor)
    people = {
        each.pseudonym: each.name for each in audit_trail.people(ctx.workspace, actor=ctx.actor)
    }
    first, second, third, fourth = st.columns([3, 2, 1, 1], gap="medium")
    kind = first.selectbox(
        t("Kind of entry"),
        ["", *kinds],
        format_func=lambda each: kind_label(t, each) if each else t("Everything"),
        key="audit_kind",
        on_change=_from_the_newest,
    )
    person = second.selectbox(
        t("Who did it"),
        ["", *people, "worker"],
        format_func=lambda each: (
            person_name(t, people.get(str(each), str(each))) if each else t("Anybody")
        ),
        key="audit_person",
        on_change=_from_the_newest,
    )
    begin = third.date_input(
        t("First day"), value=None, key="audit_from", on_change=_from_the_newest
    )
    end = fourth.date_input(t("Last day"), value=None, key="audit_to", on_change=_from_the_newest)
    left, right = st.columns([1, 2], gap="medium")
    about = left.selectbox(
        t("Follow one"),
        ["", *OBJECTS],
        format_func=lambda each: t(OBJECTS[each]) if each else "–",
        key="audit_object_kind",
        on_change=_from_the_newest,
    )
    object_id = right.text_input(
        t("Its id"), key="audit_object_id", disabled=not about, on_change=_from_the_newest
    )
    since, until = period(begin, end, ctx.filters.timezone)
    return Search(
        kind=kind or None,
        person=person or None,
        objects={about: object_id.strip()} if about and object_id.strip() else None,
        since=since,
        until=until,
    )


def before() -> int | None:
    """Return the entry behind which the reader wants to go on; ``None`` for the newest."""
    found = st.session_state.get(_BEFORE)
    return int(found) if found else None


def show_turning(ctx: PageContext, found: Sequence[TrailEntry]) -> None:
    """Show the ways to older entries and back to the newest."""
    t = ctx.t
    with st.container(horizontal=True, gap="small"):
        if before() is not None:
            st.button(t("Back to the newest"), key="audit_newest", on_click=_from_the_newest)
        if len(found) == audit_trail.PAGE:
            last = found[-1].entry.sequence
            st.button(t("Show older entries"), key="audit_older", on_click=_go_behind, args=(last,))


def entries_frame(
    ctx: PageContext, found: Sequence[TrailEntry]
) -> tuple[pd.DataFrame, list[Column]]:
    """Return the table of entries and its columns."""
    t = ctx.t
    rows = [
        {
            "what": entry_sentence(t, each),
            "at": t.instant(each.entry.at, ctx.filters.timezone),
            "sequence": each.entry.sequence,
        }
        for each in found
    ]
    columns = [
        Column("what", t("What happened"), wide=True),
        Column("at", t("When")),
        Column("sequence", t("Entry"), kind="count"),
    ]
    return pd.DataFrame(rows), columns


def show_detail(ctx: PageContext, found: EntryDetail) -> None:
    """Show one entry: what it says, its exact bytes, and its proof."""
    t, entry = ctx.t, found.entry
    facts = {
        t("What happened"): entry_sentence(t, TrailEntry(entry, found.person, found.about)),
        t("When"): t(
            "{name} ({text})",
            name=t.instant(entry.at, ctx.filters.timezone),
            text=entry.at.isoformat(),
        ),
        t("Who did it"): f"{person_name(t, found.person)} · {entry.actor} · {entry.role or '–'}",
        t("About"): " · ".join(f"{_object_label(t, k)} {v}" for k, v in found.about.items()) or "–",
        t("Personal payload"): t(_PAYLOADS[found.payload]),
        **({t("Reason"): found.reason} if found.reason is not None else {}),
        t("Proof"): _proof_text(ctx, found),
    }
    named_texts([(name, text, True) for name, text in facts.items()])
    if not found.holds:
        st.error(plain(t("This entry is not the one that was appended.")))
    with st.expander(t("Exact bytes of the entry")):
        st.code(entry.canonical.decode("utf-8", "replace"), language=None, wrap_lines=True)
    with st.expander(t("Inclusion proof")):
        rows = [{"name": t("Leaf hash"), "hash": found.leaf.hex()}]
        rows += [
            {"name": t("Step {number}", number=number), "hash": digest.hex()}
            for number, digest in enumerate(found.proof, 1)
        ]
        rows.append({"name": t("Root of {n} entries", n=found.size), "hash": found.root.hex()})
        columns = [Column("name", t("Part")), Column("hash", "SHA-256")]
        static_table(t, pd.DataFrame(rows), columns, caption=t("From the leaf to the root"))
        if found.checkpoint is not None:
            st.code(found.checkpoint.note, language=None)


def _verdict(job: Job | None) -> bool | None:
    if job is None or job.state != "done" or job.result is None:
        return None
    return bool(job.result.get("passed"))


def _verdict_word(t: Translator, job: Job | None) -> str:
    passed = _verdict(job)
    if passed is None:
        return t("not yet")
    return t("Passed") if passed else t("Failed")


def _anchored(ctx: PageContext, state: TrailStatus) -> str:
    t, outside = ctx.t, state.anchor.last_external_at
    if outside is None:
        return t("No copy of a checkpoint has left this disk.")
    return t("Last external anchor: {ago}.", ago=_ago(ctx, outside))


def _ago(ctx: PageContext, at: datetime | None) -> str:
    if at is None:
        return ctx.t("not yet")
    passed = max(timedelta(0), ctx.workspace.clock() - at)
    return ctx.t("{span} ago", span=ctx.t.duration(passed))


def _moment(ctx: PageContext, at: datetime | None) -> str:
    return ctx.t.instant(at, ctx.filters.timezone) if at else ""


def _proof_text(ctx: PageContext, found: EntryDetail) -> str:
    t = ctx.t
    if not found.holds:
        return t("does not lead to the root")
    if found.checkpoint is None:
        return t("leads to the root; no checkpoint covers it yet")
    return t(
        "leads to the root that was signed on {date}",
        date=t.instant(found.checkpoint.at, ctx.filters.timezone),
    )


def _object_label(t: Translator, kind: str) -> str:
    return t(OBJECTS[kind]) if kind in OBJECTS else kind


def _from_the_newest() -> None:
    st.session_state.pop(_BEFORE, None)


def _go_behind(sequence: int) -> None:
    st.session_state[_BEFORE] = sequence


def period(
    first: date | None, last: date | None, timezone: str
) -> tuple[datetime | None, datetime | None]:
    """Return the instants of the chosen days, the last one included, in the reader's zone."""
    zone, midnight, day = ZoneInfo(timezone), datetime.min.time(), timedelta(days=1)
    since = datetime.combine(first, midnight, zone) if first else None
    until = datetime.combine(last + day, midnight, zone) if last else None
    return since, until
