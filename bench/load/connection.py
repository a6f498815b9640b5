"""One browser tab: the handshake, the messages both ways, and how long each run took.

The messages are Streamlit's own (``streamlit.proto``): a rerun is asked for by a ``BackMsg``, and
its ``ForwardMsg`` end with ``script_finished``. As a browser does, the tab sends all widget values
with every rerun, keeps messages that may be sent by reference, and reruns fragments on time.
"""

import asyncio
from collections.abc import Mapping
from time import perf_counter
from urllib.parse import parse_qs, urlencode

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ContextInfo
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import WebSocketException

from bench.load.elements import Desk, Facts, Screen, facts_of

RUN_TIMEOUT_S = 60.0
_FULL_RUNS = (ForwardMsg.FINISHED_SUCCESSFULLY, ForwardMsg.FINISHED_WITH_COMPILE_ERROR)


class RunFailed(Exception):
    """A run that did not end in the page that was asked for; the text says how."""


class Tab:
    """A connected tab.

    Parameters
    ----------
    url : str
        Address of the app, without a slash at its end.
    cookies : mapping
        Name → value, as the browser got them from the app.
    question : mapping
        Parameters of the address with which the tab begins.
    """

    def __init__(
        self, url: str, cookies: Mapping[str, str], question: Mapping[str, str] | None = None
    ) -> None:
        self.screen = Screen(parameters=dict(question or {}))
        self.fragment_runs = 0
        self.session_id = ""
        self._url = url
        self._cookies = cookies
        self._socket: ClientConnection | None = None
        self._known: dict[str, Facts] = {}
        self._finished = asyncio.Event()
        self._reader: asyncio.Task[None] | None = None
        self._timers: dict[str, asyncio.Task[None]] = {}
        self._waits_for_part = False

    async def open(self) -> None:
        """Connect, with the session's cookie and the XSRF token where a browser puts them."""
        cookies = "; ".join(f"{name}={value}" for name, value in self._cookies.items())
        self._socket = await connect(
            f"{self._url.replace('http', 'ws', 1)}/_stcore/stream",
            origin=self._url,  # type: ignore[arg-type]  # a NewType of str
            subprotocols=["streamlit", self._cookies["_streamlit_xsrf"]],  # type: ignore[list-item]
            additional_headers={"Cookie": cookies},
            user_agent_header="bench.load",
            max_size=None,
            open_timeout=RUN_TIMEOUT_S,
            # A busy server answers late; only a run that fails counts as a failure.
            ping_interval=None,
        )
        self._reader = asyncio.create_task(self._read(self._socket))

    async def rerun(self, page: str | None = None, *, fragment: str = "") -> float:
        """Ask for a run and wait for its end; return the seconds it took.

        Parameters
        ----------
        page : str, optional
            Hash of the page to go to; the one that is open by default.
        fragment : str
            The part to run alone; the run is over when it, and a whole run that it asks for, is.

        Raises
        ------
        RunFailed
            If the connection broke, the run took too long, or the page shows a failure.
        """
        if page is not None:
            self.screen.page = page
        self._finished.clear()
        self._waits_for_part = bool(fragment)
        start = perf_counter()
        await self._send(self._message(fragment, timed=False))
        try:
            await asyncio.wait_for(self._finished.wait(), RUN_TIMEOUT_S)
        except TimeoutError:
            raise RunFailed(f"no answer within {RUN_TIMEOUT_S:g} s") from None
        took = perf_counter() - start
        if self.screen.wrong:
            raise RunFailed(self.screen.wrong)
        return took

    @property
    def timed_fragments(self) -> tuple[str, ...]:
        """Parts of the page that look for news by themselves."""
        return tuple(self._timers)

    async def close(self) -> None:
        """Close the tab."""
        self._stop_timers()
        if self._reader is not None:
            self._reader.cancel()
        if self._socket is not None:
            await self._socket.close()

    def _message(self, fragment: str = "", *, timed: bool = True) -> BackMsg:
        message = BackMsg()
        state = message.rerun_script
        parameters = {name: value for name, value in self.screen.parameters.items() if value}
        state.query_string = urlencode(parameters)
        state.page_script_hash = self.screen.page
        state.fragment_id = fragment
        state.is_auto_rerun = bool(fragment) and timed
        state.widget_states.CopyFrom(self.screen.widget_states())
        state.cached_message_hashes.extend(self._known)
        path = self.screen.pages.get(self.screen.page, "")
        state.context_info.CopyFrom(
            ContextInfo(
                timezone="Asia/Hong_Kong",
                timezone_offset=-480,
                locale="en-GB",
                url=f"{self._url}/{path}",
                is_embedded=False,
                color_scheme="light",
            )
        )
        return message

    async def _send(self, message: BackMsg) -> None:
        if self._socket is None:
            raise RunFailed("not connected")
        try:
            await self._socket.send(message.SerializeToString())
        except WebSocketException as error:
            raise RunFailed(f"the connection broke: {error}") from error

    async def _read(self, socket: ClientConnection) -> None:
        try:
            async for data in socket:
                if isinstance(data, bytes):
                    self._take(ForwardMsg.FromString(data))
        except WebSocketException as error:
            self.screen.wrong = f"the connection broke: {error}"
        else:
            self.screen.wrong = "the server closed the connection"
        self._finished.set()

    def _take(self, message: ForwardMsg) -> None:
        kind = message.WhichOneof("type")
        if kind == "ref_hash":
            self.screen.take(self._known.get(message.ref_hash))
        elif kind == "delta" and message.delta.WhichOneof("type") == "new_element":
            facts = facts_of(message.delta.new_element)
            if message.metadata.cacheable:
                self._known[message.hash] = facts
            self.screen.take(facts)
            if isinstance(facts, Desk):
                self.screen.fragments[facts.widget] = message.delta.fragment_id
        elif kind == "page_info_changed":
            changed = parse_qs(message.page_info_changed.query_string)
            self.screen.parameters.update({name: value[0] for name, value in changed.items()})
        elif kind == "new_session":
            self.session_id = message.new_session.initialize.session_id
            if not message.metadata.run.fragment_ids:
                self._stop_timers()
                self.screen.begin()
        elif kind == "navigation":
            pages = message.navigation.app_pages
            self.screen.pages = {page.page_script_hash: page.url_pathname for page in pages}
            self.screen.page = message.navigation.page_script_hash
        elif kind == "auto_rerun":
            self._start_timer(message.auto_rerun.fragment_id, message.auto_rerun.interval)
        elif kind == "script_finished" and message.script_finished in _FULL_RUNS:
            if message.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
                self.screen.wrong = "the script could not be compiled"
            self.screen.end()
            self._finished.set()
        elif kind == "script_finished" and self._is_part_done(message.script_finished):
            self._finished.set()

    def _is_part_done(self, how: int) -> bool:
        return self._waits_for_part and how == ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY

    def _start_timer(self, fragment: str, interval_s: float) -> None:
        async def again() -> None:
            while True:
                await asyncio.sleep(interval_s)
                self.fragment_runs += 1
                await self._send(self._message(fragment))

        if fragment in self._timers:
            self._timers[fragment].cancel()
        self._timers[fragment] = asyncio.create_task(again())

    def _stop_timers(self) -> None:
        for timer in self._timers.values():
            timer.cancel()
        self._timers = {}
