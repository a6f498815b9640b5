"""The folders of the product and what each says of itself, for docs/architecture.md."""

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOPS = ("pages", "app", "core")


def product_folders() -> Iterator[tuple[str, str]]:
    """Yield each folder of the product with the first line of its docstring, outermost first."""
    for top in TOPS:
        for path in sorted((ROOT / top).rglob("__init__.py"), key=lambda each: each.parts):
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            yield path.parent.relative_to(ROOT).as_posix(), text.split("\n\n")[0].replace("\n", " ")


def folder_table() -> str:
    """Return the folders as a table."""
    rows = [f"| `{name}` | {text} |" for name, text in product_folders()]
    return "\n".join(["| folder | what is in it |", "|---|---|", *rows])
