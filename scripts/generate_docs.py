"""Rewrites the generated blocks of docs/: what code says of itself, said once.

A block stands between `<!-- generated: NAME -->` and `<!-- end: NAME -->`.
With `--check` nothing is written; stale blocks are named and the exit code is 1.
"""

import inspect
import re
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

import click

from tasktrail.cli.main import COMMANDS, tasktrail
from tasktrail.cli.options import NAMES as SHARED_OPTIONS
from tasktrail.model.channels import CHANNEL_FILES, DOCUMENT_FILES
from tasktrail.model.event_types import EVENT_TYPES
from tasktrail.server.app import ROUTES
from tasktrail.server.metrics import FIGURES
from tasktrail.server.params import (
    ENTRY_PARAMETERS,
    LOG_PAGE_PARAMETERS,
    PAGE_PARAMETERS,
    TASK_PARAMETERS,
    Parameter,
)
from tasktrail.server.problems import PROBLEMS
from tasktrail.settings import SETTINGS

DOCS = Path(__file__).resolve().parents[1] / "docs"
BLOCK = re.compile(
    r"(<!-- generated: (?P<name>[a-z-]+) -->\n)(?P<body>.*?)(<!-- end: (?P=name) -->)", re.DOTALL
)

FILES = {
    "metadata": "the task's summary",
    "input": "what the task was asked",
    "user_inputs": "what people answered",
    "webhook_flow": "how the webhook came in, and who was told",
    "agent_output": "text, thinking, tool calls and their results, raw output",
    "knowledge_interactions": "searches in knowledge bases",
    "final_result": "how it ended",
    "response_posting": "how the result was posted",
    "log": "log lines and progress",
    "api_calls": "model calls: tokens, reported cost",
    "events": "lifecycle, and everything that has no other place",
}


