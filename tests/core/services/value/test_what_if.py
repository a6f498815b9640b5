"""A moved cut-off, against deciding the same loans again with pandas."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.domain.identity import Actor, Role
from core.services.questions import Question
from core.services.value import WhatIf, people, value, what_if
from core.services.value.compared import UNKNOWN_OUTCOME
from tests.core.services.value.test_value import mature, paired
from tests.support.builders import ADMIN
from tests.support.valued import Valued

ASKED = Question("loans", by="quarter")


def moved(valued: Valued, cut_off: float, *, exact: bool = True) -> WhatIf:
    asked = cut_off if exact else None
    found = value(valued.workspace, ASKED, actor=ADMIN, cut_off=asked)
    groups = people(valued.workspace, ASKED, actor=ADMIN, cut_off=asked)
    return what_if(found, cut_off, groups)


def acted(valued: Valued) -> pd.DataFrame:
    rows = mature(valued)
    return rows[rows["branch"] != "hold-out"]


def test_it_is_that_of_the_rows(valued: Valued) -> None:
    found, rows = moved(valued, 0.3), acted(valued)
    then, today = rows["score"] >= 0.3, rows["flagged"]
    assert found.why == ""
    assert found.changed == (then != today).sum()
    for side, flags in ((found.then, then), (found.today, today)):
        kept = rows[~flags]
        assert side.n == len(rows)
        assert side.flagged == pytest.approx(flags.mean())
        assert float(side.outcome_rate.value) == pytest.approx(kept["charged_off"].mean())
        assert float(side.value.value) == pytest.approx(kept["kept"].sum())
    x = rows["kept"].where(~then, 0.0) - rows["kept"].where(~today, 0.0)
    gain = [float(part) for part in (found.gain.value, found.gain.low, found.gain.high)]
    assert gain == pytest.approx(paired(x))
    assert (found.today.cut_off, found.then.cut_off) == (0.4, 0.3)


def test_what_people_reviewed_is_taken_from_the_log(valued: Valued, lending: Valued) -> None:
    found, rows = what_if(value(valued.workspace, ASKED, actor=ADMIN), 0.3), mature(valued)
    acted = rows[rows["branch"] != "hold-out"]
    assert found.today.reviewed == pytest.approx(acted["reviewed"].mean())
    assert np.isnan(found.then.reviewed)  # nobody reviewed by a cut-off that never was
    unseen = what_if(value(lending.workspace, ASKED, actor=ADMIN), 0.3)
    assert np.isnan(unseen.today.reviewed)  # no review is logged


def test_the_queue_is_who_lies_near_the_cut_off(valued: Valued) -> None:
    found, rows = moved(valued, 0.3), acted(valued)
    odds = rows["score"] / (1 - rows["score"])
    near = odds.between(3 / 7 / 1.25, 3 / 7 * 1.25, inclusive="left").mean()
    assert found.then.near == pytest.approx(near, abs=0.002)  # ends lie inside cells


def test_fairness_moves_with_it(valued: Valued) -> None:
    found, rows = moved(valued, 0.3), mature(valued)  # everybody, the hold-out too
    for side, flags in ((found.then, rows["score"] >= 0.3), (found.today, rows["flagged"])):
        rates = (~flags).groupby(rows["sex"]).mean()
        (ratio,) = side.fairness
        assert ratio.column == "sex"
        assert ratio.ratio == pytest.approx(rates.min() / rates.max())
        assert ratio.worst == "••• 2"  # a protected value is shown by its number
    assert found.then.fairness[0].ratio < found.today.fairness[0].ratio


def test_who_may_not_see_fairness_sees_the_rest(valued: Valued) -> None:
    manager = Actor("u9", "wai", frozenset({Role.business}))
    groups = people(valued.workspace, ASKED, actor=manager)
    found = what_if(value(valued.workspace, ASKED, actor=manager), 0.3, groups)
    assert found.then.fairness == ()
    assert found.then.n > 0


def test_todays_cut_off_changes_what_an_earlier_one_decided(valued: Valued) -> None:
    found, rows = moved(valued, 0.4, exact=False), acted(valued)
    assert found.changed == ((rows["score"] >= 0.4) != rows["flagged"]).sum() > 0


def test_the_cut_off_of_an_earlier_policy_can_be_tried(valued: Valued) -> None:
    found, rows = moved(valued, 0.5), acted(valued)
    assert found.changed == ((rows["score"] >= 0.5) != rows["flagged"]).sum()


@settings(max_examples=40, deadline=None)
@given(st.floats(0, 1))
def test_any_cut_off_is_answered_from_memory(valued: Valued, cut_off: float) -> None:
    found, rows = moved(valued, cut_off, exact=False), acted(valued)
    # A cut-off inside a cell is moved to the next: a fifth of a per cent of the odds.
    least = (rows["score"] >= cut_off + 0.0006).mean()
    most = (rows["score"] >= cut_off - 0.0006).mean()
    assert least - 1e-9 <= found.then.flagged <= most + 1e-9
    difference = float(found.then.value.value - found.today.value.value)
    assert difference == pytest.approx(float(found.gain.value), abs=1e-6)


def test_looser_cut_offs_cannot_be_told_where_nobody_was_let_in(lending: Valued) -> None:
    looser, stricter = moved(lending, 0.6), moved(lending, 0.3)
    assert looser.why == UNKNOWN_OUTCOME
    assert np.isnan(looser.then.value.value)
    assert np.isnan(looser.then.outcome_rate.value)
    assert looser.then.flagged < looser.today.flagged
    assert stricter.why == ""
    rows = mature(lending)
    lost = rows[~rows["flagged"] & (rows["score"] >= 0.3)]["kept"].sum()
    assert float(stricter.gain.value) == pytest.approx(-lost)
