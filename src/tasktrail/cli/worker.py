"""`tasktrail worker`: one process that executed a task, and what it said."""

import click

from tasktrail.cli.connect import Answer, connected
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.ledger import say_if_behind, show_facts
from tasktrail.cli.options import takes_invocation
from tasktrail.cli.output import Output
from tasktrail.cli.render import write_table
from tasktrail.cli.workers import COLUMNS, row_of

FACTS = (
    "status",
    "task_id",
    "session_id",
    "agent",
    "parent_worker_id",
    "spawned_at",
    "completed_at",
    "pid",
    "exit_code",
    "log_file",
)


@click.command
@click.argument("worker_id", metavar="WORKER")
@click.option("--show-conversation", is_flag=True, help="What it said, asked and was answered.")
@takes_invocation()
def worker(invocation: Invocation, *, worker_id: str, show_conversation: bool) -> None:
    """WORKER's facts, cost, and the workers that it started.

    With --show-conversation its whole conversation instead, sub-agents indented where they began:
    out of the task's trail, or out of its log file where nothing of it was recorded.
    """
    with connected(invocation) as connection:
        answer = connection.reader.ledger.worker(worker_id)
        if show_conversation:
            # Whoever only lists workers does not pay for every format.
            from tasktrail.cli import conversation  # noqa: PLC0415

            conversation.show_conversation(invocation, connection.reader, answer)
        elif invocation.as_json:
            invocation.output.write_json(answer)
        else:
            _show(invocation.output, answer)
    say_if_behind(invocation, behind=bool(answer.get("behind")))


def _show(output: Output, answer: Answer) -> None:
    show_facts(output, f"worker {answer['worker_id']}", answer, FACTS)
    if answer["workers"]:
        output.write("\n")
        write_table(output, COLUMNS, [row_of(one) for one in answer["workers"]])
