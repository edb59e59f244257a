"""`/ws/logs/{task_id}`: history and live entries of a task in one loop.

    → hello {head, generation, after_seq}      where the follower stands
    → batch {from, to, logs}                   entries as in REST, each once, by seq
    → gap   {from, to}                         entries that are there and cannot be read
    → head  {head, counts}                     the trail grew, also when nothing of it matches
    → end   {status}                           the task ended; late entries still come
    → error {code, detail}                     of a message that was not understood
    ← filter {gen, …, after_seq}               another filter, from here on or from a place

The client's place is one integer: a slow client reads later and loses nothing.
"""

import asyncio
import logging
from collections.abc import Iterator
from typing import Final

import msgspec
from litestar import WebSocket, websocket
from litestar.datastructures import State
from litestar.exceptions import WebSocketDisconnect
from litestar.params import FromPath
from msgspec.structs import replace

from tasktrail.errors import InvalidFilter, NotFound, TasktrailError
from tasktrail.model.codec import encode
from tasktrail.model.filters import EntryFilter
from tasktrail.model.statuses import TERMINAL
from tasktrail.server.backend import Batch
from tasktrail.server.guards import SUBPROTOCOL
from tasktrail.server.hub import End, Hub, Look, Seen
from tasktrail.server.params import Params, id_of, parse_entry_filter, parse_query

log = logging.getLogger(__name__)

Socket = WebSocket[object, object, State]

UNKNOWN_TASK: Final = 4004
INVALID_REQUEST: Final = 4400
PAUSE_SECONDS: Final = 0.05  # entries of a busy task gather: at most 20 batches a second
LOOK_AGAIN_SECONDS: Final = 5.0  # in case the word that the trail advanced was lost
RETRY_SECONDS: Final = 1.0
EVERYTHING: Final = EntryFilter()
NOT_FILTERS: Final = frozenset({"type", "gen", "max_rate"})


@websocket("/ws/logs/{task_id:str}")
async def follow_task(socket: Socket, task_id: FromPath[str]) -> None:
    """A follower from the handshake to its end."""
    hub: Hub = socket.app.state["hub"]
    offered = socket.scope["subprotocols"]
    await socket.accept(subprotocols=SUBPROTOCOL if SUBPROTOCOL in offered else None)
    try:
        follower = await _admitted(socket, hub, id_of(task_id))
        if follower:
            await follower.run()
    except WebSocketDisconnect:
        log.debug("a follower of %s went away", id_of(task_id))


async def _admitted(socket: Socket, hub: Hub, task_id: str) -> "Follower | None":
    """The follower, or `None` after its socket was closed with the reason."""
    try:
        params = parse_query(socket.scope["query_string"].decode("latin-1"))
        wanted = _wanted(params)
        end = await hub.end_of(task_id)
    except NotFound:
        await socket.close(code=UNKNOWN_TASK, reason="Task not found")
    except InvalidFilter as error:
        await socket.send_text(_error(error.code, str(error)))
        await socket.close(code=INVALID_REQUEST, reason="Invalid filter")
    else:
        follower = Follower(socket, hub, end, wanted)
        await follower.greet(end.head)
        return follower
    return None


def _wanted(params: Params) -> EntryFilter:
    return parse_entry_filter({k: v for k, v in params.items() if k not in NOT_FILTERS})


def _error(code: str, detail: str) -> str:
    return _message("error", code=code, detail=detail)


def _message(kind: str, **fields: object) -> str:
    return encode({"type": kind} | fields).decode()


class Follower:
    """One client: its filter, its place, and what it was last told."""

    def __init__(self, socket: Socket, hub: Hub, end: End, wanted: EntryFilter) -> None:
        self.after_seq = end.head if wanted.after_seq is None else wanted.after_seq
        self._socket = socket
        self._hub = hub
        self._key = end.key
        self._wanted = replace(wanted, after_seq=None)
        self._gen: object = 0  # the client's name for its filter, told back with every batch
        self._told_head = -1
        self._told_end: str | None = None

    async def greet(self, head: int) -> None:
        """Where the trail stands, and where the follower does."""
        hello = {"task_id": self._key.id, "head": head, "after_seq": self.after_seq}
        generation = self._hub.backend.generation
        await self._socket.send_text(_message("hello", **hello, generation=generation))

    async def run(self) -> None:
        """Sends and listens until the client goes away."""
        with self._hub.waiting(self._key.id) as wake:
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
                is_behind = await self._tell_next()
            except TasktrailError as error:
                await self._socket.send_text(_error(error.code, str(error)))
                await asyncio.sleep(RETRY_SECONDS)
                continue
            if not is_behind:
                await asyncio.sleep(PAUSE_SECONDS)
                await _wait(wake)

    async def _tell_next(self) -> bool:
        """One look, told to the client; whether more is already there."""
        look = Look(self._key, self._wanted, self.after_seq)
        seen = await self._hub.look(look)
        if look != (self._key, self._wanted, self.after_seq):
            return True  # the client changed its mind meanwhile
        self.after_seq = max(self.after_seq, seen.batch.after_seq)
        await self._tell(seen, look.after_seq)
        return seen.is_full

    async def _tell(self, seen: Seen, from_seq: int) -> None:
        batch = seen.batch
        if batch.logs:
            place = {"gen": self._gen, "from": from_seq + 1, "to": batch.after_seq}
            start = encode({"type": "batch"} | place)[:-1]
            await self._socket.send_text(b'%b,"logs":%b}' % (start, seen.logs))
        for first, last in gaps_in(batch, from_seq) if self._wanted == EVERYTHING else ():
            await self._socket.send_text(_message("gap", **{"from": first, "to": last}))
        if seen.is_full:
            return
        if batch.head != self._told_head:
            self._told_head = batch.head
            await self._socket.send_text(_message("head", head=batch.head, counts=batch.counts))
        status = batch.status if batch.status in TERMINAL else None
        if status != self._told_end:
            self._told_end = status
            if status:
                await self._socket.send_text(_message("end", status=status))

    async def _listen(self, wake: asyncio.Event) -> None:
        """What the client says; a message that means nothing changes nothing."""
        while True:
            text = await self._socket.receive_data(mode="text")
            try:
                self._change(text)
            except (InvalidFilter, msgspec.DecodeError) as error:
                await self._socket.send_text(_error(InvalidFilter.code, str(error)))
            wake.set()

    def _change(self, text: str | bytes) -> None:
        message = msgspec.json.decode(text, type=dict[str, object])
        if message.get("type") != "filter":
            raise InvalidFilter(f"type: expected filter, found {message.get('type')!r}")
        wanted = _wanted({name: _texts(value) for name, value in message.items()})
        self._gen = message.get("gen", self._gen)
        if wanted.after_seq is not None:
            self.after_seq = wanted.after_seq
        self._wanted = replace(wanted, after_seq=None)


def gaps_in(batch: Batch, from_seq: int) -> Iterator[tuple[int, int]]:
    """The first and last seq of each run of entries that an unfiltered look did not find."""
    last = from_seq
    for seq in [*(entry["seq"] for entry in batch.logs), batch.after_seq + 1]:
        if isinstance(seq, int):
            if seq > last + 1:
                yield last + 1, seq - 1
            last = seq


def _texts(value: object) -> list[str]:
    """The value as a query string would have it."""
    if value is None:
        return []
    return [str(one) for one in value] if isinstance(value, list) else [str(value)]


async def _wait(wake: asyncio.Event) -> None:
    """Until the trail may have advanced."""
    try:
        async with asyncio.timeout(LOOK_AGAIN_SECONDS):
            await wake.wait()
    except TimeoutError:
        return
