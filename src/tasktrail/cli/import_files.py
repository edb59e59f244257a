"""`tasktrail import`: agent history that is already on disk, into trails; again and again, no harm.

It works straight on the data root of this machine, with or without a running service, or on a
server. stdout has one summary (JSON with --json), stderr the progress and what was unreadable.
"""

import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import click
from msgspec.structs import asdict

from tasktrail.cli.import_progress import import_progress
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.errors import InvalidSetting
from tasktrail.formats.mapped_jsonl import parse_mapping
from tasktrail.formats.table import FORMATS, format_named
from tasktrail.formats.translator import Format
from tasktrail.ingest.import_files import find_files, usual_homes
from tasktrail.ingest.import_pipe import NAME, import_pipe
from tasktrail.ingest.import_sinks import HttpSink, Sink
from tasktrail.ingest.importing import Importer, Progress, Report
from tasktrail.sdk.http_line import HttpLine
from tasktrail.store.import_memory import ImportMemory

NOTHING_READ: Final = 1
MOST_SHOWN: Final = 20
FEW: Final = 5  # other files that are named
PIPE: Final = "-"
IMPORTS: Final = "imports"


class Target(NamedTuple):
    """Where events go, and where it is remembered what was read."""

    sink: Sink
    memory: ImportMemory


class Wanted(NamedTuple):
    """What files are taken for."""

    only: Format | None  # `None`: what they are by their content
    named: frozenset[str] | None  # files that are so whatever they hold; `None`: all of them

    def importer(self, target: Target, progress: Progress | None = None) -> Importer:
        """Who imports that into the target."""
        return Importer(
            target.sink, target.memory, only=self.only, named=self.named, progress=progress
        )


@click.command("import")
@click.argument("paths", metavar="PATH…", nargs=-1)
@click.option("--discover", is_flag=True, help="Also where agents usually keep their history.")
@click.option("--follow", "-f", is_flag=True, help="Stay, and import what is written from now on.")
@click.option("--format", "form", help="Take every file for one of that format, as docs name it.")
@click.option("--name", help='With "-": what a file of the stream would be called.')
@click.option("--map", "mapping", metavar="FILE", help="A mapping (TOML) for any other JSONL.")
@takes_invocation()
def import_files(  # noqa: PLR0913 - one for each option
    invocation: Invocation,
    *,
    paths: tuple[str, ...],
    discover: bool,
    follow: bool,
    form: str | None,
    name: str | None,
    mapping: str | None,
) -> int:
    """Import transcripts and logs of agents below PATH…; "-" reads a stream from stdin.

    tasktrail import ~/.claude/projects ~/.codex/sessions

    tasktrail import --discover --follow

    claude -p "…" --output-format stream-json --verbose | tasktrail import -

    Formats are known by content. Importing again adds only what is new. Exits with 1 when no file
    could be read.
    """
    only = _format(form, mapping)
    if PIPE in paths:
        return _pipe(invocation, only, name or NAME)
    # Who names a format means every file; a mapping is for those of a folder that have records.
    named = None if mapping is None else frozenset(os.path.abspath(path) for path in paths)  # noqa: PTH100
    places = [Path(path) for path in paths]
    if discover:
        found = usual_homes(os.environ, Path.home())
        invocation.output.say("found " + (", ".join(map(str, found)) or "nothing to import"))
        places += found
    if not places and not discover:
        raise click.UsageError("expected PATH… or --discover", click.get_current_context())
    return _import(invocation, places, Wanted(only, named), follow=follow)


def _format(name: str | None, mapping: str | None) -> Format | None:
    """The one format that was asked for."""
    if mapping is not None:
        return parse_mapping(Path(mapping).read_bytes())
    if name is None:
        return None
    found = format_named(name)
    if found is None:
        known = ", ".join(one.name for one in FORMATS)
        raise InvalidSetting(f"--format: expected one of {known}, found {name!r}")
    return found


