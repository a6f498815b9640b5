"""How far a job of the worker is, looked at each second until it is over."""

from collections.abc import Callable

import streamlit as st

from app.components.text import plain
from core.i18n import Translator
from core.store.jobs import Job

EVERY_S = 1.0


@st.fragment(run_every=EVERY_S)
def follow_job(
    t: Translator,
    find: Callable[[], Job | None],
    doing: str,
    stop: Callable[[Job], None] | None = None,
) -> None:
    """Show how far a job is; once it is over, the page is run anew.

    Parameters
    ----------
    t : Translator
        The reader's language.
    find : callable
        Returns the job as it stands now.
    doing : str
        What the worker does while it runs; translated.
    stop : callable, optional
        Shows, beneath, how to stop it.
    """
    job = find()
    if job is None or not job.is_active:
        st.rerun()
    waiting = t("Waiting for the worker") if job.state == "queued" else doing
    st.progress(job.progress, text=plain(waiting))
    if stop is not None:
        stop(job)
