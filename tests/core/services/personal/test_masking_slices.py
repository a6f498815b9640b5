"""Slices of personal columns: the figures of each value, under its number and never its name."""

from dataclasses import replace
from pathlib import Path

import pytest

from app.choices import model_choices
from app.filters import resolve
from core.errors import NotFound
from core.metrics.binning import CategoricalBins
from core.services import reports
from core.services.drift.measure import drift, slice_questions
from core.services.ingest import ingest_files
from core.services.jobs import tasks, worker
from core.services.operations import operations
from core.services.personal.names import MASK
from core.services.quality import quality
from core.services.questions import Question
from core.services.workspace import Workspace
from tests.support.builders import ADMIN, a_log, a_workspace, contract_text, write_parquet

SECRETS = ("Xanadu", "Yoknapatawpha", "Zembla")
ASKED = Question("loans", by="all")
FEATURES = [
    {"name": "loan amount", "type": "numeric"},
    {"name": "industry", "type": "categorical", "personal": True},
]
# Shares of 3/6, 2/6 and 1/6: the order of frequency is not that of the alphabet.
ORDER = (1, 0, 1, 2, 0, 1)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    home = tmp_path_factory.mktemp("slices")
    columns = [{"name": "branch", "type": "text", "personal": True}]
    text = contract_text(features=FEATURES, columns=columns, segments=["industry", "branch", "sex"])
    site = a_workspace(home / "home", contract=text)
    rows = [
        {
            **row,
            "industry": SECRETS[ORDER[n % 6]],
            "branch": SECRETS[ORDER[n % 6]],
            "sex": SECRETS[0],
        }
        for n, row in enumerate(a_log(240))
    ]
    ingest_files(site, "loans", [write_parquet(home / "log.parquet", rows)], actor=ADMIN)
    return site


def told(value: object) -> str:
    """Return all that an answer says; nothing of it may be a value."""
    text = repr(value)
    assert not any(secret in text for secret in SECRETS), text
    return text


def test_every_figure_stands_under_a_number(site: Workspace) -> None:
    for segment in ("industry", "branch"):
        questions = slice_questions(site, ASKED, segment, actor=ADMIN)
        shown = [str(each.slice).partition("=")[2] for each in questions]
        assert shown == [f"{MASK} 1", f"{MASK} 2", f"{MASK} 3", "…rest", "…missing"]
        tables = [drift(site, each, actor=ADMIN) for each in questions]
        counts = [int(table.columns[0].counts.current.row_count.sum()) for table in tables]
        assert counts == [120, 80, 40, 0, 0]
        for table in tables:
            told(table.rows())
        # A category of the chart has the number that its slice has.
        columns = [table.column("industry").counts for table in tables[:3]]
        assert isinstance(columns[0].bins, CategoricalBins)
        assert told(columns[0].bins.values) == repr(tuple(f"{MASK} {n}" for n in (1, 2, 3)))
        places = [int(counts.current.n[0].argmax()) for counts in columns]
        assert places == [places[0], places[0] + 1, places[0] + 2]


@pytest.mark.parametrize("by", ["all", "rows:60"])
def test_raw_rows_are_found_by_the_number(site: Workspace, by: str) -> None:
    asked = replace(ASKED, by=by, slice=f"branch={MASK} 2")
    exact = drift(site, asked, actor=ADMIN, methods=("wasserstein",), exact=by == "all")
    assert int(exact.columns[0].counts.current.row_count.sum()) == 80
    told(exact.rows())
    checked = quality(site, asked, actor=ADMIN)
    assert int(sum(checked.columns[0].current.rows)) == 80
    told(checked.rows())


def test_operations_too(site: Workspace) -> None:
    measured = operations(site, replace(ASKED, slice=f"branch={MASK} 3"), actor=ADMIN)
    assert int(sum(measured.rows)) == 40
    told(measured.json_rows())


def test_who_guesses_a_value_learns_nothing(site: Workspace) -> None:
    for ask in (drift, quality, operations):
        with pytest.raises(NotFound) as refused:
            ask(site, replace(ASKED, slice="sex=Xanadu"), actor=ADMIN)
        # It repeats what was asked, and offers numbers.
        assert refused.value.params["values"] == f"{MASK} 1, …rest, …missing"


def test_filters_and_the_address_have_numbers(site: Workspace) -> None:
    (choice,) = model_choices(site, ADMIN, "en")
    told(choice)
    filters = resolve({"model": "loans", "slice": "branch", "value": f"{MASK} 2"}, [choice])
    assert filters.question("all").slice == f"branch={MASK} 2"
    guessed = resolve({"model": "loans", "slice": "branch", "value": "Zembla"}, [choice])
    assert guessed.slice is None
    told(guessed)


def test_a_report_of_a_slice_names_no_value(site: Workspace) -> None:
    asked = Question("loans", start="2025-01-21", end="2025-01-31", slice=f"branch={MASK} 2")
    reports.order_report(site, asked, actor=ADMIN)
    assert worker.run_one(site, tasks.HANDLERS, owner="w1")
    job = reports.newest_report(site, "loans", actor=ADMIN)
    assert job is not None
    assert job.state == "done", job.error
    told(job)
    path: Path | None = reports.report_file(site, job, actor=ADMIN)
    assert path is not None
    page = path.read_text(encoding="utf-8")
    assert MASK in page or "\\u2022" in page
    assert not any(secret in page for secret in SECRETS)
