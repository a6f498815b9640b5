"""The entrypoint of the app: makes the project importable, then runs the shell."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
if str(ROOT) not in sys.path:
    # `streamlit run app/main.py` puts only app/ on the path.
    sys.path.insert(0, str(ROOT))

from app import shell  # noqa: E402

shell.run()
