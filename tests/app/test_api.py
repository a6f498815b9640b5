"""The questions of serving systems, asked of the app's own ASGI server over httpx."""

from collections.abc import Iterator
from statistics import quantiles
from time import perf_counter
from typing import Any

import httpx
import pytest

from app import asgi, session, token_limits
from core.errors import StorageError
from core.services.serving import releases, tokens
from core.services.serving import state as model_state
from tests.support import coroutines
from tests.support.serving import MODEL, Serving, a_serving_workspace, prediction
from tests.support.stored import audit_kinds

STATE = f"/api/v1/models/{MODEL}/state"
ROWS, QUESTIONS = 20_000, 300


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    made = a_serving_workspace(tmp_path_factory.mktemp("api") / "home", rows=ROWS)
    yield made
    made.workspace.store.close()


@pytest.fixture(autouse=True)
def opened(world: Serving, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "workspace", lambda: world.workspace)
    token_limits.failure_limit.cache_clear()


@pytest.fixture(scope="module")
def token(world: Serving) -> str:
    return tokens.make_token(world.workspace, "engine", actor=world["admin"]).text


def ask(path: str, token: str | None = None, method: str = "GET", **given: Any) -> httpx.Response:
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    headers |= given.pop("headers", {})

    async def send() -> httpx.Response:
        transport = httpx.ASGITransport(app=asgi.app, client=given.pop("client", ("127.0.0.1", 1)))
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8501"
        ) as client:
            return await client.request(method, path, headers=headers, **given)

    return coroutines.run(send())


def release_of(prediction_id: str) -> str:
    return f"/api/v1/models/{MODEL}/release/{prediction_id}"


def is_problem(answer: httpx.Response, status: int) -> bool:
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert set(answer.json()) == {"type", "title", "status", "detail"}
    assert answer.json()["status"] == status
    return answer.status_code == status


def test_the_state_of_a_model(world: Serving, token: str) -> None:
    answer = ask(STATE, token)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "no-store"
    assert "Set-Cookie" not in answer.headers
    document = answer.json()
    assert document.pop("answered_at").endswith("Z")
    assert document == {
        "model": MODEL,
        "state": "production",
        "fallback_version": None,
        "serving_version": None,
        "since": None,
        "serving_since": None,
    }


def test_the_release_of_a_prediction(world: Serving, token: str) -> None:
    document = ask(release_of(prediction(2)), token).json()
    assert document.pop("answered_at").endswith("Z")
    assert document == {
        "model": MODEL,
        "prediction": prediction(2),
        "state": "released",
        "reason": "oversight_level",
        "version": "3",
        "oversight_level": "out_of_the_loop",
        "decided_at": None,
        "decision": None,
        "fallback_version": None,
        "dispute_notes": 0,
    }
    assert ask(release_of(prediction(0)), token).json()["state"] == "held"
    unknown = ask(release_of("a/b%2Fc'--"), token)
    assert (unknown.json()["state"], unknown.json()["reason"]) == ("held", "unknown")
    assert unknown.json()["prediction"] == "a/b/c'--"
    # Streamlit refuses such a path before anybody is asked; what is not 200 is held.
    assert ask(release_of("a%00"), token).status_code == 400


def test_what_people_decide_is_told_at_once(world: Serving, token: str) -> None:
    lead = world["compliance_lead"]
    releases.release(world.workspace, MODEL, prediction(5), reason="Read", actor=lead)
    told = ask(release_of(prediction(5)), token).json()
    assert (told["state"], told["reason"]) == ("released", "decided")
    assert told["decided_at"] == "2026-01-05T09:30:00Z"
    model_state.suspend(world.workspace, MODEL, reason="x", fallback_version="1", actor=lead)
    try:
        told = ask(STATE, token).json()
        assert (told["state"], told["fallback_version"]) == ("suspended", "1")
        told = ask(release_of(prediction(2)), token).json()
        assert (told["state"], told["reason"], told["fallback_version"]) == (
            "held",
            "suspended",
            "1",
        )
    finally:
        with world.workspace.store.begin() as conn:
            conn.exec_driver_sql("DELETE FROM model_state")


