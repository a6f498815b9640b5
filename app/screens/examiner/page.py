"""The examiner room: samples that were drawn, one in full, its pack, and how to check that."""

from collections.abc import Mapping, Sequence
from datetime import date

import pandas as pd
import streamlit as st

from app.components import (
    Column,
    FileOffer,
    Link,
    Prepared,
    empty,
    facts,
    follow_job,
    note,
    offer_files,
    plain,
    ranked_table,
    static_table,
    subsection,
)
from app.components.step_up import attempt_and_rerun
from app.components.text import failure_text
from app.context import PageContext
from app.filters import DEFAULT_TIMEZONE
from app.screens.decision.page import decision_address
from app.screens.examiner.draw import may_work
from core.domain.identity import Actor, Permission
from core.i18n import LOCALES, N_, Translator
from core.i18n.locales import native_name
from core.services.audit import trail as audit_trail
from core.services.examiner import packs
from core.services.examiner.drawing import is_in_frame, read_sample
from core.services.examiner.packs import PackOrder
from core.services.examiner.views import is_watched
from core.services.examiner.words import METHOD_NAMES, STRATUM_NAMES, method_told, shows
from core.services.registry import models as registry
from core.store.explanations.samples import SampleItem, SampleRecord
from core.store.jobs import Job

_SHOWN = 12
_NOTHING = "–"
_PACK_STATES: Mapping[str, str] = {
    "queued": N_("Waiting for the worker"),
    "running": N_("Making the pack"),
    "done": N_("Ready to fetch"),
    "failed": N_("Could not be made"),
}
_RUN = "python verify.py pack.zip --key public-key.txt"


def summary(ctx: PageContext, found: Sequence[SampleRecord]) -> str:
    """Return the sentence of the page: what was drawn, and who watches whom."""
    t = ctx.t
    if found:
        newest = t.instant(found[0].drawn_at, DEFAULT_TIMEZONE)
        told = t.n(
            "One sample of this model's decisions was drawn, on {newest}.",
            "{n} samples of this model's decisions were drawn, the newest on {newest}.",
            len(found),
            newest=newest,
        )
    else:
        told = t("No sample of this model's decisions was drawn yet.")
    watched = t("Each page that you open is on record; you can change nothing by looking.")
    return t.sentences(told, watched) if is_watched(ctx.actor) else told


def show_samples(ctx: PageContext, found: Sequence[SampleRecord]) -> None:
    """Show the samples, and the chosen one in full."""
    t = ctx.t
    if not found:
        empty(
            t("No sample yet"),
            t("Samples appear here with their method, their seed and their pack."),
            f"harbourlight examiner sample {ctx.filters.model} --n 30 --words … --reason …",
        )
        return
    names = {e.pseudonym: e.name for e in audit_trail.people(ctx.workspace, actor=ctx.actor)}
    made = _packs(ctx)
    rows = [
        {
            "at": t.instant(each.drawn_at, DEFAULT_TIMEZONE),
            "method": t(METHOD_NAMES[each.method]),
            "drawn": each.drawn,
            "population": each.population,
            "by": names.get(each.drawn_by, each.drawn_by),
            "reason": each.reason,
            "pack": _pack_state(ctx, made.get(each.id)),
        }
        for each in found
    ]
    columns = [
        Column("at", t("Drawn at")),
        Column("method", t("Method")),
        Column("drawn", t("Drawn"), "count"),
        Column("population", t("Of"), "count"),
        Column("by", t("By whom")),
        Column("pack", t("Pack")),
        Column("reason", t("Why"), wide=True),
    ]
    alt = t("Samples of decisions, the newest first")
    place = ranked_table(t, pd.DataFrame(rows), columns, key="examiner_samples", alt=alt)
    _show_one(ctx, found[place or 0])


