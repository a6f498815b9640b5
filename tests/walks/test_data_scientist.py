"""The walk of the data scientist: a model of their own, a drift, its cause, its cost, one alarm."""

import csv
import io
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import expect

from core.config import PROJECT_ROOT
from docs.walks import flights
from tests.e2e.driver import Reader
from tests.support.app_process import running_app
from tests.support.browsing import Windows
from tests.walks.walk import Walk

WANTS = (
    "Dana has a model of their own: it says, as a flight leaves LaGuardia, whether it will arrive "
    "fifteen minutes late. The log is a year of real flights "
    "([where from](../../data/README.md#flights)) in a CSV file, the outcomes are in "
    "another. Since "
    "September something is wrong with it, which Dana does not know yet; "
    "[flights.py](flights.py) tells what. Dana has read the [README](../../README.md) and the "
    "[quickstart](../quickstart.md), and nothing else; the contract is "
    "[flights.yaml](flights.yaml)."
)
PASSWORD = "several words that nobody else has"


class Terminal:
    """What Dana types: commands in an own folder, on an own workspace."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "harbourlight"
        programs = Path(sys.executable).parent
        ours = {"HARBOURLIGHT_HOME": str(self.home), "HARBOURLIGHT_STATE_URL": ""}
        self.environment = {**os.environ, **ours}
        self.program = str(programs / "harbourlight")

    def run(self, line: str) -> str:
        """Run one line and return what it prints."""
        done = subprocess.run(
            [self.program, *line.removeprefix("harbourlight ").split()],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def terminal(tmp_path: Path) -> Terminal:
    flights.main(str(tmp_path))
    contract = PROJECT_ROOT / "docs" / "walks" / "flights.yaml"
    (tmp_path / "flights.yaml").write_bytes(contract.read_bytes())
    return Terminal(tmp_path)


@contextmanager
def window(windows: Windows, url: str, name: str) -> Iterator[Reader]:
    """Open a browser on an app; what it shows is kept under the name if something fails."""
    reader = windows.take(url)
    try:
        yield reader
    except BaseException:
        windows.give_back(reader, name)
        raise
    windows.give_back(reader, None)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_from_a_csv_to_an_alarm_derived_again(
    terminal: Terminal, windows: Windows, new_walk: Callable[[str, str, str], Walk]
) -> None:
    walk = new_walk("data-scientist", "Walk of the data scientist", WANTS)
    password = registers(walk, terminal)
    with running_app(terminal.home) as app, window(windows, app.url, walk.name) as reader:
        signs_in(walk, reader, password)
        finds_the_drift(walk, reader)
        finds_the_cause(walk, reader)
        finds_the_cost(walk, reader)
        assert reader.errors == []
    derives_an_alarm(walk, terminal)


def registers(walk: Walk, terminal: Terminal) -> str:
    """Bring model, log and outcomes in; return the password for one sign-in."""
    with walk.step(
        "Types `harbourlight init` and `harbourlight model register flights.yaml`.",
        sees="`Registered flights, revision 1.`",
    ):
        terminal.run("harbourlight init")
        assert "Registered flights, revision 1." in terminal.run(
            "harbourlight model register flights.yaml"
        )
    with walk.step(
        "Types `harbourlight ingest flights predictions.csv`.",
        sees="86,688 rows stored, none skipped, none quarantined.",
    ):
        said = terminal.run("harbourlight ingest flights predictions.csv")
        assert re.search(r"stored +86,688\b", said)
        assert re.search(r"quarantined +0\b", said)
    with walk.step(
        "Types `harbourlight ingest flights outcomes.csv --outcomes`.",
        sees="86,360 outcomes, all joined to their predictions; of 328 diverted flights "
        "none ever comes.",
    ):
        said = terminal.run("harbourlight ingest flights outcomes.csv --outcomes")
        assert "joined to predictions: 86,360" in said
    with walk.step(
        "Types `harbourlight check flights`.",
        sees="Three alarms: the departure delay has drifted, twice, and outcomes no longer "
        "follow the scores.",
    ):
        assert "alarms: 3; alerts opened: 2" in terminal.run("harbourlight check flights")
    with walk.step(
        "Types `harbourlight user add dana --role data_scientist`, then `harbourlight serve`.",
        sees="A password for one sign-in, and the address.",
    ):
        said = terminal.run("harbourlight user add dana --role data_scientist")
    return said.split()[-1]


def signs_in(walk: Walk, reader: Reader, password: str) -> None:
    with walk.step(
        "Opens the address, signs in, sets a password of their own.",
        sees="The Overview: one model, which needs attention, its drift over the year and "
        "two alerts.",
        by=reader,
        picture="The Overview, half a minute after the first sign-in",
    ):
        reader.go("")
        reader.sign_in("dana", password)
        expect(reader.heading()).to_have_text("Set your own password")
        for field in reader.page.locator("input[type=password]").all():
            field.fill(PASSWORD)
        reader.do(reader.page.get_by_role("button", name="Change the password").click)
        expect(reader.heading()).to_have_text("Overview")
        expect(reader.page.get_by_text("Late arrivals").first).to_be_visible()


def stands(reader: Reader) -> None:
    """Wait until the page stands, however long chance takes to be drawn on a busy machine."""
    app = reader.page.get_by_test_id("stApp")
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=240_000)


def finds_the_drift(walk: Walk, reader: Reader) -> None:
    page = reader.page
    with walk.step(
        "Follows **See the drift**.",
        sees="The departure delay moved most, since 2 September; values of −1 to 2 minutes "
        "are four times as many.",
        by=reader,
        picture="Drift: the sentence, each input week by week, and what changed in each",
    ):
        page.get_by_role("link", name="See the drift").first.click()
        expect(reader.heading()).to_have_text("Drift")
        expect(reader.sentence()).to_contain_text("the largest move is Departure delay")
        expect(reader.sentence()).to_contain_text("since 2 Sept 2013")
        expect(reader.sentence()).to_contain_text("−1 to 2 minutes")
        stands(reader)
    with walk.step(
        "Opens **Definitions** at the foot.",
        sees="What the population stability index is, its formula, where to read on, the "
        "days compared with, and the limits.",
        by=reader,
    ):
        reader.press(page.get_by_text("Definitions", exact=True))
        told = page.locator(".hl-definitions")
        expect(told).to_contain_text("Population stability index")
        expect(told).to_contain_text("sum((q - p) * ln(q / p))")
        expect(told).to_contain_text("docs/metrics/psi.md")
    with walk.step(
        "Opens **View as table, picture or file** under the heat map, presses **Prepare "
        "the table (CSV)**, "
        "then the link.",
        sees="A file with every input and week, as shown; nothing in it can run as a formula.",
        by=reader,
    ):
        table = fetched(reader)
    delay = next(row for row in csv.reader(io.StringIO(table)) if row[0] == "Departure delay")
    assert len(delay) > 40  # weeks


def fetched(reader: Reader) -> str:
    """Take the first chart's figures away as CSV."""
    page = reader.page
    reader.press(page.get_by_text("View as table, picture or file").first)
    reader.press(page.get_by_role("button", name="Prepare the table (CSV)").first)
    link = page.get_by_role("link", name="Download the table with its filters (CSV)")
    with page.expect_download() as started:
        link.click()
    return Path(started.value.path()).read_text("utf-8-sig")


