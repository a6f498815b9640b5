"""A forecast in words: what is expected by when, how it should stand, and its record."""

from core.contract.periods import Age
from core.domain.kpi_level import KpiLevel
from core.i18n import N_, Translator
from core.metrics.forecast import COVERAGE, Backtest, no_better_than
from core.services.kpi_forecast.answer import KpiForecast, KpiForecasts
from core.services.kpis.words import measure_of, value_text

_AIMED = {
    "higher_is_better": {
        KpiLevel.on_track: N_("{expected}; target at least {target}: on track."),
        KpiLevel.at_risk: N_("{expected}; target at least {target}: at risk."),
        KpiLevel.missed: N_("{expected}; target at least {target}: likely to be missed."),
    },
    "lower_is_better": {
        KpiLevel.on_track: N_("{expected}; target at most {target}: on track."),
        KpiLevel.at_risk: N_("{expected}; target at most {target}: at risk."),
        KpiLevel.missed: N_("{expected}; target at most {target}: likely to be missed."),
    },
}
_LIMITED = {
    KpiLevel.on_track: N_("{expected}: on track."),
    KpiLevel.at_risk: N_("{expected}: at risk."),
    KpiLevel.missed: N_("{expected}: likely to be missed."),
}
_NARROW = N_("That is fewer than the 4 of 5 that it is made for: it may be too narrow.")
_NO_BETTER = {
    "last": N_("The value of the period before came as near."),
    "pace": N_("The value so far, at its own pace, came as near."),
}


def expected_text(t: Translator, told: KpiForecast) -> str:
    """Return what is expected by when, without a full stop; empty if nothing is."""
    if told.why:
        return ""
    measure = measure_of(told.definition)
    value, low, high = (value_text(t, measure, each) for each in (told.value, told.low, told.high))
    return t(
        "By {day} expected {value} ({low} to {high})",
        day=told.last_day,
        value=value,
        low=low,
        high=high,
    )


def forecast_text(t: Translator, told: KpiForecast, answer: KpiForecasts) -> str:
    """Return a forecast in two or three sentences, or why there is none."""
    if told.why:
        return t.sentences(t("No forecast to {day}.", day=told.last_day), _why(t, told))
    found = told.backtest
    record = narrow = better = ""
    if found is not None:
        record = _record(t, answer.view.question.by, found)
        narrow = t(_NARROW) if found.held < COVERAGE * found.checked else ""
        simpler = no_better_than(found)
        better = t(_NO_BETTER[simpler]) if simpler else ""
    waits = t("It is final on {day}, once results are known.", day=told.final_on)
    return t.sentences(_stands(t, told), waits if told.waits else "", record, narrow, better)


def _record(t: Translator, by: str, found: Backtest) -> str:
    n, held = found.checked, found.held
    if by == "month":
        return t.n(
            "In {held} of {n} past month the band held the value.",
            "In {held} of {n} past months the band held the value.",
            n,
            held=held,
        )
    if by == "quarter":
        return t.n(
            "In {held} of {n} past quarter the band held the value.",
            "In {held} of {n} past quarters the band held the value.",
            n,
            held=held,
        )
    return t.n(
        "In {held} of {n} past year the band held the value.",
        "In {held} of {n} past years the band held the value.",
        n,
        held=held,
    )


def _stands(t: Translator, told: KpiForecast) -> str:
    expected = expected_text(t, told)
    if told.level not in _LIMITED:
        return t("{expected}.", expected=expected)
    if told.target is None:
        return t(_LIMITED[told.level], expected=expected)
    written = value_text(t, measure_of(told.definition), told.target.value)
    aimed = _AIMED[str(told.definition.direction)][told.level]
    return t(aimed, expected=expected, target=written)


def _why(t: Translator, told: KpiForecast) -> str:
    params = {
        name: _age_text(t, each) if isinstance(each, Age) else each
        for name, each in told.params.items()
    }
    return t(told.why, **params)


def _age_text(t: Translator, age: Age) -> str:
    if age.months:
        return t.n("{n} month", "{n} months", age.months)
    if age.hours % 24:
        return t.n("{n} hour", "{n} hours", age.hours)
    return t.n("{n} day", "{n} days", age.hours // 24)
