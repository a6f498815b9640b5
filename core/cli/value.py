"""``harbourlight value``: what a model's decisions earn beside other ways to decide."""

from collections.abc import Sequence
from typing import Annotated

import numpy as np
import typer

from core.cli.context import (
    JsonOption,
    ModelArgument,
    out,
    print_json,
    print_table,
    workspace_and_actor,
)
from core.cli.options import (
    AsOfOption,
    CalendarOption,
    FromOption,
    LastOption,
    SliceOption,
    ToOption,
    VersionOption,
)
from core.metrics.intervals import Interval
from core.services.questions import Question
from core.services.value import (
    People,
    QueueLoad,
    Side,
    ValueAnswer,
    WhatIf,
    Workload,
    people,
    simulated_parameters,
    value,
    what_if,
    workload,
)


def register(app: typer.Typer) -> None:
    """Add this module's command to the program."""
    app.command("value")(show_value)


def show_value(
    model: ModelArgument,
    start: FromOption = None,
    end: ToOption = None,
    last: LastOption = None,
    by: CalendarOption = "quarter",
    as_of: AsOfOption = None,
    version: VersionOption = None,
    slice_: SliceOption = None,
    cut_off: Annotated[
        float | None,
        typer.Option(min=0, max=1, help="What this cut-off would have brought; changes nothing."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Say what the model's decisions earned, and what other cut-offs would have."""
    workspace, actor = workspace_and_actor()
    question = Question(model, start, end, last, by, as_of, version, slice_)
    found = value(workspace, question, actor=actor, cut_off=cut_off)
    groups: People | None = None
    queue: Workload | None = None
    if cut_off is not None:
        groups = people(workspace, question, actor=actor, cut_off=cut_off)
        queue = workload(workspace, question, cut_off, actor=actor)
    moved = None if cut_off is None else what_if(found, cut_off, groups)
    if as_json:
        print_json(_document(found, moved, queue))
        return
    out.print(
        f"{model}: {found.n} predictions old enough, {found.labelled} with an outcome,"
        f" {found.valued} with a value; money in {found.currency}",
        markup=False,
    )
    for each in simulated_parameters(found.view.contract):
        out.print(f"Simulated, not measured: {each.name} = {each.value:g}", markup=False)
    print_table("Beside other ways to decide", _compared(found))
    print_table("By period", [_period(row) for row in _course(found)])
    _print_ranking(found)
    print_table("Cut-offs", _some_cut_offs(found))
    if moved is not None:
        print_table("What if", _sides(moved, queue, "as decided"))
        if moved.why:
            out.print(moved.why, markup=False)


def _print_ranking(found: ValueAnswer) -> None:
    if found.ranking is None:
        return
    rank = _limits(found.ranking.correlation)
    out.print(
        "Rank correlation of score and outcome:"
        f" {rank['value']:.3f} ({rank['low']:.3f} to {rank['high']:.3f})",
        markup=False,
    )
    print_table("By tenth of the score", _groups(found))


def _document(
    found: ValueAnswer, moved: WhatIf | None, queue: Workload | None
) -> dict[str, object]:
    view, table, ranking = found.view, found.table, found.ranking
    return {
        "model": view.contract.id,
        "window": {"start": view.window.start, "end": view.window.end, "as_of": view.as_of},
        "currency": found.currency,
        "n": found.n,
        "labelled": found.labelled,
        "valued": found.valued,
        "simulated": [each.name for each in simulated_parameters(view.contract)],
        "why": found.why or None,
        "worth": _limits(found.worth),
        "baseline": found.over_baseline.other,
        "status": found.status,
        "rows": list(found.comparisons),
        "periods": _course(found),
        "rank_correlation": None if ranking is None else _limits(ranking.correlation),
        "groups": [] if ranking is None else _groups(found),
        "cut_offs": [] if table is None else _cut_offs(found, range(table.cut_off.size)),
        "cut_offs_over": None if table is None else table.over,
        "what_if": None if moved is None else _what_if(moved, queue),
    }


def _limits(figure: Interval) -> dict[str, float]:
    return {"value": float(figure.value), "low": float(figure.low), "high": float(figure.high)}


def _compared(found: ValueAnswer) -> list[dict[str, object]]:
    return [
        {
            "beside": each.other,
            "earns more by": each.gain,
            "low": each.low,
            "high": each.high,
            "otherwise": round(each.apart),
            "why not": each.why,
        }
        for each in found.comparisons
    ]


def _course(found: ValueAnswer) -> list[dict[str, object]]:
    return [
        {
            "chunk": {
                "key": each.chunk.key,
                "start": each.chunk.start,
                "end": each.chunk.end,
                "n": each.found.n,
            },
            "value": each.found.gain,
            "low": each.found.low,
            "high": each.found.high,
            "maturity": each.maturity,
            "why": each.found.why or None,
        }
        for each in found.course
    ]


def _period(row: dict[str, object]) -> dict[str, object]:
    chunk = row["chunk"]
    key = chunk["key"] if isinstance(chunk, dict) else ""
    return {"period": key, **{name: row[name] for name in ("value", "low", "high", "maturity")}}


def _groups(found: ValueAnswer) -> list[dict[str, object]]:
    groups = found.ranking.groups if found.ranking else None
    if groups is None:
        return []
    return [
        {
            "n": int(groups.n[place]),
            "positives": int(groups.positives[place]),
            "mean_score": float(groups.score[place]),
            "rate": float(groups.rate.value[place]),
            "low": float(groups.rate.low[place]),
            "high": float(groups.rate.high[place]),
        }
        for place in range(groups.n.size)
    ]


def _cut_offs(found: ValueAnswer, places: Sequence[int]) -> list[dict[str, object]]:
    table = found.table
    if table is None:
        return []
    named = {table.today: "today", table.best: "best"}
    return [
        {
            "cut_off": float(table.cut_off[place]),
            "flagged": float(table.flagged[place]),
            "gain": float(table.gain.value[place]),
            "low": float(table.gain.low[place]),
            "high": float(table.gain.high[place]),
            "which": named.get(place, ""),
        }
        for place in places
    ]


def _some_cut_offs(found: ValueAnswer) -> list[dict[str, object]]:
    """Return about ten cut-offs, today's and the best among them."""
    table = found.table
    if table is None:
        return []
    places = {*np.linspace(0, table.cut_off.size - 1, 9).astype(int).tolist()}
    places |= {place for place in (table.today, table.best) if place >= 0}
    return _cut_offs(found, sorted(places))


def _what_if(moved: WhatIf, queue: Workload | None) -> dict[str, object]:
    today, then = _sides(moved, queue, "today")
    return {
        "today": today,
        "then": then,
        "gain": _limits(moved.gain),
        "changed": moved.changed,
        "why": moved.why or None,
    }


def _sides(moved: WhatIf, queue: Workload | None, today: str) -> list[dict[str, object]]:
    """Return what was decided, and what the cut-off would have brought."""
    return [
        _side(today, moved.today) | _cases(queue.today if queue else None),
        _side("then", moved.then) | _cases(queue.then if queue else None),
    ]


def _cases(load: QueueLoad | None) -> dict[str, object]:
    return {} if load is None else {"cases": load.cases, "cases a week": load.per_week}


def _side(name: str, side: Side) -> dict[str, object]:
    return {
        "which": name,
        "cut_off": side.cut_off,
        "n": side.n,
        "flagged": side.flagged,
        "outcome_rate": float(side.outcome_rate.value),
        "earned": float(side.value.value),
        "near": side.near,
        "reviewed": side.reviewed,
        **{f"fairness {each.column}": each.ratio for each in side.fairness},
    }
