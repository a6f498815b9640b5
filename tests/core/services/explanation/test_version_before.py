"""Which version came before: by days of training, else by the order of the contract."""

from datetime import date

import pytest

from core.contract import ModelContract, contract_from_text
from core.services.explanation.version_before import version_before
from tests.support.builders import contract_text


def a_contract(**trained: date | None) -> ModelContract:
    """Return a contract with versions in the order given."""
    versions = [
        {"id": name, **({} if day is None else {"trained_at": day.isoformat()})}
        for name, day in trained.items()
    ]
    return contract_from_text(contract_text(versions=versions))


@pytest.mark.parametrize(
    ("trained", "expected"),
    [
        ({"a": None, "b": None, "c": None}, {"a": None, "b": "a", "c": "b"}),
        # The newest listed first: days decide.
        (
            {"c": date(2025, 3, 1), "b": date(2025, 2, 1), "a": date(2025, 1, 1)},
            {"a": None, "b": "a", "c": "b"},
        ),
        # Made side by side on one day.
        ({"a": date(2025, 1, 1), "b": date(2025, 1, 1)}, {"a": None, "b": None}),
        # One without a day comes where it is listed; one with a day is the nearer.
        ({"a": date(2025, 1, 1), "b": None, "c": date(2025, 2, 1)}, {"b": "a", "c": "a"}),
    ],
)
def test_the_version_before(
    trained: dict[str, date | None], expected: dict[str, str | None]
) -> None:
    contract = a_contract(**trained)
    assert {each: version_before(contract, each) for each in expected} == expected


def test_an_unknown_version_has_none_before() -> None:
    assert version_before(a_contract(a=None), "z") is None
