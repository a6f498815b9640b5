"""``harbourlight worklist``: automated decisions that differ from what was expected of them."""

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
from core.errors import InvalidInput
from core.lake.decisions.unexpected_sql import WAYS, Way
from core.services.explanation.held_against import HeldAgainst
from core.services.explanation.worklist import MOST, Listed, Worklist, worklist

_USUAL = 25


def register(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("worklist")(show_worklist)


def show_worklist(
    model: ModelArgument,
    differs_from: Annotated[
        str | None, typer.Option(help=f"List only what differs from one of: {', '.join(WAYS)}.")
    ] = None,
    limit: Annotated[int, typer.Option(help=f"The most decisions, up to {MOST:,}.")] = _USUAL,
    as_json: JsonOption = False,
) -> None:
    """List automated decisions that differ from what was expected, unexplained ones first.

    Personal values are masked.
    """
    way = _way(differs_from)
    workspace, actor = workspace_and_actor()
    found = worklist(workspace, model, actor=actor, limit=limit, way=way)
    if as_json:
        print_json(_document(found))
        return
    print_table("Held against", [_held(each) for each in found.ways])
    print_table("Decisions to look at", [_line(each) for each in found.rows])
    out.print(
        f"{found.unexplained} of {found.differing} that differ are not explained; "
        f"{found.decisions} were decided without a person.",
        markup=False,
    )


def _way(name: str | None) -> Way | None:
    found = next((way for way in WAYS if way == name), None)
    if name is not None and found is None:
        raise InvalidInput(
            "{text!r} is not known here.",
            remedy="Choose from: {known}.",
            text=name,
            known=", ".join(WAYS),
        )
    return found


def _document(found: Worklist) -> dict[str, object]:
    return {
        "model": found.model_id,
        "decisions": found.decisions,
        "explained": found.explained,
        "differing": found.differing,
        "unexplained": found.unexplained,
        "verdicts": found.verdicts,
        "simulated_verdicts": found.simulated,
        "ways": {each.way: _held_document(each) for each in found.ways},
        "rows": [_row(each) for each in found.rows],
    }


def _held_document(each: HeldAgainst) -> dict[str, object]:
    low, high = each.interval or (None, None)
    return {
        "differing": each.differing,
        "looked_at": each.looked_at,
        "population": each.population,
        "drawn": each.drawn or None,
        "low": low,
        "high": high,
        "why": each.why,
    }


def _held(each: HeldAgainst) -> dict[str, object]:
    share = each.differing / each.looked_at if each.looked_at else None
    return {
        "differs from": each.way,
        "decisions": each.differing,
        "of": each.looked_at,
        "share": "–" if share is None else f"{share:.1%}",
        "drawn": each.drawn or "all",
        "why not": "" if each.looked_at else each.why,
    }


def _row(listed: Listed) -> dict[str, object]:
    row, previous, reviewers = listed.row, listed.previous, listed.reviewers
    return {
        "prediction": row.prediction_id,
        "time": row.time.isoformat(),
        "version": row.version,
        "decision": row.decision,
        "score": row.score,
        "amount": row.amount,
        "differs_from": [way for way in WAYS if way in row.ways],
        "previous": None
        if previous is None
        else {
            "version": previous.version,
            "score": previous.score,
            "decision": previous.decision,
        },
        "reviewers": None
        if reviewers is None
        else {"otherwise": reviewers.cases, "of": reviewers.of, "decision": reviewers.decision},
        "explained": row.explained,
    }


def _line(listed: Listed) -> dict[str, object]:
    row = listed.row
    return {
        "prediction": row.prediction_id,
        "time": row.time.isoformat(timespec="minutes"),
        "decision": row.decision,
        "score": row.score,
        "differs from": ", ".join(way for way in WAYS if way in row.ways),
        "explained": "yes" if row.explained else "no",
    }
