from dataclasses import replace

from bench.figures import Scope
from bench.table import figures_table, missing_notes, verdict_table
from bench.targets import verdicts
from tests.bench.figures import figure

FIGURES = [
    figure("plain_process", 0.5),
    figure("plain_inside", 0.1, scope=Scope.inside),
    figure("report", 4.0, 2.0, 6.0),
    figure("profile", 0.45, scope=Scope.inside),
    figure("evidently", 40.0),
    figure("nannyml"),
]


def cells(key: str) -> list[str]:
    line = next(line for line in figures_table(FIGURES).splitlines() if f"the {key} " in line)
    return [cell.strip() for cell in line.strip("|").split("|")]


def test_a_whole_process_is_compared_with_whole_processes() -> None:
    assert cells("evidently") == [
        *("the evidently", "process", "1", "40.0", "20.0", "100", "25,000"),
        *("80", "10"),  # 40 / 0.5, 40 / 4
    ]


def test_the_median_of_several_runs_is_shown() -> None:
    assert cells("report")[2:5] == ["3", "4.00", "2.00"]
    assert cells("report")[-1] == "1.00"


def test_work_inside_a_process_is_compared_with_the_same_kind_only() -> None:
    assert cells("profile")[-2:] == ["4.50", "–"]


def test_an_answer_from_counts_reads_no_rows() -> None:
    answer = replace(FIGURES[3], key="question", label="the question", rows=0)
    assert " – " in figures_table([answer]).splitlines()[-1]


def test_a_missing_figure_is_a_dash_and_a_sentence() -> None:
    assert cells("nannyml")[2:] == ["0", *("–",) * 6]
    assert missing_notes(FIGURES) == ["No figure for “the nannyml”: it broke."]


def test_all_lines_of_a_table_are_equally_long() -> None:
    for table in (figures_table(FIGURES), verdict_table(verdicts(FIGURES, 1_000_000))):
        assert len({len(line) for line in table.splitlines()}) == 1
