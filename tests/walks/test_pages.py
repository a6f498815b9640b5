"""The written walks tell the steps that the tests take; held without a browser."""

import re
from pathlib import Path

import pytest

from tests.walks.walk import FOLDER, Walk, steps_in, steps_on

WALKS = sorted(
    path for path in Path(__file__).parent.glob("test_*.py") if path.name != Path(__file__).name
)
LARGEST = 2_500_000  # bytes of all pictures, which every clone carries


@pytest.mark.parametrize("test", WALKS, ids=lambda path: path.stem)
def test_a_page_tells_the_steps_of_its_test(test: Path) -> None:
    page = FOLDER / f"{test.stem.removeprefix('test_').replace('_', '-')}.md"
    assert steps_on(page) == steps_in(test), "run 'python -m tests.walks'"
    assert steps_in(test)


def test_every_picture_is_shown_and_small() -> None:
    images = sorted((FOLDER / "images").glob("*"))
    pages = [page.read_text("utf-8") for page in FOLDER.glob("*.md")]
    assert {path.name for path in images} == {
        name for page in pages for name in re.findall(r"\(images/([^)]+)\)", page)
    }
    assert sum(path.stat().st_size for path in images) < LARGEST


def test_a_walk_as_written_is_read_back(tmp_path: Path) -> None:
    walk = Walk("nobody", "Walk of nobody", "Nobody wants anything.")
    with walk.step("Presses `a`.", sees="A letter."):
        pass
    with walk.step("Waits.", sees="Nothing."):
        pass
    page = tmp_path / "nobody.md"
    page.write_text(walk.page(), encoding="utf-8")
    assert steps_on(page) == [("Presses `a`.", "A letter."), ("Waits.", "Nothing.")]
    assert walk.page().startswith("# Walk of nobody\n\nNobody wants anything.\n\n| # |")
