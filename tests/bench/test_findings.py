import json
import subprocess
import sys
from pathlib import Path

import pytest

from bench.findings import Found, keep, kept, measured
from tests.bench.figures import FOUND, result


def test_what_is_kept_is_read_back(tmp_path: Path) -> None:
    keep(result(), tmp_path / "results")
    assert kept("log", tmp_path / "results") == result()
    assert kept("other", tmp_path / "results") is None


def test_a_result_is_text_that_can_be_compared(tmp_path: Path) -> None:
    keep(result(), tmp_path)
    text = (tmp_path / "log.json").read_text(encoding="utf-8")
    assert "數據" in text
    assert text.endswith("}\n")
    assert json.loads(text)["found"]["values"] == {"a": 1.5}


@pytest.mark.parametrize(("others", "quiet"), [(0.25, True), (0.26, False)])
def test_a_machine_is_quiet_up_to_a_quarter_of_a_core(others: float, quiet: bool) -> None:
    assert result(others).is_quiet is quiet


def test_own_work_is_not_that_of_others() -> None:
    """A child that works for most of a second counts as ours; what else ran may be anything."""
    work = "import time\nwhile time.process_time() < 0.5: pass"

    def measure() -> Found:
        subprocess.run([sys.executable, "-c", work], check=True)
        return FOUND

    told = measured("log", "python -m bench log", measure)
    cores = int(str(told.machine["cores"]))
    assert told.found is FOUND
    assert told.seconds >= 0.5
    assert 0 <= told.others <= cores - 0.5 / (told.seconds + 0.1) + 0.2
    assert told.commit
