"""A program run where nothing but cryptography can be imported, as somebody else would run it."""

import importlib.util
import subprocess
import sys
from pathlib import Path

_RUN = """
import runpy, sys
sys.path[:] = [each for each in sys.path if "site-packages" not in each] + [{folder!r}]
try:
    import core
    raise SystemExit("Harbourlight is here")
except ImportError:
    pass
sys.argv = ["verify.py", *{arguments!r}]
runpy.run_path({program!r}, run_name="__main__")
"""


def run_apart(program: Path, *arguments: str) -> tuple[int, str]:
    """Run a program in its folder; return its exit code and all that it printed."""
    folder = program.parent
    code = _RUN.format(
        folder=str(_cryptography(folder)), program=str(program), arguments=[*arguments]
    )
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", code],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def _cryptography(folder: Path) -> Path:
    """Return a folder with the package cryptography, and what it imports, alone."""
    only = folder / "only"
    only.mkdir(exist_ok=True)
    for name in ("cryptography", "cffi", "_cffi_backend"):
        found = importlib.util.find_spec(name)
        if found is None or found.origin is None:
            continue
        origin = Path(found.origin)
        source = origin.parent if found.submodule_search_locations else origin
        if not (only / source.name).exists():
            (only / source.name).symlink_to(source)
    return only
