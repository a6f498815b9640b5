"""``harbourlight review route | simulate | breaches``: rules of review, and what went past them."""

from pathlib import Path
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
from core.errors import InvalidInput, UnreadableFile
from core.i18n import N_
from core.services.routing.breach_cases import ToldBreach
from core.services.routing.breaches import (
    BREACHES,
    ModelOversight,
    oversight,
    oversight_of_all,
)
from core.services.routing.run import route_now
from core.services.routing.simulate import Load, Simulation, simulate


def add_to(commands: typer.Typer) -> None:
    """Add this module's commands to those of ``review``."""
    commands.command("route")(route)
    commands.command("simulate")(simulate_rules)
    commands.command("breaches")(breaches)


def route(model: ModelArgument, as_json: JsonOption = False) -> None:
    """Make the cases of what was published and not routed yet, without waiting for the worker."""
    workspace, actor = workspace_and_actor()
    done = route_now(workspace, model, actor=actor)
    if as_json:
        print_json(done)
        return
    out.print(
        f"Made {done.cases} cases of {done.predictions} predictions in {done.batches} batches.",
        markup=False,
    )


def simulate_rules(
    model: ModelArgument,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="A contract, or its part 'review', as YAML; the one in force by default.",
        ),
    ] = None,
    days: Annotated[int, typer.Option(help="Days up to the newest prediction.")] = 90,
    share: Annotated[
        list[str] | None, typer.Option(help="Another share of a rule: RULE=0.1.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Show what rules of review would have brought in the last days; nothing is saved."""
    workspace, actor = workspace_and_actor()
    found = simulate(
        workspace,
        model,
        _text_of(file),
        actor=actor,
        days=days,
        shares=dict(map(_share, share or [])),
    )
    if as_json:
        print_json(_document(model, found))
        return
    _print(found)


def breaches(
    model: Annotated[
        str | None, typer.Argument(metavar="[MODEL]", help="Only this model, one by one.")
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Count what took effect without the review it needs, or not as people decided: must be 0."""
    workspace, actor = workspace_and_actor()
    found = (
        (oversight(workspace, model, actor=actor),)
        if model
        else oversight_of_all(workspace, actor=actor)
    )
    if as_json:
        told = [_newest(each) for each in found[0].newest] if model else []
        total = sum(each.breaches for each in found)
        unlogged = {each.model_id: each.unlogged for each in found}
        rows = _rows(found)
        print_json({"breaches": total, "unlogged": unlogged, "rows": rows, "newest": told})
        return
    total = sum(each.breaches for each in found)
    print_table(f"Released without required review: {total}", _rows(found))
    for each in found:
        if each.unlogged:
            out.print(
                f"{each.model_id}: {each.unlogged} took effect that the log holds no prediction of;"
                " whether they needed review cannot be said.",
                markup=False,
            )
    if model:
        print_table("Newest", [_newest(each) for each in found[0].newest])


def _rows(found: tuple[ModelOversight, ...]) -> list[dict[str, object]]:
    return [
        {
            "model": each.model_id,
            "version": version.version,
            "level": version.level,
            "released": version.released,
            "breaches": version.breaches,
            **{kind: version.kinds.get(kind, 0) for kind in BREACHES},
            "undeclared": version.undeclared,
            "no_case": version.no_case,
            "since": each.since,
            "logged": each.is_logged,
        }
        for each in found
        for version in each.versions
    ]


def _newest(breach: ToldBreach) -> dict[str, object]:
    names = ("prediction_id", "version", "level", "kind", "time", "released_at")
    case = breach.case
    return {
        **{name: getattr(breach, name) for name in names},
        "disputed": "yes" if breach.disputed else "",
        "case": case.reference if case else "",
        "decided": (case.decision or "") if case else "",
        "at": case.final_at if case else None,
    }


def _text_of(file: Path | None) -> str | None:
    if file is None:
        return None
    try:
        return file.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise UnreadableFile(
            "{path} cannot be read: {reason}.",
            remedy="Give a UTF-8 YAML file.",
            path=str(file),
            reason=str(error),
        ) from error


def _share(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        return name, float(number)
    except ValueError as error:
        raise InvalidInput(
            N_("{text!r} is not a share of a rule."),
            remedy=N_("Write RULE=SHARE with a rule of the contract and a share from 0 to 1."),
            text=text,
        ) from error


def _document(model: str, found: Simulation) -> dict[str, object]:
    return {
        "model": model,
        "window": {"start": found.view.window.start, "end": found.view.window.end},
        "saved": False,
        "waiting": found.waiting,
        "at_once": found.at_once,
        "seconds_per_case": found.seconds_per_case,
        "verdicts": found.verdicts,
        "tried": _load(found, found.tried),
        "in_force": _load(found, found.in_force),
    }


def _load(found: Simulation, load: Load) -> dict[str, object]:
    return {
        "predictions": load.rows,
        "cases": load.cases,
        "high": load.high,
        "per_day": load.per_day,
        "per_week": load.per_week,
        "overlap": load.overlap,
        "checked": load.checked,
        "blind": load.blind,
        "hours_per_week": found.hours(load),
        "rules": [
            {
                "rule": each.rule.id,
                "matched": each.matched,
                "leads": each.leads,
                "alone": each.alone,
            }
            for each in load.rules
        ],
        "days": [{"day": each.day, "normal": each.normal, "high": each.high} for each in load.days],
    }


def _print(found: Simulation) -> None:
    rows = []
    for name, load in (("tried", found.tried), ("in force", found.in_force)):
        hours = found.hours(load)
        rows.append(
            {
                "rules": name,
                "predictions": load.rows,
                "cases": load.cases,
                "a day": load.per_day,
                "a week": load.per_week,
                "by several rules": load.overlap,
                "checked": load.checked,
                "blind": load.blind,
                "hours a week": hours,
            }
        )
    print_table("Load; nothing is saved", rows)
    print_table(
        "Rules tried",
        [
            {
                "rule": each.rule.id,
                "matches": each.matched,
                "leads": each.leads,
                "alone": each.alone,
            }
            for each in found.tried.rules
        ],
    )
    if found.waiting:
        out.print(
            f"{found.waiting} predictions are not routed yet;"
            f" the rules tried make {found.at_once} cases of them at once.",
            markup=False,
        )
