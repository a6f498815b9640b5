"""A look at one prediction's personal values, through the page: shown once, and on record."""

from core.domain.identity import Role
from core.services import personal
from tests.harbour import Harbour
from tests.pages.conftest import Open
from tests.pages.reading import html_of


def test_values_are_shown_once_and_on_record(open_loans: Open, harbour: Harbour) -> None:
    before = personal.list_reveals(harbour.workspace, actor=harbour[Role.auditor])
    test = open_loans(Role.compliance, "data-quality")
    wanted = str(harbour.loans["loan_id"].iloc[0])
    test.text_input(key="reveal_id_loans").set_value(wanted)
    test.multiselect(key="reveal_columns_loans").set_value(["sex"])
    test.text_input(key="reveal_reason_loans").set_value("Complaint C-17 of the branch")
    next(each for each in test.button if each.label == "Reveal").click()
    test.run()
    assert f"Personal values of prediction {wanted}" in html_of(test)
    after = personal.list_reveals(harbour.workspace, actor=harbour[Role.auditor])
    assert len(after) == len(before) + 1
    assert f"Personal values of prediction {wanted}" not in html_of(test.run())


def test_who_may_not_reveal_is_offered_nothing(open_loans: Open) -> None:
    shown = html_of(open_loans(Role.data_scientist, "data-quality"))
    assert "Personal values" not in shown