def show_checking(ctx: PageContext) -> None:
    """Show the three steps by which an outsider checks a pack."""
    t = ctx.t
    note(
        t(
            "1. Get verify.py, verify_dossier.py and the public key by another way than the pack: "
            "'harbourlight audit key' prints the key."
        )
    )
    note(t("2. On a machine with Python and the package cryptography, run:"))
    st.code(_RUN, language=None, wrap_lines=True)
    note(t("3. Each line names a file and says PASS or FAIL; any changed byte fails."))


def _packs(ctx: PageContext) -> Mapping[str, Job]:
    """Return sample → the newest pack of it, where the reader makes packs."""
    if not may_work(ctx):
        return {}
    return packs.newest_packs(ctx.workspace, str(ctx.filters.model), actor=ctx.actor)


def _pack_state(ctx: PageContext, job: Job | None) -> str:
    return ctx.t("No pack made yet") if job is None else ctx.t(_PACK_STATES[job.state])


def _show_one(ctx: PageContext, record: SampleRecord) -> None:
    t = ctx.t
    _, items = read_sample(ctx.workspace, record.id, actor=ctx.actor)
    subsection(t("Sample {sample}", sample=record.id))
    note(t.sentences(*shows(t, record)))
    note(method_told(t, record))
    facts(_facts(ctx, record))
    if len(record.strata) > 1:
        _show_strata(ctx, record)
    if may_work(ctx):
        _show_pack(ctx, record)
        _ask_whether_in(ctx, record)
    with st.expander(plain(t("Decisions that were drawn"))):
        note(t("Seed: {seed}", seed=record.seed))
        note(t("SHA-256 of the frame: {sha256}", sha256=record.frame_sha256))
        _show_items(ctx, record, items)


def days_text(t: Translator, record: SampleRecord) -> str:
    """Return from which days of the log a sample was drawn."""
    if not record.first_day or not record.last_day:
        return t("whole log")
    return t.period(date.fromisoformat(record.first_day), date.fromisoformat(record.last_day))


def _facts(ctx: PageContext, record: SampleRecord) -> dict[str, str]:
    t = ctx.t
    return {
        t("Days"): days_text(t, record),
        t("Condition"): record.condition or _NOTHING,
        t("Strata"): t(STRATUM_NAMES[record.stratum]) if record.stratum else _NOTHING,
        t("Left out: in blind review"): t.number(record.left_out, 0),
        t("Words"): record.words,
        t("Signed root"): f"{record.root[:_SHOWN]}… ({t.number(record.root_size, 0)})",
        t("Seed"): f"{record.seed[:_SHOWN]}…",
        t("Hash of the frame"): f"{record.frame_sha256[:_SHOWN]}…",
    }


def _show_strata(ctx: PageContext, record: SampleRecord) -> None:
    t = ctx.t
    rows = [
        {"name": name or _NOTHING, "size": size, "taken": taken}
        for name, (size, taken) in sorted(record.strata.items())
    ]
    columns = [
        Column("name", t("Stratum")),
        Column("size", t("In the frame"), "count"),
        Column("taken", t("Drawn"), "count"),
    ]
    static_table(t, pd.DataFrame(rows), columns, caption=t("Strata of the sample"))


def _show_items(ctx: PageContext, record: SampleRecord, items: Sequence[SampleItem]) -> None:
    t = ctx.t
    contract = registry.get_model(ctx.workspace, record.model_id, actor=ctx.actor).contract
    masked = contract.is_personal("@prediction_id")
    rows = [
        {
            "place": each.place,
            "decision": _decision(ctx, record, each, masked=masked),
            "stratum": each.stratum or _NOTHING,
            "key": f"{each.key[:_SHOWN]}…",
        }
        for each in items
    ]
    columns = [
        Column("place", t("Drawn as number"), "count"),
        Column("decision", t("Decision")),
        Column("stratum", t("Stratum")),
        Column("key", t("Key")),
    ]
    caption = t("Decisions of the sample, in the order drawn")
    static_table(t, pd.DataFrame(rows), columns, caption=caption)


