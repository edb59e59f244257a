"""The built web UI is whole and made of the sources that lie beside it."""

import importlib.util
import json
import os
import re
from pathlib import Path
from types import ModuleType

import pytest

from tests.house.tree import REPOSITORY

WEB = REPOSITORY / "web"
ADDRESS = re.compile(r"https?://")


@pytest.fixture(scope="module")
def hook() -> ModuleType:
    """The build hook, loaded from its file as the build backend does."""
    spec = importlib.util.spec_from_file_location("hatch_build", REPOSITORY / "hatch_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def built(hook: ModuleType) -> Path:
    """The folder of the built UI; skips where it was not built."""
    folder: Path = REPOSITORY / hook.BUILT
    if not (folder / "index.html").is_file():
        reason = "needs the built web UI: run `make web`"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return folder


def a_build(root: Path, page: str = "") -> Path:
    """A made-up project with sources, and a built page of which nothing is known yet."""
    (root / "web" / "src").mkdir(parents=True)
    (root / "web" / "src" / "a.ts").write_bytes(b"one\ntwo\n")
    folder = root / "src" / "tasktrail" / "server" / "_web"
    folder.mkdir(parents=True)
    (folder / "index.html").write_text(page)
    return folder


def test_the_page_finds_every_file_it_names(hook: ModuleType, built: Path) -> None:
    """`index.html` is there with all the scripts and styles that it loads."""
    assert hook.missing_assets(built) == []


def test_the_build_is_of_these_sources(hook: ModuleType, built: Path) -> None:
    """A build of older sources is found out."""
    mark = (built / hook.BUILD_HASH).read_text().strip()

    assert mark == hook.source_digest(WEB), "the web UI is older than its sources: run `make web`"


def test_the_lock_file_names_no_registry() -> None:
    """Whoever builds fetches from the registry of their own choice, and gets the same packages."""
    lock = json.loads((WEB / "package-lock.json").read_text("utf-8"))
    packages = [package for name, package in lock["packages"].items() if name]

    assert [package for package in packages if "resolved" in package] == []
    assert all(package.get("integrity", "").startswith("sha512-") for package in packages)
    assert not any(ADDRESS.search(line) for line in (WEB / ".npmrc").read_text().splitlines())


def test_the_digest_does_not_hang_on_line_ends_or_installed_packages(
    hook: ModuleType, tmp_path: Path
) -> None:
    """Only what goes into the build counts, and a checkout with other line ends is the same."""
    a_build(tmp_path)
    web = tmp_path / "web"
    before = hook.source_digest(web)
    (web / "node_modules").mkdir()
    (web / "node_modules" / "x.js").touch()
    (web / "src" / "a.ts").write_bytes(b"one\r\ntwo\r\n")

    assert hook.source_digest(web) == before
    (web / "src" / "a.ts").write_bytes(b"one\nthree\n")
    assert hook.source_digest(web) != before


def test_a_build_is_used_again_only_for_the_same_sources(hook: ModuleType, tmp_path: Path) -> None:
    """The mark of a build is compared with the sources; without sources it is believed."""
    folder = a_build(tmp_path)
    assert not hook.is_built(tmp_path)
    (folder / hook.BUILD_HASH).write_text(hook.source_digest(tmp_path / "web") + "\n")

    assert hook.is_built(tmp_path)
    (tmp_path / "web" / "src" / "b.ts").touch()
    assert not hook.is_built(tmp_path)
    assert hook.source_files(tmp_path / "web")[-1].name == "b.ts"


def test_a_page_without_its_files_is_no_build(hook: ModuleType, tmp_path: Path) -> None:
    """What the page names and the folder lacks is told by name."""
    folder = a_build(tmp_path, '<script src="/_app/immutable/entry/start.js"></script>')

    assert hook.missing_assets(folder) == ["_app/immutable/entry/start.js"]
    (folder / "index.html").write_text("<p>no script at all</p>")
    assert hook.missing_assets(folder) == ["script"]
    assert hook.missing_assets(tmp_path / "nowhere") == ["index.html"]
