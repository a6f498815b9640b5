"""Fixtures that every test may use.

``store`` runs a test twice, on SQLite and on PostgreSQL; ``sqlite_store`` once, for tests above
the state store that do not depend on the database. Both give an empty, migrated database.
"""

import gc
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import settings

from core.lake.duck import memory_limit_bytes
from core.store import Store, open_store
from tests.support.databases import (
    PostgresqlDatabases,
    SqliteDatabases,
    postgresql_server,
)
from tests.support.fakes import FakeClock, FakeIds
from tests.support.memory import MACHINE_BYTES, one_thread_each, work_in_memory
from tests.support.processes import Racers
from tests.support.quick import quick_databases, quick_passwords
from tests.support.quick_reasons import quick_reasons
from tests.support.templates import templates_folder

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from tests.support.browsing import Windows
    from tests.support.harbour import Harbour
    from tests.support.lender import Lender

work_in_memory()
one_thread_each()
templates_folder()  # before there are workers, which share it
# A machine shared with other work is slow at times; a slow example is not a wrong one. The fast run
# draws the same examples each time, so that who changes nothing breaks nothing; chance is below.
settings.register_profile("harbourlight", deadline=None, max_examples=20, derandomize=True)
settings.register_profile("thorough", deadline=None, max_examples=300)  # of `make check`
settings.load_profile("harbourlight")


# One server and one browser serve all tests of such a folder.
SERVED = ("tests/e2e/", "tests/security/")
# The code of the product is read and parsed once for all tests of such a folder.
READING = ("tests/architecture/", "tests/core/i18n/")
# Their tests take seconds each. They come first, so that workers end together.
LONG = (*SERVED, "tests/faults/", "tests/pages/", "tests/docs/")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let long tests begin first, in the order of :data:`LONG`; the others keep theirs."""
    items.sort(key=lambda item: [not item.nodeid.startswith(folder) for folder in LONG])


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for garbage only among what tests leave: what is collected stays until the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


def pytest_unconfigure() -> None:
    """Let the process end as any other: DuckDB names whatever is left of it as a leak."""
    gc.unfreeze()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers() -> int:
    """Keep two cores busy while one of three workers waits for a browser or a server."""
    return 3 if memory_limit_bytes(1.0) >= MACHINE_BYTES else 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Hand out folders that share what is costly as a whole, everything else by the file.

    A file's fixtures are then made once. The mark ``xdist_group`` would do for folders, but has no
    effect with pytest 9.2: see pytest-dev/pytest-xdist#1386.
    """
    if config.getoption("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

    together = (*SERVED, *READING)

    class Scheduling(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            file = nodeid.partition("::")[0]
            return next((each for each in together if file.startswith(each)), file)

    config.option.loadscopereorder = False  # the collection has the order that is wanted
    return Scheduling(config, log)


MAIN, EXCEPT_HOOK = sys.modules["__main__"], sys.excepthook


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown() -> None:
    """Give the process its main module back: Streamlit's AppTest puts its script in that place.

    A process started later would run that script before its own work. A command of Typer leaves its
    own way to show an exception.
    """
    sys.modules["__main__"], sys.excepthook = MAIN, EXCEPT_HOOK


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: Any) -> Any:
    """Note what failed, for fixtures that keep evidence of it."""
    report = yield
    if report.when == "call" and "browser" in getattr(item, "fixturenames", ()):
        from tests.support.browsing import FAILED

        item.stash[FAILED] = report.failed
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the times of pages that the browser tests measured; they are told, not asserted."""
    passed = terminalreporter.getreports("passed")
    told = [
        value for report in passed for name, value in report.user_properties if name == "page time"
    ]
    if told:
        terminalreporter.section("page times")
        for line in dict.fromkeys(told):
            terminalreporter.line(str(line))


@pytest.fixture(scope="session")
def sqlite_databases(tmp_path_factory: pytest.TempPathFactory) -> SqliteDatabases:
    return SqliteDatabases(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session", autouse=True)
def quickly(sqlite_databases: SqliteDatabases) -> Iterator[None]:
    """Spare every workspace what is not its matter; tests/core/store and auth take it back."""
    with quick_databases(sqlite_databases), quick_passwords(), quick_reasons():
        yield


@pytest.fixture(scope="session")
def postgresql_databases() -> Iterator[PostgresqlDatabases]:
    with postgresql_server() as databases:
        yield databases


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(
    request: pytest.FixtureRequest, tmp_path: Path, sqlite_databases: SqliteDatabases
) -> Iterator[str]:
    """Address of a fresh, migrated state database, on each of the two."""
    if request.param == "sqlite":
        yield sqlite_databases.fresh(tmp_path)
        return
    databases: PostgresqlDatabases = request.getfixturevalue("postgresql_databases")
    url = databases.fresh()
    yield url
    databases.drop(url)


@pytest.fixture
def store(store_url: str) -> Iterator[Store]:
    opened = open_store(store_url)
    yield opened
    opened.close()


@pytest.fixture
def sqlite_store(tmp_path: Path, sqlite_databases: SqliteDatabases) -> Iterator[Store]:
    opened = open_store(sqlite_databases.fresh(tmp_path))
    yield opened
    opened.close()


@pytest.fixture(scope="session")
def racers() -> Iterator[Racers]:
    """Four processes for tests of concurrency; see tests/support/processes.py."""
    four = Racers(4)
    yield four
    four.close()


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def new_id() -> FakeIds:
    return FakeIds()


@pytest.fixture(scope="session")
def browser() -> "Iterator[Browser]":
    """One Chromium for every test that needs one."""
    from tests.support.browsing import chromium

    with chromium() as started:
        yield started


@pytest.fixture(scope="session")
def windows(browser: "Browser") -> "Windows":
    from tests.support.browsing import Windows

    return Windows(browser)


@pytest.fixture(scope="session")
def one_scan() -> Iterator[None]:
    """Let AppTest look for components among all installed packages once, not at every page."""
    from streamlit.components.v2 import manifest_scanner

    found = manifest_scanner.scan_component_manifests()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", lambda: list(found))
        yield


@pytest.fixture(scope="session")
def harbour(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Harbour]":
    """A workspace with a year of history, built once; tests read it and change nothing."""
    from tests.support.harbour import build_harbour

    built = build_harbour(tmp_path_factory.mktemp("harbour") / "home")
    yield built
    built.workspace.store.close()


@pytest.fixture(scope="session")
def lender(tmp_path_factory: pytest.TempPathFactory) -> "Iterator[Lender]":
    """The same year under contracts that name labelled rows, built once and only read."""
    from tests.support.lender import build_lender

    built = build_lender(tmp_path_factory.mktemp("lender"))
    yield built
    built.workspace.store.close()
