"""What an integrator expects of HTTP: methods, headers, errors as documents, the docs' examples."""

import json
import re
import shlex
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from app import api, asgi, session, token_limits
from core.errors import Conflict
from core.services.registry import models as registry
from core.services.serving import releases, tokens
from core.services.serving import state as model_state
from tests.support import coroutines
from tests.support.builders import contract_document, contract_text
from tests.support.serving import LEVELS, MODEL, Serving, a_serving_workspace, prediction

DOCS = Path(__file__).resolve().parents[2] / "docs" / "api.md"
STATE = f"/api/v1/models/{MODEL}/state"
OPTED_OUT = f"/api/v1/models/{MODEL}/opted-out"
ADDRESSES = [
    STATE,
    f"/api/v1/models/{MODEL}/release/{prediction(2)}",
    f"{OPTED_OUT}/{prediction(2)}",
]
OTHER_METHODS = ["POST", "PUT", "PATCH", "DELETE", "TRACE", "PROPFIND"]


@pytest.fixture(scope="module")
def unchanged(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """The workspace of questions alone."""
    made = a_serving_workspace(tmp_path_factory.mktemp("api") / "home", rows=8)
    yield made
    made.workspace.store.close()


@pytest.fixture
def site(unchanged: Serving, monkeypatch: pytest.MonkeyPatch) -> Serving:
    return opened(unchanged, monkeypatch)


@pytest.fixture
def world(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Serving]:
    """A workspace that a test may change."""
    made = a_serving_workspace(tmp_path / "home", rows=8)
    yield opened(made, monkeypatch)
    made.workspace.store.close()


def opened(serving: Serving, monkeypatch: pytest.MonkeyPatch) -> Serving:
    monkeypatch.setattr(session, "workspace", lambda: serving.workspace)
    token_limits.failure_limit.cache_clear()
    return serving


@pytest.fixture(scope="module")
def key(unchanged: Serving) -> str:
    """A token of the workspace that stays as it is."""
    workspace, admin = unchanged.workspace, unchanged["admin"]
    return tokens.make_token(workspace, "engine", actor=admin, actions=tokens.ACTIONS).text


@pytest.fixture
def token(world: Serving) -> str:
    return tokens.make_token(world.workspace, "engine", actor=world["admin"]).text


def ask(
    address: str, token: str | None = None, method: str = "GET", **headers: str
) -> httpx.Response:
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    given |= {"Authorization": f"Bearer {token}"} if token else {}

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=asgi.app)
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8501"
        ) as client:
            return await client.request(method, address, headers=given)

    return coroutines.run(send())


def problem(answer: httpx.Response) -> dict[str, Any]:
    """Return an error's document, which is the same in its head and its body."""
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    document: dict[str, Any] = answer.json()
    assert set(document) == {"type", "title", "status", "detail"}
    assert document["status"] == answer.status_code
    return document


@pytest.mark.parametrize("address", ADDRESSES)
def test_head_is_get_without_the_body(site: Serving, key: str, address: str) -> None:
    whole, head = ask(address, key), ask(address, key, "HEAD")
    assert (head.status_code, head.content) == (200, b"")
    # Only the length of the instant in the body may differ between two questions.
    assert abs(int(head.headers["Content-Length"]) - len(whole.content)) <= 7
    told = {"content-length", "date"}
    assert {k: v for k, v in head.headers.items() if k not in told} == {
        k: v for k, v in whole.headers.items() if k not in told
    }
    refused = ask(address, method="HEAD")
    assert (refused.status_code, refused.content) == (401, b"")


@pytest.mark.parametrize("address", ADDRESSES)
def test_options_tells_the_methods_to_anybody_and_nothing_else(site: Serving, address: str) -> None:
    answer = ask(address, method="OPTIONS", Origin="https://elsewhere.example")
    assert (answer.status_code, answer.content) == (204, b"")
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"
    assert not [name for name in answer.headers if name.startswith("access-control")]


