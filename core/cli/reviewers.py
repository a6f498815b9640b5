"""``harbourlight reviewers``: what they know, how long they are trained, when they are away."""

from datetime import date, datetime
from typing import Annotated

import typer

from core.cli.context import JsonOption, out, print_json, print_table, workspace_and_actor
from core.errors import InvalidInput, NotFound
from core.services.review import team
from core.services.review.team import Member

_reviewers = typer.Typer(
    help="Reviewers: languages, skills, training, absences, deputies.", no_args_is_help=True
)
_NONE = "none"
_Day = Annotated[str | None, typer.Option(metavar="DAY", help="Such as 2026-09-22, or none.")]


def register(app: typer.Typer) -> None:
    """Add this module's commands to the program."""
    app.add_typer(_reviewers, name="reviewers")


@_reviewers.command("list")
def list_reviewers(as_json: JsonOption = False) -> None:
    """List who may work on reviews, with what is noted of each and what lies with them."""
    workspace, actor = workspace_and_actor()
    found = team.list_team(workspace, actor=actor)
    names = {each.user.id: each.user.username for each in found}
    rows = [_row(each, names) for each in found]
    if as_json:
        print_json({"rows": rows})
    else:
        print_table("Reviewers", rows)


@_reviewers.command("set")
def set_reviewer(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The user's name.")],
    language: Annotated[list[str] | None, typer.Option(help="A language, or none for all.")] = None,
    skill: Annotated[list[str] | None, typer.Option(help="A skill, or none.")] = None,
    most: Annotated[str | None, typer.Option(help="Most cases at a time, or none.")] = None,
    trained_until: _Day = None,
    away_from: _Day = None,
    away_until: _Day = None,
    deputy: Annotated[str | None, typer.Option(help="The deputy's user name, or none.")] = None,
) -> None:
    """Note what is given of a reviewer; what is not given stays as it is."""
    workspace, actor = workspace_and_actor()
    found = {each.user.username: each for each in team.list_team(workspace, actor=actor)}
    member = _member(found, name)
    held = member.profile
    team.set_profile(
        workspace,
        member.user.id,
        actor=actor,
        languages=_several(language, held.languages if held else ()),
        skills=_several(skill, held.skills if held else ()),
        open_limit=_number(most, held.open_limit if held else None),
        competent_until=_day(trained_until, held.competent_until if held else None),
        away_from=_day(away_from, held.away_from if held else None),
        away_until=_day(away_until, held.away_until if held else None),
        deputy_id=_deputy(deputy, found, held.deputy_id if held else None),
    )
    out.print(f"Kept of {name}.", markup=False, highlight=False)


def _row(each: Member, names: dict[str, str]) -> dict[str, object]:
    held = each.profile
    return {
        "reviewer": each.user.username,
        "languages": " ".join(held.languages) if held and held.languages else "all",
        "skills": ", ".join(held.skills) if held else "",
        "most": held.open_limit if held else None,
        "trained until": held.competent_until if held else None,
        "away from": held.away_from if held else None,
        "away until": held.away_until if held else None,
        "deputy": names.get(held.deputy_id or "", "") if held else "",
        "is away": each.is_away,
        "in hand": each.load.held,
        "assigned": each.load.assigned,
    }


def _member(found: dict[str, Member], name: str) -> Member:
    if name not in found:
        raise NotFound(
            "There is no reviewer {name}.",
            remedy="Run 'harbourlight reviewers list'.",
            name=name,
        )
    return found[name]


def _several(given: list[str] | None, held: tuple[str, ...]) -> tuple[str, ...]:
    if given is None:
        return held
    return tuple(each for each in given if each != _NONE)


def _number(given: str | None, held: int | None) -> int | None:
    if given is None or given == _NONE:
        return held if given is None else None
    if not given.isdecimal():
        raise InvalidInput(
            "{text!r} is not a number of cases.", remedy="Give a whole number or none.", text=given
        )
    return int(given)


def _day(given: str | None, held: date | None) -> date | None:
    if given is None or given == _NONE:
        return held if given is None else None
    try:
        return datetime.strptime(given, "%Y-%m-%d").date()
    except ValueError as error:
        raise InvalidInput(
            "{text!r} is not a day.", remedy="Write it as 2026-09-22, or none.", text=given
        ) from error


def _deputy(given: str | None, found: dict[str, Member], held: str | None) -> str | None:
    if given is None or given == _NONE:
        return held if given is None else None
    return _member(found, given).user.id
