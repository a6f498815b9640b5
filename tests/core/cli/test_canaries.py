"""No log line, no output of a command and no refusal tells a value of a personal column.

The personal columns of a log hold canaries: texts that stand nowhere else. Good rows, refused rows,
lines that are no rows, files without a header and torn files are ingested, asked about, revealed
and erased, by commands, services and the worker, while everything that logs does so at DEBUG, and
the database's own log at INFO. Nothing that comes out may sing.
"""

import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import yaml
from sqlalchemy import text as sql

from core.bootstrap import create_workspace
from core.config import load_settings
from core.domain.identity import Actor, Role
from core.errors import InvalidInput, NotFound
from core.services import ingest
from core.services.approvals import four_eyes as approvals
from core.services.erasure.asking import propose_erasure
from core.services.jobs import tasks, worker
from core.services.personal import masking as personal
from core.services.personal import refused_rows as personal_refused
from core.services.workspace import Workspace
from core.store.identity import users
from core.store.retention import rules as retention
from core.store.retention.rules import StoredRule
from tests.support.builders import a_log, a_row, contract_document, outcome_rows, write_csv
from tests.support.program import Run

ROLES = frozenset({Role.compliance_lead, Role.auditor, Role.admin})
LEAD = Actor("u-1", "lea", ROLES, origin="cli")
OTHER = Actor("u-2", "lou", ROLES, origin="cli")
WHY = "case 17 of the branch"
# One a column; a number and a date that are about somebody are as good as a name.
SUBJECT, ADDRESS, JOB, SEX = "Xanadu-771", "Yoknapatawpha-772", "Zembla-773", "Erewhon-774"
INCOME, BORN = "775917351.25", "1911-03-07"
CANARIES = (SUBJECT, ADDRESS, JOB, SEX, INCOME, BORN)
PERSONAL = {"customer": SUBJECT, "address": ADDRESS, "job": JOB, "sex": SEX,
            "income": float(INCOME), "born": BORN}  # fmt: skip


