"""`tasktrail record`: pumps, recorder and indexer without HTTP; several share the partitions."""

import click

from tasktrail.cli.interrupts import endings
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.logs import start_logging
from tasktrail.cli.options import takes_invocation


@click.command
@click.option("--redis", metavar="URL", help="The Redis to pump events from.  [REDIS_URL]")
@takes_invocation(local=True)
def record(invocation: Invocation, *, redis: str | None) -> int:
    """Run pumps, recorder and indexer, without HTTP.

    Add as many as the root has partitions; each takes a fair share. SIGTERM or Ctrl-C end it.
    """
    settings = invocation.settings(redis_url=redis)
    start_logging(settings.log_level)
    from tasktrail.service import open_service  # noqa: PLC0415 - after what can be refused

    with endings() as next_ending, open_service(settings):
        invocation.output.say(f"recording {settings.data}")
        return next_ending()
