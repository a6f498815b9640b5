"""Exchange rates come from a file whole or not at all, and nobody changes one in silence."""

from datetime import date
from pathlib import Path

import pytest

from core.domain.identity import Actor
from core.domain.money import Rate
from core.errors import Conflict, Forbidden, InvalidInput, UnreadableFile
from core.services import rates
from core.services.rates import import_rates, list_rates, rate_table
from core.services.workspace import Workspace
from core.store.audit import trail as audit

GOOD = "day,currency,hkd,note\n2010-03-02,USD,7.77,x\n2010-03-01,USD,7.76,\n2010-03-01,GBP,11.7,\n"


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "rates.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_a_file_is_imported_once_and_is_on_the_trail(
    workspace: Workspace, admin: Actor, tmp_path: Path
) -> None:
    file = written(tmp_path, b"\xef\xbb\xbf" + GOOD.encode())
    assert rate_table(workspace).currencies == ("HKD",)
    done = import_rates(workspace, file, actor=admin)
    assert (done.added, done.replaced, done.known) == (3, 0, 0)
    assert [(each.currency, each.days) for each in done.currencies] == [("GBP", 1), ("USD", 2)]
    table = rate_table(workspace)
    assert table.in_force("USD", "HKD", date(2010, 3, 5)).factor == 7.77
    assert rate_table(workspace) is table  # read once
    again = import_rates(workspace, file, actor=admin)
    assert (again.added, again.replaced, again.known) == (0, 0, 3)
    assert list_rates(workspace, actor=admin) == again.currencies
    with workspace.store.read() as conn:
        (entry,) = audit.list_newest(conn, kind="rates.imported")
    assert entry.body["currencies"] == ["GBP", "USD"]
    assert (entry.body["added"], entry.body["replaced"]) == (3, 0)


def test_a_rate_that_is_there_is_changed_only_when_asked_to(
    workspace: Workspace, admin: Actor, tmp_path: Path
) -> None:
    import_rates(workspace, written(tmp_path, GOOD), actor=admin)
    before = rate_table(workspace)
    other = written(tmp_path, GOOD.replace("7.76", "7.60"))
    with pytest.raises(Conflict, match=r"USD on 2010-03-01: 7\.76, not 7\.6"):
        import_rates(workspace, other, actor=admin)
    assert rate_table(workspace) == before
    done = import_rates(workspace, other, actor=admin, replace=True)
    assert (done.added, done.replaced, done.known) == (0, 1, 2)
    after = rate_table(workspace)
    assert after.digest != before.digest
    assert after.rates["USD"][0] == Rate("USD", date(2010, 3, 1), 7.6)
    with workspace.store.read() as conn:
        entry = audit.list_newest(conn, kind="rates.imported")[0]
    assert entry.body["changes"] == [
        {"currency": "USD", "day": "2010-03-01", "before": 7.76, "after": 7.6}
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("2010-03-01,usd,7.7", r"Line 3, column currency, 'usd': write three capital letters"),
        ("2010-03-01,HKD,1", r"Line 3, column currency, 'HKD': the Hong Kong dollar needs no"),
        ("01/03/2010,USD,7.7", r"Line 3, column day, '01/03/2010': write a day as"),
        ("2999-03-01,USD,7.7", r"Line 3, column day, '2999-03-01': this day is yet to come"),
        ("2010-03-02,USD,", r"Line 3, column hkd, '': write Hong Kong dollars for one unit"),
        ("2010-03-02,USD,-7.7", r"Line 3, column hkd, '-7.7'"),
        ("2010-03-02,USD,nan", r"Line 3, column hkd, 'nan'"),
        ("2010-03-02,USD,inf", r"Line 3, column hkd, 'inf'"),
        ("2010-03-02", r"Line 3, column currency, ''"),
        ("2010-03-01,USD,7.8", r"Line 3, column hkd, '7.8': an earlier line has another rate"),
    ],
)
def test_a_line_that_will_not_do_is_named_and_nothing_is_imported(
    line: str, said: str, workspace: Workspace, admin: Actor, tmp_path: Path
) -> None:
    text = f"day,currency,hkd\n2010-03-01,USD,7.76\n{line}\n"
    with pytest.raises(InvalidInput, match=said):
        import_rates(workspace, written(tmp_path, text), actor=admin)
    assert list_rates(workspace, actor=admin) == ()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "needs one column day; it has: –"),
        ("day,currency\n2010-03-01,USD\n", "needs one column hkd; it has: day, currency"),
        ("day,day,currency,hkd\n", "needs one column day"),
        (b"\xff\xfe\x00", "no CSV in UTF-8"),
        ('day,currency,hkd\n2010-03-01,"U"S,7\n', "no CSV in UTF-8"),
    ],
)
def test_a_file_that_is_no_table_of_rates_is_refused(
    content: str | bytes, said: str, workspace: Workspace, admin: Actor, tmp_path: Path
) -> None:
    with pytest.raises(UnreadableFile, match=said):
        import_rates(workspace, written(tmp_path, content), actor=admin)


def test_a_file_too_large_or_not_there_is_refused(
    workspace: Workspace, admin: Actor, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UnreadableFile, match=r"none\.csv cannot be read"):
        import_rates(workspace, tmp_path / "none.csv", actor=admin)
    monkeypatch.setattr(rates, "_MOST_BYTES", 10)
    with pytest.raises(UnreadableFile, match="larger than"):
        import_rates(workspace, written(tmp_path, GOOD), actor=admin)


def test_business_may_list_rates_and_not_import_them(
    workspace: Workspace, business: Actor, tmp_path: Path
) -> None:
    assert list_rates(workspace, actor=business) == ()
    with pytest.raises(Forbidden):
        import_rates(workspace, written(tmp_path, GOOD), actor=business)
