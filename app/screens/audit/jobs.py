"""What the audit-trail screen has the worker do: verify everything, and make exports."""

from collections.abc import Mapping

import streamlit as st

from app.components import download_link, follow_job, note
from app.components.text import escape, failure_text, plain
from app.context import PageContext
from core.auth.policy import allows
from core.domain.identity import Permission
from core.errors import HarbourlightError
from core.i18n import Translator
from core.services.audit import export_jobs as audit_export_jobs
from core.services.audit import verify as audit_verify
from core.services.audit.trail import Search
from core.store.jobs import Job


def show_verification(ctx: PageContext) -> None:
    """Show the button that verifies, its progress, and what was found."""
    t = ctx.t
    st.button(t("Verify now"), key="audit_verify", on_click=_order_verification, args=(ctx,))
    job = audit_verify.newest_verification(ctx.workspace, actor=ctx.actor)
    if job is not None and job.is_active:
        follow_job(
            t,
            lambda: audit_verify.newest_verification(ctx.workspace, actor=ctx.actor),
            t("Verifying the trail"),
        )
    elif job is not None:
        _show_verdict(ctx, job)


def show_export(ctx: PageContext, search: Search) -> None:
    """Show the button that exports what is looked for, its progress, and the way to the file."""
    if not allows(ctx.actor, Permission.audit_export):
        return
    t = ctx.t
    st.button(
        t("Export these entries"), key="audit_export", on_click=_order_export, args=(ctx, search)
    )
    job = audit_export_jobs.newest_export(ctx.workspace, actor=ctx.actor)
    if job is None:
        return
    if job.is_active:
        follow_job(
            t,
            lambda: audit_export_jobs.newest_export(ctx.workspace, actor=ctx.actor),
            t("Making the export"),
        )
    elif job.state == "failed":
        note(t("The export could not be made: {reason}", reason=failure_text(t, job)))
    else:
        _link(ctx, job)


def _order_verification(ctx: PageContext) -> None:
    audit_verify.order_verification(ctx.workspace, actor=ctx.actor)


def _order_export(ctx: PageContext, search: Search) -> None:
    audit_export_jobs.order_export(ctx.workspace, search, actor=ctx.actor)


def _link(ctx: PageContext, job: Job) -> None:
    t, key = ctx.t, f"_hl_audit_export_{job.id}"
    if key not in st.session_state:
        try:
            made = audit_export_jobs.hand_over(ctx.workspace, job, actor=ctx.actor)
        except HarbourlightError:
            made = None
        st.session_state[key] = made.url if made else ""
    if not st.session_state[key]:
        return
    entries = int(str((job.result or {}).get("entries", 0)))
    text = t("Download the export of {n} entries (ZIP)", n=entries)
    download_link(t, st.session_state[key], text)


def _show_verdict(ctx: PageContext, job: Job) -> None:
    t, result = ctx.t, dict(job.result or {})
    if job.state == "failed":
        st.error(plain(t("The trail could not be verified: {reason}", reason=failure_text(t, job))))
        return
    size = int(str(result.get("size", 0)))
    if result.get("passed"):
        st.success(
            plain(t("Everything fits: {n} entries, their tree and their checkpoints.", n=size))
        )
    else:
        st.error(plain(_bad_text(t, result)))
    with st.expander(t("What this verification cannot tell")):
        lines = "".join(f"<li>{escape(each)}</li>" for each in _texts(t, result.get("cannot")))
        st.html(f"<ul>{lines}</ul>")


def _bad_text(t: Translator, result: Mapping[str, object]) -> str:
    found = _texts(t, result.get("problems"))
    first = result.get("first_bad")
    told = [t("Something does not fit.")]
    if first is not None:
        told.append(t("The first bad entry is {sequence}.", sequence=str(first)))
    return t.sentences(*told, *found[:5])


def _texts(t: Translator, problems: object) -> list[str]:
    found = problems if isinstance(problems, list) else []
    return [t(str(each["template"]), **dict(each["params"])) for each in found]
