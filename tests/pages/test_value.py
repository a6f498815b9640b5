"""The page Value of loans whose decisions have a price, and of models that have none."""

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest
from streamlit.testing.v1 import AppTest

from core.domain.identity import Actor, Role
from core.domain.windows import Chunk
from core.i18n import LOCALES, translator
from core.services.checks import NewAlarm
from core.services.questions import Question
from core.services.value import value, workload
from tests.pages.conftest import Open
from tests.pages.reading import headings, html_of, sentences, states
from tests.support.builders import FIRST
from tests.support.checking import Told, check_on
from tests.support.harbour import add_people
from tests.support.valued import REVIEW, Valued, build_valued


@pytest.fixture(scope="module")
def lender(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[Valued, dict[Role, Actor]]]:
    home = tmp_path_factory.mktemp("valued") / "home"
    home.mkdir()
    found = build_valued(home, review=REVIEW)
    yield found, add_people(found.workspace)
    found.workspace.store.close()


def opened(
    open_page: Open, lender: tuple[Valued, dict[Role, Actor]], role: Role, **parameters: str
) -> AppTest:
    found, people = lender
    given = {"model": "loans", "lang": "en", **parameters}
    return open_page(found.workspace, people[role], "value", **given)


@pytest.mark.parametrize(("role", "lang"), [*zip(Role, (*LOCALES, *LOCALES), strict=True)])
def test_every_role_reads_it_in_its_language(
    open_page: Open, lender: tuple[Valued, dict[Role, Actor]], role: Role, lang: str
) -> None:
    test, t = opened(open_page, lender, role, lang=lang), translator(lang)
    assert headings(test) == [t("Value of decisions")]
    assert states(test) == []
    (sentence, *_) = sentences(test)
    assert (
        t(
            "The model's decisions earned {gain} more than {other} ({range} at 95%), over {n} "
            "predictions whose outcome is known.",
            gain=t.compact_money(150111.52, "HKD"),
            other=t("no model, which flags nobody"),
            range=t(
                "{low} to {high}",
                low=t.compact_money(48948.357, "HKD"),
                high=t.compact_money(251274.683, "HKD"),
            ),
            n=2760,
        )
        in sentence
    )
    shown = html_of(test)
    assert t("What if the cut-off moved?") in shown
    fairness = t("Fairness ratio: {attribute}", attribute=t("Sex"))
    assert (fairness in shown) == (role is not Role.business)
    assert "margin" in shown  # simulated
    assert t("Cases for people, by the rules of review") in shown
    assert t("Near the cut-off") not in shown  # the contract says what people look at


def test_moving_the_cut_off_moves_the_figures(
    open_page: Open, lender: tuple[Valued, dict[Role, Actor]]
) -> None:
    test = opened(open_page, lender, Role.data_scientist)
    (slider,) = test.select_slider
    assert slider.value == 0.4
    before = html_of(test)
    test = slider.set_value(0.3 if 0.3 in choices(test) else choices(test)[40]).run()
    assert not test.exception
    assert html_of(test) != before


def test_the_queue_moves_with_the_cut_off(
    open_page: Open, lender: tuple[Valued, dict[Role, Actor]]
) -> None:
    test = opened(open_page, lender, Role.business)
    chosen = choices(test)[40]
    test = test.select_slider[0].set_value(chosen).run()
    queue = workload(lender[0].workspace, Question("loans"), chosen, actor=lender[1][Role.business])
    assert queue is not None
    assert queue.then.cases != queue.today.cases
    shown = html_of(test)
    for load in (queue.today, queue.then):
        assert f'<td class="hl-right">{load.cases:,}</td>' in shown
        assert f'<td class="hl-right">{load.per_week:.1f}</td>' in shown
    assert "Rules that read the logged decision stay as they were: Declined and huge." in shown


