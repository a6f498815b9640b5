"""A browser's smallest part: sends requests to an ASGI app and keeps its cookies."""

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from http.cookies import SimpleCookie
from typing import Any

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message

from tests.support import coroutines


@dataclass(frozen=True)
class Answer:
    status_code: int
    headers: Headers
    content: bytes

    def json(self) -> Any:
        return json.loads(self.content)


class AsgiClient:
    def __init__(
        self,
        app: ASGIApp,
        *,
        server: str = "app.example",
        client: str = "127.0.0.1",
        scheme: str = "http",
    ) -> None:
        self._app, self._scheme = app, scheme
        self._server, self._client = server, client
        self._cookies: dict[str, str] = {}

    def get(self, path: str) -> Answer:
        return self.request("GET", path, {})

    def request(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        return coroutines.run(self._request(method, path, headers))

    async def _request(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        sent: list[Message] = []
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        everything = {"Host": self._server, "Cookie": cookies, **headers}
        scope = {
            "type": "http",
            "http_version": "1.1",
            "method": method,
            "scheme": self._scheme,
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [
                (name.lower().encode("latin-1"), value.encode("latin-1"))
                for name, value in everything.items()
            ],
            "server": (self._server, 80),
            "client": (self._client, 1),
        }

        bodies: list[Message] = [{"type": "http.request", "body": b"", "more_body": False}]

        async def receive() -> Message:
            if not bodies:
                await asyncio.Event().wait()  # the browser stays until it has the answer
            return bodies.pop()

        async def send(message: Message) -> None:
            sent.append(message)

        await self._app(scope, receive, send)
        start = next(message for message in sent if message["type"] == "http.response.start")
        answer = Answer(
            start["status"],
            Headers(raw=start["headers"]),
            b"".join(message.get("body", b"") for message in sent),
        )
        for written in answer.headers.getlist("set-cookie"):
            for name, morsel in SimpleCookie(written).items():
                self._cookies[name] = morsel.value
        return answer
