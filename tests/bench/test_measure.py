import subprocess
import sys
from pathlib import Path

import pytest

from bench.measure import ChildFailed, Usage, median_usage, run_child
from tests.architecture.sources import ROOT

MB = 1_000_000
TAKE = "block = bytearray(200_000_000); block[::4096] = b'x' * len(block[::4096])"


def run(code: str, folder: Path, timeout_s: float = 60.0) -> Usage:
    return run_child([sys.executable, "-c", code], env={}, folder=folder, timeout_s=timeout_s).usage


def peak_bytes(code: str) -> int:
    """Measure a child from a small parent, as the bench does; pytest itself is a large one."""
    parent = (
        "import sys; from pathlib import Path; from bench.measure import run_child; "
        f"print(run_child([sys.executable, '-c', {code!r}], env={{}}, folder=Path('.'), "
        "timeout_s=60).usage.peak_bytes)"
    )
    run = subprocess.run(
        [sys.executable, "-c", parent], cwd=ROOT, capture_output=True, text=True, check=True
    )
    return int(run.stdout)


def test_peak_memory_is_that_of_the_child() -> None:
    assert 190 * MB < peak_bytes(TAKE) - peak_bytes("pass") < 220 * MB


def test_peak_memory_includes_the_childs_own_children() -> None:
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {TAKE!r}], check=True)"
    assert 200 * MB < peak_bytes(code) < 260 * MB


def test_waiting_costs_time_but_no_processor(tmp_path: Path) -> None:
    waited = run("import time; time.sleep(0.5)", tmp_path)
    assert waited.wall_s >= 0.5
    assert waited.cpu_s < waited.wall_s


def test_what_detaches_itself_is_own_work_once_it_is_adopted(tmp_path: Path) -> None:
    """A server of a child's, which works for half a second after its starter has ended."""
    work = "import time\nwhile time.process_time() < 0.5: pass"
    start = (
        "import subprocess, sys\n"
        f"print(subprocess.Popen([sys.executable, '-c', {work!r}], start_new_session=True,"
        " stdout=subprocess.DEVNULL).pid)"
    )
    code = (
        "import os, subprocess, sys\n"
        "from bench.measure import adopt_orphans\n"
        "adopt_orphans()\n"
        f"told = subprocess.check_output([sys.executable, '-W', 'ignore', '-c', {start!r}])\n"
        "os.waitpid(int(told), 0)\n"
    )
    done = run_child(
        [sys.executable, "-c", code], env={"PYTHONPATH": str(ROOT)}, folder=tmp_path, timeout_s=60
    )
    assert done.usage.cpu_s >= 0.5


def test_output_environment_and_folder_reach_the_child(tmp_path: Path) -> None:
    code = "import os; print(os.environ['BENCH_WORD'], os.getcwd())"
    done = run_child(
        [sys.executable, "-c", code], env={"BENCH_WORD": "hello"}, folder=tmp_path, timeout_s=60
    )
    assert done.output.split() == ["hello", str(tmp_path.resolve())]


@pytest.mark.parametrize(
    ("code", "said"),
    [
        ("import sys; sys.exit(3)", "exit code 3"),
        ("raise ValueError('the reason')", "ValueError: the reason"),
    ],
)
def test_a_child_that_fails_says_how(code: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match=said):
        run(code, tmp_path)


def test_a_child_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="not done after"):
        run("import time; time.sleep(60)", tmp_path, timeout_s=0.3)


def test_a_program_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(ChildFailed, match="does not start"):
        run_child([str(tmp_path / "nothing")], env={}, folder=tmp_path, timeout_s=1)


def test_median_of_seconds_and_largest_peak() -> None:
    usages = [Usage(1.0, 5.0, 7), Usage(9.0, 3.0, 8), Usage(2.0, 4.0, 6)]
    assert median_usage(usages) == Usage(2.0, 4.0, 8)


def test_steps_after_one_another_add_up_but_peaks_do_not() -> None:
    assert Usage(1.0, 2.0, 9) + Usage(3.0, 4.0, 8) == Usage(4.0, 6.0, 9)
