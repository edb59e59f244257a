"""The thread that sends what waits in outboxes somewhere else, and forgets it when it has arrived.

They go in the order of their times, those of processes that are gone too. A server or Redis that is
away, overloaded or asks for a key is tried again, with longer and longer waits, for ever. What will
never be taken is kept aside in a file of dead letters and counted. It is called through a queue
that a signal's handler may call too, in the middle of a call: an event or a condition would wait
for itself there.
"""

import base64
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from tasktrail.model.codec import encode
from tasktrail.sdk.flusher import start_thread
from tasktrail.sdk.outbox import Outbox
from tasktrail.sdk.outbox_files import OutboxFile, list_outboxes
from tasktrail.sdk.outbox_order import Round, Taken
from tasktrail.sdk.outbox_part import append_durably
from tasktrail.sdk.room import Room
from tasktrail.sdk.transport import Away, Refused, Transport
from tasktrail.sdk.trouble import Trouble

EVENTS_PER_REQUEST: Final = 500
BYTES_PER_REQUEST: Final = 4 << 20
FIRST_WAIT_SECONDS: Final = 0.2
LONGEST_WAIT_SECONDS: Final = 30.0
GATHER_SECONDS: Final = 0.05  # events of one moment go in one request
LOOK_SECONDS: Final = 5.0  # how soon what a dead process left is found
DEAD_LETTERS: Final = "dead-letters.jsonl"  # no name that an outbox could have

# Somebody waits here for the outcome of a pass.
Answer = SimpleQueue[bool]
# What the thread is called by: `None` where something waits to be sent.
Calls = SimpleQueue[Answer | None]


