"""The files are those of the manifest, the README says the same, and all of it stays small."""

import json
import re
from pathlib import Path

import pytest

from data.build.common import DEMO, ROOT, describe
from data.build.readme import files_table, sources_table

MANIFEST: dict[str, dict[str, int | str]] = json.loads(
    (DEMO / "manifest.json").read_text(encoding="utf-8")
)
README = (ROOT / "data" / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", MANIFEST)
def test_a_file_is_the_one_of_the_manifest(name: str) -> None:
    assert describe(DEMO / name) == MANIFEST[name]


def test_the_manifest_lists_every_data_file() -> None:
    by_hand = {"manifest.json", "model.yaml", "code_book.yaml"}
    found = {
        path.relative_to(DEMO).as_posix()
        for path in DEMO.rglob("*")
        if path.is_file() and path.name not in by_hand
    }
    assert found == set(MANIFEST)


def test_the_readme_holds_the_tables_of_the_manifest_and_the_sources() -> None:
    from data.build.__main__ import SETS

    sources = {name: (source, inside) for name, (_, source, inside) in SETS.items()}
    assert files_table(MANIFEST) in README
    assert sources_table(sources) in README


def test_all_data_stay_within_sixteen_megabytes() -> None:
    assert sum(int(entry["bytes"]) for entry in MANIFEST.values()) <= 16_000_000


def test_every_simulated_column_is_explained_in_the_readme() -> None:
    from core.contract import load_contract

    for spec in sorted(DEMO.glob("*/model.yaml")):
        for name in load_contract(spec).simulated:
            assert re.search(rf"`{name}`|{name} =|Versions `a`", README), f"{spec.parent}: {name}"


def test_a_block_of_the_readme_is_replaced_between_its_markers(tmp_path: Path) -> None:
    from data.build.readme import put_block

    page = tmp_path / "page.md"
    page.write_text("a\n<!-- x: written by data.build -->\nold\n<!-- end of x -->\nb\n")
    put_block(page, "x", "new")
    assert page.read_text() == ("a\n<!-- x: written by data.build -->\nnew\n<!-- end of x -->\nb\n")
    with pytest.raises(RuntimeError, match="no block y"):
        put_block(page, "y", "new")
