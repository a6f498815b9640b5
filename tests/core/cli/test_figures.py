"""Figures in the cells of a printed table."""

import math

from core.cli.figures import figure_cell


def test_money_is_printed_in_full_with_its_currency() -> None:
    assert figure_cell("business_value", -1_234_567.4, "HKD") == "HKD -1,234,567"
    assert math.isnan(float(figure_cell("business_value", math.nan, "HKD")))


def test_other_figures_stay_numbers() -> None:
    assert figure_cell("roc_auc", 0.76412, "HKD") == 0.76412


def test_a_figure_that_the_registry_does_not_have_stays_a_number() -> None:
    assert figure_cell("target_of_a_contract", 12.5, "HKD") == 12.5
