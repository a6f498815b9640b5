"""The browser of the end-to-end tests: find one, or install Debian's.

``python -m tests.browser`` prints the path; the tests call :func:`find_browser`.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

VARIABLE = "CHROMIUM_PATH"
NAMES = (
    "chromium",
    "chromium-browser",
    "google-chrome-stable",
    "google-chrome",
    "chrome",
    "microsoft-edge",
)
MAC = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
# The second package draws Chinese; without it a page in zh-HK is a page of boxes.
DEBIAN_PACKAGES = ("chromium", "fonts-noto-cjk")
INSTALL = (
    ("apt-get", "update", "-qq"),
    ("apt-get", "install", "-y", "-qq", "--no-install-recommends", *DEBIAN_PACKAGES),
)

Which = Callable[[str], str | None]
Run = Callable[[Sequence[str]], int]


class NoBrowser(Exception):
    """No Chromium is on this machine and none could be installed; says what to run."""


def find_browser(
    env: Mapping[str, str] | None = None, *, which: Which = shutil.which
) -> Path | None:
    """Return the Chromium or Chrome of this machine, if there is one.

    Raises
    ------
    NoBrowser
        If ``CHROMIUM_PATH`` is set and names no program.
    """
    named = (os.environ if env is None else env).get(VARIABLE)
    if named:
        if not os.access(named, os.X_OK) or Path(named).is_dir():
            raise NoBrowser(f"{VARIABLE} is {named!r}, which is no program: mend or unset it.")
        return Path(named)
    on_path = (which(name) for name in NAMES)
    candidates = [path for path in on_path if path] + [path for path in MAC if Path(path).exists()]
    return Path(candidates[0]) if candidates else None


def install_browser(
    *, which: Which = shutil.which, run: Run | None = None, is_root: bool | None = None
) -> Path:
    """Install Debian's Chromium with apt-get, as root.

    Raises
    ------
    NoBrowser
        With the exact commands to run, if this process may not or could not.
    """
    run = run or _run
    is_root = os.geteuid() == 0 if is_root is None else is_root
    if which("apt-get") is None:
        raise NoBrowser(
            "The browser tests need Chromium or Chrome, and none is on PATH. Install one, or set "
            f"{VARIABLE}=/path/to/chrome, and run 'make test' again."
        )
    by_hand = " && ".join(f"sudo {' '.join(command)}" for command in INSTALL)
    if not is_root:
        raise NoBrowser(f"The browser tests need Chromium. Run: {by_hand}")
    for command in INSTALL:
        code = run(command)
        if code != 0:
            raise NoBrowser(f"'{' '.join(command)}' ended with {code}. Run by hand: {by_hand}")
    found = find_browser({}, which=which)
    if found is None:
        raise NoBrowser(f"Chromium was installed and is not on PATH: set {VARIABLE} to it.")
    return found


def _run(command: Sequence[str]) -> int:
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return subprocess.run(command, env=environment, stdout=sys.stderr, check=False).returncode


def main() -> int:
    """Print the browser's path; 1 and the reason if there is none."""
    try:
        path = find_browser() or install_browser()
    except NoBrowser as error:
        sys.stderr.write(f"{error}\n")
        return 1
    sys.stdout.write(f"Browser: {path}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
