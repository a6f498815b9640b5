"""``harbourlight card``: a file in each format, and the same facts in each language."""

import json
from hashlib import sha256
from pathlib import Path

import pytest

from core.bootstrap import open_workspace
from core.config import load_settings
from core.services.registry import models as registry
from tests.support.builders import ADMIN, contract_text
from tests.support.program import Run


@pytest.fixture
def registered(run: Run, tmp_path: Path) -> None:
    run("init")
    workspace = open_workspace(load_settings())
    spec = tmp_path / "model.yaml"
    spec.write_text(contract_text(), encoding="utf-8")
    registry.register_model(workspace, spec, actor=ADMIN)
    workspace.store.close()


@pytest.mark.usefixtures("registered")
def test_each_format_is_written_with_the_hash_of_the_facts(run: Run, tmp_path: Path) -> None:
    files = {}
    for form in ("json", "pdf", "html", "md"):
        files[form] = tmp_path / f"card.{form}"
        words = ("card", "loans", "--format", form, "--out", str(files[form]))
        status, told, errors = run(*words, "--language", "zh-HK")
        assert (status, errors) == (0, "")
        assert sha256(files[form].read_bytes()).hexdigest() in told.replace("\n", "")
    facts = files["json"].read_bytes()
    assert json.loads(facts)["model"] == "loans"
    digest = sha256(facts).hexdigest()
    assert files["pdf"].read_bytes().startswith(b"%PDF-")
    for form in ("html", "md"):
        assert digest in files[form].read_text(encoding="utf-8")
    assert "未有記錄" in files["md"].read_text(encoding="utf-8")


@pytest.mark.usefixtures("registered")
def test_an_unknown_format_is_refused(run: Run, tmp_path: Path) -> None:
    status, _, errors = run("card", "loans", "--format", "docx", "--out", str(tmp_path / "x"))
    assert status == 1
    assert "docx" in errors
    assert not (tmp_path / "x").exists()
