"""Programs that hooks run: listed by whoever runs the server, without a shell, within a time."""

import json
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Forbidden, InvalidInput
from core.services import alerts, hooks
from core.services.hooks.calling import call_due
from core.services.hooks.signing import new_secret, signature
from core.services.hooks.targets import Target, checked_command
from core.services.hooks.transports import MOST_OUTPUT, Message, Outcome, call
from core.services.workspace import Workspace
from tests.core.services.alerts.test_delivery import ILL
from tests.support.builders import ADMIN
from tests.support.checking import CHECKER, MODEL, Told, check_on

SECRET = new_secret()
MESSAGE = Message("c1", b'{"a":1}', datetime(2026, 1, 1, tzinfo=UTC), 5)
Write = Callable[..., Path]


@pytest.fixture
def write(programs: Path) -> Write:
    """Return what writes a program into the folder that is allowed."""

    def make(text: str, name: str = "hook", mode: int = 0o755) -> Path:
        path = programs / name
        path.write_text(f"#!/bin/sh\n{text}\n", encoding="utf-8")
        path.chmod(mode)
        return path

    return make


def run(path: Path, *arguments: str, message: Message = MESSAGE) -> Outcome:
    target = Target(SECRET, argv=(str(path), *arguments))
    return call(target, message, [path.parent])


def test_a_program_is_told_on_its_standard_input_and_by_three_variables(write: Write) -> None:
    path = write('cat; echo; env | sort; pwd; echo "$#:$1"')
    done = run(path, "--fast")
    body, *variables, folder, arguments = done.output.splitlines()
    assert (done.error, done.status, body) == ("", 0, '{"a":1}')
    assert (folder, arguments) == ("/", "1:--fast")
    told = dict(line.split("=", 1) for line in variables)
    shells = {"PWD", "OLDPWD", "SHLVL", "_"}  # what a shell sets for itself
    assert told.keys() - shells == {
        "LANG",
        "PATH",
        "WEBHOOK_ID",
        "WEBHOOK_SIGNATURE",
        "WEBHOOK_TIMESTAMP",
    }
    assert told["WEBHOOK_ID"] == "c1"
    assert told["WEBHOOK_TIMESTAMP"] == "1767225600"  # date -d 2026-01-01Z +%s
    assert told["WEBHOOK_SIGNATURE"] == signature(SECRET, "c1", "1767225600", MESSAGE.body)


def test_an_exit_code_is_a_failure(write: Write) -> None:
    assert run(write("echo no >&2; exit 3")) == Outcome("exit code 3", 3, "no\n")


