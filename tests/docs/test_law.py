"""No law, regulator or guideline is named unseen: docs/law.md lists every claim and its places."""

from functools import cache

import pytest

from tests.docs.law_names import NAMES, PAGE, named_in, provisions_in, standards_in, texts
from tests.docs.pages import ROOT, table_rows, text_of

CATALOGUES = ("zh_Hant_HK", "zh_Hans_CN")
STATUSES = {"read", "reported", "practice", "our choice", "our reading"}
NOT_READ = {"GDPR", "HKMA", "SFC", "Insurance Authority", "MAS", "CAC", "Cap.", "Basel"}
"""What nothing may be said about: its text was not read, or not in full."""


@cache
def claims() -> list[tuple[str, tuple[str, ...], str]]:
    """Return each claim with its source, the files that make it, and its status."""
    rows = [row for row in table_rows(_section("Claims")) if len(row) == 4]
    return [
        (f"{claim} | {source}", tuple(_files(places)), status)
        for claim, places, source, status in rows
    ]


@cache
def spoken() -> dict[str, str]:
    return dict(texts())


def _section(title: str) -> str:
    return text_of(PAGE).split(f"\n## {title}\n")[1].split("\n## ")[0]


def _files(places: str) -> list[str]:
    found = []
    for place in places.replace("`", "").split(", "):
        if place.endswith(".po"):
            found += [f"core/i18n/locale/{each}/LC_MESSAGES/{place}" for each in CATALOGUES]
        else:
            found.append(place)
    return found


def test_every_file_names_only_what_is_listed_for_it() -> None:
    listed = {
        (name, file) for said, files, _ in claims() for name in named_in(said) for file in files
    }
    met = {(name, file) for file, text in spoken().items() for name in named_in(text)}
    assert met - listed == set()


def test_every_provision_is_listed_for_its_file() -> None:
    unlisted = {}
    for file, text in spoken().items():
        if named_in(text):
            rows = [said for said, files, _ in claims() if file in files]
            known = set().union(*map(provisions_in, rows))
            unlisted[file] = provisions_in(text) - known
    assert {file: found for file, found in unlisted.items() if found} == {}


def test_no_row_outlives_what_it_is_about() -> None:
    for said, files, status in claims():
        assert files, said
        assert status in STATUSES, said
        for file in files:
            assert named_in(spoken()[file]) & named_in(said), (said, file)


def test_nothing_is_said_about_what_was_not_read() -> None:
    assert set(NAMES) >= NOT_READ
    for file, text in spoken().items():
        assert named_in(text) & NOT_READ == set(), file


def test_every_standard_names_a_test_that_is_there() -> None:
    rows = table_rows(_section("Technical standards"))
    assert {row[0] for row in rows} == set().union(*map(standards_in, spoken().values()))
    for _, _, held_by in rows:
        assert (ROOT / held_by.split("`")[1]).is_file(), held_by


@pytest.mark.parametrize(
    ("text", "names", "provisions"),
    [
        ("PDPO sections 19 and 23", {"PDPO"}, {"19", "23"}),
        ('"section 19(2) of the Personal Data (Privacy) "\n    "Ordinance"', {"PDPO"}, {"19"}),
        ("《個人資料（私隱）條例》第 19 或 23 條", {"PDPO"}, {"19", "23"}),
        ("《私隐条例》第 26 条", {"PDPO"}, {"26"}),
        ("the HKMA asks for it, and SR 11-7", {"HKMA", "SR 26-2"}, set()),
        ("the EU AI Act, articles\n19 and 26(6)", {"EU AI Act"}, {"19", "26"}),
        ("Cochran (1977), section 6.4", set(), set()),
    ],
)
def test_a_name_is_found_however_it_is_written(
    text: str, names: set[str], provisions: set[str]
) -> None:
    assert (named_in(text), provisions_in(text)) == (names, provisions)
