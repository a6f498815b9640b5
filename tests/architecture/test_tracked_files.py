"""What is committed names no machine and no registry, and installs the same everywhere."""

import re
import subprocess
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.architecture.sources import ROOT

LOCKS = ("requirements.lock", "requirements-dev.lock")
FORBIDDEN = {
    "a registry's host": re.compile(
        r"pypi\.org|pythonhosted\.org|registry\.npmjs\.org|deb\.debian\.org"
    ),
    "an index address": re.compile(r"--(?:extra-)?index-url|--find[-]links|https?://\S*/simple\b"),
    "a path of one machine": re.compile(r"(?<![\w.\-*])/(?:work|root|home/\w+|tmp)/"),
    "a folder outside the project": re.compile(r"\.\./shared"),
}


def _tracked() -> list[Path]:
    run = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    return [ROOT / name for name in run.stdout.decode().split("\0") if name]


def _text_files() -> dict[str, str]:
    texts: dict[str, str] = {}
    for path in _tracked():
        if path.is_file():
            data = path.read_bytes()
            if b"\0" not in data[:8192]:
                texts[path.relative_to(ROOT).as_posix()] = data.decode("utf-8", "replace")
    return texts


def _packages(lock: str) -> dict[str, tuple[str, str]]:
    """Return package → (version, the lines that follow it) of a lock file."""
    text = (ROOT / lock).read_text(encoding="utf-8")
    parts = re.split(r"^([A-Za-z0-9][\w.\-]*)(?:\[[\w,\-]+\])?==([^\s;\\]+)", text, flags=re.M)
    return {
        canonicalize_name(name): (version, rest)
        for name, version, rest in zip(parts[1::3], parts[2::3], parts[3::3], strict=True)
    }


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_tracked_file_holds(what: str) -> None:
    found = [
        f"{name}:{text.count(chr(10), 0, match.start()) + 1}: {match[0]}"
        for name, text in _text_files().items()
        for match in FORBIDDEN[what].finditer(text)
    ]
    assert not found


@pytest.mark.parametrize(
    ("what", "text"),
    [
        ("a registry's host", "https://files." + "pythonhosted" + ".org/x"),
        ("an index address", "pip install --extra" + "-index-url x"),
        ("a path of one machine", 'open("/ho' + 'me/ada/x")'),
        ("a folder outside the project", "see .." + "/shared/x"),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, text: str) -> None:
    assert FORBIDDEN[what].search(text)


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_package_by_hash(lock: str) -> None:
    packages = _packages(lock)
    assert len(packages) > 50
    for name, (_, rest) in packages.items():
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", rest), f"{name} has no hash"
    requirement_lines = [
        line
        for line in (ROOT / lock).read_text(encoding="utf-8").splitlines()
        if line and not line.lstrip().startswith(("#", "--hash="))
    ]
    assert all("==" in line and "://" not in line for line in requirement_lines)


def test_the_runtime_lock_holds_what_the_project_asks_for() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    packages = _packages("requirements.lock")
    for text in project["dependencies"]:
        wanted = Requirement(text)
        version = packages[canonicalize_name(wanted.name)][0]
        assert version in wanted.specifier, f"{wanted} is locked at {version}"


def test_tests_run_on_the_packages_that_are_shipped() -> None:
    runtime, dev = (_packages(lock) for lock in LOCKS)
    assert {name: version for name, (version, _) in runtime.items()} == {
        name: dev[name][0] for name in runtime
    }


def test_ci_runs_what_the_readme_says() -> None:
    assert "exec make test\n" in (ROOT / ".ci/run").read_text(encoding="utf-8")
