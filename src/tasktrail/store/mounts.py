"""Whether a path stands on a volume that should be mounted and is not.

An empty mount point looks like a fresh directory. What can be known without asking anybody: the
system's table of mounts, and the places where removable volumes appear.
"""

from pathlib import Path
from typing import Final

FSTAB: Final = Path("/etc/fstab")
REMOVABLE: Final = {Path("/media"): 2, Path("/run/media"): 2, Path("/Volumes"): 1}  # parts below


def missing_mount(path: Path, fstab: Path = FSTAB) -> Path | None:
    """The mount point above `path` that has no volume, or `None`."""
    path = path.absolute()
    for point in _listed(fstab):
        if path.is_relative_to(point) and not point.is_mount():
            return point
    for place, parts in REMOVABLE.items():
        if path.is_relative_to(place):
            point = place.joinpath(*path.relative_to(place).parts[:parts])
            return None if point.exists() else point
    return None


def _listed(fstab: Path) -> list[Path]:
    """The mount points that the table names; a table that cannot be read names none."""
    try:
        lines = fstab.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    fields = [line.split() for line in lines if not line.lstrip().startswith("#")]
    points = [Path(words[1].replace("\\040", " ")) for words in fields if len(words) > 1]
    return [point for point in points if point.is_absolute()]
