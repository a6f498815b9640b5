from bench.parts.proofs import TAMPER_FILES, Case, counts_of, table_of, told_by
from bench.runner import PROJECT_ROOT

KILLED = "20 kill -9 cycles, seed 7: 18 met the writer at work, 90 acknowledged, 0 lost"
CASES = [
    Case("test_kill::test_a_kill[a]", 1.25, "passed", f"{KILLED}\nseed 3"),
    Case("test_kill::test_a_kill[b]", 2.5, "failed", "1,000 kill -9 cycles, seed 8: all"),
    Case("test_io::test_under_faults", 0.4, "passed", "100 runs under faults: 30 acknowledged"),
]


def test_the_proofs_of_tampering_are_where_they_are_looked_for() -> None:
    assert all((PROJECT_ROOT / file).is_file() for file in TAMPER_FILES)


def test_cases_of_one_test_stand_together() -> None:
    assert table_of(CASES).rows == (
        ("kill: a kill", "2", "failed, passed", "4 s"),
        ("io: under faults", "1", "passed", "0 s"),
    )


def test_what_was_tried_is_counted() -> None:
    assert counts_of(CASES) == {"kills": 1020, "faults": 100}


def test_only_sentences_with_counts_are_told() -> None:
    assert told_by(CASES) == (
        f"{KILLED}.",
        "1,000 kill -9 cycles, seed 8: all.",
        "100 runs under faults: 30 acknowledged.",
    )