def test_a_program_that_takes_too_long_is_killed_with_what_it_began(
    write: Write, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    path = write(f"(sleep 1; touch {mark}) & echo begun; sleep 30")
    began = time.monotonic()
    done = run(path, message=replace(MESSAGE, timeout_s=0.3))
    assert (done.error, done.status, done.output) == ("timed out", None, "begun\n")
    assert time.monotonic() - began < 10
    time.sleep(2)
    assert not mark.exists()


def test_work_that_goes_on_in_the_background_is_not_waited_for(
    write: Write, tmp_path: Path
) -> None:
    mark = tmp_path / "mark"
    path = write(f"(sleep 1; touch {mark}) & echo begun")
    began = time.monotonic()
    assert run(path) == Outcome("", 0, "begun\n")
    assert not mark.exists() or time.monotonic() - began >= 1
    for _ in range(100):
        if mark.exists():
            break
        time.sleep(0.1)
    assert mark.exists()


def test_what_a_program_says_is_cut_and_made_harmless(write: Write) -> None:
    done = run(write("printf 'a\\033[31mb\\0c\\n'; head -c 9000000 /dev/zero | tr '\\0' x"))
    assert done.error == ""
    assert done.output.startswith("a\ufffd[31mb\ufffdc\nxxx")
    assert len(done.output) == MOST_OUTPUT


def test_a_program_need_not_read_what_it_is_told(write: Write) -> None:
    assert run(write("exit 0"), message=replace(MESSAGE, body=b"x" * 200_000)).error == ""


def test_a_program_that_is_none(programs: Path) -> None:
    path = programs / "data"
    path.write_bytes(b"no program")
    path.chmod(0o755)
    assert run(path).error == "Exec format error"


@given(arguments=st.lists(st.text(max_size=30), max_size=4))
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_arguments_arrive_letter_by_letter_or_are_refused(
    write: Write, arguments: list[str]
) -> None:
    """No shell looks at them: not at ``$(…)``, quotes, blanks or what begins with a hyphen."""
    path = write('for each in "$@"; do printf "%s\\n" "$each"; done', "echoes")
    given = [*arguments, "$(touch x); `id` && | > 'a' \"b\" *"]
    done = run(path, *given)
    if all(each.isprintable() for each in given):
        assert done.output.split("\n")[:-1] == given
    else:
        assert "fixed printable arguments" in done.error


def test_only_listed_programs_are_run(write: Write, programs: Path, tmp_path: Path) -> None:
    path = write("echo here")
    deeper = programs / "deeper"
    deeper.mkdir(mode=0o755)
    (deeper / "hook").symlink_to(path)
    outside = tmp_path / "outside"
    outside.write_text("#!/bin/sh\necho outside\n", encoding="utf-8")
    outside.chmod(0o755)
    (programs / "link").symlink_to(outside)
    (programs / "shell").symlink_to("/bin/sh")
    assert checked_command([str(path)], [programs]) == path
    assert checked_command([str(path)], [path]) == path
    assert checked_command([str(deeper / "hook")], [programs]) == path  # where it leads counts
    refused = [
        outside,
        programs / "link",
        programs / "shell",
        programs / ".." / "outside",
        programs / "missing",
        programs,
        deeper,
        Path("/bin/sh"),
    ]
    for each in refused:
        with pytest.raises(Forbidden, match="may not run"):
            checked_command([str(each)], [programs, tmp_path / "not there"])
    for argv in (["hook"], ["./hook"], [], [str(path), "a\nb"], [str(path), "x" * 2001]):
        with pytest.raises(InvalidInput):
            checked_command(argv, [programs])
    with pytest.raises(Forbidden):
        checked_command([str(path)], [])
    path.chmod(0o644)
    with pytest.raises(Forbidden, match="may not run"):
        checked_command([str(path)], [programs])


def test_a_program_that_everybody_may_change_is_not_run(write: Write, programs: Path) -> None:
    path = write("echo here", mode=0o757)
    with pytest.raises(Forbidden, match="may change"):
        checked_command([str(path)], [programs])
    path.chmod(0o755)
    programs.chmod(0o777)
    with pytest.raises(Forbidden, match="may change"):
        checked_command([str(path)], [programs])


def test_the_list_is_asked_when_a_hook_is_set_up_and_at_each_call(
    site: Workspace, write: Write, tmp_path: Path
) -> None:
    with pytest.raises(Forbidden, match="HARBOURLIGHT_HOOK_COMMANDS"):
        hooks.add_hook(site, "Shell", argv=["/bin/sh", "-c", "id"], actor=ADMIN)
    seen = tmp_path / "seen"
    path = write(f"cat > {seen}")
    made = hooks.add_hook(site, "Train", argv=[str(path), "--full"], actor=ADMIN)
    assert made.shown == str(path)
    response = alerts.Response("Train", "retrain")
    alerts.set_rule(site, MODEL, "drift", response=response, actor=CHECKER)
    check_on(site, "2025-01-20", Told([ILL]))
    unlisted = replace(site, settings=replace(site.settings, hook_commands=()))
    assert call_due(unlisted)["queued"] == 1
    (call_,) = hooks.list_calls(site, actor=ADMIN)
    assert "may not run" in call_.error
    assert not seen.exists()
    site.clock.advance(minutes=1)  # type: ignore[attr-defined]
    assert call_due(site)["done"] == 1
    assert json.loads(seen.read_bytes())["purpose"] == "retrain"
    (call_,) = hooks.list_calls(site, actor=ADMIN)
    assert (call_.state, call_.status, call_.attempts) == ("done", 0, 2)
