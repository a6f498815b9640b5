"""The sign-in page, and the seam behind which streamlit-authenticator works.

Of the library we use the form and its flow. Credentials are checked by the core, no cookie of the
library exists (``NoCookie``), and no password hash enters the app: the library's dictionary of
users is filled with a user's name only once the core has accepted the password.
"""

import secrets
from typing import TYPE_CHECKING

import streamlit as st
import streamlit_authenticator as authenticator
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.models import AuthenticationModel

from app import session
from app.components.text import error_text, escape, plain
from app.language import language_switch
from app.marks import wordmark
from app.words import ROLE_NAMES
from core.domain.identity import Actor
from core.errors import HarbourlightError
from core.i18n import Translator
from core.services import users

if TYPE_CHECKING:
    from core.services.workspace import Workspace


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
        self.actor: Actor | None = None
        self.refusal: HarbourlightError | None = None

    def check_credentials(self, username: str, password: str) -> bool:
        """Ask the core; on success make the user known to the library."""
        try:
            self.actor = users.authenticate(self._workspace, username, password)
        except HarbourlightError as error:
            self.refusal = error
            return False
        self.credentials["usernames"][username] = {
            "name": self.actor.display_name or username,
            "email": "",
            "roles": sorted(self.actor.roles),
        }
        return True


class CoreAuthenticator(authenticator.Authenticate):  # type: ignore[misc]
    """The library's form over the core's credentials, without its cookie component."""

    def __init__(self, workspace: "Workspace") -> None:
        key = secrets.token_hex(32)
        self.attrs = {"login_sleep_time": 0}
        self.path = None
        self.api_key = None
        self.secret_key = key
        self.cookie_controller = NoCookie()
        self.authentication_controller = AuthenticationController(
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
        gate = CoreAuthenticator(workspace)
        gate.login(fields=_fields(t), key="hl_sign_in_form", callback=lambda _: _enter(gate.model))
        if st.session_state.get("authentication_status") and gate.model.actor is not None:
            st.rerun()
        _refusal(t, gate.model)
        language_switch(t)
        _demo(t, workspace)


def _enter(model: CoreCredentials) -> None:
    if model.actor is not None:
        session.sign_in(model.actor)


def _fields(t: Translator) -> dict[str, str]:
    return {
        "Form name": t("Sign in"),
        "Username": t("User name"),
        "Password": t("Password"),
        "Login": t("Sign in"),
    }


def _refusal(t: Translator, model: CoreCredentials) -> None:
    error = model.refusal
    if error is None:
        return
    st.html(f'<p class="hl-alert" role="alert">{escape(error_text(t, error))}</p>')


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
    session.sign_in(users.authenticate(workspace, username, password))