def test_without_a_token_that_counts(world: Serving, token: str) -> None:
    for headers in (
        {},
        {"Authorization": "Bearer "},
        {"Authorization": f"Basic {token}"},
        {"Authorization": f"Bearer {token[:-1]}"},
        {"Cookie": f"harbourlight_session={token}; token={token}"},
    ):
        answer = ask(STATE, headers=headers)
        assert is_problem(answer, 401), headers
        assert answer.headers["WWW-Authenticate"] == 'Bearer realm="harbourlight"'
    assert ask(f"{STATE}?token={token}&access_token={token}").status_code == 401
    two = [("Authorization", f"Bearer {token}"), ("Authorization", "Bearer other")]
    assert is_problem(ask(STATE, headers=httpx.Headers(two)), 401)


def test_a_token_of_another_scope(world: Serving) -> None:
    made = tokens.make_token(
        world.workspace, "states", actor=world["admin"], actions=["model.state"]
    )
    assert is_problem(ask(release_of(prediction(1)), made.text), 403)
    assert ask(STATE, made.text).status_code == 200
    assert is_problem(ask("/api/v1/models/elsewhere/state", made.text), 404)
    limited = tokens.make_token(
        world.workspace, "loans only", actor=world["admin"], models_allowed=[MODEL]
    )
    # Whether the model does not exist or is not for this token, the answer is the same.
    outside = ask("/api/v1/models/elsewhere/state", limited.text)
    assert outside.json() == ask("/api/v1/models/elsewhere/state", made.text).json()


def test_a_revoked_token_is_refused_at_the_next_question(world: Serving) -> None:
    made = tokens.make_token(world.workspace, "short", actor=world["admin"])
    assert ask(STATE, made.text).status_code == 200
    tokens.revoke_token(world.workspace, made.token.id, actor=world["admin"])
    assert is_problem(ask(STATE, made.text), 401)


def test_failures_are_limited_and_a_valid_token_is_not(world: Serving, token: str) -> None:
    with world.workspace.store.read() as conn:
        before = audit_kinds(conn).get("token.refused", 0)
    answers = [ask(STATE, f"hlt_guess_{n}") for n in range(15)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429] * 5
    assert is_problem(answers[-1], 429)
    assert 1 <= int(answers[-1].headers["Retry-After"]) <= 60
    assert ask(STATE, token).status_code == 200
    assert ask(STATE, "hlt_x", client=("192.0.2.7", 1)).status_code == 401
    with world.workspace.store.read() as conn:
        assert audit_kinds(conn)["token.refused"] == before + 11


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_only_questions_are_answered(token: str, method: str) -> None:
    assert ask(STATE, token, method).status_code == 405


@pytest.mark.parametrize("path", ["/api", "/api/", "/api/v1/models", "/api/v2/models/loans/state"])
def test_what_is_no_route_is_not_the_apps_page(path: str) -> None:
    if path == "/api":
        assert ask(path).status_code in {200, 404}
    else:
        assert is_problem(ask(path), 404)


def test_if_the_state_cannot_be_read_nothing_takes_effect(
    world: Serving, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail() -> None:
        raise StorageError("The state database cannot be reached.")

    monkeypatch.setattr(type(world.workspace.store), "read", lambda _store: fail())
    answer = ask(release_of(prediction(2)), token)
    assert is_problem(answer, 503)
    assert "held" in answer.json()["detail"]

    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("a mistake of ours, with a secret in it")

    monkeypatch.setattr(tokens, "check_token", break_down)
    answer = ask(STATE, token)
    assert is_problem(answer, 503)
    assert "secret" not in answer.text


@pytest.mark.slow
def test_how_fast_questions_are_answered(world: Serving, token: str, record_property: Any) -> None:
    paths = {
        "state": [STATE] * QUESTIONS,
        "release": [release_of(prediction(n * 61 % ROWS)) for n in range(QUESTIONS)],
        "unknown": [release_of(f"nothing-{n}") for n in range(QUESTIONS)],
    }

    async def measure(questions: list[str]) -> list[float]:
        times = []
        transport = httpx.ASGITransport(app=asgi.app)
        headers = {"Authorization": f"Bearer {token}"}
        async with httpx.AsyncClient(
            transport=transport, base_url="http://127.0.0.1:8501", headers=headers
        ) as client:
            for path in questions:
                start = perf_counter()
                answer = await client.get(path)
                times.append(1000 * (perf_counter() - start))
                assert answer.status_code == 200
        return times

    for name, questions in paths.items():
        times = quantiles(coroutines.run(measure(questions)), n=20)
        line = f"api {name}, {ROWS} rows: median {times[9]:.1f} ms, p95 {times[18]:.1f} ms"
        record_property("page time", line)
