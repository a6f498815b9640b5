"""People and access: users, roles, scopes, sessions, log-in history, and the rules for them."""

from app.components import footer, page_header, ranked_table, section, sentence
from app.context import page_context
from app.screens.approvals import lines_of_defence as defence
from app.screens.people import account, sign_in_rules
from app.screens.people import page as screen
from core.auth.policy import allows
from core.domain.identity import Permission
from core.services.identity import people, sessions, sign_in
from core.services.identity.sign_in_settings import sign_in_settings
from core.services.registry import assignments

ctx = page_context()
t = ctx.t
page_header(ctx, t("People and access"), dated=False)
found = people.list_people(ctx.workspace, actor=ctx.actor)
sentence(ctx, screen.summary(t, found))
screen.show_new_password(t)

section(t("People"), t("Choose a line to change a person's roles or to help them back in."))
place = ranked_table(t, *screen.people_frame(t, found), key="people_list", alt=t("People, by name"))
chosen = found[place or 0]
section(chosen.user.display_name)
screen.person_detail(ctx, chosen)
if allows(ctx.actor, Permission.user_manage):
    section(t("Add a person"), t("A password for one sign-in is made and shown once."))
    screen.add_form(ctx)
if allows(ctx.actor, Permission.approval_view):
    section(
        t("Lines of defence"),
        t("Who develops a model neither validates it nor decides about it."),
    )
    defence.assignment_list(ctx, assignments.list_assignments(ctx.workspace, actor=ctx.actor))
    if allows(ctx.actor, Permission.assignment_manage):
        defence.assignment_form(ctx, found)
section(t("Sessions"), t("Everybody who is signed in now."))
account.session_list(ctx, sessions.list_sessions(ctx.workspace, actor=ctx.actor), named=True)
section(t("Locked addresses"), t("After thirty failed attempts an address waits, too."))
screen.lock_list(ctx, people.list_locks(ctx.workspace, actor=ctx.actor))
section(t("Rules"))
sign_in_rules.rules_form(ctx, sign_in_settings(ctx.workspace, actor=ctx.actor))
section(t("Log-in history"))
account.history_table(
    t,
    sign_in.history(ctx.workspace, actor=ctx.actor, limit=50),
    ctx.filters.timezone,
    caption=t("Attempts to sign in, the newest first"),
    named=True,
)
footer(ctx)
