"""What docs/hooks.md hands to receivers: the snippet verifies, the script runs."""

import re
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.services.hooks.signing import new_secret, signed_headers
from core.services.hooks.targets import Target
from core.services.hooks.transports import Message, call

PAGE = (Path(__file__).parents[2] / "docs" / "hooks.md").read_text(encoding="utf-8")
NOW = datetime(2026, 1, 5, 9, 30, tzinfo=UTC)


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def test_the_snippet_accepts_what_is_genuine_fresh_and_new() -> None:
    names: dict[str, Any] = {}
    exec(block("python"), names)  # noqa: S102  # our own page
    accept: Callable[..., bool] = names["accept"]
    secret, body = new_secret(), '{"id":"c1","name":"貸款"}'.encode()
    headers = signed_headers(secret, "c1", NOW, body)
    at = NOW.timestamp()
    assert accept(secret, headers, body, set(), at)
    assert not accept(secret, headers, body, {"c1"}, at)  # carried out before
    assert not accept(secret, headers, body, set(), at + 301)  # replayed later
    assert not accept(secret, headers, body + b" ", set(), at)
    assert not accept(new_secret(), headers, body, set(), at)
    for name, value in (("webhook-id", "c2"), ("webhook-timestamp", str(int(at) + 1))):
        assert not accept(secret, {**headers, name: value}, body, set(), at)


def test_the_script_hands_an_event_over_once(tmp_path: Path) -> None:
    script = tmp_path / "hooks" / "retrain"
    script.parent.mkdir(mode=0o755)
    spool = tmp_path / "spool"
    spool.mkdir()
    script.write_text(block("sh").replace("/var/spool/training", str(spool)), encoding="utf-8")
    script.chmod(0o755)
    subprocess.run(["/bin/sh", "-n", str(script)], check=True)
    target = Target(new_secret(), argv=(str(script), "sba-7a"))
    message = Message("c1", b'{"id":"c1"}', NOW, 10)
    assert call(target, message, [script.parent]).output == "queued for sba-7a\n"
    assert call(target, message, [script.parent]).output == ""
    assert (spool / "c1" / "event.json").read_bytes() == message.body
