"""docs/security-tests.md: what was tried and what happened, as the docstrings of the tests say it.

The first line of a test's docstring is what was tried, the rest what happens; the run adds how
many cases there were. A test that fails makes no page.
"""

import ast
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "security-tests.md"
FOLDER = ROOT / "tests" / "security"

# Proofs of the same kind that stand where the code they prove is tested.
ELSEWHERE: Mapping[str, tuple[tuple[str, str, str], ...]] = {
    "tests/e2e/test_identity.py": (
        (
            "test_a_cookie_brought_along_is_replaced_at_the_sign_in",
            "Session fixation: a cookie planted before the sign-in.",
            "It is replaced at the sign-in and opens nothing.",
        ),
        (
            "test_a_cookie_replayed_after_signing_out_opens_nothing",
            "Replay: the cookie of a session, used again after signing out.",
            "It opens nothing.",
        ),
        (
            "test_a_forwarded_header_changes_neither_source_nor_cookie",
            "A made-up X-Forwarded-For or -Proto header.",
            "Neither the counted address nor the cookie's flags change.",
        ),
    ),
    "tests/e2e/test_proxy.py": (
        (
            "test_what_a_stranger_tells_is_not_believed",
            "A proxy that nobody named tells an address, to lock others out or to escape a lock.",
            "Its own address is counted and shown in the log-in history.",
        ),
        (
            "test_of_several_the_one_that_the_named_proxy_saw_counts",
            "A client that begins X-Forwarded-For itself, behind the named proxy.",
            "The address that the proxy saw is counted.",
        ),
        (
            "test_the_machine_itself_is_a_stranger_too",
            "X-Forwarded-For from the machine itself, which uvicorn believes by default.",
            "It is not believed.",
        ),
    ),
    "tests/core/services/identity/test_sign_in.py": (
        (
            "test_a_name_is_locked_after_five_failures_whether_it_exists_or_not",
            "Brute force on one name, known or unknown.",
            "Locked after five failures, the same for both.",
        ),
        (
            "test_a_source_is_locked_after_thirty_failures_whatever_the_names",
            "Brute force from one address over many names and browsers.",
            "The address is locked after thirty failures.",
        ),
        (
            "test_of_many_processes_at_once_no_more_are_heard",
            "Guesses by many processes at the same moment.",
            "No more guesses are heard than one after the other.",
        ),
    ),
    "tests/app/test_api.py": (
        (
            "test_failures_are_limited_and_a_valid_token_is_not",
            "Guessing API tokens.",
            "429 after ten refusals in a minute; a valid token is answered all the while.",
        ),
        (
            "test_if_the_state_cannot_be_read_nothing_takes_effect",
            "The state database fails while a serving system asks.",
            "503, and nothing of the error is told: the caller takes it for held.",
        ),
    ),
    "tests/core/services/test_safe_csv.py": (
        (
            "test_no_cell_begins_as_a_formula_and_nothing_is_lost",
            "Formulas in every cell and heading of a CSV (hypothesis).",
            "None begins as a formula; numbers stay numbers.",
        ),
    ),
    "tests/core/lake/test_duck.py": (
        (
            "test_a_connection_reaches_the_workspace_only",
            "DuckDB made to read and write outside the workspace: dots, links, URLs, COPY, ATTACH.",
            "Refused.",
        ),
        (
            "test_no_statement_changes_a_setting",
            "Statements that would lift DuckDB's limits.",
            "Refused: the settings are locked.",
        ),
    ),
    "tests/core/services/test_exports.py": (
        (
            "test_an_id_is_never_a_path",
            "Paths in place of the id of an export.",
            "There is no such file.",
        ),
        (
            "test_who_lost_the_permission_or_the_model_gets_nothing",
            "An export fetched by its owner after the permission was taken away.",
            "There is no such file any more.",
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class Attempt:
    """One test: its file and name, what is tried and what happens."""

    file: str
    name: str
    tried: str
    happens: str

    @property
    def key(self) -> str:
        """The test as pytest names it, without its cases."""
        return f"{self.file}::{self.name}"


def own_attempts() -> Iterator[tuple[str, list[Attempt]]]:
    """Yield each file of this folder: its title, and its tests.

    Raises
    ------
    ValueError
        If a test does not say what is tried and what happens.
    """
    for path in sorted(FOLDER.glob("test_*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        name = path.relative_to(ROOT).as_posix()
        tests = [
            node
            for node in tree.body
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
        ]
        yield (ast.get_docstring(tree) or name), [_attempt(name, test) for test in tests]


def other_attempts() -> list[Attempt]:
    """Return the proofs that stand elsewhere."""
    return [
        Attempt(file, name, tried, happens)
        for file, found in ELSEWHERE.items()
        for name, tried, happens in found
    ]


def rendered(cases: Mapping[str, int], versions: str) -> str:
    """Return the page of a run; ``cases`` counts what passed, by test."""
    lines = [
        "# Security tests",
        "",
        "What was tried against the running app, and what happened. Written by",
        "`python -m tests.security` from a run in which every case ended as told; a test compares",
        "this page with the tests there are. What these cannot show is in the",
        "[threat model](threat-model.md).",
        "",
        f"Last run: {versions}; {sum(cases.values())} cases.",
    ]
    for title, attempts in own_attempts():
        lines += ["", f"## {title.splitlines()[0].rstrip('.')}", "", *_table(attempts, cases)]
    lines += ["", "## Proofs that stand beside what they prove", ""]
    lines += _table(other_attempts(), cases)
    return "\n".join(lines) + "\n"


def listed(page: str) -> set[tuple[str, str, str]]:
    """Return what is tried, what happens and the test of every line of a page."""
    rows = re.findall(r"^\| (.+?) \| (.+?) \| (\d+) \| `(.+?)` \|$", page, re.M)
    return {(tried, happens, key) for tried, happens, _, key in rows}


def wanted() -> set[tuple[str, str, str]]:
    """Return what the page must list."""
    own = [attempt for _, attempts in own_attempts() for attempt in attempts]
    return {(_cell(a.tried), _cell(a.happens), a.key) for a in [*own, *other_attempts()]}


def _attempt(file: str, test: ast.FunctionDef) -> Attempt:
    tried, _, happens = (ast.get_docstring(test) or "").partition("\n\n")
    if not (tried and happens):
        raise ValueError(f"{file}::{test.name} does not say what is tried and what happens")
    return Attempt(file, test.name, " ".join(tried.split()), " ".join(happens.split()))


def _table(attempts: list[Attempt], cases: Mapping[str, int]) -> Iterator[str]:
    yield "| tried | what happened | cases | test |"
    yield "|---|---|---|---|"
    for each in attempts:
        count = cases.get(each.key, 0)
        yield f"| {_cell(each.tried)} | {_cell(each.happens)} | {count} | `{each.key}` |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
