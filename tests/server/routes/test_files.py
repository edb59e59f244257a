"""The routes of what stands on disk."""

import io
import zipfile

from tests.server.conftest import Client


def test_the_files_of_a_trail_are_listed(client: Client) -> None:
    """With their sizes."""
    answer = client.get("/api/tasks/gh-1/files").json()

    assert answer["task_id"] == "gh-1"
    assert answer["files"] == [{"name": "08-log.jsonl", "kind": "channel", "size": 10}]


def test_a_file_that_is_none_is_not_found(client: Client) -> None:
    """Nothing beside the trail can be asked for either."""
    codes = [
        client.get(f"/api/tasks/gh-1/files/{name}").json()["code"]
        for name in ("99-more.jsonl", "..%2F..%2Froot.json")
    ]

    assert codes == ["file_not_found", "file_not_found"]


def test_a_message_is_sent_as_text(client: Client) -> None:
    """Whole, or a part of its bytes."""
    whole = client.get("/api/tasks/gh-1/logs/3/body")
    part = client.get("/api/tasks/gh-1/logs/3/body", Range="bytes=0-3")

    assert whole.body.decode() == "gh-1 ünï 3 message"
    assert (part.status, part.body) == (206, b"gh-1")


def test_a_seq_is_a_number(client: Client) -> None:
    """Anything else in its place is a 400."""
    assert client.get("/api/tasks/gh-1/logs/first/body").status == 400


def test_another_part_of_an_entry_can_be_asked_for(client: Client) -> None:
    """Its metadata, what else was sent, or the stored line; nothing else is a part."""
    line = client.get("/api/tasks/gh-1/logs/3/body?part=line")

    assert line.body.decode() == "gh-1 ünï 3 line"
    assert line.headers["content-type"] == "application/json"
    assert client.get("/api/tasks/gh-1/logs/3/body?part=all").status == 400


def test_a_trail_is_saved_in_one_archive(client: Client) -> None:
    """Every file of it, byte for byte, under a name of the task; of no task there is none."""
    answer = client.get("/api/tasks/a%2Fb/files.zip")
    archive = zipfile.ZipFile(io.BytesIO(answer.body))

    assert archive.testzip() is None
    assert {one: archive.read(one) for one in archive.namelist()} == {"08-log.jsonl": b"0123456789"}
    assert answer.headers["content-type"] == "application/zip"
    assert answer.headers["content-disposition"] == "attachment; filename*=UTF-8''a%2Fb.zip"
