import pytest

from docs import generate
from tests.docs.pages import text_of


def test_no_generated_part_is_stale() -> None:
    stale = [path.name for path in generate.stale_pages()]
    assert not stale, f"{stale} differ from the code: run 'make docs'"


@pytest.mark.parametrize("name", generate.BLOCKS)
def test_every_part_is_used_somewhere(name: str) -> None:
    marker = f"<!-- generated:{name} -->\n"
    assert any(marker in path.read_text(encoding="utf-8") for path in generate.pages())


def test_a_changed_part_is_found_and_mended() -> None:
    text = text_of("docs/roles.md")
    broken = text.replace("✓", "", 1)
    assert broken != text
    assert generate.rendered(broken) == text


def test_a_part_that_nobody_writes_is_an_error() -> None:
    with pytest.raises(KeyError, match="nothing"):
        generate.rendered("<!-- generated:nothing -->\n<!-- end -->")


def test_the_diagram_names_every_layer_from_the_outside_in() -> None:
    diagram = generate.layer_diagram()
    names = ["pages", "app", "cli", "bootstrap", "services", "ingest", "store", "lake"]
    names += ["reports", "auth", "metrics", "contract", "domain", "i18n", "config", "errors"]
    places = [diagram.index(f" {name} ") for name in names]
    assert places == sorted(places)
    assert all(f"`core/{name}`" in text_of("docs/architecture.md") for name in names[2:])
