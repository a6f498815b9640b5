"""What the tests of a card's parts share."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from core.domain.identity import Actor, Role
from core.i18n import translator
from core.reports.model_card import CardFact, CardSection
from core.services.model_card.source import Source, gather
from core.services.model_card.telling import Sheet, Teller
from core.services.workspace import Workspace
from tests.support.builders import a_workspace, contract_text

LEAD = Actor("u-l", "lou", frozenset({Role.compliance_lead}), origin="cli")
LOANS = "loans"


def a_sheet() -> Sheet:
    """Return a sheet in English."""
    return Sheet(Teller(translator("en"), "Asia/Hong_Kong", "HKD"), "Source: a test")


def source_of(workspace: Workspace, model: str = LOANS, actor: Actor = LEAD) -> Source:
    """Return what a card is made from, in English."""
    return gather(workspace, model, translator("en"), actor=actor)


@contextmanager
def without_log(folder: Path, **changes: Any) -> Iterator[Source]:
    """Yield the source of a model that has logged nothing."""
    workspace = a_workspace(folder, contract=contract_text(**changes))
    yield source_of(workspace)
    workspace.store.close()


def fact(section: CardSection, key: str) -> CardFact:
    """Return one fact."""
    return next(each for each in section.facts if each.key == key)


def texts(section: CardSection, key: str) -> list[tuple[str, ...]]:
    """Return the rows of a table as they are read."""
    table = next(each for each in section.tables if each.key == key)
    return [tuple(value.text for value in row) for row in table.rows]
