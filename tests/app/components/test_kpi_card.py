"""KPI cards: what each says, in words as well as in shapes, and which one is chosen."""

from streamlit.testing.v1 import AppTest

from tests.pages.reading import html_of


def page() -> None:
    """Show two cards and tell which one was chosen."""
    import streamlit as st

    from app.components import Course, KpiCard, kpi_cards
    from app.palette import LIGHT
    from core.domain.status import Status

    cards = [
        KpiCard(
            key="loss_rate",
            name="Loss <rate>",
            value="4.2%",
            status=Status.act,
            word="Missed",
            meaning='Of each "dollar" lent',
            change="↑ +1.2 pts worse",
            beside="against Q3 2007",
            target="Target: at most 3.0%, set on 15 Dec 2005 by Credit committee",
            remarks=["The target was set after go-live.", "Part of the period only."],
            course=Course(
                [0.02, 0.03, 0.042], "Loss rate over 2007", partial=[False] * 3, chosen=2
            ),
        ),
        KpiCard("orders", "Orders", "–", Status.not_enough_data, "Not enough data"),
    ]
    kpi_cards(
        LIGHT,
        cards,
        chosen=st.session_state.get("chosen", "loss_rate"),
        action="Why it changed",
        choose=lambda key: st.session_state.update(chosen=key),
    )


def opened() -> AppTest:
    return AppTest.from_function(page).run()


def test_a_card_says_everything_in_words() -> None:
    html = html_of(opened())
    assert '<h2 title="Of each &quot;dollar&quot; lent">Loss &lt;rate&gt;</h2>' in html
    for text in (
        '<p class="hl-kpi-value">4.2%</p>',
        '<i class="hl-shape-act"></i><span>Missed</span>',
        "↑ +1.2 pts worse",
        "against Q3 2007",
        "Target: at most 3.0%, set on 15 Dec 2005 by Credit committee",
        "The target was set after go-live.",
        "Part of the period only.",
        'alt="Loss rate over 2007"',
    ):
        assert text in html


def test_a_card_without_figures_has_no_line_and_no_change() -> None:
    html = html_of(opened()).split("Orders")[1]
    assert "<img" not in html
    assert "hl-kpi-change" not in html
    assert "hl-shape-not_enough_data" in html


def test_the_chosen_card_is_another_one_after_its_button() -> None:
    test = opened()
    test.button(key="hl_choose_kpi_orders").click().run()
    assert test.session_state["chosen"] == "orders"
