from datetime import UTC, date, datetime

import pytest

from core.domain.naming import names_value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("asked for by BORROWER-0078X, case 9", "BORROWER-0078X"),
        ("asked for by borrower 0078x's lawyer", "BORROWER-0078X"),
        ("his card is z000078(8)", "Z000078(8)"),
        ("his card is Z 000 078 8", "Z000078(8)"),
        ("\uff3a\uff10\uff10\uff10\uff10\uff17\uff18", "Z000078"),  # full width
        ("投訴人陳大文來電", "陳大文"),
        ("投訴人 陳 大 文", "陳大文"),
        ("Ms Ho called", "Ho "),
        ("Mr LEE called", "Lee"),
        ("Flat 9B, Unique Terrace", "flat 9b unique terrace"),
        ("STRASSE 12345", "Straße 12345"),
        ("born 1980-05-01", date(1980, 5, 1)),
        ("born 01/05/1980", datetime(1980, 5, 1, tzinfo=UTC)),
        ("earns 42,000 a month", 42000.0),
        ("lost 7654321.25", 7654321.25),
        ("lost 7,654,321.50", 7654321.5),
        ("member 123", 123),
    ],
)
def test_a_value_is_found_however_it_is_written(text: str, value: object) -> None:
    expected = value != "Ho "  # two letters of ASCII are in almost every text
    assert names_value(text, value) is expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("Complaint C-17 of the branch", "M"),
        ("Complaint C-17 of the branch", None),
        ("it is true", True),
        ("yesterday", "yes"),
        ("case 15003", 500),
        ("Complaint C-17", ""),
        ("Complaint C-17", " - "),
        ("男女", "男"),
        ("nothing of the kind", "BORROWER-0078X"),
    ],
)
def test_what_is_not_named_is_not_found(text: str, value: object) -> None:
    assert names_value(text, value) is False
