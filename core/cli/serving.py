"""``harbourlight token``, ``release`` and ``model suspend|resume|rollback|forward|state``."""

from typing import Annotated

import typer

from core.cli.context import (
    JsonOption,
    ModelArgument,
    out,
    print_json,
    print_table,
    workspace_and_actor,
)
from core.services.serving import releases, tokens
from core.services.serving import rollback as versions
from core.services.serving import state as model_state
from core.store.identity.tokens import ApiToken

_tokens = typer.Typer(help="API tokens of serving systems.", no_args_is_help=True)
_releases = typer.Typer(help="Which predictions may take effect.", no_args_is_help=True)

_Prediction = Annotated[
    str, typer.Argument(metavar="PREDICTION", help="Id of the prediction, as the log has it.")
]
_Version = Annotated[str, typer.Option("--to", help="A version that the contract lists.")]
_Reason = Annotated[str, typer.Option(help="Why; names no person.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(_tokens, name="token")
    app.add_typer(_releases, name="release")


@_tokens.command("make")
def make(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The system that will use it.")],
    model: Annotated[
        list[str] | None,
        typer.Option(help="A model it may ask about; may be given several times; all by default."),
    ] = None,
    action: Annotated[
        list[str] | None,
        typer.Option(
            help="model.state, release.read or opt_out.read; may be given several times;"
            " the first two by default."
        ),
    ] = None,
    days: Annotated[int, typer.Option(help="How long it counts, 1 to 400 days.")] = 365,
    as_json: JsonOption = False,
) -> None:
    """Make a token; it is printed once."""
    workspace, actor = workspace_and_actor()
    made = tokens.make_token(
        workspace,
        name,
        actor=actor,
        models_allowed=model or None,
        actions=action or tokens.USUAL_ACTIONS,
        days=days,
    )
    if as_json:
        print_json({"token": made.text, **_row(made.token)})
        return
    out.print(
        f"Made a token for {made.token.name}, until {made.token.expires_at:%Y-%m-%d}.", markup=False
    )
    out.print(f"Token, shown only now: {made.text}", markup=False, highlight=False)


@_tokens.command("list")
def list_tokens(as_json: JsonOption = False) -> None:
    """List the tokens, without their secrets."""
    workspace, actor = workspace_and_actor()
    rows = [_row(token) for token in tokens.list_tokens(workspace, actor=actor)]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table("Tokens", rows)


@_tokens.command("revoke")
def revoke(
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="Id of the token, as listed.")],
) -> None:
    """Take a token back; it is refused from the next question on."""
    workspace, actor = workspace_and_actor()
    tokens.revoke_token(workspace, token, actor=actor)
    out.print(f"Revoked {token}.", markup=False)


def suspend(
    model: ModelArgument,
    reason: _Reason,
    fallback: Annotated[
        str | None, typer.Option(help="Version that takes over; none by default.")
    ] = None,
) -> None:
    """Suspend a model at once: nothing new of it takes effect."""
    workspace, actor = workspace_and_actor()
    model_state.suspend(workspace, model, reason=reason, fallback_version=fallback, actor=actor)
    out.print(f"{model} is suspended.", markup=False)


def resume(model: ModelArgument, reason: _Reason, as_json: JsonOption = False) -> None:
    """Propose to take a model back into production; somebody else approves it."""
    workspace, actor = workspace_and_actor()
    asked = model_state.propose_resume(workspace, model, reason=reason, actor=actor)
    if as_json:
        print_json({"approval": asked.id, "expires_at": asked.expires_at})
    else:
        out.print(
            f"Proposed as {asked.id}. Somebody else approves it until "
            f"{asked.expires_at:%Y-%m-%d %H:%M} UTC.",
            markup=False,
        )


def rollback(model: ModelArgument, to: _Version, reason: _Reason) -> None:
    """Let an earlier version of a model serve, at once."""
    workspace, actor = workspace_and_actor()
    versions.rollback(workspace, model, to=to, reason=reason, actor=actor)
    out.print(f"Version {to} of {model} is to serve from now on.", markup=False)


def forward(
    model: ModelArgument, to: _Version, reason: _Reason, as_json: JsonOption = False
) -> None:
    """Propose that a later version of a model serve; somebody else approves it: exit code 3."""
    workspace, actor = workspace_and_actor()
    asked = versions.propose_forward(workspace, model, to=to, reason=reason, actor=actor)
    if as_json:
        print_json({"approval": asked.id, "expires_at": asked.expires_at})
    else:
        out.print(
            f"Proposed as {asked.id}. Somebody else approves it until "
            f"{asked.expires_at:%Y-%m-%d %H:%M} UTC.",
            markup=False,
        )
    raise typer.Exit(3)


def state(
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="Id of a model; all by default.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show whether models are in production."""
    workspace, actor = workspace_and_actor()
    found = (
        model_state.list_states(workspace, actor=actor)
        if model is None
        else (model_state.model_state(workspace, model, actor=actor),)
    )
    rows = [
        {
            "model": each.model_id,
            "state": each.state,
            "fall-back": each.fallback_version,
            "since": each.since,
            "reason": each.reason,
            "version": each.serving_version,
            "version since": each.serving.changed_at if each.serving else None,
            "version because": each.serving.reason if each.serving else "",
        }
        for each in found
    ]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table("States", rows)


@_releases.command("show")
def show(model: ModelArgument, prediction: _Prediction, as_json: JsonOption = False) -> None:
    """Show whether a prediction may take effect, and why."""
    workspace, actor = workspace_and_actor()
    found = releases.release_state(workspace, model, prediction, actor=actor)
    if as_json:
        print_json(found)
    else:
        out.print(f"{found.state} ({found.reason})", markup=False)


@_releases.command("allow")
def allow(model: ModelArgument, prediction: _Prediction, reason: _Reason) -> None:
    """Let a held prediction take effect."""
    workspace, actor = workspace_and_actor()
    done = releases.release(workspace, model, prediction, reason=reason, actor=actor)
    out.print(f"{prediction} is {done.state}.", markup=False)


@_releases.command("stop")
def stop(model: ModelArgument, prediction: _Prediction, reason: _Reason) -> None:
    """Keep a prediction from taking effect."""
    workspace, actor = workspace_and_actor()
    done = releases.stop(workspace, model, prediction, reason=reason, actor=actor)
    out.print(f"{prediction} is {done.state}.", markup=False)


def _row(token: ApiToken) -> dict[str, object]:
    return {
        "id": token.id,
        "begins with": f"{tokens.PREFIX}_{token.id}_",
        "name": token.name,
        "models": "all" if token.models is None else ", ".join(sorted(token.models)),
        "actions": ", ".join(sorted(token.actions)),
        "expires": token.expires_at,
        "last used": token.last_used_at,
        "revoked": token.revoked_at,
    }