def test_the_rank_correlation_has_its_interval(
    open_page: Open, lender: tuple[Valued, dict[Role, Actor]]
) -> None:
    test = opened(open_page, lender, Role.business)
    ranking = value(lender[0].workspace, Question("loans"), actor=lender[1][Role.business]).ranking
    assert ranking is not None
    low, high = float(ranking.correlation.low), float(ranking.correlation.high)
    assert low < high
    assert f"{low:.2f} to {high:.2f}; rises in" in html_of(test)


def choices(test: AppTest) -> list[float]:
    return [float(each) for each in test.select_slider[0].options]


def test_a_bank_that_declines_says_what_nobody_knows(
    open_page: Open, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("lending") / "home"
    home.mkdir()
    found = build_valued(home, declined_known=False, reviews=False)
    people = add_people(found.workspace)
    test = open_page(found.workspace, people[Role.business], "value", model="loans", lang="en")
    assert "their outcome is missing" in sentences(test)[0]
    assert not test.exception
    found.workspace.store.close()


def test_a_contract_without_prices_shows_what_to_add(
    open_page: Open, tmp_path_factory: pytest.TempPathFactory
) -> None:
    home = tmp_path_factory.mktemp("unpriced") / "home"
    home.mkdir()
    found = build_valued(home, reviews=False, value=None)
    people = add_people(found.workspace)
    for lang in LOCALES:
        t = translator(lang)
        test = open_page(found.workspace, people[Role.auditor], "value", model="loans", lang=lang)
        assert states(test) == [
            t("The contract of {model} does not say what a decision is worth.", model="loans")
        ]
        assert "not_flagged: amount * 0.04" in html_of(test)
    found.workspace.store.close()


def test_a_period_too_young_for_outcomes(
    open_page: Open, lender: tuple[Valued, dict[Role, Actor]]
) -> None:
    test = opened(open_page, lender, Role.admin, range="2025-12-25..2026-01-10")
    assert not test.exception
    assert sentences(test)[0]


def test_a_cut_off_is_kept_and_proposed(
    open_page: Open, lender: tuple[Valued, dict[Role, Actor]]
) -> None:
    test = opened(open_page, lender, Role.data_scientist)
    assert "No scenario has been kept yet." in html_of(test)
    test.text_input(key="value_keep_name").input("Today once more")
    test = next(each for each in test.button if each.label.startswith("Keep")).click().run()
    assert not test.exception
    assert "Today once more" in html_of(test)
    test.text_input(key="value_propose_reason").input("To show that it can be done")
    test = next(each for each in test.button if each.label == "Propose the cut-off").click().run()
    assert not test.exception
    assert "waiting" in html_of(test)


def test_an_examiner_reads_scenarios_and_keeps_none(
    open_page: Open, lender: tuple[Valued, dict[Role, Actor]]
) -> None:
    test = opened(open_page, lender, Role.auditor)
    assert not any(each.label.startswith("Keep") for each in test.button)


def test_what_drift_costs_stands_beneath_the_figures_while_an_alert_is_open(
    open_page: Open, lender: tuple[Valued, dict[Role, Actor]]
) -> None:
    cost, what_if = "Cost of drift", "What if the cut-off moved?"

    def order() -> list[str]:
        html = html_of(opened(open_page, lender, Role.business))
        return sorted([cost, what_if], key=lambda each: html.index(f"<h2>{each}</h2>"))

    assert order() == [what_if, cost]
    month = Chunk(0, "2025-03", FIRST.replace(month=3), FIRST.replace(month=4))
    alarm = NewAlarm("value", "act", month, method="value_over_baseline", n_current=200)
    other = replace(alarm, kind="drift", method="psi", column="industry", effect=0.4)
    check_on(lender[0].workspace, "2025-12-20", Told([alarm, other]))
    assert order() == [cost, what_if]
    html = html_of(opened(open_page, lender, Role.business))
    assert html.count("than the reference led to expect") == 1  # both share the money of the time
    assert re.search(r"<td[^>]*>[^<]*, industry has drifted|industry has drifted, ", html)
