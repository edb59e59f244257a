"""The files beside a file that its format needs: a sidecar, the parts of a task directory."""

from pathlib import Path
from typing import Final

AGENT_FILE: Final = "agent-"
METADATA: Final = "metadata.json"
MOST_BYTES: Final = 1 << 20  # a sidecar says a few words


def siblings_of(path: str) -> dict[str, bytes]:
    """What the file cannot be understood without, by name; files that are missing are not there."""
    file = Path(path)
    if file.name.startswith(AGENT_FILE):
        return _read(file.parent, (f"{file.stem}.meta.json",), most=MOST_BYTES)
    if file.name == METADATA:
        names = sorted(one.name for one in file.parent.glob("[0-9][0-9]-*.json*"))
        return _read(file.parent, names, most=None)
    return {}


def _read(
    folder: Path, names: list[str] | tuple[str, ...], *, most: int | None
) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for name in names:
        path = folder / name
        try:
            if path.is_file() and (most is None or path.stat().st_size <= most):
                found[name] = path.read_bytes()
        except OSError:
            continue
    return found
