"""Cases about the loans of the harbour, in a workspace of their own: pages change them."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from core.config import Settings
from core.domain.identity import Actor, Role
from core.services.review import making
from core.services.workspace import Workspace
from core.store import models, open_store
from core.store.review.records import NewCase
from tests.support.harbour import Harbour

MODEL = "loans"
REVIEW: Mapping[str, Any] = {
    "decisions": ["批核", "拒絕"],
    "rules": [
        {
            "id": "near_cut_off",
            "name": {"en": "Near the cut-off", "zh-HK": "接近分界線", "zh-CN": "接近分界线"},
            "when": "score >= 0.4",
        }
    ],
    "check": {"tiers": ["high"], "overturn": True, "share": 0.0},
}


@dataclass(frozen=True)
class ReviewRoom:
    """A workspace with cases, and its people by role."""

    workspace: Workspace
    people: Mapping[Role, Actor]

    def __getitem__(self, role: Role) -> Actor:
        return self.people[role]


def a_review_room(harbour: Harbour, home: Path, *, cases: int = 6) -> ReviewRoom:
    """Copy the harbour, write review rules into its contract, and put cases about its loans in."""
    shutil.copytree(harbour.workspace.settings.home, home)
    settings = Settings(home, f"sqlite:///{home / 'state.db'}", threads=2)
    room = ReviewRoom(Workspace(settings, open_store(settings.state_url)), harbour.people)
    put_cases(room.workspace, harbour, cases)
    return room


def put_cases(workspace: Workspace, harbour: Harbour, count: int, **changed: Any) -> int:
    """Write review rules into the contract of the loans, and make cases of the newest of them."""
    now = workspace.clock()
    newest = harbour.loans.sort_values("scored_at").tail(count).iloc[::-1]
    with workspace.store.begin() as conn:
        record = models.get(conn, MODEL)
        document = yaml.safe_load(record.spec_text)
        if "review" not in document:
            text = yaml.safe_dump({**document, "review": dict(REVIEW)}, allow_unicode=True)
            models.register(conn, model_id=MODEL, spec_text=text, actor="test", at=now)
        made = [
            replace(
                NewCase(
                    model_id=MODEL,
                    prediction_id=str(row["loan_id"]),
                    occasion="routing",
                    kind="routed",
                    subject_id=workspace.keys.subject_id(str(row["loan_id"])),
                    jurisdiction=str(row["region"]),
                    version=str(row["release"]),
                    predicted_at=row["scored_at"].to_pydatetime(),
                    decision=str(row["decision"]),
                    rules_sha256="0" * 64,
                    rule="near_cut_off",
                    rules=("near_cut_off",),
                    due_at=now + timedelta(hours=place + 1),
                    score=float(row["score"]),
                    amount=float(row["amount"]),
                ),
                **changed,
            )
            for place, (_, row) in enumerate(newest.iterrows())
        ]
        return making.make_cases(conn, made, at=now)
