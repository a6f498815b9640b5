"""Every ready-made KPI is explained, in three languages and on its page."""

import re

import pytest
import yaml

from core.contract import contract_from_text
from core.contract.kpi_definitions import kpi_definitions
from core.contract.kpi_sets import kpi_set, kpi_set_names
from core.domain.expression import UnknownName, kpi_expression, parse
from core.domain.expression.schema import Schema
from core.domain.expression.tree import Name, walk
from core.i18n.locales import LOCALES
from tests.docs.pages import ROOT, blocks, text_of
from tests.support.builders import contract_document

HEADINGS = ("**Missing values.**", "**Limits.**", "**Source.**")
SETS = kpi_set_names()
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _sections(name: str) -> dict[str, str]:
    parts = re.split(r"^## (.+)$", text_of(f"docs/kpis/{name}.md"), flags=re.M)[1:]
    return dict(zip(parts[::2], parts[1::2], strict=True))


def test_there_is_one_page_a_set_and_no_other() -> None:
    names = {path.stem for path in (ROOT / "docs" / "kpis").glob("*.md")} - {"README"}
    assert names == set(SETS) == {"bank_credit", "fraud", "insurance", "logistics", "retail"}


@pytest.mark.parametrize("name", SETS)
def test_every_kpi_has_its_section_and_every_section_its_kpi(name: str) -> None:
    sections = _sections(name)
    assert list(sections) == [kpi.name.en for kpi in kpi_set(name).kpis if kpi.name]
    for title, text in sections.items():
        assert [each for each in HEADINGS if each not in text] == [], title


@pytest.mark.parametrize("name", SETS)
def test_every_text_of_a_set_is_in_three_languages(name: str) -> None:
    found = kpi_set(name)
    texts = [found.name, *found.needs.values()]
    texts += [each.label for each in found.parameters.values() if each.label]
    for kpi in found.kpis:
        assert kpi.name is not None
        assert kpi.meaning is not None
        texts += [kpi.name, kpi.meaning]
    for text in texts:
        shown = [text.get(locale) for locale in LOCALES]
        assert not _CHINESE.search(shown[0])
        assert all(_CHINESE.search(each) for each in shown[1:]), text.en


@pytest.mark.parametrize("name", SETS)
def test_whatever_a_set_reads_is_told_in_words(name: str) -> None:
    found = kpi_set(name)
    assert set(found.definitions) <= set(found.needs)
    always = {"final_decision", "decided_at", "time", "reviewed", "overridden"}
    read = {
        node.name.removeprefix("outcome.")
        for text in (*found.definitions.values(), *(kpi.definition or "" for kpi in found.kpis))
        for node in walk(parse(text))
        if isinstance(node, Name)
    }
    told = set(found.needs) | set(found.parameters)
    assert read <= told | always
    assert told <= read, "words about something that nothing reads"


@pytest.mark.parametrize("name", SETS)
def test_what_a_log_lacks_is_what_is_asked_for(name: str) -> None:
    found = kpi_set(name)
    bare = Schema({}, {}, found.definitions)
    for kpi in found.kpis:
        with pytest.raises(UnknownName):
            kpi_expression(kpi.definition or "", bare)
    contract = contract_from_text(yaml.safe_dump(contract_document(kpi_set=name), sort_keys=False))
    for shown in kpi_definitions(contract):
        assert (shown.expression is None) != (shown.unavailable is None)
        if shown.unavailable is not None:
            assert "need" in shown.unavailable.params, shown.id


def test_the_example_of_the_page_is_a_contract() -> None:
    changes = yaml.safe_load(blocks("docs/kpis/README.md", "yaml")[1])
    outcome = contract_document()["outcome"]
    columns = [*outcome["columns"]]
    for name in ("written_off", "recovered"):
        columns.append({"name": name, "type": "amount", "currency": "HKD"})
    document = contract_document(**changes, outcome={**outcome, "columns": columns})
    contract = contract_from_text(yaml.safe_dump(document, sort_keys=False))
    shown = {each.id: each for each in kpi_definitions(contract)}
    assert "processing_time" not in shown
    assert shown["default_rate"].targets[0].value == 0.03
    assert shown["realised_loss"].expression is not None
    assert {"written_off", "recovered"} <= shown["realised_loss"].expression.columns
