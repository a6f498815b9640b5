"""Every metric has its page, and the generated part of every page is the registry's."""

import runpy
from pathlib import Path

import pytest

from core.errors import InvalidInput
from core.metrics.pages import END, START, expected_pages, facts_block, main, with_block
from core.metrics.registry import METRICS, glossary_table

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "metrics"
HEADINGS = (
    "**Window.**",
    "**Missing values.**",
    "**Thresholds.**",
    "**Limits.**",
    "**Conformance.**",
)


def test_there_is_one_page_per_metric_and_no_other() -> None:
    names = {path.name for path in FOLDER.glob("*.md")} - {"README.md"}
    assert names == {f"{metric_id}.md" for metric_id in METRICS}
    assert all((ROOT / entry.doc).is_file() for entry in METRICS.values())


@pytest.mark.parametrize("name", ["README", *METRICS])
def test_the_generated_part_is_the_registrys(name: str) -> None:
    path = FOLDER / f"{name}.md"
    assert path.read_text(encoding="utf-8") == expected_pages(FOLDER)[path], (
        "run python -m core.metrics.pages docs/metrics"
    )


@pytest.mark.parametrize("metric_id", METRICS)
def test_every_page_answers_the_same_questions(metric_id: str) -> None:
    text = (FOLDER / f"{metric_id}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {METRICS[metric_id].label}\n")
    assert [heading for heading in HEADINGS if heading not in text] == []
    if METRICS[metric_id].family == "drift":
        assert "**Bins.**" in text


def test_writing_the_pages_is_idempotent(tmp_path: Path) -> None:
    for path in FOLDER.glob("*.md"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    page = tmp_path / "psi.md"
    page.write_text(page.read_text(encoding="utf-8").replace("≥ 0.25", "≥ 0.9"), encoding="utf-8")
    main([str(tmp_path)])
    assert page.read_text(encoding="utf-8") == (FOLDER / "psi.md").read_text(encoding="utf-8")


def test_the_module_is_a_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for path in FOLDER.glob("*.md"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    page = tmp_path / "README.md"
    page.write_text(f"{START}\n{END}\n", encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["pages", str(tmp_path)])
    runpy.run_path(str(ROOT / "core" / "metrics" / "pages.py"), run_name="__main__")
    assert glossary_table() in page.read_text(encoding="utf-8")


def test_a_page_without_markers_is_refused() -> None:
    assert with_block(f"a{START}old{END}b", "new") == f"a{START}\nnew\n{END}b"
    for page in ("none", START, END):
        with pytest.raises(InvalidInput, match="markers"):
            with_block(page, "new")


def test_bars_in_a_formula_do_not_break_the_table() -> None:
    assert "max(\\|p - q\\|)" in facts_block(METRICS["l_infinity"])
