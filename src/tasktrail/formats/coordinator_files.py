"""What a coordinator keeps beside its logs: the queue in `tasks.md`, and `gh-<n>-prompt.txt`.

    [🟡 w-abc123, trees/gh-450] gh-450: title    at work, by that worker in that worktree
    [✅ 1a2b3c4, w-abc123] gh-450: title          done, with that commit
    [❌ w-abc123] gh-450: title                   failed
    [⏰ …] or [] gh-450: title                    waits: for others, or for its turn
    <!-- META:{"attempts":2} -->                 what else is known of the task above

A line is what is known of its task now; once it says something else, that is added. There are no
times. The prompt is the task's input.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from tasktrail.errors import InvalidEvent
from tasktrail.formats.documents import Fields, check_fields, read_document
from tasktrail.formats.events import Owner, Saying, digest, known, make_event
from tasktrail.formats.translator import Head, Problem, Source, Translated, WholeFormat

FORMAT: Final = "coordinator_queue"
PROMPT_FORMAT: Final = "coordinator_prompt"
QUEUE_NAME: Final = "tasks.md"
STATUSES: Final = {
    "🟡": "active",
    "✅": "completed",
    "❌": "failed",
    "⏰": "blocked",
    "": "pending",
}
LINE: Final = re.compile(
    r"^\s*(?:[-*]\s+)?\[(?P<mark>🟡|✅|❌|⏰|)\s*(?P<notes>[^\]]*)\]\s+"
    r"(?P<task>gh-[0-9]+)\s*:?\s*(?P<title>.*)$"
)
META: Final = re.compile(r"<!--\s*META:(?P<said>\{.*\})\s*-->")
WORKER: Final = re.compile(r"w-[0-9a-z]+")
COMMIT: Final = re.compile(r"[0-9a-f]{7,40}")
PROMPT_NAME: Final = re.compile(r"(gh-[0-9]+)-prompt\.txt")
SAYING: Final = Saying(None, "coordinator")


class _Queued(NamedTuple):
    task: str
    title: str
    status: str
    notes: tuple[str, ...]
    line: str


def translate_queue(source: Source, blob: bytes) -> Iterator[Translated | Problem]:
    """What the queue says of each of its tasks."""
    queued: _Queued | None = None
    offset = 0
    for raw in blob.split(b"\n"):
        line = raw.decode("utf-8", "replace")
        found = LINE.match(line)
        if found:
            if queued:
                yield from _told(source, queued, {})
            queued = _queued(found)
        more = META.search(line)
        if more and queued:
            try:
                about = check_fields(read_document(more["said"].encode()), "META")
            except InvalidEvent as error:
                yield Problem(offset, f"META: {error}", b"")
            else:
                yield from _told(source, queued, about)
                queued = None
        offset += len(raw) + 1
    if queued:
        yield from _told(source, queued, {})


def _queued(found: re.Match[str]) -> _Queued:
    notes = tuple(part.strip() for part in found["notes"].split(",") if part.strip())
    title = META.sub("", found["title"]).strip()
    return _Queued(found["task"], title, STATUSES[found["mark"]], notes, found[0].strip())


def _told(source: Source, queued: _Queued, about: Fields) -> Iterator[Translated]:
    """The task and its status, by what the line says and not where it stands."""
    worker = next((note for note in queued.notes if WORKER.fullmatch(note)), None)
    tree = next((note for note in queued.notes if "/" in note), None)
    commit = next((note for note in queued.notes if COMMIT.fullmatch(note)), None)
    owner = Owner.of(queued.task, None, worker).at(source.modified_at)
    created = known({"title": queued.title or None, "format": FORMAT})
    yield make_event("task:created", owner, _name(queued, "created", created), created)
    said: Fields = {
        "status": queued.status,
        "message": queued.line,
        "worktree": tree,
        "git_commit": commit,
        "meta": about or None,
        "format": FORMAT,
    }
    said = known(said)
    yield make_event("task:status", owner, _name(queued, "status", said), said, saying=SAYING)


def _name(queued: _Queued, kind: str, said: Fields) -> str:
    return f"cq:{queued.task}:{kind}:{digest(repr(sorted(said.items())).encode())}"


def recognises_queue(source: Source, head: Head) -> bool:
    """Whether it has the queue's name and a line of one."""
    if source.name != QUEUE_NAME:
        return False
    return any(LINE.match(line) for line in head.blob.decode("utf-8", "replace").split("\n"))


def translate_prompt(source: Source, blob: bytes) -> Iterator[Translated | Problem]:
    """The task's input."""
    named = PROMPT_NAME.fullmatch(source.name)
    if named is None:
        raise InvalidEvent(f"expected a name as gh-450-prompt.txt, found {source.name}")
    text = blob.decode("utf-8", "replace")
    if text.encode() != blob:
        yield Problem(0, "not UTF-8: replaced", b"")
    data = {"input_message": text, "format": PROMPT_FORMAT}
    identity = f"cp:{named[1]}:{digest(blob)}"
    owner = Owner.of(named[1]).at(source.modified_at)
    yield make_event("task:created", owner, identity, data, saying=SAYING)


def recognises_prompt(source: Source, head: Head) -> bool:
    """Whether its name says so; an empty one says nothing."""
    return bool(PROMPT_NAME.fullmatch(source.name)) and bool(head.blob.strip())


COORDINATOR_QUEUE: Final = WholeFormat(FORMAT, recognises_queue, translate_queue)
COORDINATOR_PROMPT: Final = WholeFormat(PROMPT_FORMAT, recognises_prompt, translate_prompt)
