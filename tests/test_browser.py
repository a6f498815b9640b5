from collections.abc import Sequence
from pathlib import Path

import pytest

from tests import browser
from tests.browser import INSTALL, NoBrowser, find_browser, install_browser


def _only(**there: str) -> browser.Which:
    return there.get


def _program(folder: Path) -> Path:
    path = folder / "chrome"
    path.write_text("#!/bin/sh\n")
    path.chmod(0o755)
    return path


def test_the_variable_wins(tmp_path: Path) -> None:
    path = _program(tmp_path)
    env = {"CHROMIUM_PATH": str(path)}
    assert find_browser(env, which=_only(chromium="/usr/bin/chromium")) == path


def test_a_variable_that_names_no_program_is_an_error(tmp_path: Path) -> None:
    for wrong in (tmp_path, tmp_path / "missing"):
        with pytest.raises(NoBrowser, match="mend or unset it"):
            find_browser({"CHROMIUM_PATH": str(wrong)})


def test_the_first_name_on_the_path_is_taken() -> None:
    which = {"chromium-browser": "/b", "google-chrome": "/c"}.get
    assert find_browser({}, which=which) == Path("/b")


def test_no_browser_is_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "MAC", ())
    assert find_browser({}, which=_only()) is None


def test_root_installs_debian_s_package() -> None:
    there = {"apt-get": "/usr/bin/apt-get"}
    ran: list[Sequence[str]] = []

    def run(command: Sequence[str]) -> int:
        ran.append(command)
        there["chromium"] = "/usr/bin/chromium"
        return 0

    assert install_browser(which=there.get, run=run, is_root=True) == Path("/usr/bin/chromium")
    assert ran == list(INSTALL)


def test_others_are_told_the_command() -> None:
    with pytest.raises(NoBrowser, match=r"Run: sudo apt-get update .*install .*chromium"):
        install_browser(which={"apt-get": "/a"}.get, is_root=False)


def test_a_failed_install_says_which_step() -> None:
    with pytest.raises(NoBrowser, match=r"'apt-get update -qq' ended with 100. Run by hand: sudo"):
        install_browser(which={"apt-get": "/a"}.get, run=lambda _: 100, is_root=True)


def test_an_install_that_leaves_no_browser_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(browser, "MAC", ())
    with pytest.raises(NoBrowser, match="set CHROMIUM_PATH"):
        install_browser(which={"apt-get": "/a"}.get, run=lambda _: 0, is_root=True)


def test_without_apt_the_remedy_is_general() -> None:
    with pytest.raises(NoBrowser, match="Install one, or set CHROMIUM_PATH"):
        install_browser(which=_only(), is_root=True)


def test_the_command_prints_the_path_or_the_reason(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    path = _program(tmp_path)
    monkeypatch.setenv("CHROMIUM_PATH", str(path))
    assert browser.main() == 0
    assert capsys.readouterr().out == f"Browser: {path}\n"
    monkeypatch.setenv("CHROMIUM_PATH", str(tmp_path))
    assert browser.main() == 1
    assert "mend or unset" in capsys.readouterr().err