def _import(invocation: Invocation, places: list[Path], wanted: Wanted, *, follow: bool) -> int:
    missing = [path for path in places if not path.exists()]
    for path in missing:
        invocation.output.say(f"{path}: no such file or directory")
    files = find_files(places)
    with _target(invocation) as target:
        total = sum(file.stamp.size for file in files)
        with import_progress(total) as progress:
            importer = wanted.importer(target, progress)
            report = importer.run(files)
        report.unreadable += len(missing)
        _show(invocation, report)
        if follow:
            _follow(invocation, target, wanted, [path for path in places if path.exists()])
    return NOTHING_READ if not report.files and (report.unreadable or files) else 0


def _follow(invocation: Invocation, target: Target, wanted: Wanted, places: list[Path]) -> None:
    """Until Ctrl-C."""
    # Only who follows needs to watch directories.
    from tasktrail.ingest.import_follow import follow_files  # noqa: PLC0415

    invocation.output.say("following; Ctrl-C ends it")

    def told(report: Report) -> None:
        if report.events or report.broken:
            _show(invocation, report)

    follow_files(wanted.importer(target), places, told)


def _pipe(invocation: Invocation, only: Format | None, name: str) -> int:
    with _target(invocation) as target:
        report = import_pipe(sys.stdin.fileno(), target.sink, only=only, name=name)
    _show(invocation, report)
    return 0 if report.files else NOTHING_READ


@contextmanager
def _target(invocation: Invocation) -> Iterator[Target]:
    """The server that was named, else the data root of this machine."""
    settings = invocation.settings()
    say = invocation.output.say
    with ExitStack() as stack:
        if settings.url and not invocation.data:
            line = HttpLine(settings.url, api_key=settings.api_key)
            stack.callback(line.close)
            memory = ImportMemory(_remote_memory(settings.url))
            yield Target(HttpSink(line, told=say), memory)
            return
        # Opening the root costs imports that a server's client does without.
        from tasktrail.service.importing import open_import  # noqa: PLC0415

        sink = stack.enter_context(open_import(settings, told=say))
        yield Target(sink, ImportMemory(settings.data / IMPORTS))


def _remote_memory(url: str) -> Path:
    """Where it is remembered what a server has been sent."""
    import hashlib  # noqa: PLC0415 - for servers only

    from platformdirs import user_data_path  # noqa: PLC0415

    name = hashlib.sha256(url.rstrip("/").encode()).hexdigest()[:16]
    return user_data_path("tasktrail") / IMPORTS / name


def _show(invocation: Invocation, report: Report) -> None:
    """What was found, on stdout; what could not be read, on stderr."""
    output = invocation.output
    for trouble in report.troubles[:MOST_SHOWN]:
        output.say(f"{trouble.path} at byte {trouble.offset:,}: {trouble.reason}")
    more = len(report.troubles) - MOST_SHOWN
    if more > 0:
        output.say(f"and {more:,} more; each is an entry of its trail")
    for path in report.other_files[:FEW]:
        output.say(f"{path}: of no format that is known")
    if len(report.other_files) > FEW:
        output.say(f"and {len(report.other_files) - FEW:,} other files; --json names all of them")
    if invocation.as_json:
        output.write_json(asdict(report))
    else:
        output.write_line(_sentence(report))
    output.flush()


def _sentence(report: Report) -> str:
    formats = ", ".join(f"{count:,} {name}" for name, count in sorted(report.by_format.items()))
    parts = [
        f"{report.files:,} files ({report.unchanged:,} unchanged"
        + (f"; {formats})" if formats else ")"),
        f"{report.records + report.texts:,} records",
        f"{report.events:,} events",
        f"{report.broken:,} broken lines",
    ]
    rare = {
        "repaired lines": report.repaired,
        "unfinished last lines": report.unfinished,
        "refused events": report.refused,
        "unreadable files": report.unreadable,
        "other files": report.others,
    }
    parts += [f"{count:,} {name}" for name, count in rare.items() if count]
    return " · ".join(parts)
