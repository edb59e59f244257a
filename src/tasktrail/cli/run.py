"""`tasktrail run`: a command as a task, with everything that it writes in its trail."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import click

from tasktrail.cli.agent_output import AgentOutput
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.options import takes_invocation
from tasktrail.sdk.capture.command import CapturedCommand, Outcome
from tasktrail.sdk.capture.story import StageStory, Story, TaskStory
from tasktrail.sdk.client import Client, connect
from tasktrail.sdk.home import URL_VARIABLE
from tasktrail.sdk.names import new_task_id
from tasktrail.sdk.surroundings import TASK_ID_VARIABLE

SERVER_SECONDS: Final = 5.0  # how long the end of a command waits for a server


@click.command(context_settings={"allow_interspersed_args": False})
@click.option("--task", "task_id", metavar="ID", help="Its id; else one is made of the command.")
@click.option("--title", help="What people read in lists.  [the command]")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED, metavar="-- CMD…")
@takes_invocation()
def run(
    invocation: Invocation, *, task_id: str | None, title: str | None, command: tuple[str, ...]
) -> int:
    """Run CMD as a task: what it writes, line by line, how it ends and what it takes.

    tasktrail run --task nightly -- make all

    It is shown as ever, gets stdin, Ctrl-C and signals, and its exit code is ours (127: no such
    command, 128 and more: a signal). Inside of it, clients and `tasktrail run` tell the same task.
    """
    if task_id == "":
        raise click.UsageError("--task: expected an id, found nothing", click.get_current_context())
    client = _client(invocation)
    outer = os.environ.get(TASK_ID_VARIABLE)
    story: Story
    if outer and task_id in {None, outer}:
        story = StageStory(client.send, outer, command)
    else:
        story = TaskStory(
            client.send, task_id or new_task_id(Path(command[0]).name), command, title=title
        )
        if task_id is None:
            invocation.output.say(f"tasktrail: task {story.task_id}")
    environ = _environ(client, story.task_id)
    outcome = _capture(client, story, command, environ)
    if outcome.error:
        invocation.output.say(f"tasktrail: cannot run it: {outcome.error}")
    client.close(timeout_seconds=SERVER_SECONDS)
    _leave(outcome, story, environ)
    return outcome.exit_code


def _client(invocation: Invocation) -> Client:
    settings = invocation.settings()
    is_remote = bool(settings.url) and not invocation.data
    return connect(settings.url if settings.url and is_remote else settings.data)


def _environ(client: Client, task_id: str) -> dict[str, str]:
    """The command's environment: whoever logs in it finds this task, and no other place."""
    inherited = {name: text for name, text in os.environ.items() if name != URL_VARIABLE}
    return {**inherited, **client.environ(), TASK_ID_VARIABLE: task_id}


def _capture(
    client: Client, story: Story, command: Sequence[str], environ: Mapping[str, str]
) -> Outcome:
    def send_all(events: Sequence[bytes]) -> None:
        client.send_encoded(events, task_id=story.task_id)

    captured = CapturedCommand(
        command,
        environ,
        story=story,
        send_all=send_all,
        trouble=client.trouble,
        judge=AgentOutput(story.task_id),
    )
    return captured.run()


def _leave(outcome: Outcome, story: Story, environ: Mapping[str, str]) -> None:
    """What children of the command still write is recorded and shown by a process of its own."""
    for stream in outcome.unfinished:
        labels = [f"--{name}={value}" for name, value in story.labels.items() if name == "stage"]
        said = ["emit", story.task_id, "-", "--echo", "--source", stream.source, *labels]
        subprocess.Popen(  # noqa: S603 - our own program
            [sys.executable, "-m", "tasktrail", *said],
            env=dict(environ),
            stdin=stream.read_end,
            stdout=stream.shown_at,
            start_new_session=True,
        )
