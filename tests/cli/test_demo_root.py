"""The root of a demo."""

from pathlib import Path

from tasktrail.cli.demo_root import demo_root
from tasktrail.store.locks import FileLock


def test_a_named_root_stays(tmp_path: Path) -> None:
    """What was recorded in a directory that the user chose is theirs."""
    named = tmp_path / "mine"
    named.mkdir()
    with demo_root(str(named), cache=tmp_path) as root:
        (root.path / "trail").touch()

    assert (root.path, root.is_kept) == (named, True)
    assert (named / "trail").exists()


def test_a_root_of_its_own_goes_with_the_demo(tmp_path: Path) -> None:
    """Nothing is left of a demo in the user's cache."""
    with demo_root(None, cache=tmp_path) as root:
        root.path.mkdir()
        (root.path / "trail").touch()

    assert not root.is_kept
    assert [*(tmp_path / "demo").iterdir()] == []


def test_what_a_killed_demo_left_is_removed(tmp_path: Path) -> None:
    """The next demo tidies up, and leaves a demo alone that still runs."""
    demos = tmp_path / "demo"
    for name in ("killed", "running"):
        (demos / name).mkdir(parents=True)
        (demos / f"{name}.lock").touch()
    running = FileLock(demos / "running.lock")
    running.acquire()
    with demo_root(None, cache=tmp_path):
        left = {path.name for path in demos.iterdir()}
    running.release()

    assert "running" in left
    assert "killed" not in left


def test_two_demos_do_not_share_a_root(tmp_path: Path) -> None:
    """Each demo has a directory of its own."""
    with demo_root(None, cache=tmp_path) as one, demo_root(None, cache=tmp_path) as other:
        assert one.path != other.path
