"""What stands on disk, byte by byte: a trail's files, and the whole text of an entry."""

from contextlib import ExitStack
from typing import Final
from urllib.parse import quote

import msgspec
from litestar import Response, get
from litestar.params import FromPath
from litestar.response import Stream

from tasktrail.server.found_answers import FileList
from tasktrail.server.openapi import answers, asking, bytes_answers
from tasktrail.server.params import BODY_PARAMETERS, PARTS, id_of, parse_part, parse_seq
from tasktrail.server.problems import AnyRequest
from tasktrail.server.ranges import Bytes, bytes_answer
from tasktrail.server.rendering import json_answer, query_of, reader_of
from tasktrail.server.zipped import zipped

PATH = "/api/tasks/{task_id:str}"
ZIP: Final = "application/zip"


@get(
    f"{PATH}/files",
    sync_to_thread=True,
    responses=answers(FileList, "bad_request", "task_not_found"),
)
def list_files(request: AnyRequest, task_id: FromPath[str]) -> Response[bytes]:
    """The trail's files with their sizes."""
    return json_answer(reader_of(request).files(id_of(task_id)))


@get(
    f"{PATH}/files.zip",
    sync_to_thread=True,
    responses=answers(bytes, "bad_request", "task_not_found", media_type=ZIP),
)
def save_files(request: AnyRequest, task_id: FromPath[str]) -> Stream:
    """All files of the trail as one ZIP archive, packed while it is sent."""
    reader, task = reader_of(request), id_of(task_id)
    listed = msgspec.convert(reader.files(task), FileList)
    pieces = zipped((one.name, reader.file(task, one.name)) for one in listed.files)
    named = f"attachment; filename*=UTF-8''{quote(task, safe='')}.zip"
    return Stream(pieces, media_type=ZIP, headers={"content-disposition": named})


@get(
    f"{PATH}/files/{{name:str}}",
    sync_to_thread=True,
    responses=bytes_answers("application/x-ndjson", "bad_request", "file_not_found"),
)
def show_file(request: AnyRequest, task_id: FromPath[str], name: FromPath[str]) -> Stream:
    """A file of the trail as it stands on disk, or a part of it by Range."""
    found = id_of(name)
    kind = "application/json" if found.endswith(".json") else "application/x-ndjson"
    stack = ExitStack()  # it is read while the answer is sent, which is after this
    file = stack.enter_context(reader_of(request).file(id_of(task_id), found))
    return bytes_answer(request, Bytes(file.read, file.size, stack.close), kind)


@get(
    f"{PATH}/logs/{{seq:str}}/body",
    sync_to_thread=True,
    operation_class=asking(*BODY_PARAMETERS),
    responses=bytes_answers("text/plain", "invalid_filter", "entry_not_found"),
)
def show_body(request: AnyRequest, task_id: FromPath[str], seq: FromPath[str]) -> Stream:
    """The whole message of an entry as text, or a part of it by Range."""
    part = parse_part(query_of(request))
    text = memoryview(reader_of(request).body(id_of(task_id), parse_seq(seq), part))
    found = Bytes(lambda at, much: bytes(text[at : at + much]), len(text), text.release)
    return bytes_answer(request, found, PARTS[part])