def finds_the_cause(walk: Walk, reader: Reader) -> None:
    page = reader.page
    with walk.step(
        "Follows **Segments** in the menu.",
        sees="The worst slice is the airline DL: more flights come late than its scores "
        "promise, beyond chance.",
        by=reader,
        picture="Segments: one airline is worse than the rest, with its interval",
    ):
        reader.follow("segments")
        expect(reader.sentence()).to_contain_text("DL")
    with walk.step(
        "Presses **Look within this slice**, follows **Drift**.",
        sees="98.2% of this airline's delays lie between −1 and 2, since 1 September: "
        "hours, not minutes.",
        by=reader,
        picture="Drift of one airline: all its delays are in one group",
    ):
        reader.press(page.get_by_role("button", name="Look within this slice"))
        reader.key("hl_to_drift").get_by_role("link").click()
        expect(reader.sentence()).to_contain_text("since 1 Sept 2013", timeout=60_000)
        expect(reader.sentence()).to_contain_text("rose from 9.1% in the reference to 98.2%")
        stands(reader)


def finds_the_cost(walk: Walk, reader: Reader) -> None:
    page = reader.page
    with walk.step(
        "Opens **Value of decisions** without the slice, reads **Cost of drift** beneath the "
        "figures.",
        sees="December earned US$642K less than the reference led to expect (US$556K to US$728K).",
        by=reader,
        picture="Value of decisions: what the time of each alert cost",
    ):
        reader.go("value?model=flights", "Value of decisions")
        costs = page.get_by_text("less than the reference led to expect")
        expect(costs.filter(has_text="US$642K")).to_be_visible()
        reader.rest(costs.first)


def derives_an_alarm(walk: Walk, terminal: Terminal) -> None:
    with walk.step(
        "Types `harbourlight alerts list`, then `harbourlight drift flights --explain "
        "ALERT` with the id of the second.",
        sees="What is stored beside what its counts give again: 0.3844 and 0.3844, of "
        "25,366 and 8,702 rows.",
    ):
        listed = terminal.run("harbourlight alerts list")
        alert = next(line.split()[1] for line in listed.splitlines() if "dep_delay" in line)
        again = terminal.run(f"harbourlight drift flights --explain {alert}")
    assert re.search(r"effect\W+0\.3844\W+0\.3844\W", again)
    assert re.search(r"n of the period\W+8702\W+8702\W", again)
