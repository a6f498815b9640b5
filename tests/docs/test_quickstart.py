"""The quickstart is done as it is written, command by command, in an empty home folder."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.docs.pages import blocks

PAGE = "docs/quickstart.md"
# Starting the app is what the end-to-end tests do.
NOT_RUN = "harbourlight serve"


@pytest.fixture(scope="module")
def quickstart(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder in which every step of the quickstart was done."""
    folder = tmp_path_factory.mktemp("quickstart")
    (folder / "model.yaml").write_text(blocks(PAGE, "yaml")[0], encoding="utf-8")
    for program in blocks(PAGE, "python"):
        subprocess.run([sys.executable, "-c", program], cwd=folder, check=True)
    lines = "\n".join(blocks(PAGE, "bash")).splitlines()
    script = "\n".join(["set -e", *(line for line in lines if line != NOT_RUN)])
    run = subprocess.run(
        ["bash", "-c", script], cwd=folder, env=_environment(folder), capture_output=True, text=True
    )
    assert run.returncode == 0, run.stdout + run.stderr
    (folder / "output.txt").write_text(run.stdout, encoding="utf-8")
    return folder


def _environment(folder: Path) -> Mapping[str, str]:
    programs = Path(sys.executable).parent
    ours = {"HOME": str(folder), "PATH": f"{programs}{os.pathsep}{os.environ['PATH']}"}
    return {**os.environ, **ours, "HARBOURLIGHT_STATE_URL": ""}


def _answer(folder: Path, *arguments: str) -> dict[str, object]:
    environment = {**_environment(folder), "HARBOURLIGHT_HOME": str(folder / "harbourlight")}
    run = subprocess.run(
        ["harbourlight", *arguments, "--json"],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    document: dict[str, object] = json.loads(run.stdout)
    return document


def test_the_workspace_is_where_the_page_says(quickstart: Path) -> None:
    assert (quickstart / "harbourlight" / "lake" / "my-model").is_dir()


def test_the_password_is_shown_once(quickstart: Path) -> None:
    assert (quickstart / "output.txt").read_text("utf-8").count("Password") == 1


def test_amounts_are_quiet_in_the_first_year_and_moved_in_the_second(quickstart: Path) -> None:
    # ln 1.4 / 0.6 = 0.56 standard deviations; PSI of a normal's shift is its square, 0.31.
    answer = _answer(quickstart, "drift", "my-model", "--by", "month", "--method", "psi")
    assert answer["model"] == "my-model"
    rows = answer["rows"]
    assert isinstance(rows, list)
    values = {row["chunk"]["start"]: row["value"] for row in rows if row["column"] == "loan_amount"}
    starts = sorted(values)
    assert len(starts) == 24
    assert all(values[start] < 0.1 for start in starts[:12])
    assert all(values[start] > 0.2 for start in starts[12:])


def test_every_loan_has_its_outcome_and_is_worth_something(quickstart: Path) -> None:
    answer = _answer(quickstart, "value", "my-model")
    assert (answer["n"], answer["labelled"], answer["valued"]) == (20_000, 20_000, 20_000)
    worth = answer["worth"]
    assert isinstance(worth, dict)
    assert worth["low"] > 0
    said = (quickstart / "output.txt").read_text("utf-8")
    assert "joined to predictions: 20,000" in said
    assert "alerts opened: 2" in said
