"""A workspace with the demo's credit model and a part of its log, to be explained."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path

import pandas as pd

from core.bootstrap import create_workspace, open_workspace
from core.domain.identity import Actor, Role
from core.services.approvals import four_eyes as approvals
from core.services.explanation.code_books import propose_code_book
from core.services.workspace import Workspace
from core.store import models
from core.store.explanations import records as explanations
from core.store.explanations.records import KeptExplanation
from tests.support.builders import settings_of
from tests.support.demo_slices import SBA, put, sba_log
from tests.support.fakes import FakeClock
from tests.support.harbour import add_people, known_people
from tests.support.reasons import code_book
from tests.support.templates import built_once

CUT_OFF = 0.035
FIELDS = (
    "loan_amount",
    "guaranteed_share",
    "employees",
    "business_age",
    "franchise",
    "revolving_credit",
    "low_documentation",
    "industry",
    "urban_rural",
    "state",
    "same_state_bank",
)


@dataclass(frozen=True)
class Explained:
    """The workspace, its people, and the log that it holds."""

    workspace: Workspace
    people: Mapping[Role, Actor]
    log: pd.DataFrame

    def worst(self, place: int = 0) -> str:
        """Return the declined loan of the highest score, or a further one."""
        ranked = self.log.sort_values("default_score", ascending=False)
        return str(ranked["loan_id"].iloc[place])

    def best(self) -> str:
        """Return the loan of the lowest score."""
        return str(self.log.sort_values("default_score")["loan_id"].iloc[0])

    def kept(self, prediction_id: str) -> tuple[KeptExplanation, ...]:
        """Return the records that were kept of a loan, the newest first."""
        with self.workspace.store.read() as conn:
            return explanations.of_prediction(conn, SBA, prediction_id)

    def row(self, prediction_id: str) -> pd.Series:
        """Return the row of a loan as its file has it."""
        found: pd.Series = self.log[self.log["loan_id"].astype(str) == prediction_id].iloc[0]
        return found


def an_explained_workspace(
    home: Path,
    *,
    log: pd.DataFrame | None = None,
    changes: Mapping[str, str] | None = None,
) -> Explained:
    """Return it: every sixtieth loan of January to August 2006, under the demo's own contract.

    It is a copy of one that is built once for all that ask for the same.
    """
    loans = sba_log() if log is None else log
    asked = sha256(loans.to_parquet())
    asked.update(repr(changes).encode())

    def build(folder: Path) -> None:
        create_workspace(settings_of(folder / "home")).store.close()
        workspace = open_workspace(settings_of(folder / "home"), clock=FakeClock())
        admin = add_people(workspace)[Role.admin]
        put(workspace, folder, SBA, loans, actor=admin, changes=changes)
        workspace.store.close()

    made = built_once(f"explained-{asked.hexdigest()[:16]}", build)
    shutil.copytree(made / "home", home, dirs_exist_ok=True)
    return opened(home, loans)


def opened(home: Path, log: pd.DataFrame) -> Explained:
    """Return what was built in a folder, or copied there."""
    workspace = open_workspace(settings_of(home), clock=FakeClock())
    return Explained(workspace, known_people(workspace), log)


def put_code_book(world: Explained, *fields: str) -> None:
    """Put a code book in force that has reasons for some fields, by default for all."""
    asked = propose_code_book(
        world.workspace,
        SBA,
        code_book(*(fields or FIELDS)),
        reason="First reasons",
        actor=world.people[Role.compliance],
    )
    lead = world.people[Role.compliance_lead]
    approvals.approve(
        world.workspace,
        asked.id,
        actor=replace(lead, authenticated_at=world.workspace.clock()),
    )


def stored(world: Explained, role: str) -> Path:
    """Return where a file of the model lies: ``artefact`` or ``training``."""
    with world.workspace.store.read() as conn:
        (file,) = models.artefacts(conn, SBA, version="1", role=role)
    return world.workspace.settings.home / file.path
