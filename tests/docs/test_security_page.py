"""docs/security-tests.md names every attack there is, in the words of its test, with its cases."""

import ast
import re

from tests.security.page import PAGE, ROOT, listed, other_attempts, wanted


def test_the_page_lists_the_attacks_there_are() -> None:
    page = PAGE.read_text(encoding="utf-8")
    found = listed(page)
    assert found == wanted(), "run 'python -m tests.security'"


def test_each_was_run() -> None:
    page = PAGE.read_text(encoding="utf-8")
    counts = re.findall(r"\| (\d+) \| `tests/", page)
    assert len(counts) == len(wanted())
    assert all(int(count) > 0 for count in counts)


def test_proofs_that_stand_elsewhere_are_there() -> None:
    for attempt in other_attempts():
        tree = ast.parse((ROOT / attempt.file).read_text(encoding="utf-8"))
        names = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
        assert attempt.name in names, attempt.key