def _decision(
    ctx: PageContext, record: SampleRecord, item: SampleItem, *, masked: bool
) -> str | Link:
    if item.prediction_id is None:
        return ctx.t("erased")
    if masked:
        return _NOTHING
    address = decision_address(ctx, record.model_id, item.prediction_id)
    return Link(item.prediction_id, address) if address else item.prediction_id


def _show_pack(ctx: PageContext, record: SampleRecord) -> None:
    """Let the examiner order the pack of a sample, follow it, and take it away."""
    t = ctx.t
    job = packs.newest_packs(ctx.workspace, record.model_id, actor=ctx.actor).get(record.id)
    if job is not None and job.is_active:
        _follow(ctx, record)
        return
    if job is not None and job.state == "failed":
        note(t("The pack could not be made: {reason}", reason=failure_text(t, job)))
    if job is None or job.state != "done":
        _order(ctx, record)
        return
    _link(ctx, job)
    with st.expander(plain(t("Make another pack"))):
        _order(ctx, record)


def _order(ctx: PageContext, record: SampleRecord) -> None:
    """Ask for whom a pack is and why, and order it."""
    t = ctx.t
    left, middle, right = st.columns([3, 3, 2], gap="medium")
    to = left.text_input(
        plain(t("Who gets the pack")), key=f"examiner_to_{record.id}", max_chars=200
    )
    why = middle.text_input(plain(t("Why")), key=f"examiner_reason_{record.id}", max_chars=500)
    language = right.selectbox(
        plain(t("Language of the dossiers")),
        LOCALES,
        index=LOCALES.index(t.locale),
        format_func=native_name,
        key=f"examiner_language_{record.id}",
    )
    if st.button(plain(t("Make the pack")), key=f"examiner_pack_{record.id}"):
        order = PackOrder(record.id, to, why, language)

        def act(actor: Actor) -> None:
            packs.order_pack(ctx.workspace, order, actor=actor)

        attempt_and_rerun(ctx, act, done=t("Ordered: the worker makes it."))


def _follow(ctx: PageContext, record: SampleRecord) -> None:
    t = ctx.t

    def find() -> Job | None:
        return packs.newest_packs(ctx.workspace, record.model_id, actor=ctx.actor).get(record.id)

    def stop(job: Job) -> None:
        if st.button(plain(t("Stop after the dossier at hand")), key=f"examiner_stop_{record.id}"):
            packs.stop_pack(ctx.workspace, job, actor=ctx.actor)

    follow_job(t, find, t("Making the pack"), stop)


def _link(ctx: PageContext, job: Job) -> None:
    """Let the examiner take a finished pack: it is on record when it is asked for, not before."""
    t, result = ctx.t, job.result or {}
    n = t.number(int(str(result.get("dossiers", 0))), 0)
    without = int(str(result.get("without", 0)))
    if without:
        note(
            t.n(
                "One decision has no dossier; the pack says why.",
                "{n} decisions have no dossier; the pack says why.",
                without,
            )
        )

    def make(actor: Actor) -> Prepared | None:
        made = packs.hand_over(ctx.workspace, job, actor=actor)
        if made is None:
            return None
        return Prepared(made.url, t("Download the pack of {n} dossiers (ZIP)", n=n))

    offer_files(
        ctx,
        FileOffer(
            t("Prepare the pack of {n} dossiers (ZIP)", n=n),
            make,
            key=f"examiner_fetch_{job.id}",
            permission=Permission.examiner_work,
            nothing=t("The pack is no longer there: files are kept for a day."),
        ),
    )


def _ask_whether_in(ctx: PageContext, record: SampleRecord) -> None:
    """Let the examiner try a decision known from elsewhere against the frame."""
    t = ctx.t
    known = st.text_input(
        plain(t("Did a decision that you know of stand in the frame? Its id:")),
        key=f"examiner_known_{record.id}",
        max_chars=200,
        width=420,
    )
    if known.strip():
        there = is_in_frame(ctx.workspace, record.id, known, actor=ctx.actor)
        note(t("It stood in the frame.") if there else t("It did not stand in the frame."))
