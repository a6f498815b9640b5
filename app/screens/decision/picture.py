"""How the fields add up to a decision's score: the picture, and the same in a table."""

from collections.abc import Sequence
from functools import partial
from typing import Literal

import pandas as pd

from app.charts import Chart, Labels, Level, Look, Step, waterfall
from app.components import Column, note, show_chart, static_table
from app.context import PageContext
from app.screens.decision.words import METHODS, SCALES, score_text
from core.domain.explanation import RAISES
from core.domain.explanation.record import NONE, Attributions, Part
from core.domain.windows import local_day
from core.i18n import Translator
from core.services.explanation.looking import DecisionView
from core.services.explanation.telling import value_text
from core.services.explanation.what_if import MASKED

MOST = 8
"""More fields are drawn together as one."""

Better = Literal["higher", "lower"] | None
_DIGITS = 3
_LONGEST = 37  # characters that a telephone has room for beside what a field adds
_ERRORS = 1.96


def has_sums(view: DecisionView) -> bool:
    """Whether there is something to say of how the fields add up."""
    masked = view.is_score_masked and view.record.source != NONE
    return masked or view.record.attributions is not None


def show_sums(ctx: PageContext, view: DecisionView) -> None:
    """Show how base and fields add up to the score; what the log has is shown as a table."""
    t, sums = ctx.t, view.record.attributions
    if view.is_score_masked and view.record.source != NONE:
        note(t(MASKED))
        return
    if sums is None:
        return
    note(_how(t, view, sums))
    if sums.base is None or sums.output is None:
        _show_logged(t, view, sums)
    else:
        show_chart(t, sums_chart(ctx.look, view, sums), key="decision_sums")
        note(
            t(
                "{output} on this scale is a score of {score}.",
                output=t.number(sums.output, _DIGITS),
                score=score_text(t, view, view.record.subject.score),
            )
        )


def _how(t: Translator, view: DecisionView, sums: Attributions) -> str:
    method = t("Found: {method}.", method=t(METHODS[sums.method]))
    background = view.record.background
    if background is None:
        return method
    beside = t(
        "Beside {rows} rows of the training data, drawn at random: what each field adds to their "
        "mean.",
        rows=background.rows,
    )
    whose = "" if _better(view) is None else t("Better and worse are meant for the person.")
    return t.sentences(beside, method, whose)


def sums_chart(look: Look, view: DecisionView, sums: Attributions) -> Chart:
    """Return the waterfall from the background's mean to the decision."""
    t, background = look.t, view.record.background
    rows = 0 if background is None else background.rows
    scale, better = t(SCALES[sums.scale]), _better(view)
    return waterfall(
        look,
        Labels(
            title=t("How the fields add up to the score"),
            x=scale,
            y=t("Field"),
            unit="",
            n=rows,
            period=t.date(local_day(view.record.subject.predicted_at, view.contract.timezone)),
        ),
        before=Level(t("Mean of the rows compared with"), sums.base or 0.0, rows),
        after=Level(t("This decision"), sums.output or 0.0, 1),
        steps=steps_of(t, view, sums.parts),
        better=better,
        write=partial(_written, t),
        write_change=partial(_added, t, better),
        interval_word=t("95% interval"),
    )


def steps_of(t: Translator, view: DecisionView, parts: Sequence[Part]) -> list[Step]:
    """Return a step for each of the largest parts, and one for all others together."""
    ranked = sorted(parts, key=lambda each: -abs(each.added))
    steps = [_step(t, view, each) for each in ranked[:MOST]]
    rest = ranked[MOST:]
    if len(rest) == 1:
        steps.append(_step(t, view, rest[0]))
    elif rest:
        name = t("{n} other fields", n=len(rest))
        steps.append(Step(name, sum(each.added for each in rest)))
    return steps


def _step(t: Translator, view: DecisionView, part: Part) -> Step:
    label = view.contract.feature(part.field).label_in(t.locale)
    value = value_text(t, view.contract, part.field, part.value, masked=True)
    both = t("{name}: {text}", name=label, text=value)
    name = both if len(both) <= _LONGEST else label
    if part.error is None:
        return Step(name, part.added)
    apart = _ERRORS * part.error
    return Step(name, part.added, part.added - apart, part.added + apart)


def _better(view: DecisionView) -> Better:
    """Return which way is good for the person; nothing where nobody says so."""
    reasons, adverse = view.record.reasons, view.record.rule.adverse
    if adverse is None or not reasons:
        return None
    raised = reasons[0].direction == RAISES
    return "lower" if raised == adverse else "higher"


def _written(t: Translator, value: float) -> str:
    return t.number(value, _DIGITS)


def _added(t: Translator, better: Better, value: float) -> str:
    return t.delta(value, better=better, digits=_DIGITS)


def _show_logged(t: Translator, view: DecisionView, sums: Attributions) -> None:
    rows = [
        {
            "field": view.contract.feature(each.field).label_in(t.locale),
            "value": value_text(t, view.contract, each.field, each.value, masked=True),
            "added": each.added,
        }
        for each in sorted(sums.parts, key=lambda part: -abs(part.added))
    ]
    columns = [
        Column("field", t("Field")),
        Column("value", t("Value")),
        Column("added", t("Added, as logged"), "number"),
    ]
    caption = t("What the log says that each field added; nobody recomputed it")
    static_table(t, pd.DataFrame(rows), columns, caption=caption)
