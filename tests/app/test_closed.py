import pytest
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from app.closed import ClosedRoutes
from tests.app.asgi_client import AsgiClient


async def _answer(_request: object) -> PlainTextResponse:
    return PlainTextResponse("inside")


CLIENT = AsgiClient(ClosedRoutes(Starlette(routes=[Route("/{rest:path}", _answer)])))


@pytest.mark.parametrize(
    "path",
    ["/_stcore/metrics", "/_stcore/metrics/", "/_stcore//metrics", "/base/_stcore/metrics"],
)
def test_there_are_no_metrics(path: str) -> None:
    answer = CLIENT.get(path)
    assert (answer.status_code, answer.content) == (404, b"not found")


@pytest.mark.parametrize("path", ["/", "/_stcore/health", "/metrics", "/_stcore/metricsx"])
def test_all_else_is_passed_on(path: str) -> None:
    assert CLIENT.get(path).content == b"inside"
