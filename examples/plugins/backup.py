"""Archives a folder: a plugin that tells its task what it does.

python examples/plugins/run.py backup '{"folder": "docs", "archive": "docs.tar.gz"}'
"""

import tarfile
from collections.abc import Mapping
from pathlib import Path

from tasktrail import TaskContext


def execute(params: Mapping[str, str], context: TaskContext) -> dict[str, object]:
    """Which archive was made, of how many files and bytes."""
    folder, archive = Path(params["folder"]), Path(params["archive"])
    storage = context.logger.with_source("storage")
    with context.stage("scan"):
        files = sorted(path for path in folder.rglob("*") if path.is_file())
        size = sum(path.stat().st_size for path in files)
        context.logger.info(f"{len(files)} files to archive", folder=str(folder), bytes=size)
    with context.stage("archive"), tarfile.open(archive, "w:gz") as tar:
        done = 0
        for path in files:
            tar.add(path, arcname=str(path.relative_to(folder)))
            done += path.stat().st_size
            storage.progress(path.name, percent=100 * done / size if size else 100)
    with context.stage("verify"), tarfile.open(archive) as tar:
        found = {member.name: member.size for member in tar.getmembers()}
        for path in files:
            name = str(path.relative_to(folder))
            if found.get(name) != path.stat().st_size:
                storage.warning("changed while it was archived", file=name)
        storage.info("archive is readable", archive=str(archive), members=len(found))
    return {"archive": str(archive), "files": len(files), "bytes": size}
