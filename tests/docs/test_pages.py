import re

import pytest

from core.domain import Permission, Role
from tests.docs.pages import ROOT, all_pages, anchors, blocks, links, table_rows, text_of


@pytest.mark.parametrize("page", all_pages())
def test_links_lead_somewhere(page: str) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = (ROOT / page).parent / name if name else ROOT / page
        assert target.exists(), f"{page}: {link}"
        if anchor:
            assert anchor in anchors(target.resolve().relative_to(ROOT).as_posix()), link


@pytest.mark.parametrize("page", all_pages())
def test_pages_speak_plainly(page: str) -> None:
    prose = re.sub(r"^```.*?^```$|`[^`]*`|!\[|<!--", "", text_of(page), flags=re.M | re.S)
    assert "!" not in prose, "no exclamation marks"


def test_the_index_leads_to_every_page() -> None:
    reached = {
        path.resolve().relative_to(ROOT).as_posix()
        for path in ((ROOT / "docs" / link.split("#")[0]) for link in links("docs/README.md"))
    }
    for page in all_pages():
        folder = page.rpartition("/")[0]
        if page.startswith("docs/") and page != "docs/README.md":
            assert page in reached or folder in reached, f"{page} is not in the index"


def test_the_readme_and_the_makefile_agree() -> None:
    makefile = text_of("Makefile")
    named = re.findall(r"\bmake ([a-z]+)\b", "\n".join(blocks("README.md", "bash")))
    named += re.findall(r"`make ([a-z]+)`", text_of("CONTRIBUTING.md"))
    assert {"run", "test", "check", "docs"} <= set(named)
    for target in named:
        assert re.search(rf"^{target}:", makefile, re.M), f"there is no make {target}"


def test_roles_are_explained() -> None:
    text = text_of("docs/roles.md")
    assert all(f"| `{role}` |" in text for role in Role)
    assert all(f"| `{permission}` |" in text for permission in Permission)


def test_what_the_readme_says_of_the_demo_is_in_its_table() -> None:
    cohorts = text_of("data/README.md").partition("<!-- cohorts")[2].partition("<!-- end")[0]
    year = {row[0]: row for row in table_rows(cohorts)}
    loans = sum(int(row[1].replace(",", "")) for row in year.values())
    assert f"{loans:,} real loans" in text_of("README.md")
    default, score = (float(cell.strip("%")) for cell in year["2007"][2:4])
    words = {8: "eight", 9: "nine", 10: "ten"}
    assert f"loans of 2007 default at {words[round(default / score)]} times" in text_of("README.md")
