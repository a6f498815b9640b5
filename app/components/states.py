"""What a page shows when it cannot show its figures: what happened, what is safe, what to do."""

import streamlit as st

from app.components.text import escape
from core.errors import HarbourlightError
from core.i18n import Translator


def empty(what: str, next_step: str, command: str = "") -> None:
    """Say what is not there yet and how to get it, with the command where there is one."""
    code = f"<code>{escape(command)}</code>" if command else ""
    _state("", what, f"<p>{escape(next_step)}</p>{code}", role="status")


def failed(t: Translator, error: Exception, incident: str = "") -> None:
    """Say what went wrong in words; anything unforeseen gets an incident number instead."""
    if isinstance(error, HarbourlightError):
        what = t(error.template, **error.params)
        body = f"<p>{escape(t(error.remedy, **error.params))}</p>" if error.remedy else ""
    else:
        what = t("This page could not be shown")
        body = (
            f"<p>{escape(t('Nothing was changed. The details are in the log of the server.'))}</p>"
        )
    if incident:
        reference = t("Incident {incident}", incident=incident)
        body += f"<code>{escape(reference)}</code>"
    _state("hl-wrong", what, body, role="alert")


def forbidden(t: Translator) -> None:
    """Say that the reader's roles do not open this page."""
    body = t("Your roles do not include it. An administrator can change that.")
    _state("", t("You cannot open this page"), f"<p>{escape(body)}</p>", role="alert")


def signed_out(t: Translator) -> None:
    """Say that the session has ended, and lead to the sign-in page."""
    link = f'<p><a href="." target="_self">{escape(t("Sign in again."))}</a></p>'
    _state("hl-wait", t("You have been signed out."), link, role="alert")


def stale(t: Translator, age: str) -> None:
    """Say that the newest record is old; the figures below are right, but not recent."""
    text = t("The newest record is {age} old. The figures below stand for that moment.", age=age)
    _state("hl-wait", t("No recent records"), f"<p>{escape(text)}</p>", role="status")


def no_model(t: Translator) -> None:
    """Say that nothing is registered, and how that is done."""
    empty(
        t("No model is registered yet"),
        t("Register one to see it here."),
        "harbourlight model register SPEC",
    )


def unknown_model(t: Translator, asked: str, shown: str) -> None:
    """Say that the address names a model that the reader has not, and which one is shown."""
    what = t("There is no model {model} that you may see", model=asked)
    text = t("The figures below are those of {model}.", model=shown)
    _state("hl-wait", what, f"<p>{escape(text)}</p>", role="status")


def new_data(t: Translator) -> None:
    """Say that rows arrived after the page was drawn."""
    text = t("New data has arrived since this page was drawn.")
    st.html(f'<p class="hl-note" role="status">{escape(text)}</p>')


def not_enough_reference(t: Translator, days: int, needed: int) -> None:
    """Say how much of the reference period has been logged."""
    what = t("Reference {days} of {needed} days", days=days, needed=needed)
    text = t("Drift is shown once the reference period is complete. Nothing needs to be done.")
    share = max(0.0, min(1.0, days / needed if needed else 0.0))
    bar = (
        f'<div class="hl-progress" role="progressbar" aria-valuemin="0" aria-valuemax="{needed}"'
        f' aria-valuenow="{days}" aria-label="{escape(what)}">'
        f'<span style="width:{share:.0%}"></span></div>'
    )
    _state("hl-wait", what, f"<p>{escape(text)}</p>{bar}", role="status")


def skeleton(height: int = 300) -> None:
    """Hold the place of something that is being computed, so that the page does not jump."""
    st.skeleton(height)


def note(text: str) -> None:
    """Add a quiet line of explanation."""
    st.html(f'<p class="hl-note">{escape(text)}</p>')


def _state(kind: str, what: str, body: str, *, role: str) -> None:
    st.html(f'<div class="hl-state {kind}" role="{role}"><h2>{escape(what)}</h2>{body}</div>')