class Sender:
    """Sends the outboxes of one directory."""

    def __init__(
        self,
        outbox: Outbox,
        open_transport: Callable[[], Transport],
        *,
        trouble: Trouble,
        room: Room | None = None,
    ) -> None:
        """`room` keeps the outboxes below a limit; asked after each pass."""
        self._outbox = outbox
        self._open_transport = open_transport
        self._room = room
        self._trouble = trouble
        self._files: dict[Path, OutboxFile] = {}
        self._begin()

    def _begin(self) -> None:
        self._transport = self._open_transport()
        self._calls: Calls = SimpleQueue()
        self._turn = threading.Lock()  # an interrupt in our beginning may make a second thread
        self._is_stopping = False
        self._thread: threading.Thread | None = None

    def renew(self) -> None:
        """In a forked child: files and connection are the parent's, its thread does not run."""
        self._close_files()
        self._transport.close()
        self._begin()

    def wake(self) -> None:
        """Something waits; the first time in a process, the thread is started."""
        if self._thread is None:
            self._start()
        self._calls.put(None)

    def _start(self) -> None:
        thread = threading.Thread(
            target=self._run, args=(self._calls, self._turn), name="tasktrail-sender", daemon=True
        )
        try:
            start_thread(thread)
        except RuntimeError as error:  # no more threads, or the interpreter is ending
            self._trouble.tell("thread", f"no thread to send from: {error}")
        if self._thread is None:
            self._thread = thread

    def _run(self, calls: Calls, turn: threading.Lock) -> None:
        if not turn.acquire(blocking=False):
            return
        self._thread = threading.current_thread()
        wait = 0.0
        while True:
            # Who is away is not asked sooner because of new events.
            answers = _answers(calls, wait) if wait else _answers_when_called(calls)
            if self._is_stopping:
                break
            wait = self._pass(wait)
            for answer in answers:
                answer.put(not wait)
            self._see_to_room()
        for answer in answers:
            answer.put(not self._is_stopping)

    def _pass(self, last_wait: float) -> float:
        """Send everything once; how long to wait before the next time, 0 when nothing is left."""
        self._outbox.ask_to_be_told()
        try:
            self._outbox.flush()
            self.send_all()
        except Away as away:
            self._trouble.tell("away", f"{away}; events wait in {self._outbox.directory}")
            said = away.retry_after_seconds
            longer = min(max(FIRST_WAIT_SECONDS, 2 * last_wait), LONGEST_WAIT_SECONDS)
            return longer if said is None else max(said, FIRST_WAIT_SECONDS)
        except Exception as error:  # noqa: BLE001 - the job's process must not see any of this
            self._trouble.tell("sender", f"sending failed: {error!r}")
            return LONGEST_WAIT_SECONDS
        self._trouble.is_over("away")
        return 0.0

    def _see_to_room(self) -> None:
        """A full outbox is thinned out; for that our own locks have to go."""
        if self._room is not None and self._room.is_needed():
            self._close_files()
            self._room.make()

    def send_all(self) -> None:
        """Every waiting event of every outbox that is ours or nobody's."""
        while self._send_round():
            pass

    def _send_round(self) -> bool:
        """Whether there was something to send; more may wait."""
        paths = list_outboxes(self._outbox.directory)
        one_round = Round(
            paths, self._opened, max_events=EVENTS_PER_REQUEST, max_bytes=BYTES_PER_REQUEST
        )
        sent = False
        for batch in one_round.batches():
            self._remember()  # what the batch before it has passed
            self._send(batch)
            sent = True
        self._remember()
        for file, is_abandoned in one_round.rested:
            if is_abandoned:
                file.delete()
                file.close()
                del self._files[file.path]
        return sent

    def _opened(self, path: Path) -> OutboxFile | None:
        """The file, if it is ours or nobody's."""
        file = self._files.get(path)
        if file is None:
            try:
                file = OutboxFile(path)
            except OSError:  # another process was faster
                return None
        is_ours = path.name.partition(".")[0] == self._outbox.src
        if not is_ours and not file.is_abandoned():
            file.close()
            return None
        self._files[path] = file
        return file

    def _remember(self) -> None:
        for file in self._files.values():
            file.remember()

    def _send(self, batch: Sequence[Taken]) -> None:
        good = [one.frame for _, one in batch if one.frame is not None]
        if len(good) < len(batch):
            damaged = {str(file.path) for file, one in batch if one.frame is None}
            self._trouble.lose(len(batch) - len(good), f"damaged lines in {', '.join(damaged)}")
        if good:
            for refused in self._transport.send(good):
                self._keep_aside(refused)

    def _keep_aside(self, refused: Refused) -> None:
        """The event in the dead letters of this machine."""
        letter = {
            "at": refused.frame.at,
            "identity": refused.frame.id,
            "reason": refused.reason,
            "raw": base64.b64encode(bytes(refused.frame.event)).decode("ascii"),
        }
        path = self._outbox.directory / DEAD_LETTERS
        append_durably(path, encode(letter) + b"\n")
        self._trouble.refuse(1, refused.reason, kept_in=path)

    def flush(self, timeout_seconds: float) -> bool:
        """Whether everything that waited arrived; an absent server is tried once."""
        if self._thread is None:
            return True
        if not self._thread.is_alive():
            return False
        answer: Answer = SimpleQueue()
        self._calls.put(answer)
        try:
            return answer.get(timeout=max(0.0, timeout_seconds))
        except Empty:
            return False

    def close(self, timeout_seconds: float) -> bool:
        """Whether everything arrived in that time; what did not is sent by the next process."""
        until = time.monotonic() + timeout_seconds
        is_sent = self.flush(timeout_seconds)
        self._is_stopping = True
        thread = self._thread
        self._calls.put(SimpleQueue())
        if thread is not None and thread.is_alive():
            thread.join(max(0.0, until - time.monotonic()))
        if thread is None or not thread.is_alive():
            self._close_files()
            self._transport.close()
            self._begin()
        return is_sent

    def _close_files(self) -> None:
        for file in self._files.values():
            file.close()
        self._files.clear()


def _answers_when_called(calls: Calls) -> list[Answer]:
    """Who waits for a pass, as soon as there is something to be done or to be looked for."""
    first = None
    with suppress(Empty):
        first = calls.get(timeout=LOOK_SECONDS)
    return _answers(calls, GATHER_SECONDS) if first is None else [first, *_answers(calls, 0)]


def _answers(calls: Calls, seconds: float) -> list[Answer]:
    """Who waits for a pass: all who do when the first of them comes within that time."""
    found: list[Answer] = []
    until = time.monotonic() + seconds
    with suppress(Empty):
        while True:
            left = 0.0 if found else until - time.monotonic()
            call = calls.get(timeout=left) if left > 0 else calls.get_nowait()
            if call is not None:
                found.append(call)
    return found
