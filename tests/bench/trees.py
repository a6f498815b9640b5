"""Small projects under version control, for what works on a copy of the tree."""

import subprocess
from collections.abc import Mapping
from pathlib import Path


def committed(folder: Path, files: Mapping[str, str]) -> Path:
    """Write some files into a folder, commit them, and return it."""
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    who = ["-c", "user.name=Bench", "-c", "user.email=bench@example.invalid"]
    for command in (["init", "-q"], ["add", "."], [*who, "commit", "-q", "-m", "All"]):
        subprocess.run(["git", *command], cwd=folder, check=True)
    return folder
