"""The public door: what `import tasktrail` offers, and what it must not load."""

import importlib.metadata
import subprocess
import sys

import tasktrail

# A job that only logs pays for none of these.
TOO_HEAVY = {
    "asyncio",
    "click",
    "hiredis",
    "httptools",
    "litestar",
    "platformdirs",
    "prometheus_client",
    "psycopg",
    "redis",
    "rich",
    "sqlite3",
    "uvicorn",
    "uvloop",
    "websockets",
}

# Names are loaded on first use, so each is touched.
EVERY_NAME = "import tasktrail; [getattr(tasktrail, name) for name in tasktrail.__all__]"


def modules_after(statement: str) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded after `statement`."""
    program = f"{statement}\nimport sys\nprint(*sorted(m.split('.')[0] for m in sys.modules))"
    outcome = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    return set(outcome.stdout.split())


def test_every_public_name_exists() -> None:
    """What `__all__` lists can be imported, and it lists each name once."""
    names = tasktrail.__all__

    assert [name for name in names if not hasattr(tasktrail, name)] == []
    assert len(names) == len(set(names))


def test_the_public_names_are_the_promised_ones() -> None:
    """The door has the client and the version, and no name that is not yet built."""
    promised = {
        "CapturingEmitter",
        "Client",
        "CoordinatorLog",
        "TaskContext",
        "TaskLogHandler",
        "TaskLogger",
        "TaskRunner",
        "__version__",
        "connect",
    }

    assert set(tasktrail.__all__) == promised


def test_the_version_is_the_package_s() -> None:
    """`tasktrail.__version__` is what pip says is installed."""
    assert tasktrail.__version__ == importlib.metadata.version("tasktrail")


def test_importing_the_sdk_stays_cheap() -> None:
    """`import tasktrail` loads no server, database, terminal or Redis library."""
    loaded = modules_after(EVERY_NAME)

    assert loaded & TOO_HEAVY == set()


def test_importing_loads_msgspec_and_the_standard_library_only() -> None:
    """A job's process gets one library from outside, msgspec, and nothing else."""
    brought_by_msgspec = modules_after("import msgspec")
    loaded = modules_after(EVERY_NAME) - brought_by_msgspec

    assert "msgspec" in brought_by_msgspec
    assert loaded - set(sys.stdlib_module_names) == {"tasktrail"}


def test_a_heavy_import_would_be_seen() -> None:
    """The look at a fresh interpreter does see what is imported."""
    assert "sqlite3" in modules_after("import tasktrail, sqlite3")
