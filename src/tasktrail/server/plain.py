"""Pages without JavaScript: the tasks, and the last entries of one, as plain HTML.

For text browsers, for screen readers that like it simple, and for an installation whose web UI is
not built. All that was recorded is text here: it is escaped, and nothing of it becomes an address
but a task's own id.
"""

import re
from html import escape
from typing import Any, Final, cast
from urllib.parse import quote

from litestar import Response, get
from litestar.params import FromPath
from msgspec import json

from tasktrail.errors import NotFound
from tasktrail.model.filters import EntryFilter
from tasktrail.server.params import id_of, parse_log_query, parse_task_query
from tasktrail.server.problems import AnyRequest
from tasktrail.server.rendering import query_of, reader_of

PLAIN: Final = re.compile(r"/plain(/.*)?|/t/[^/]+/plain")
ENTRIES: Final = 1_000
TASKS: Final = 500
PREVIEW: Final = 4_096  # bytes of each message; the log has all of it
HTML: Final = "text/html"
NOT_FOUND: Final = 404
STYLE: Final = b"""
:root { color-scheme: light dark; }
body { margin: 1rem; font: 14px/1.45 system-ui, sans-serif; }
table { border-collapse: collapse; width: 100%; }
th, td { padding: 2px 10px 2px 0; text-align: left; vertical-align: top; }
td { border-top: 1px solid #8884; font: 13px/1.5 ui-monospace, monospace; }
td:last-child { white-space: pre-wrap; overflow-wrap: anywhere; unicode-bidi: plaintext; }
.error td, .critical td { background: #d323; }
@media (max-width: 45rem) {
  th { display: none; }
  tr { display: block; padding: 4px 0; border-top: 1px solid #8884; overflow-wrap: anywhere; }
  td { display: inline; border: 0; }
  td:last-child { display: block; }
}
"""
PAGE: Final = """<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title} - Tasktrail</title><link rel="stylesheet" href="{root}plain/style.css"></head>
<body><h1>{title}</h1>
{body}
</body></html>
"""

Row = dict[str, Any]


def is_plain(path: str) -> bool:
    """Whether the path is one of these pages."""
    return PLAIN.fullmatch(path) is not None


@get("/plain/style.css", sync_to_thread=False, include_in_schema=False)
def show_style() -> Response[bytes]:
    """The looks of these pages."""
    return Response(STYLE, media_type="text/css")


@get("/plain", sync_to_thread=True, include_in_schema=False)
def show_plain_tasks(request: AnyRequest) -> Response[str]:
    """The newest tasks, each with a link to its entries."""
    wanted, paging = parse_task_query(query_of(request))
    page = _fields(reader_of(request).tasks(wanted, limit=TASKS, cursor=paging.cursor))
    rows = "".join(
        _row("task", _link(f"t/{quote(one['task_id'], safe='')}/plain", one["task_id"]), one)
        for one in page["tasks"]
    )
    more = page["next_cursor"]
    older = _link(f"plain?cursor={quote(more)}", "older tasks") if more else ""
    counts = f"<p>{len(page['tasks'])} of {page['total_count']} tasks, newest first. {older}</p>"
    head = "<tr><th>task<th>status<th>started<th>errors<th>title</tr>"
    return _page("Tasks", f"{counts}<table>{head}{rows}</table>", root="")


@get("/t/{task_id:str}/plain", sync_to_thread=True, include_in_schema=False)
def show_plain_task(request: AnyRequest, task_id: FromPath[str]) -> Response[str]:
    """The last entries of a task that match, oldest first."""
    wanted, _ = parse_log_query(query_of(request))
    own, root = id_of(task_id), "../../"
    try:
        task, page = _read(request, own, wanted)
    except NotFound as error:
        body = f"<p>{escape(str(error))}</p><p>{_link(root + 'plain', 'all tasks')}</p>"
        return _page("No such task", body, root=root, status=NOT_FOUND)
    logs = sorted(page["logs"], key=lambda one: int(one["seq"]))
    rows = "".join(_row(str(one["level"]), str(one["seq"]), one) for one in logs)
    is_more = bool(page["next_cursor"]) and bool(logs)
    older = _link(f"plain?before_seq={logs[0]['seq']}", "older entries") if is_more else ""
    words = " ".join(str(task.get(name) or "") for name in ("status", "error"))
    head = "<tr><th>seq<th>time<th>level<th>source<th>stage<th>message</tr>"
    body = (
        f"<p>{escape(own)}: {escape(words)}</p>"
        f"<p>{len(logs)} of {page['total_count']} entries. {older} "
        f"{_link(root + 'plain', 'all tasks')}</p><table>{head}{rows}</table>"
    )
    return _page(str(task.get("title") or own), body, root=root)


def _read(request: AnyRequest, task_id: str, wanted: EntryFilter) -> tuple[Row, Row]:
    reader = reader_of(request)
    page = reader.logs(
        task_id, wanted, limit=ENTRIES, offset=0, order="desc", cursor=None, preview=PREVIEW
    )
    return _fields(reader.task(task_id)), _fields(page)


def _row(kind: str, first: str, one: Row) -> str:
    """A line of a table; `first` is HTML already."""
    if kind == "task":
        counts = _fields(one.get("counts") or {})
        names = ("status", "started_at", "title")
        status, started, title = (one.get(name) for name in names)
        cells = [status, started, counts.get("errors"), title]
    else:
        cells = [one[name] for name in ("timestamp", "level", "source", "stage", "message")]
    texts = "".join(f"<td>{escape(str('' if cell is None else cell))}" for cell in cells)
    return f'<tr class="{escape(kind)}"><td>{first}{texts}</tr>\n'


def _link(address: str, words: str) -> str:
    return f'<a href="{escape(address)}">{escape(words)}</a>'


def _page(title: str, body: str, *, root: str, status: int = 200) -> Response[str]:
    html = PAGE.format(title=escape(title), body=body, root=root)
    return Response(html, media_type=HTML, status_code=status)


def _fields(answer: object) -> Row:
    """An answer as builtins: as JSON tells it, for parts of it are kept as the JSON they were."""
    return cast("Row", json.decode(json.encode(answer)))
