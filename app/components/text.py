"""Making data safe to show: it is never read as HTML or Markdown."""

import re
from datetime import UTC, datetime
from html import escape as _escape

from core.errors import HarbourlightError, Locked
from core.i18n import Translator
from core.services.jobs.worker import error_of
from core.store.jobs import Job

_MARKDOWN = re.compile(r"([\\`*_{}\[\]<>()#+\-!|~$:.])")


def escape(text: object) -> str:
    """Return text for HTML, quotes included; every value put into ``st.html`` goes through it."""
    return _escape(str(text), quote=True)


def plain(text: str) -> str:
    """Return text for a widget label or caption, which Streamlit reads as Markdown."""
    return _MARKDOWN.sub(r"\\\1", text)


def error_text(t: Translator, error: HarbourlightError) -> str:
    """Return what happened and what to do, in the reader's language."""
    return t.sentences(t(error.template, **error.params), t(error.remedy, **error.params))


def failure_text(t: Translator, job: Job) -> str:
    """Return why a job failed: in the reader's language if it was foreseen."""
    error = error_of(job)
    return job.error if error is None else error_text(t, error)


def refusal_text(t: Translator, error: HarbourlightError) -> str:
    """Return why an attempt failed; of a lock, how long it still lasts."""
    until = error.params.get("retry_at")
    if not isinstance(error, Locked) or not isinstance(until, datetime):
        return error_text(t, error)
    wait = t.duration(max(until - datetime.now(UTC), datetime.resolution))
    return t.sentences(t(error.template), t("Try again in {wait}.", wait=wait))
