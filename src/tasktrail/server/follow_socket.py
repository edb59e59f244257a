"""`/ws/logs/{task_id}` and `/ws/logs`: history and live entries of a task, or of all, in one loop.

    → hello {head, generation, after_seq | cursor}    where the follower stands
    → batch {from, to, logs} | {cursor, logs}         entries as in REST, each once, in order
    → gap   {from, to}                                entries that are there and cannot be read
    → head  {head, counts} | {cursor}                 it grew, whatever matches; also a heartbeat
    → lag   {from, to, skipped} | {cursor_from, …}    left out, only for who asked for `max_rate`
                                                      or `max_behind`
    → end   {status}                                  the task ended; late entries still come
    → error {code, detail}                            of a message that was not understood;
                                                      of a `q` also position and length
    ← filter {gen, …, after_seq | cursor, max_…}      another filter, from here on or from a place

The client's place is one integer or one cursor: a slow client reads later and loses nothing.
"""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from typing import Final

import msgspec
from litestar import WebSocket, websocket
from litestar.datastructures import State
from litestar.exceptions import WebSocketDisconnect
from litestar.params import FromPath

from tasktrail.errors import InvalidCursor, InvalidFilter, NotFound, TasktrailError
from tasktrail.server.frames import send_messages
from tasktrail.server.guards import SUBPROTOCOL
from tasktrail.server.hub import MAX_ENTRIES, Hub
from tasktrail.server.pace import BEHIND_KEY, Pace, parse_behind, parse_rate
from tasktrail.server.pace import KEY as RATE
from tasktrail.server.params import id_of, parse_entry_filter, parse_query
from tasktrail.server.problems import place_of
from tasktrail.server.streams import AllStream, Stream, TaskStream, Wish, fields_of, message

log = logging.getLogger(__name__)

Socket = WebSocket[object, object, State]
Said = Mapping[str, Sequence[str]]

UNKNOWN_TASK: Final = 4004
INVALID_REQUEST: Final = 4400
PAUSE_SECONDS: Final = 0.05  # until another look at what a client's rate leaves room for
PULSE_SECONDS: Final = 15.0  # a browser does not see pings: silence is never longer than this
RETRY_SECONDS: Final = 1.0
NOT_FILTERS: Final = frozenset({"type", "gen", "cursor", RATE, BEHIND_KEY})


@websocket("/ws/logs/{task_id:str}")
async def follow_task(socket: Socket, task_id: FromPath[str]) -> None:
    """Entries of one task from `after_seq` on, and then as they are recorded."""
    await _follow(socket, id_of(task_id))


@websocket("/ws/logs")
async def follow_all(socket: Socket) -> None:
    """Entries of all tasks from `cursor` on, and then as they are recorded."""
    await _follow(socket, None)


async def _follow(socket: Socket, task_id: str | None) -> None:
    """A follower from the handshake to its end."""
    offered = socket.scope["subprotocols"]
    await socket.accept(subprotocols=SUBPROTOCOL if SUBPROTOCOL in offered else None)
    try:
        follower = await _admitted(socket, task_id)
        if follower:
            await follower.run()
    except WebSocketDisconnect:
        log.debug("a follower of %s went away", task_id or "all tasks")


async def _admitted(socket: Socket, task_id: str | None) -> "Follower | None":
    """The follower, or `None` after its socket was closed with the reason."""
    hub: Hub = socket.app.state["hub"]
    try:
        params = parse_query(socket.scope["query_string"].decode("latin-1"))
        wish, rate = _wish(params), parse_rate(params)
        stream = await _stream(hub, task_id, wish)
    except NotFound:
        await socket.close(code=UNKNOWN_TASK, reason="Task not found")
    except (InvalidFilter, InvalidCursor) as error:
        await socket.send_text(_error(error))
        await socket.close(code=INVALID_REQUEST, reason="Invalid filter")
    else:
        await socket.send_text(stream.hello())
        return Follower(socket, hub, stream, rate)
    return None


async def _stream(hub: Hub, task_id: str | None, wish: Wish) -> Stream:
    if task_id is not None:
        return TaskStream(hub, await hub.end_of(task_id), wish)
    stream = AllStream(hub, await hub.end_of_all(), wish)
    await stream.refilter(wish)
    return stream


def _wish(said: Said, gen: object = 0) -> Wish:
    filters = {name: values for name, values in said.items() if name not in NOT_FILTERS}
    cursor = next((text for text in said.get("cursor", ()) if text), None)
    return Wish(parse_entry_filter(filters), gen, cursor, parse_behind(said))


def _error(error: TasktrailError) -> str:
    return message("error", code=error.code, detail=str(error), **place_of(error))


class Follower:
    """One client: what it follows, and how fast it wants it."""

    def __init__(self, socket: Socket, hub: Hub, stream: Stream, rate: int | None) -> None:
        self._socket = socket
        self._hub = hub
        self._stream = stream
        self._gen: object = 0  # the client's name for its filter, told back with every batch
        self._clock = asyncio.get_running_loop().time
        self._pace = Pace(rate, self._clock)
        self._spoke_at = self._clock()

    async def run(self) -> None:
        """Sends and listens until the client goes away."""
        with self._hub.waiting(self._stream.topic) as wake:
            sending = asyncio.create_task(self._send(wake))
            listening = asyncio.create_task(self._listen(wake))
            tasks = {sending, listening}
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.gather(*tasks, return_exceptions=True)
            for task in done:
                task.result()

    async def _send(self, wake: asyncio.Event) -> None:
        """Read behind the place, tell, wait: the same for history and for live."""
        while True:
            wake.clear()
            try:
                has_more = await self._tell_next()
            except TasktrailError as error:
                await self._say(_error(error))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if not has_more:
                await wake.wait()
                if self._clock() - self._spoke_at >= PULSE_SECONDS:
                    await self._say(self._stream.pulse())

    async def _tell_next(self) -> bool:
        """One look, told to the client; whether more is already there."""
        room = self._pace.room(MAX_ENTRIES)
        if room <= 0:
            return await self._hold_back()
        told = await self._stream.next(room)
        self._pace.spend(told.entries)
        if told.messages:
            await self._say(*told.messages)
        return told.has_more

    async def _hold_back(self) -> bool:
        """The client has what it wanted for now: the rest is left out, or waits a moment."""
        lag = await self._stream.skip(self._pace.rate or 0)
        if lag:
            await self._say(lag)
        await asyncio.sleep(PAUSE_SECONDS)
        return True

    async def _say(self, *messages: str | bytes) -> None:
        await send_messages(self._socket, messages)
        self._spoke_at = self._clock()

    async def _listen(self, wake: asyncio.Event) -> None:
        """What the client says; a message that means nothing changes nothing."""
        while True:
            text = await self._socket.receive_data(mode="text")
            try:
                await self._change(text)
            except (InvalidFilter, InvalidCursor) as error:
                await self._socket.send_text(_error(error))
            except msgspec.DecodeError as error:
                wrong = message("error", code=InvalidFilter.code, detail=str(error))
                await self._socket.send_text(wrong)
            wake.set()

    async def _change(self, text: str | bytes) -> None:
        said = msgspec.json.decode(text, type=dict[str, object])
        if said.get("type") != "filter":
            raise InvalidFilter(f"type: expected filter, found {said.get('type')!r}")
        fields = fields_of(said)
        wish, rate = _wish(fields, said.get("gen", self._gen)), parse_rate(fields)
        await self._stream.refilter(wish)
        self._gen = wish.gen
        if RATE in said:
            self._pace = Pace(rate, self._clock)
