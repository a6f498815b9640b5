import json
from pathlib import Path

import pytest

from bench.mutation import GROUPS, Mutant, Score, Verdict, document, files_of, told
from bench.mutation_tests import Judges, judges_of
from bench.mutation_tree import Outcome, Tree, copy_of_the_tree
from bench.runner import PROJECT_ROOT
from tests.bench.trees import committed

MODULE = (
    "def doubled(number):\n    return number * 2\n\n\ndef hidden(number):\n    return number + 1\n"
)
TESTS = {
    "core/__init__.py": "",
    "core/a/m.py": MODULE,
    "core/a/user.py": "from core.a import quiet\n",
    "core/a/quiet.py": "",
    "core/a/alone.py": "",
    "tests/core/a/test_m.py": "from core.a.m import doubled\n\n\n"
    "def test_it():\n    assert doubled(3) == 6\n",
    "tests/core/b/test_other.py": "from core.a import m\n\n\n"
    "def test_it():\n    assert m.hidden(3) == 4\n",
    "tests/docs/test_far.py": "from core.a.m import hidden\n",
    "tests/e2e/test_farther.py": "from core.a.m import hidden\n",
    "tests/core/b/test_user.py": "import core.a.user\n\n\ndef test_it():\n    assert core.a.user\n",
}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    project = committed(tmp_path_factory.mktemp("project"), TESTS)
    (project / "core/a/m.py").write_text("not committed")
    return copy_of_the_tree(project, tmp_path_factory.mktemp("copies") / "tree")


def test_the_judges_of_a_module_are_its_mirror_then_those_that_import_it(tree: Tree) -> None:
    mirror = ("tests/core/a/test_m.py",)
    around = ("tests/core/b/test_other.py", "tests/docs/test_far.py")
    assert judges_of(tree.root, "core/a/m.py") == Judges(mirror, around)


def test_a_module_that_no_test_imports_is_judged_through_those_that_import_it(tree: Tree) -> None:
    through = ("tests/core/b/test_user.py",)
    assert judges_of(tree.root, "core/a/quiet.py") == Judges((), through)
    assert judges_of(tree.root, "core/a/alone.py") == Judges((), ())


@pytest.mark.parametrize(
    ("old", "new", "outcome"),
    [
        pytest.param("number * 2", "number * 3", Outcome.mirror, marks=pytest.mark.slow),
        ("number + 1", "number + 2", Outcome.around),
        pytest.param("number + 1", "1 + number", Outcome.survived, marks=pytest.mark.slow),
    ],
)
def test_a_change_is_judged_by_who_notices_it_and_taken_back(
    tree: Tree, old: str, new: str, outcome: Outcome
) -> None:
    changed = MODULE.replace(old, new)
    assert tree.judge("core/a/m.py", changed, judges_of(tree.root, "core/a/m.py")) is outcome
    assert (tree.root / "core/a/m.py").read_text() == MODULE


def test_without_tests_nothing_is_said_of_a_change(tree: Tree) -> None:
    assert tree.judge("core/a/alone.py", "1\n", Judges((), ())) is Outcome.unfit


@pytest.mark.slow
def test_without_tests_that_pass_nothing_is_said_either(tree: Tree) -> None:
    missing = Judges(("tests/core/a/test_none.py",), ())
    assert tree.judge("core/a/alone.py", "1\n", missing) is Outcome.unfit


def verdict(outcome: Outcome, line: int = 7) -> Verdict:
    return Verdict(Mutant("core/a/m.py", line, "AddNot", "if a:", "if not a:", "…"), outcome)


FOUND = Score(
    "auth",
    1,
    30,
    (
        verdict(Outcome.mirror),
        verdict(Outcome.around),
        verdict(Outcome.endless),
        verdict(Outcome.survived, 9),
        verdict(Outcome.unfit),
    ),
)


def test_the_share_is_of_those_that_could_be_judged() -> None:
    assert (FOUND.noticed, FOUND.judged, FOUND.share) == (3, 4, 0.75)
    assert Score("auth", 1, 30, (verdict(Outcome.unfit),)).share is None


def test_survivors_are_told_with_their_line() -> None:
    lines = told(FOUND).splitlines()
    assert lines[0].startswith("auth: 3 of 4 mutants noticed, 75.0%")
    assert lines[1:] == ["  core/a/m.py:9 AddNot", "    - if a:", "    + if not a:"]


def test_a_document_has_every_verdict_and_no_source() -> None:
    group = json.loads(json.dumps(document([FOUND])))["auth"]
    assert [each["outcome"] for each in group["verdicts"]].count("survived") == 1
    assert all("source" not in each for each in group["verdicts"])


@pytest.mark.parametrize("group", GROUPS)
def test_every_group_has_modules(group: str) -> None:
    assert len(files_of(group)) > 5
    assert all((PROJECT_ROOT / each).is_file() for each in files_of(group, ("e",)))


def test_a_copy_holds_what_is_committed(tree: Tree) -> None:
    assert Path(tree.root / "core/a/m.py").read_text() == MODULE
