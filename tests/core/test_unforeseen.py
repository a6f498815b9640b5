"""What a log may say of an error that nobody foresaw."""

import logging
import re
import subprocess
import sys
from collections.abc import Iterator

import duckdb
import pytest

from core.errors import NotFound
from core.unforeseen import account_of, headline_of, keep_values_out_of_logs
from tests.architecture.sources import ROOT

SECRET = "Chan Tai Man"


def caught(query: str) -> Exception:
    try:
        try:
            duckdb.execute(query).fetchall()
        except duckdb.Error as error:
            raise ValueError(f"bad row: {error}") from error
    except ValueError as error:
        return error
    raise AssertionError("it should have failed")


@pytest.fixture
def quiet() -> Iterator[None]:
    before = logging.getLogRecordFactory()
    keep_values_out_of_logs()
    yield
    logging.setLogRecordFactory(before)


def test_an_account_names_kinds_and_places_and_quotes_nothing() -> None:
    error = caught(f"SELECT '{SECRET}'::DOUBLE")
    assert SECRET in str(error), "the library quotes what it could not read"
    told = account_of(error)
    assert SECRET not in told
    assert told.startswith("ValueError at tests/core/test_unforeseen.py:")
    assert "Caused by: ConversionException at " in told
    assert " in caught" in told


def test_our_own_errors_and_the_operating_system_speak() -> None:
    assert headline_of(NotFound("There is no model {model}.", model="m")) == (
        "NotFound: There is no model m."
    )
    assert headline_of(OSError(28, "No space left on device", SECRET)) == (
        "OSError: No space left on device"
    )
    assert headline_of(ValueError(SECRET)) == "ValueError"


@pytest.mark.usefixtures("quiet")
def test_every_log_of_the_process_tells_it_so(caplog: pytest.LogCaptureFixture) -> None:
    error = caught(f"SELECT '{SECRET}'::DOUBLE")
    logging.getLogger("uvicorn.error").error("Exception in %s", "application", exc_info=error)
    assert "Exception in application: ValueError at tests/core/" in caplog.text
    assert SECRET not in caplog.text
    logging.getLogger("any").error("nothing went wrong")
    assert "nothing went wrong" in caplog.text


@pytest.mark.parametrize("verbose", [False, True])
def test_a_log_says_when_how_bad_and_where_from(verbose: bool) -> None:
    script = (
        f"import logging; from core.unforeseen import start_log; start_log(verbose={verbose});"
        "log = logging.getLogger('core.here'); log.info('read'); log.warning('not written');"
        "logging.getLogger('httpx').info('POST https://example.com/secret')"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    lines = [re.sub(r"^[\d\- :,]{23} ", "<instant> ", line) for line in run.stderr.splitlines()]
    quiet = ["<instant> WARNING core.here: not written"]
    assert lines == (["<instant> INFO core.here: read", *quiet] if verbose else quiet)