@pytest.mark.parametrize("method", OTHER_METHODS)
@pytest.mark.parametrize("address", ADDRESSES)
def test_other_methods_are_not_allowed(site: Serving, key: str, address: str, method: str) -> None:
    answer = ask(address, key, method)
    assert problem(answer)["status"] == 405
    assert answer.headers["Allow"] == "GET, HEAD, OPTIONS"


@pytest.mark.parametrize("method", ["GET", "OPTIONS", *OTHER_METHODS])
@pytest.mark.parametrize("address", ["/api", "/api/", "/api/v2/x", f"{STATE}/", "/api/v1//state"])
def test_what_is_no_address_is_a_document_for_every_method(
    site: Serving, key: str, address: str, method: str
) -> None:
    assert problem(ask(address, key, method))["status"] == 404


def test_nothing_may_be_kept_or_answered_from_what_was_kept(site: Serving, key: str) -> None:
    given = {"If_None_Match": "*", "If_Modified_Since": "Sat, 21 Nov 2026 00:00:00 GMT"}
    for answer in (
        ask(STATE, key, Range="bytes=0-3", Cache_Control="max-stale", **given),
        ask(ADDRESSES[1], key, **given),
        ask("/api/v1/models/elsewhere/state", key),
        ask(STATE),
    ):
        assert answer.status_code in {200, 401, 404}
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert not {"etag", "last-modified", "set-cookie", "location"} & set(answer.headers)
    assert ask(STATE, key).headers["Vary"] == "Authorization"


def test_ids_have_a_length(site: Serving, key: str) -> None:
    longest = f"/api/v1/models/{MODEL}/release/" + "x" * 1_000
    assert ask(longest, key).json()["reason"] == "unknown"
    assert problem(ask(f"{longest}x", key))["status"] == 414
    assert problem(ask(f"/api/v1/models/{'m' * 1_001}/state", key))["status"] == 414
    # Chinese characters count as one each, however many bytes the address needs for them.
    assert ask(f"/api/v1/models/{MODEL}/release/" + "貸" * 1_000, key).status_code == 200


def test_a_token_counts_until_its_last_moment(world: Serving) -> None:
    made = tokens.make_token(world.workspace, "month", actor=world["admin"], days=30)
    world.clock.now = made.token.expires_at - timedelta(microseconds=1)
    assert ask(STATE, made.text).status_code == 200
    world.clock.now = made.token.expires_at
    expired = ask(STATE, made.text)
    assert expired.status_code == 401
    # Nothing tells whether it never was, is over, or was taken back.
    assert problem(expired) == problem(ask(STATE, "hlt_never_was"))


@pytest.mark.parametrize("action", tokens.ACTIONS)
def test_a_token_opens_its_own_question_and_model_only(world: Serving, action: str) -> None:
    mine = dict(zip(tokens.ACTIONS, ADDRESSES, strict=True))
    made = tokens.make_token(
        world.workspace, "one", actor=world["admin"], actions=[action], models_allowed=[MODEL]
    )
    for name, address in mine.items():
        answer = ask(address, made.text)
        assert answer.status_code == (200 if name == action else 403)
        outside = ask(address.replace(MODEL, "other"), made.text)
        assert outside.status_code == (404 if name == action else 403)


