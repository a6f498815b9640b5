"""My account: password, second factor, sessions, language; what nobody else should do for me."""

from app.components import footer, note, page_header, section, sentence
from app.context import page_context
from app.screens.people import account as screen
from app.screens.people.why import show_matrix, show_why
from core.services.identity import accounts, sessions, sign_in

ctx = page_context()
t = ctx.t
page_header(ctx, t("My account"), dated=False)
mine = accounts.account(ctx.workspace, actor=ctx.actor)
views = sessions.list_sessions(ctx.workspace, actor=ctx.actor, user_id=ctx.actor.user_id)
attempts = sign_in.history(ctx.workspace, actor=ctx.actor, user_id=ctx.actor.user_id, limit=20)
sentence(ctx, screen.summary(t, mine, len(views)))

section(t("Password"))
if mine.has_password:
    screen.password_form(ctx)
else:
    note(t("You sign in without a password of this workspace."))
section(t("Second factor"))
screen.second_factor(ctx, mine)
section(t("Sessions"), t("One for each browser in which you signed in and did not sign out."))
screen.session_list(ctx, views)
screen.sign_out_everywhere(ctx)
section(t("Why can't I?"), t("Which rule lets a user do something, or keeps them from it."))
show_why(ctx)
show_matrix(ctx)
section(t("Language"))
screen.language_form(ctx, mine)
section(t("Log-in history"), t("If you do not recognise a line, change your password."))
screen.history_table(
    t, attempts, ctx.filters.timezone, caption=t("Attempts to sign in as you, the newest first")
)
footer(ctx)
