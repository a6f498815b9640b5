"""What the drift command need not load, it does not: pandas alone takes a fifth of a second."""

import subprocess
import sys

UNUSED = (
    "alembic",
    "core.services.performance",
    "pandas",
    "scipy",
    "sklearn",
    "sqlalchemy.dialects.postgresql",
    "streamlit",
)


def test_drift_is_asked_for_without_what_it_has_no_use_for() -> None:
    script = (
        "import sys, core.cli.main, core.services.drift.measure, core.services.ingest.run\n"
        f"print(sorted(set({UNUSED}) & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
