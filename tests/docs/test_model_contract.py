import re

import pytest
from pydantic import BaseModel

from core.contract import contract_from_text
from tests.docs.contract_fields import default_text, parts, type_text, written_name
from tests.docs.pages import blocks, table_rows, text_of

PAGE = "docs/model-contract.md"


def _documented() -> dict[str, list[list[str]]]:
    sections = re.split(r"<!-- fields: (\w+) -->", text_of(PAGE))
    tables = (re.split(r"^#", section, flags=re.M)[0] for section in sections[2::2])
    return dict(zip(sections[1::2], map(table_rows, tables), strict=True))


def test_every_part_has_its_section() -> None:
    assert sorted(_documented()) == sorted(part.__name__ for part in parts())


@pytest.mark.parametrize("part", parts(), ids=lambda part: part.__name__)
def test_every_field_is_documented_as_it_is(part: type[BaseModel]) -> None:
    rows = _documented()[part.__name__]
    expected = [
        [f"`{written_name(name, field)}`", type_text(field.annotation), default_text(field)]
        for name, field in part.model_fields.items()
    ]
    assert [row[:3] for row in rows] == expected
    for field, _, _, meaning, example in rows:
        assert meaning, f"{field} has no meaning"
        assert example, f"{field} has no example"


@pytest.mark.parametrize("page", [PAGE, "README.md", "docs/quickstart.md"])
def test_the_contracts_that_are_shown_are_contracts(page: str) -> None:
    for text in blocks(page, "yaml"):
        assert contract_from_text(text).id == "my-model"