def table(heads: Iterable[str], rows: Iterable[Iterable[str]]) -> str:
    """A markdown table; a bar inside a cell is escaped."""
    lines = [list(heads), *(list(row) for row in rows)]
    lines.insert(1, ["---"] * len(lines[0]))
    return "".join(f"| {' | '.join(_cell(text) for text in line)} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def files() -> str:
    """The files of a trail, in the order of their names."""
    names = CHANNEL_FILES | DOCUMENT_FILES
    ordered = sorted(names, key=lambda name: (name != "metadata", names[name]))
    rows = (
        (
            f"`{names[name]}`",
            "channel" if name in CHANNEL_FILES else "document",
            f"`{name}`",
            FILES[name],
        )
        for name in ordered
    )
    return table(("file", "is a", "called", "holds"), rows)


def event_types() -> str:
    """Every event type that is known, with its channel's file."""
    rows = (
        (f"`{name}`", f"`{CHANNEL_FILES[known.channel]}`", known.meaning)
        for name, known in EVENT_TYPES.items()
    )
    return table(("event type", "recorded in", "means"), rows)


def settings() -> str:
    """Every setting, in the order of the table in code."""
    rows = (
        (
            f"`{one.env}`",
            f"`{one.name}`",
            f"`{one.default}`" if one.default else "",
            one.unit,
            one.help,
        )
        for one in SETTINGS
    )
    return table(("environment", "in the file", "default", "unit", "means"), rows)


def routes() -> str:
    """Every route of the server, in the order of its table."""
    rows = []
    for handler in ROUTES:
        methods = sorted(getattr(handler, "http_methods", ())) or ["WS"]
        sentence = inspect.cleandoc(inspect.getdoc(handler.fn) or "").splitlines()[0]
        rows += [(f"`{' '.join(methods)} {_path(path)}`", sentence) for path in handler.paths]
    return table(("route", "answers"), rows)


def _path(path: str) -> str:
    return re.sub(r"\{(\w+):\w+\}", r"{\1}", path)


def task_parameters() -> str:
    """What the list of tasks can be asked."""
    return _parameters((*TASK_PARAMETERS, *PAGE_PARAMETERS))


def entry_parameters() -> str:
    """What a task's entries can be asked."""
    return _parameters((*ENTRY_PARAMETERS, *LOG_PAGE_PARAMETERS))


def _parameters(parameters: Iterable[Parameter]) -> str:
    rows = (
        (f"`{one.name}`", "may be repeated" if one.kind == "strings" else "", one.help)
        for one in parameters
    )
    return table(("parameter", "", "means"), rows)


def problems() -> str:
    """Every code of a problem answer."""
    rows = ((f"`{code}`", str(one.status), one.title) for code, one in PROBLEMS.items())
    return table(("code", "status", "title"), rows)


def metrics() -> str:
    """Every metric as Prometheus sees it."""
    rows = (
        (f"`{one.name}_total`" if one.kind == "counter" else f"`{one.name}`", one.kind, one.help)
        for one in FIGURES
    )
    return table(("metric", "kind", "means"), rows)


def commands() -> str:
    """Every command with its help and options, first those that all of them share."""
    context = click.Context(tasktrail, info_name="tasktrail")
    shared = [one for one in tasktrail.params if one.name in SHARED_OPTIONS]
    parts = ["Options of every command, also before its name:\n\n", _options(shared)]
    for name in COMMANDS:
        command = tasktrail.get_command(context, name)
        if command is not None:
            parts += _command(command, context, name)
    return "".join(parts)


def _command(command: click.Command, parent: click.Context, name: str) -> list[str]:
    context = click.Context(command, info_name=name, parent=parent)
    usage = " ".join(["tasktrail", *_names(context), *_arguments(command)])
    known = {(one.name, getattr(one, "help", None)) for one in tasktrail.params}
    own = [one for one in command.params if (one.name, getattr(one, "help", None)) not in known]
    parts = [
        f"\n### `{usage}`\n\n",
        f"{_help(command.help or '')}\n",
    ]
    options = _options([one for one in own if isinstance(one, click.Option)])
    parts += ["\n", options] if options else []
    if isinstance(command, click.Group):
        for inner in command.list_commands(context):
            found = command.get_command(context, inner)
            if found is not None:
                parts += _command(found, context, inner)
    return parts


def _names(context: click.Context) -> list[str]:
    names: list[str] = []
    while context.parent is not None:
        names.insert(0, str(context.info_name))
        context = context.parent
    return names


def _arguments(command: click.Command) -> list[str]:
    if isinstance(command, click.Group):
        return ["…"]
    return [
        one.make_metavar(_NO_CONTEXT) for one in command.params if isinstance(one, click.Argument)
    ]


def _options(params: Iterable[click.Parameter]) -> str:
    rows = [
        (_spelling(one), (one.help or "").strip())
        for one in params
        if isinstance(one, click.Option) and not one.hidden
    ]
    return table(("option", "does"), rows) if rows else ""


def _spelling(option: click.Option) -> str:
    metavar = f" {option.metavar}" if option.metavar else ""
    return ", ".join(f"`{name}{metavar}`" for name in (*option.opts, *option.secondary_opts))


def _help(text: str) -> str:
    """The help as paragraphs; one that shows a command line becomes code."""
    paragraphs = inspect.cleandoc(text.replace("\b", "")).split("\n\n")
    shown = (f"```sh\n{p}\n```" if p.startswith("tasktrail ") else p for p in paragraphs)
    return "\n\n".join(shown)


_NO_CONTEXT = click.Context(tasktrail, info_name="tasktrail")
BLOCKS: dict[str, Callable[[], str]] = {
    "commands": commands,
    "entry-parameters": entry_parameters,
    "files": files,
    "event-types": event_types,
    "metrics": metrics,
    "problems": problems,
    "routes": routes,
    "settings": settings,
    "task-parameters": task_parameters,
}


def renew(page: str) -> str:
    """The page with all its blocks as the code says today."""
    return BLOCK.sub(lambda found: f"{found[1]}\n{BLOCKS[found['name']]()}\n{found[4]}", page)


def main(arguments: list[str]) -> int:
    """Rewrite what is stale, or with `--check` only name it."""
    stale = 0
    for path in sorted(DOCS.rglob("*.md")):
        before = path.read_text(encoding="utf-8")
        after = renew(before)
        if after == before:
            continue
        stale += 1
        if "--check" in arguments:
            print(f"{path.relative_to(DOCS.parent)} is stale: run `make gen`")
        else:
            path.write_text(after, encoding="utf-8")
            print(f"rewrote {path.relative_to(DOCS.parent)}")
    return 1 if stale and "--check" in arguments else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
