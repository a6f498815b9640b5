"""Serving systems: which models may decide, what is held, who may ask, and how."""

from app.components import footer, page_header, ranked_table, section, sentence
from app.context import page_context
from app.screens.model import versions_served as version_screen
from app.screens.serving import hooks as hook_screen
from app.screens.serving import page as screen
from app.screens.serving import tokens as token_screen
from core.auth.policy import allows
from core.domain.identity import Permission
from core.services.serving import state as model_state
from core.services.serving import tokens

ctx = page_context()
t = ctx.t
page_header(ctx, t("Serving systems"), dated=False)
states = model_state.list_states(ctx.workspace, actor=ctx.actor)
manages = allows(ctx.actor, Permission.token_manage)
kept = tokens.list_tokens(ctx.workspace, actor=ctx.actor) if manages else ()
sentence(ctx, screen.summary(t, states, ctx.models))

section(t("Models"), t("What serving systems are told when they ask whether a model may decide."))
if states:
    place = ranked_table(
        t, *screen.state_frame(ctx, states), key="serving_states", alt=t("Models and their states")
    )
    screen.show_model(ctx, states[place or 0])
    section(
        t("Version that should serve"),
        t("One person rolls a model back at once; two let a later version serve."),
    )
    version_screen.show_versions(ctx, states[place or 0].model_id)
    section(
        t("One prediction"),
        t("Whether it may take effect; what people decide here counts at the next question."),
    )
    screen.show_release(ctx, states[place or 0].model_id)
if manages:
    section(t("Tokens"), t("Each is shown once, when it is made; only its hash is kept."))
    token_screen.show_tokens(ctx, kept, [state.model_id for state in states])
if hook_screen.sees_calls(ctx.actor):
    section(t("Hooks"), t("What rules of alerts may call by themselves, and the newest calls."))
    hook_screen.show_hooks(ctx, [state.model_id for state in states])
section(t("How to ask"), t("Only an answer that says released lets a prediction take effect."))
screen.show_how(ctx, states[0].model_id if states else "MODEL")
footer(ctx, definitions=screen.definitions(t))
