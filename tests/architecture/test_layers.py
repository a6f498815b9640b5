"""Imports point inward, and the contract that says so leaves nothing out."""

import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path

from tests.architecture.sources import ROOT


def _contract() -> ConfigParser:
    parser = ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return parser


def test_import_linter_finds_every_contract_kept() -> None:
    run = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stdout + run.stderr


def test_every_module_of_the_core_has_its_layer() -> None:
    layers = _contract()["importlinter:contract:inside"]["layers"].replace("|", "\n").split()
    there = {path.stem for path in (ROOT / "core").glob("*.py")} - {"__init__"}
    there |= {path.parent.name for path in (ROOT / "core").glob("*/__init__.py")}
    assert sorted(layers) == sorted(there)


def test_the_inside_contract_is_exhaustive() -> None:
    contract = _contract()["importlinter:contract:inside"]
    assert contract["exhaustive"] == "True"
    assert not contract.get("ignore_imports")


def test_every_folder_of_the_product_is_a_package() -> None:
    for top in ("core", "app", "pages"):
        for path in (ROOT / top).rglob("*.py"):
            assert (path.parent / "__init__.py").is_file(), f"{path.parent} is not importable"
