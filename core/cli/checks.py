"""``harbourlight check`` and ``alerts``: what is wrong with which model, and who deals with it."""

from typing import Annotated

import typer

from core.cli.context import JsonOption, out, print_json, print_table, workspace_and_actor
from core.cli.options import LanguageOption
from core.services import alerts as services
from core.services.alerts import channels
from core.services.checks import Checked, schedule
from core.services.checks import check as run_check
from core.services.registry import models as registry
from core.store.alerts.alarms import Alarm
from core.store.alerts.rules import AlertRule
from core.store.alerts.threads import Alert

_alerts = typer.Typer(help="Alerts, and what is done about them.", no_args_is_help=True)
_channels = typer.Typer(help="Where alerts are sent.", no_args_is_help=True)
_rules = typer.Typer(help="Which alarms become alerts.", no_args_is_help=True)

_Model = Annotated[
    str | None, typer.Argument(metavar="[MODEL]", help="Id of a model; all by default.")
]
_Alert = Annotated[str, typer.Argument(metavar="ALERT", help="Id of the alert, as listed.")]
_Reason = Annotated[str, typer.Option(help="Why; names no person.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.command("check")(check)
    _alerts.add_typer(_rules, name="rule")
    _alerts.add_typer(_channels, name="channel")
    app.add_typer(_alerts, name="alerts")


def check(
    model: _Model = None,
    as_of: Annotated[
        str | None,
        typer.Option(help="What was known at a day or instant, included."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Compute and store figures, raise alarms, open and close alerts; once for one state."""
    workspace, actor = workspace_and_actor()
    done = run_check(workspace, model, actor=actor, as_of=as_of)
    if as_json:
        print_json({"checks": [_checked(each) for each in done]})
        return
    for each in done:
        out.print(_told(each), markup=False)
        reference = registry.get_model(workspace, each.model, actor=actor).contract.reference
        if each.run is not None and reference.is_short:
            out.print(
                f"  The reference has {reference.days} days. Against less than half a year alarms "
                "vouch for less.",
                markup=False,
            )
        for source, why in (each.run.failures if each.run else {}).items():
            out.print(f"  {source} failed: {why}", markup=False)
    print_table(
        "Alarms",
        [{"model": each.model, **_row(alarm)} for each in done for alarm in each.alarms],
    )


def _told(found: Checked) -> str:
    if found.run is None:
        return f"{found.model}: nothing to check yet."
    how = f"as of {found.run.as_of:%Y-%m-%d %H:%M} UTC; alarms: {len(found.alarms)}"
    if not found.made:
        return f"{found.model}: {how}; checked before, nothing stored again."
    opened, closed = len(found.opened), len(found.closed)
    return f"{found.model}: {how}; alerts opened: {opened}, closed: {closed}."


def _checked(found: Checked) -> dict[str, object]:
    run = found.run
    return {
        "model": found.model,
        "check": run.id if run else None,
        "state": run.state if run else None,
        "as_of": run.as_of if run else None,
        "generation": run.lake_generation if run else None,
        "attempt": run.attempt if run else None,
        "sources": list(run.sources) if run else [],
        "failures": dict(run.failures) if run else {},
        "made": found.made,
        "opened": list(found.opened),
        "closed": list(found.closed),
        "alarms": list(found.alarms),
    }


def _row(alarm: Alarm) -> dict[str, object]:
    return {
        "severity": alarm.severity,
        "kind": alarm.kind,
        "method": alarm.method,
        "about": alarm.column or alarm.version or "–",
        "slice": alarm.slice or "–",
        "period": alarm.chunk_key,
        "effect": alarm.effect,
        "statistic": alarm.statistic,
        "p": alarm.p_value,
        "threshold": alarm.threshold,
        "n": alarm.n_current,
    }


@_alerts.command("list")
def list_alerts(
    model: _Model = None,
    every: Annotated[bool, typer.Option("--all", help="Closed ones too.")] = False,
    as_json: JsonOption = False,
) -> None:
    """List alerts, open ones first."""
    workspace, actor = workspace_and_actor()
    states = None if every else ("open", "acknowledged", "snoozed")
    board = services.list_alerts(workspace, actor=actor, model_id=model, states=states)
    if as_json:
        print_json({"rows": list(board.alerts)})
        return
    print_table(
        "Alerts",
        [
            {**_summary(each), "owner": board.owners.get(each.owner_id or "")}
            for each in board.alerts
        ],
    )


@_alerts.command("show")
def show(alert: _Alert, as_json: JsonOption = False) -> None:
    """Show an alert with its history, its alarms and their evidence."""
    workspace, actor = workspace_and_actor()
    story = services.story(workspace, alert, actor=actor)
    if as_json:
        print_json({"alert": story.alert, "events": story.events, "alarms": story.alarms})
        return
    print_table("Alert", [{**_summary(story.alert), "owner": story.owner or None}])
    print_table(
        "History",
        [
            {
                "at": each.at,
                "what": each.kind,
                "who": story.people.get(each.actor, each.actor),
                "reason": each.reason,
            }
            for each in story.events
        ],
    )
    print_table("Alarms", [{"alarm": each.id, **_row(each)} for each in story.alarms])


def _summary(alert: Alert) -> dict[str, object]:
    row = _row(alert.alarm)
    return {
        "alert": alert.id,
        "state": alert.state,
        "model": alert.model_id,
        **{name: row[name] for name in ("kind", "method", "about", "slice", "period")},
        "severity": alert.severity,
        "since": alert.opened_at,
        "alarms": alert.alarms,
    }


@_alerts.command("acknowledge")
def acknowledge(alert: _Alert, reason: _Reason) -> None:
    """Say that somebody sees to an alert."""
    workspace, actor = workspace_and_actor()
    services.acknowledge(workspace, alert, reason=reason, actor=actor)
    out.print(f"{alert} is acknowledged.", markup=False)


@_alerts.command("snooze")
def snooze(
    alert: _Alert,
    until: Annotated[str, typer.Option(help="Day or instant, by the model's clock.")],
    reason: _Reason,
) -> None:
    """Silence an alert for a while."""
    workspace, actor = workspace_and_actor()
    found = services.snooze(workspace, alert, until=until, reason=reason, actor=actor)
    out.print(f"{alert} is silent until {found.snoozed_until}.", markup=False)


@_alerts.command("assign")
def assign(
    alert: _Alert,
    to: Annotated[str, typer.Option(help="User name of who sees to it.")],
    reason: _Reason,
) -> None:
    """Ask somebody to see to an alert."""
    workspace, actor = workspace_and_actor()
    services.assign(workspace, alert, username=to, reason=reason, actor=actor)
    out.print(f"{alert} is assigned to {to}.", markup=False)


@_alerts.command("close")
def close(alert: _Alert, reason: _Reason) -> None:
    """Close an alert; should the next check find the same, a new one opens."""
    workspace, actor = workspace_and_actor()
    services.close(workspace, alert, reason=reason, actor=actor)
    out.print(f"{alert} is closed.", markup=False)


@_rules.command("list")
def list_rules(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Id of a registered model.")],
    as_json: JsonOption = False,
) -> None:
    """List the rules of a model, the most particular first."""
    workspace, actor = workspace_and_actor()
    rules = services.list_rules(workspace, model, actor=actor)
    does = services.list_responses(workspace, model, actor=actor)
    if as_json:
        print_json({"rows": list(rules), "responses": dict(does)})
    else:
        print_table("Rules", [_rule(each, does.get(each.id)) for each in rules])


@_rules.command("set")
def set_rule(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Id of a registered model.")],
    kind: Annotated[str, typer.Option(help="Kind of alarm; all by default.")] = "",
    method: Annotated[str, typer.Option(help="Metric; all by default.")] = "",
    column: Annotated[str, typer.Option(help="Column; all by default.")] = "",
    slice_: Annotated[
        str, typer.Option("--slice", help="NAME=VALUE, looked at by itself from now on.")
    ] = "",
    severity: Annotated[
        str | None, typer.Option(help="watch or act; as the alarm is, by default.")
    ] = None,
    patience: Annotated[
        int, typer.Option(help="Checks in a row before an alert opens or closes.")
    ] = 1,
    owner: Annotated[str | None, typer.Option(help="User name of who sees to it.")] = None,
    off: Annotated[bool, typer.Option("--off", help="Such alarms open no alerts.")] = False,
    hook: Annotated[str | None, typer.Option(help="Hook that it calls when alerts open.")] = None,
    purpose: Annotated[
        str, typer.Option(help="What for: notify, retrain, suspend or rollback.")
    ] = "notify",
    action: Annotated[
        str | None, typer.Option(help="What it does to the model: suspend or rollback.")
    ] = None,
    to: Annotated[str | None, typer.Option(help="With rollback: to which version.")] = None,
    alerts_only: Annotated[
        bool, typer.Option("--alerts-only", help="Call and do nothing any more.")
    ] = False,
) -> None:
    """Set the rule for some alarms of a model; the most particular rule counts.

    Without --hook, --action and --alerts-only it goes on doing by itself what it did.
    """
    workspace, actor = workspace_and_actor()
    asked = alerts_only or hook is not None or action is not None
    rule = services.set_rule(
        workspace,
        model,
        kind,
        actor=actor,
        method=method,
        column=column,
        slice_=slice_,
        severity=severity,
        patience=patience,
        owner=owner,
        enabled=not off,
        response=services.Response(hook, purpose, action, to) if asked else None,
    )
    out.print(f"Rule {rule.id} is set.", markup=False)


@_rules.command("remove")
def remove_rule(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="Id of the rule, as listed.")],
) -> None:
    """Take a rule away."""
    workspace, actor = workspace_and_actor()
    services.remove_rule(workspace, rule, actor=actor)
    out.print(f"Removed {rule}.", markup=False)


def _rule(rule: AlertRule, does: services.RuleDoes | None) -> dict[str, object]:
    return {
        "rule": rule.id,
        "kind": rule.kind or "any",
        "method": rule.method or "any",
        "column": rule.column or "any",
        "slice": rule.slice or "any",
        "severity": rule.severity or "as the alarm",
        "patience": rule.patience,
        "owner": rule.owner_id,
        "opens alerts": rule.enabled,
        "calls": f"{does.hook} to {does.purpose}" if does and does.hook else None,
        "does": " to ".join(filter(None, (does.action, does.to_version))) if does else None,
    }


@_channels.command("add")
def add_channel(
    name: Annotated[str, typer.Argument(metavar="NAME", help="What people call it.")],
    address: Annotated[
        str,
        typer.Option(
            prompt=True,
            hide_input=True,
            help="An Apprise address: mailtos://, workflows://, slack:// or jsons://.",
        ),
    ],
    model: Annotated[
        list[str] | None,
        typer.Option(help="Only alerts of it; may be given several times; all by default."),
    ] = None,
    severity: Annotated[str, typer.Option(help="The least that is sent: act or watch.")] = "act",
    language: LanguageOption = "en",
) -> None:
    """Let alerts be sent somewhere; the address is kept sealed and never shown."""
    workspace, actor = workspace_and_actor()
    channels.add_channel(
        workspace,
        name,
        address,
        actor=actor,
        models_of=model or None,
        severity=severity,
        language=language,
    )
    out.print(f"Alerts are sent to {name} from now on.", markup=False)


@_channels.command("list")
def list_channels(as_json: JsonOption = False) -> None:
    """List where alerts are sent, and how that goes."""
    workspace, actor = workspace_and_actor()
    found = channels.list_channels(workspace, actor=actor)
    rows = [
        {
            "name": each.name,
            "address": each.shown,
            "models": "all" if each.models is None else ", ".join(each.models),
            "from": each.severity,
            "language": each.language,
            "sent": each.sent,
            "waiting": each.waiting,
            "given up": each.given_up,
            "last error": each.last_error or None,
        }
        for each in found
    ]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table("Channels", rows)


@_channels.command("remove")
def remove_channel(
    name: Annotated[str, typer.Argument(metavar="NAME", help="As listed.")],
) -> None:
    """Send nothing more there, and forget the address."""
    workspace, actor = workspace_and_actor()
    channels.remove_channel(workspace, name, actor=actor)
    out.print(f"Removed {name}.", markup=False)


@_alerts.command("schedule")
def set_schedule(
    hours: Annotated[int, typer.Option(help="Check every model so often; 0 ends it.")],
) -> None:
    """Set how often the worker checks every model by itself."""
    workspace, actor = workspace_and_actor()
    schedule.set_check_hours(workspace, hours, actor=actor)
    out.print(f"Models are checked every {hours} hours." if hours else "No checks by themselves.")
