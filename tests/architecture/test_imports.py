"""What the drift command need not load, it does not: pandas alone takes a fifth of a second."""

import subprocess
import sys


def test_drift_is_asked_for_without_pandas_and_scipy() -> None:
    script = (
        "import sys, core.cli.main, core.services.drift.measure, core.services.ingest.run\n"
        "print(sorted({'pandas', 'scipy', 'streamlit', 'alembic', 'sklearn'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
