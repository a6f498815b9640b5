from pathlib import Path

import pytest

from bench.aims import AIMS, Aim
from bench.findings import Found, Table, keep
from bench.page import PAGE, rendered
from bench.parts import PARTS
from tests.bench.figures import result

NAMES = [part.name for part in PARTS]


def section(page: str, title: str) -> str:
    return page.partition(f"## {title}\n")[2].partition("\n## ")[0]


def title_of(name: str) -> str:
    return next(part.title for part in PARTS if part.name == name)


def test_the_page_is_the_kept_results() -> None:
    assert PAGE.read_text(encoding="utf-8") == rendered()


def test_names_and_titles_are_unlike_each_other() -> None:
    assert len(set(NAMES)) == len(NAMES)
    assert len({part.title for part in PARTS}) == len(PARTS)


def test_every_target_is_of_a_part() -> None:
    assert {aim.part for aim in AIMS} <= set(NAMES)
    assert len({aim.text for aim in AIMS}) == len(AIMS)


def test_a_part_that_was_never_measured_says_how_it_would_be(tmp_path: Path) -> None:
    page = rendered(tmp_path)
    told = section(page, title_of("sessions"))
    assert "Not measured yet: `.venv/bin/python -m bench sessions`." in told
    assert page.count("| not measured | – |") == len(AIMS)


def test_each_part_has_its_own_date_machine_and_state(tmp_path: Path) -> None:
    found = Found((Table(("who", "took"), (("ours", "1 s"), ("peer", "2 s"))),), {}, ("A note.",))
    keep(result(1.5, found, "log"), tmp_path)
    page = rendered(tmp_path)
    told = section(page, title_of("log"))
    assert (
        "`python -m bench log`, 22 November 2026, 2 cores, 25 GB, Linux, Python 3.11, busy: "
        "others used 1.5 cores."
    ) in told
    assert "| who | took |\n| --- | --: |\n| ours | 1 s |\n| peer | 2 s |" in told
    assert "- A note." in told
    row = "| `python -m bench log` | 2026-11-22 13:50 | 61 s | `abc123` | 0.4 | 1.50 | busy |"
    assert row in section(page, "What was measured when")


@pytest.mark.parametrize(("number", "verdict"), [(3.9, "**missed**"), (4.0, "met")])
def test_a_target_is_met_or_missed_and_a_miss_says_why(
    tmp_path: Path, number: float, verdict: str
) -> None:
    keep(result(0.1, Found((), {"nannyml": number}), "log"), tmp_path)
    told = section(rendered(tmp_path), "Targets")
    name = "Log file to drift report: at least 4 × faster than nannyml"
    assert f"| {name} | {number:.2f} × | {verdict} | 22 November 2026 |" in told
    assert (f"**{name}: missed.**" in told) == (verdict != "met")


def test_a_limit_from_above_is_kept_at_the_limit() -> None:
    aim = Aim("At most 2", "log", "a", 2.0, "{}")
    assert [aim.is_met(number) for number in (1.9, 2.0, 2.1)] == [True, True, False]
    assert aim.number(None) is None
