"""A look at one prediction's personal values, through the page: shown once, and on record."""

from core.domain.identity import Role
from core.services import ingest
from core.services.personal import reveals
from core.services.personal.refused_rows import refused_files
from tests.pages.conftest import Open
from tests.pages.reading import html_of
from tests.support.harbour import Harbour


def test_values_are_shown_once_and_on_record(open_loans: Open, harbour: Harbour) -> None:
    before = reveals.list_reveals(harbour.workspace, actor=harbour[Role.auditor])
    test = open_loans(Role.compliance, "data-quality")
    wanted = str(harbour.loans["loan_id"].iloc[0])
    test.text_input(key="reveal_id_loans").set_value(wanted)
    test.multiselect(key="reveal_columns_loans").set_value(["sex"])
    test.text_input(key="reveal_reason_loans").set_value("Complaint C-17 of the branch")
    test.button(key="reveal_press_loans").click()
    test.run()
    assert f"Personal values of prediction {wanted}" in html_of(test)
    after = reveals.list_reveals(harbour.workspace, actor=harbour[Role.auditor])
    assert len(after) == len(before) + 1
    assert f"Personal values of prediction {wanted}" not in html_of(test.run())


def test_who_may_not_reveal_is_offered_nothing(open_loans: Open) -> None:
    shown = html_of(open_loans(Role.data_scientist, "data-quality"))
    assert "Personal values" not in shown


def test_values_of_a_refused_row_too(open_loans: Open, harbour: Harbour) -> None:
    test = open_loans(Role.compliance, "data-quality")
    (batch, file), *_ = refused_files(harbour.workspace, "loans", actor=harbour[Role.compliance])
    rows = ingest.quarantine_rows(harbour.workspace, "loans", actor=harbour[Role.admin]).frame
    line = int(rows.loc[rows["file"] == file, "line"].iloc[0])
    assert test.selectbox(key="reveal_refused_file_loans").value == (batch, file)
    test.number_input(key="reveal_refused_line_loans").set_value(line)
    test.multiselect(key="reveal_refused_columns_loans").set_value(["sex"])
    test.text_input(key="reveal_refused_reason_loans").set_value("Complaint C-17 of the branch")
    test.button(key="reveal_refused_press_loans").click().run()
    assert f"Personal values of line {line} of {file}" in html_of(test)
    (newest, *_) = reveals.list_reveals(harbour.workspace, actor=harbour[Role.auditor])
    assert (newest.batch_id, newest.line, newest.columns) == (batch, line, ("sex",))
    assert f"Personal values of line {line}" not in html_of(test.run())