class Everything(logging.Handler):
    """Keeps every record of every logger, formatted as a log would write it."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(f"{self.format(record)} {record.args!r}")


@pytest.fixture
def heard() -> Iterator[list[str]]:
    root, handler = logging.getLogger(), Everything()
    # At DEBUG the database's log prints the rows it reads, which no setting takes out.
    levels = {"": logging.DEBUG, "sqlalchemy.engine": logging.INFO, "alembic": logging.DEBUG}
    before = {name: logging.getLogger(name).level for name in levels}
    factory = logging.getLogRecordFactory()
    for name, level in levels.items():
        logging.getLogger(name).setLevel(level)
    root.addHandler(handler)
    yield handler.lines
    root.removeHandler(handler)
    for name, level in before.items():
        logging.getLogger(name).setLevel(level)
    logging.setLogRecordFactory(factory)


def contract() -> str:
    log = {**contract_document()["log"], "subject": "customer"}
    features = [
        {"name": "loan amount", "type": "numeric"},
        {"name": "industry", "type": "categorical"},
        {"name": "job", "type": "categorical", "personal": True},
        {"name": "income", "type": "numeric", "personal": True},
    ]
    columns = [
        {"name": "address", "type": "text", "personal": True},
        {"name": "born", "type": "date", "personal": True},
    ]
    segments = ["industry", "job", "sex", "address"]
    changes = {"log": log, "features": features, "columns": columns, "segments": segments}
    return yaml.safe_dump(contract_document(**changes), allow_unicode=True, sort_keys=False)


def some(**changes: Any) -> dict[str, Any]:
    """Return a row whose personal values sing, some of its fields changed."""
    return {**a_row(900), **PERSONAL, **changes}


def files(folder: Path) -> dict[str, Path]:
    """Write what a careless sender sends."""
    folder.mkdir()
    good = [{**row, **PERSONAL} for row in a_log(240)]
    born = [{**row, "born": None} for row in good]
    made = {"good": folder / "good.parquet"}
    pq.write_table(pa.Table.from_pylist(born), made["good"])
    # Each personal column holds a text that it cannot be, and the score does in one.
    bad = [
        some(loan_id="B1", income=ADDRESS),
        some(loan_id="B2", born=SUBJECT),
        some(loan_id="B3", score="much"),
        some(loan_id="B4", approved_at="never"),
        some(loan_id="", customer=SUBJECT),
        some(loan_id="L000001"),  # there already, with other content
    ]
    made["bad"] = write_csv(folder / "bad.csv", bad)
    with made["bad"].open("a", encoding="utf-8") as file:
        file.write(f"B9,{SUBJECT},{ADDRESS}\n")
    made["headless"] = folder / "headless.csv"
    lines = made["bad"].read_text(encoding="utf-8").splitlines(keepends=True)
    made["headless"].write_text("".join(lines[1:]), encoding="utf-8")
    made["quoted"] = folder / "quoted.csv"
    made["quoted"].write_text(f'{lines[0]}"{SUBJECT},{ADDRESS}\n{JOB}', encoding="utf-8")
    made["lines"] = folder / "lines.jsonl"
    plain = json.dumps(some(loan_id="J1", score="much"), default=str)
    made["lines"].write_text(f'{plain}\n{{"{SUBJECT}": {ADDRESS}\n', encoding="utf-8")
    made["no log"] = folder / "other.jsonl"
    made["no log"].write_text(json.dumps({SUBJECT: ADDRESS, JOB: SEX}) + "\n", encoding="utf-8")
    made["torn"] = folder / "torn.parquet"
    made["torn"].write_bytes(made["good"].read_bytes()[:4000] + SUBJECT.encode())
    made["outcomes"] = folder / "outcomes.parquet"
    pq.write_table(pa.Table.from_pylist(outcome_rows(range(0, 200, 3))), made["outcomes"])
    return made


def listen(lines: list[str], *outputs: str) -> None:
    for each in (*lines, *outputs):
        for canary in CANARIES:
            assert canary not in each, each[:2000]


def test_nothing_sings(
    run: Run,
    heard: list[str],
    tmp_path: Path,
) -> None:
    spec, sent = tmp_path / "model.yaml", files(tmp_path / "in")
    spec.write_text(contract(), encoding="utf-8")
    said: list[str] = []

    def call(*words: str) -> int:
        code, out, err = run(*words)
        said.append(f"{out}{err}")
        return code

    assert call("--verbose", "init") == 0
    assert call("model", "register", str(spec)) == 0
    for name in ("good", "bad", "headless", "quoted", "lines", "no log", "torn"):
        call("--verbose", "ingest", "loans", str(sent[name]))
        call("ingest", "loans", str(sent[name]), "--json")
    assert call("ingest", "loans", str(sent["outcomes"]), "--outcomes") == 0
    for words in (
        ["drift", "loans"], ["drift", "loans", "--slice", "job"], ["quality", "loans", "--json"],
        ["drift", "loans", "--slice", "industry=nothing"], ["operations", "loans"],
        ["drift", "loans", "--exact", "--method", "wasserstein"], ["doctor"], ["audit", "show"],
        ["drift", "loans", "--compat", "nannyml", "--json"], ["audit", "verify"],
    ):  # fmt: skip
        call(*words)
    listen(heard, *said)
    site = create_workspace(load_settings())
    try:
        act(site)
        while worker.run_one(site, tasks.HANDLERS, owner="w1"):
            pass
        assert call("erasure", "list") == 0
        assert call("audit", "show", "--json") == 0
        kept = stored_texts(site)
    finally:
        site.store.close()
    assert any("personal.revealed" in each for each in said)
    assert len(heard) > 100, "everything logs at DEBUG"
    listen(heard, *said, *kept)


def act(site: Workspace) -> None:
    """Reveal and erase as people do, with what goes wrong on the way."""
    with site.store.begin() as conn:
        for actor in (LEAD, OTHER):
            users.create(
                conn, user_id=actor.user_id, username=actor.username, display_name="",
                at=site.clock(), roles=sorted(actor.roles),
            )  # fmt: skip
        # Shipped: seven years, which would stand against the erasure.
        rule = StoredRule("decision_record", None, 3650, "our own", site.clock(), "ada")
        retention.put(conn, rule)
    columns = sorted(PERSONAL)
    seen = personal.reveal(site, "loans", "L000003", columns, reason=WHY, actor=LEAD)
    assert seen["customer"] == SUBJECT, "the canaries are there"
    with pytest.raises(InvalidInput) as refused:
        personal.reveal(site, "loans", "L000003", columns, reason=f"about {SUBJECT}", actor=LEAD)
    listen([str(refused.value)])
    found = personal_refused.refused_files(site, "loans", actor=LEAD)
    batch = next(batch for batch, name in found if name == "bad.csv")
    values = personal_refused.reveal_refused(
        site, "loans", batch, ("bad.csv", 2), columns, reason=WHY, actor=LEAD
    )
    assert values["customer"] == SUBJECT
    with pytest.raises(NotFound) as missing:
        personal_refused.reveal_refused(
            site, "loans", batch, ("bad.csv", 99), columns, reason=WHY, actor=LEAD
        )
    rows = ingest.quarantine_rows(site, "loans", actor=LEAD)
    reasons = ingest.quarantine_reasons(site, "loans", actor=LEAD)
    assert len(rows.frame) >= 6
    listen([str(missing.value), str(rows.frame.to_dict()), str(reasons.to_dict())])  # type: ignore[union-attr]
    asked = propose_erasure(site, SUBJECT, basis=WHY, actor=LEAD)
    approvals.approve(site, asked.id, actor=OTHER)


def stored_texts(site: Workspace) -> list[str]:
    """Return what the state database keeps of batches, jobs and the trail."""
    tables = ("batch", "job", "audit_entry", "audit_object", "approval", "export_file")
    with site.store.read() as conn:
        return [
            f"{table}: {tuple(row)}"
            for table in tables
            for row in conn.execute(sql(f"SELECT * FROM {table}"))
        ]