@pytest.mark.parametrize("number", range(4), ids=[str(level) for level in LEVELS])
def test_every_level_alone_suspended_and_decided(world: Serving, token: str, number: int) -> None:
    address = f"/api/v1/models/{MODEL}/release/{prediction(number)}"
    lead = world["compliance_lead"]
    level = LEVELS[number]

    def told() -> tuple[object, ...]:
        found = ask(address, token).json()
        assert found["oversight_level"] == level
        assert found["version"] == str(number + 1)
        return found["state"], found["reason"], found["fallback_version"]

    alone = "released" if level == "out_of_the_loop" else "held"
    assert told() == (alone, "oversight_level" if level else "undeclared", None)
    model_state.suspend(world.workspace, MODEL, reason="x", fallback_version="1", actor=lead)
    # Version 1 takes over: it goes by its own level, and all others are held.
    assert told() == ("held", "oversight_level" if number == 0 else "suspended", "1")
    if level == "in_the_loop":  # a verdict releases it, and nobody by hand
        with pytest.raises(Conflict):
            releases.release(world.workspace, MODEL, prediction(number), reason="x", actor=lead)
    else:
        releases.release(world.workspace, MODEL, prediction(number), reason="Read", actor=lead)
        assert told() == ("released", "decided", "1")
    releases.stop(world.workspace, MODEL, prediction(number), reason="No", actor=lead)
    assert told() == ("stopped", "decided", "1")


def test_a_level_that_is_changed_counts_at_the_next_question(
    world: Serving, token: str, tmp_path: Path
) -> None:
    assert ask(ADDRESSES[1], token).json()["state"] == "released"
    log = {**contract_document()["log"], "jurisdiction": "region"}
    levels = ("in_the_loop", "in_command", "in_the_loop")  # the third was out of the loop
    versions = [
        {"id": str(number), "oversight_level": level} for number, level in enumerate(levels, 1)
    ]
    spec = tmp_path / "model.yaml"
    spec.write_text(contract_text(log=log, versions=versions), encoding="utf-8")
    registry.register_model(world.workspace, spec, actor=world["admin"])
    told = ask(ADDRESSES[1], token).json()
    assert (told["state"], told["oversight_level"]) == ("held", "in_the_loop")


def test_no_fallback_is_said_to_be_none(world: Serving, token: str) -> None:
    model_state.suspend(world.workspace, MODEL, reason="x", actor=world["compliance_lead"])
    for address in ADDRESSES[:2]:
        told = ask(address, token).json()
        assert told["state"] in {"suspended", "held"}
        assert told["fallback_version"] is None


def test_the_examples_of_the_docs(site: Serving, key: str) -> None:
    """Each curl of the docs is asked as it stands, and answers with the fields that are shown."""
    page = DOCS.read_text(encoding="utf-8")
    examples = re.findall(r"```bash\n(curl .+?)```\n\n```json\n(.+?)```", page, re.DOTALL)
    assert len(examples) == 3
    for command, shown in examples:
        words = shlex.split(command.replace("\\\n", " ").replace("$TOKEN", key))
        name, _, value = words[words.index("--header") + 1].partition(": ")
        assert {"--fail", "--max-time"} <= set(words)
        address = words[-1].removeprefix("http://127.0.0.1:8501").replace("sba-7a", MODEL)
        answer = ask(address, **{name: value})
        assert answer.status_code == 200
        assert list(answer.json()) == list(json.loads(shown))


def test_a_usual_token_is_not_told_who_opted_out(world: Serving, token: str) -> None:
    assert ask(ADDRESSES[2], token).status_code == 403
    assert ask(OPTED_OUT, token, Harbourlight_Subject="B-1").status_code == 403


def test_the_customer_is_named_in_the_header(site: Serving, key: str) -> None:
    assert problem(ask(OPTED_OUT, key))["status"] == 400
    assert ask(OPTED_OUT, key, Harbourlight_Subject="CUST-%E7%90%AA").json()["opted_out"] is False


def test_the_docs_name_every_status_and_no_other(site: Serving) -> None:
    page = DOCS.read_text(encoding="utf-8")
    section = page.partition("## Answers that are not 200")[2].partition("\n## ")[0]
    listed = {int(status) for status in re.findall(r"^\| `(\d+)` \|", section, re.M)}
    # 421 is answered before the interface is asked: the name in the address is not the app's.
    assert listed == {*api._TITLES, 421}
    example = json.loads(re.findall(r"```json\n(.+?)```", section, re.DOTALL)[0])
    assert problem(ask(STATE)) == example
