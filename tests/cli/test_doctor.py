"""`tasktrail doctor`."""

from pathlib import Path

from tests.cli.commands import json_lines, tasktrail
from tests.cli.services import begin, log_event, record


def test_a_sound_root_says_what_was_looked_at(tmp_path: Path) -> None:
    """No finding is the exit code 0, and stdout stays empty."""
    record(tmp_path, [log_event("m")])
    tasktrail("tasks", "--data", tmp_path)  # the index is up to date after it
    done = tasktrail("doctor", "--data", tmp_path)

    assert (done.returncode, done.stdout) == (0, "")
    assert "sound: files, " in done.stderr
    assert done.stderr.endswith(f"0 findings in {tmp_path}\n")


def test_a_finding_comes_with_advice(tmp_path: Path) -> None:
    """The exit code says that somebody should act; JSON has the same, one object per finding."""
    begin(tmp_path)
    tmp_path.chmod(0o755)
    done = tasktrail("doctor", "--data", tmp_path)
    (found,) = json_lines(tasktrail("doctor", "--json", "--data", tmp_path).stdout)

    assert done.returncode == 1
    assert f"warning  files: others may get at {tmp_path}\n" in done.stdout
    assert f"do: chmod -R go-rwx {tmp_path}" in done.stdout
    assert (found["code"], found["severity"]) == ("loose_permissions", "warning")


def test_a_redis_that_is_away_is_a_finding(tmp_path: Path) -> None:
    """Redis is looked at where one is named; its password is not shown."""
    begin(tmp_path)
    url = "redis://:secret@127.0.0.1:1/0"
    done = tasktrail("doctor", "--data", tmp_path, "--redis", url)

    assert done.returncode == 1
    assert "error    redis: Redis does not answer" in done.stdout
    assert "secret" not in done.stdout


def test_nothing_is_made_and_nothing_changed(tmp_path: Path) -> None:
    """A place without a root is refused, and a root is only looked at."""
    record(tmp_path / "root", [log_event("m")])
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    refused = tasktrail("doctor", "--data", tmp_path / "none")
    tasktrail("doctor", "--data", tmp_path / "root")
    after = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}

    assert refused.returncode == 1
    assert after == before
