"""A lived-in workspace, small enough to be built for a test session: a year of four models.

``loans`` has a year of hourly predictions with a story in it, outcomes and a quarantined file;
``tenants`` is quiet and has neither status nor outcome; ``young`` has logged 20 of the 60 days of
its reference; ``unused`` has no log. Texts of the data are Chinese, so that whatever English a
Chinese page shows comes from the product.
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import yaml

from core.bootstrap import create_workspace
from core.cli.context import os_login
from core.config import Settings
from core.domain.identity import Actor, Role
from core.services import ingest
from core.services.identity import users
from core.services.registry import models as registry
from core.services.workspace import Workspace
from core.store.identity import users as stored
from tests.support.templates import built_once

ZONE = "Asia/Hong_Kong"
OWNER_LOGIN = os_login()  # who runs the tests also starts the app
SECTORS = ("零售", "飲食", "物流", "資訊")
UNSEEN_SECTOR = "太空"

LOANS: Mapping[str, Any] = {
    "id": "loans",
    "name": {"en": "Small loans", "zh-HK": "小額貸款", "zh-CN": "小额贷款"},
    "task": "binary_classification",
    "owner": "信貸風險部",
    "purpose": "批核貸款前評分。",
    "timezone": ZONE,
    "log": {
        "prediction_id": "loan_id",
        "time": "scored_at",
        "version": "release",
        "jurisdiction": "region",
        "score": "score",
        "decision": "decision",
        "latency_ms": "latency",
        "status": "status",
        "cpu_ms": "cpu",
        "memory_mb": "memory",
        "amount": "amount",
    },
    "features": [
        {
            "name": "income",
            "type": "numeric",
            "unit": "HKD",
            "label": {"en": "Income", "zh-HK": "收入", "zh-CN": "收入"},
        },
        {
            "name": "years",
            "type": "numeric",
            "label": {"en": "Years at address", "zh-HK": "居住年數", "zh-CN": "居住年数"},
        },
        {
            "name": "balance",
            "type": "numeric",
            "unit": "HKD",
            "label": {"en": "Balance", "zh-HK": "結餘", "zh-CN": "结余"},
        },
        {
            "name": "sector",
            "type": "categorical",
            "label": {"en": "Sector", "zh-HK": "行業", "zh-CN": "行业"},
        },
    ],
    "outcome": {
        "columns": [
            {
                "name": "defaulted",
                "type": "label",
                "positive": 1,
                "label": {"en": "Defaulted", "zh-HK": "違約", "zh-CN": "违约"},
            }
        ],
        "time": "observed_at",
        "matures_after": "3 months",
    },
    "segments": [
        {"name": "sector", "label": {"en": "Sector", "zh-HK": "行業", "zh-CN": "行业"}},
        {"name": "結餘級別", "from": "balance", "edges": [3000, 9000]},
    ],
    "protected": ["sex"],
    "versions": [{"id": "1"}, {"id": "2"}],
    "reference": {"from": "2024-01-01", "to": "2024-03-31"},
    "simulated": ["latency_ms", "status"],
    "value": {"flagged": "0", "not_flagged": "if(label = 1, -amount, 0.2 * amount)"},
    "definitions": {"approved": 'final_decision = "批核"'},
    "kpis": [
        {
            "id": "approval_rate",
            "name": {"en": "Approval rate", "zh-HK": "批核率", "zh-CN": "批准率"},
            "meaning": {
                "en": "The share of applications that were approved.",
                "zh-HK": "獲批核的申請所佔比例。",
                "zh-CN": "获批准的申请所占比例。",
            },
            "definition": "share(approved)",
            "unit": "share",
            "direction": "higher_is_better",
            "targets": [{"value": 0.7, "set_on": "2023-12-01", "set_by": "信貸委員會"}],
        },
        {
            "id": "default_rate",
            "name": {"en": "Default rate", "zh-HK": "違約率", "zh-CN": "违约率"},
            "meaning": {
                "en": "The share of loans that were not repaid.",
                "zh-HK": "未能償還的貸款所佔比例。",
                "zh-CN": "未能偿还的贷款所占比例。",
            },
            "definition": "mean(label)",
            "unit": "share",
            "direction": "lower_is_better",
            "maturity": "outcome",
            "targets": [
                {"value": 0.2, "set_on": "2023-12-01", "set_by": "信貸委員會"},
                {"value": 0.12, "set_on": "2024-06-01", "set_by": "信貸委員會"},
            ],
        },
        {
            "id": "amount_lent",
            "name": {"en": "Amount lent", "zh-HK": "批出金額", "zh-CN": "批出金额"},
            "meaning": {
                "en": "The money of the loans that were approved.",
                "zh-HK": "獲批核貸款的總額。",
                "zh-CN": "获批准贷款的总额。",
            },
            "definition": "sum(amount where approved)",
            "unit": "HKD",
        },
        {
            "id": "typical_amount",
            "name": {"en": "Typical loan", "zh-HK": "一般貸款額", "zh-CN": "一般贷款额"},
            "definition": "median(amount)",
            "unit": "HKD",
        },
    ],
}
TENANTS: Mapping[str, Any] = {
    "id": "tenants",
    "name": {"en": "Tenants", "zh-HK": "租客評估", "zh-CN": "租客评估"},
    "task": "binary_classification",
    "owner": "租務部",
    "purpose": "評估租客。",
    "log": {
        "prediction_id": "tenant",
        "subject": "holder",
        "time": "scored_at",
        "score": "score",
    },
    "features": [
        {
            "name": "rent",
            "type": "numeric",
            "unit": "HKD",
            "label": {"en": "Rent", "zh-HK": "租金", "zh-CN": "租金"},
        }
    ],
    "reference": {"from": "2024-01-01", "to": "2024-02-29"},
}
YOUNG: Mapping[str, Any] = {
    **TENANTS,
    "id": "young",
    "name": {"en": "Young model", "zh-HK": "新模型", "zh-CN": "新模型"},
}
UNUSED: Mapping[str, Any] = {
    **TENANTS,
    "id": "unused",
    "name": {"en": "Unused model", "zh-HK": "未用模型", "zh-CN": "未用模型"},
}


@dataclass(frozen=True)
class Harbour:
    """The workspace, its people by role, one limited to region HK, and the rows it was given."""

    workspace: Workspace
    people: Mapping[Role, Actor]
    hong_kong: Actor
    loans: pd.DataFrame
    outcomes: pd.DataFrame
    tenants: pd.DataFrame

    def __getitem__(self, role: Role) -> Actor:
        return self.people[role]


@cache
def loan_log() -> pd.DataFrame:
    """Return 2024's loans, one an hour.

    From September incomes are 1.8 times as high; from October an eighth of them is missing; from
    November one row in 20 has a sector never seen before; in December one balance in 30 is a
    thousand times as large. Requests fail from 10 to 12 November; nothing was logged from 10 to
    12 July. Defaults follow the score until August and are three times as frequent from then on.
    """
    draw = np.random.default_rng(20_24)
    time = pd.date_range("2024-01-01", "2025-01-01", freq="h", tz=ZONE, inclusive="left")
    count, month = len(time), time.month.to_numpy()
    income = draw.lognormal(10, 0.5, count).round(2) * np.where(month >= 9, 1.8, 1.0)
    missing = draw.random(count) < np.where(month >= 10, 0.125, 0.01)
    balance = draw.lognormal(8.6, 0.8, count).round(2)
    balance *= np.where((month == 12) & (draw.random(count) < 1 / 30), 1000.0, 1.0)
    sector = draw.choice(SECTORS, count, p=[0.4, 0.3, 0.2, 0.1])
    sector = np.where((month >= 11) & (draw.random(count) < 0.05), UNSEEN_SECTOR, sector)
    years = draw.integers(0, 11, count).astype(float)
    score = 1 / (1 + np.exp(2.2 + 0.4 * draw.normal(size=count) + 0.05 * years))
    outage = (month == 11) & (time.day >= 10) & (time.day <= 12)
    frame = pd.DataFrame(
        {
            "loan_id": [f"L{number:05d}" for number in range(count)],
            "scored_at": time.tz_convert("UTC").as_unit("us"),
            "release": np.where(month <= 6, "1", "2"),
            "region": draw.choice(["HK", "CN"], count, p=[0.7, 0.3]),
            "score": score,
            "decision": np.where(score < 0.1, "批核", "拒絕"),
            "latency": draw.lognormal(3.5, 0.4, count),
            "status": np.where(draw.random(count) < np.where(outage, 0.6, 0.002), "error", "ok"),
            "cpu": draw.lognormal(2, 0.3, count),
            "memory": draw.normal(200, 10, count),
            "amount": draw.lognormal(11, 0.6, count).round(2),
            "income": np.where(missing, np.nan, income),
            "years": years,
            "balance": balance,
            "sector": sector,
            "sex": draw.choice(["女", "男"], count),
            "likely": draw.random(count),
        }
    )
    silence = (time.month == 7) & (time.day >= 10) & (time.day <= 12)
    return frame[~silence].reset_index(drop=True)


@cache
def loan_outcomes() -> pd.DataFrame:
    """Return what became of the loans by the end of 2024: known 60 days after the prediction."""
    log = loan_log()
    month = log["scored_at"].dt.tz_convert(ZONE).dt.month
    defaulted = log["likely"] < log["score"] * np.where(month >= 8, 3.0, 1.0)
    frame = pd.DataFrame(
        {
            "loan_id": log["loan_id"],
            "observed_at": log["scored_at"] + pd.Timedelta(days=60),
            "defaulted": defaulted.astype(int),
        }
    )
    return frame[frame["observed_at"] < pd.Timestamp("2025-01-01", tz=ZONE)]


@cache
def tenant_log() -> pd.DataFrame:
    """Return a quarter of a model on which nothing happens; each holder was scored thrice or so."""
    draw = np.random.default_rng(7)
    time = pd.date_range("2024-01-01", "2024-04-01", freq="h", tz=ZONE, inclusive="left")
    return pd.DataFrame(
        {
            "tenant": [f"T{number:05d}" for number in range(len(time))],
            "holder": [f"H{number % 700:03d}" for number in range(len(time))],
            "scored_at": time.tz_convert("UTC").as_unit("us"),
            "score": draw.random(len(time)),
            "rent": draw.normal(18_000, 4_000, len(time)),
        }
    )


def build_harbour(home: Path) -> Harbour:
    """Return the workspace in a folder: a copy of one that is built once for all tests."""
    shutil.copytree(built_once("harbour", _build) / "home", home, dirs_exist_ok=True)
    workspace = create_workspace(_settings(home))
    return Harbour(
        workspace,
        known_people(workspace),
        _known(workspace, "hk"),
        loan_log(),
        loan_outcomes(),
        tenant_log(),
    )


def _build(folder: Path) -> None:
    """Build the workspace through the services, as people would."""
    workspace = build_empty_harbour(folder / "home")
    owner = users.actor_of_os_login(workspace, OWNER_LOGIN)
    inbox = folder / "inbox"
    inbox.mkdir()
    for contract in (LOANS, TENANTS, YOUNG, UNUSED):
        spec = inbox / f"{contract['id']}.yaml"
        spec.write_text(yaml.safe_dump(dict(contract), allow_unicode=True), encoding="utf-8")
        registry.register_model(workspace, spec, actor=owner)
    loans, tenants = loan_log(), tenant_log()
    logged = loans.drop(columns="likely")
    young = tenants[tenants["scored_at"] < pd.Timestamp("2024-01-21", tz=ZONE)]
    half = logged["release"] == "1"
    files: list[tuple[str, str, pd.DataFrame]] = [
        ("loans", "predictions", logged[half]),
        ("loans", "predictions", logged[~half]),
        ("loans", "outcomes", loan_outcomes()),
        ("tenants", "predictions", tenants),
        ("young", "predictions", young),
    ]
    for number, (model, stream, frame) in enumerate(files):
        path = inbox / f"{model}-{number}.parquet"
        frame.to_parquet(path)
        ingest.ingest_files(workspace, model, [path], stream=stream, actor=owner)
    refused = _refused_rows(inbox / "loans-late.csv")
    ingest.ingest_files(workspace, "loans", [refused], actor=owner)
    add_people(workspace)
    _person(workspace, owner, Role.data_scientist, "hk", region="HK")
    workspace.store.close()


def build_empty_harbour(home: Path) -> Workspace:
    """Build a workspace with an administrator and no model."""
    workspace = create_workspace(_settings(home))
    users.actor_of_os_login(workspace, OWNER_LOGIN)
    return workspace


def _settings(home: Path) -> Settings:
    return Settings(home, f"sqlite:///{home / 'state.db'}", threads=2)


def add_people(workspace: Workspace) -> dict[Role, Actor]:
    """Add one person a role, named after it."""
    owner = users.actor_of_os_login(workspace, OWNER_LOGIN)
    return {role: _person(workspace, owner, role) for role in Role}


def known_people(workspace: Workspace) -> dict[Role, Actor]:
    """Return who was added so."""
    return {role: _known(workspace, role.value) for role in Role}


def _person(
    workspace: Workspace, owner: Actor, role: Role, name: str = "", region: str | None = None
) -> Actor:
    name = name or role.value
    # A log-in of the machine instead of a password, because hashing one takes a quarter second.
    user, _ = users.add_user(
        workspace,
        name,
        actor=owner,
        roles=[role],
        os_login=f"login-{name}",
        jurisdictions=None if region is None else [region],
    )
    return users.actor_for(workspace, user.id)


def _known(workspace: Workspace, name: str) -> Actor:
    with workspace.store.read() as conn:
        user = stored.find_by_username(conn, name)
    assert user is not None
    return users.actor_for(workspace, user.id)


def _refused_rows(path: Path) -> Path:
    """Write a CSV with one good row and three bad ones: income, identifier, time."""
    log = loan_log().drop(columns="likely").tail(4).astype(object)
    log["loan_id"] = ["L90001", "L90002", None, "L90004"]
    log["scored_at"] = [*(moment.isoformat() for moment in log["scored_at"].iloc[:3]), "昨日"]
    log["income"] = [log["income"].iloc[0], "不詳", *log["income"].iloc[2:]]
    log.to_csv(path, index=False)
    return path
