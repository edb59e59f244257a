"""`tasktrail serve`: the whole service, with one line on stdout: where it answers."""

import click

from tasktrail.cli.interrupts import Interrupts
from tasktrail.cli.invocation import Invocation
from tasktrail.cli.logs import start_logging
from tasktrail.cli.options import takes_invocation


@click.command
@click.option("--host", help="Where to listen.  [HOST; 127.0.0.1]")
@click.option("--port", type=click.IntRange(0, 65_535), help="0 takes a free one.  [PORT; 8090]")
@click.option("--redis", metavar="URL", help="The Redis to pump events from.  [REDIS_URL]")
@click.option("--insecure", is_flag=True, help="Listen beyond this machine without a key.")
@takes_invocation(local=True)
def serve(
    invocation: Invocation, *, host: str | None, port: int | None, redis: str | None, insecure: bool
) -> int:
    """Run the API, the web page, pumps, recorder and indexer.

    Prints its address on stdout when it answers; SIGTERM or Ctrl-C end it cleanly.
    """
    settings = invocation.settings(host=host, port=port, redis_url=redis)
    start_logging(settings.log_level)
    from tasktrail.server.serve import serve as run_server  # noqa: PLC0415 - litestar takes its time

    interrupts = Interrupts()

    def ready(url: str) -> None:
        interrupts.note()
        invocation.output.say(f"serving {settings.data}")
        invocation.tell_address(url)

    run_server(settings, is_insecure=insecure, on_ready=ready)
    return interrupts.exit_code
