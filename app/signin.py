"""The sign-in page, and the seam behind which streamlit-authenticator works.

Of the library we use the form and its flow. Credentials are checked by the core, no cookie of the
library exists (``NoCookie``), and no password hash enters the app: the library's dictionary of
users is filled with a user's name only once the core has accepted the password.
"""

import secrets
from typing import TYPE_CHECKING, Any

import streamlit as st
import streamlit_authenticator as authenticator
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel

from app import session, single_sign_on
from app.components.text import escape, plain, refusal_text
from app.language import language_switch
from app.marks import wordmark
from app.words import ROLE_NAMES
from core.errors import HarbourlightError, SignedOut
from core.i18n import Translator
from core.services.identity import sign_in, users
from core.services.identity.sign_in import SignIn

if TYPE_CHECKING:
    from core.services.workspace import Workspace

_REFUSAL = "_hl_refusal"


class NoCookie:
    """Stands where the library keeps its own cookie; ours is set by ``app.asgi``."""

    def get_cookie(self) -> None:
        """Return no token."""

    def set_cookie(self) -> None:
        """Set nothing."""

    def delete_cookie(self) -> None:
        """Have nothing to delete."""


class CoreCredentials(AuthenticationModel):  # type: ignore[misc]
    """Lets the core decide whether a password is right: the library's single choke point."""

    def __init__(self, workspace: "Workspace", *, secret_key: str) -> None:
        super().__init__(credentials={"usernames": {}}, secret_key=secret_key, auto_hash=False)
        self._workspace = workspace
        self.signed: SignIn | None = None
        self.refusal: HarbourlightError | None = None

    def check_credentials(self, username: str, password: str) -> bool:
        """Ask the core; on success make the user known to the library."""
        try:
            self.signed = _ask(self._workspace, username, password)
        except HarbourlightError as error:
            self.refusal = error
            return False
        self.credentials["usernames"][username] = {
            "name": self.signed.actor.display_name or username,
            "email": "",
            "roles": sorted(self.signed.actor.roles),
        }
        return True


class AsTyped(AuthenticationController):  # type: ignore[misc]
    """Hands a password on as it was typed; the library cuts spaces off its ends."""

    def login(self, username: str = "", password: str = "", *_: Any, **options: Any) -> Any:
        """Ask the model, if a name was given."""
        return self.authentication_model.login(
            username.strip(), password, callback=options.get("callback")
        )


class CoreAuthenticator(authenticator.Authenticate):  # type: ignore[misc]
    """The library's form over the core's credentials, without its cookie component."""

    def __init__(self, workspace: "Workspace") -> None:
        key = secrets.token_hex(32)
        self.attrs = {"login_sleep_time": 0}
        self.path = None
        self.api_key = None
        self.secret_key = key
        self.cookie_controller = NoCookie()
        self.authentication_controller = AsTyped(
            {"usernames": {}}, None, False, None, None, key, None
        )
        self.model = CoreCredentials(workspace, secret_key=key)
        self.authentication_controller.authentication_model = self.model


def show_sign_in(t: Translator, workspace: "Workspace") -> None:
    """Show the sign-in page, and begin a session once the core accepts the credentials."""
    st.html('<div class="hl-beam"></div>')
    with st.container(key="hl_signin"):
        st.html(
            f'<div class="hl-signin-head"><h1>{wordmark()}</h1>'
            f"<p>{escape(t('See what your models decide.'))}</p></div>"
        )
        if session.pending():
            _ask_code(t, workspace)
        else:
            _ask_password(t, workspace)
        language_switch(t)
        if not session.pending():
            _demo(t, workspace)


def _ask_password(t: Translator, workspace: "Workspace") -> None:
    _take_identity(workspace)
    gate = CoreAuthenticator(workspace)
    gate.login(fields=_fields(t), key="hl_sign_in_form", callback=lambda _: _enter(gate.model))
    if st.session_state.get("authentication_status") and gate.model.signed is not None:
        st.rerun()
    _refusal(t, gate.model.refusal or st.session_state.pop(_REFUSAL, None))
    if single_sign_on.is_offered():
        st.button(t("Sign in with your organisation"), key="hl_single_sign_on", on_click=st.login)


def _take_identity(workspace: "Workspace") -> None:
    """Begin a session for somebody who has just come back from the provider."""
    identity = single_sign_on.fresh_identity()
    if identity is None:
        return
    try:
        signed = sign_in.enter_by_identity(
            workspace,
            identity.issuer,
            identity.subject,
            issued_at=identity.issued_at,
            source=session.source(),
            agent=session.agent(),
        )
    except HarbourlightError as error:
        st.session_state[_REFUSAL] = error
        return
    session.enter(signed)
    st.rerun()


def _ask_code(t: Translator, workspace: "Workspace") -> None:
    """Ask for the second factor, which the password has led to."""
    st.html(f'<p class="hl-note">{escape(t("Your password is right. One more step."))}</p>')
    with st.form("hl_second_factor", border=False):
        code = st.text_input(
            t("Code of your authenticator app, or a recovery code"),
            key="hl_code",
            autocomplete="one-time-code",
        )
        pressed = st.form_submit_button(t("Continue"), type="primary")
    if pressed:
        try:
            session.enter(
                sign_in.confirm(workspace, session.pending(), code, source=session.source())
            )
        except SignedOut as error:
            session.give_up()
            st.session_state[_REFUSAL] = error
            st.rerun()
        except HarbourlightError as error:
            _refusal(t, error)
        else:
            st.rerun()
    st.button(t("Back"), key="hl_give_up", on_click=session.give_up, type="tertiary")


def _enter(model: CoreCredentials) -> None:
    if model.signed is not None:
        session.enter(model.signed)


def _ask(workspace: "Workspace", username: str, password: str) -> SignIn:
    return sign_in.sign_in(
        workspace, username, password, source=session.source(), agent=session.agent()
    )


def _fields(t: Translator) -> dict[str, str]:
    return {
        "Form name": t("Sign in"),
        "Username": t("User name"),
        "Password": t("Password"),
        "Login": t("Sign in"),
    }


def _refusal(t: Translator, error: HarbourlightError | None) -> None:
    if error is None:
        return
    st.html(f'<p class="hl-alert" role="alert">{escape(refusal_text(t, error))}</p>')


def _demo(t: Translator, workspace: "Workspace") -> None:
    """Offer the demo users, which only a demo workspace has."""
    demo = users.demo_users(workspace)
    if not demo:
        return
    invitation = t("This is a demo workspace. Look around as")
    st.html(f'<div class="hl-demo hl-note">{escape(invitation)}</div>')
    with st.container(horizontal=True, gap="small", key="hl_demo"):
        for user in demo:
            st.button(
                plain(t(ROLE_NAMES[user.role])),
                key=f"hl_demo_{user.username}",
                help=plain(f"{user.username} / {user.password}"),
                on_click=_enter_as,
                args=(workspace, user.username, user.password),
            )


def _enter_as(workspace: "Workspace", username: str, password: str) -> None:
    try:
        session.enter(_ask(workspace, username, password))
    except HarbourlightError as error:
        st.session_state[_REFUSAL] = error
